/**
 * Cancelling an order: requested now, carried out after a delay, unless a fill comes first. Faults can make a
 * cancel get stuck, be rejected, or come after a fill.
 */

import { notFound, wrongState } from '../alpaca-server/errors.ts';
import type { Book } from './book.ts';
import type { Faults } from './faults.ts';
import type { Judge } from './judge.ts';
import { type OrderDesk, partOf } from './order-desk.ts';
import { isLive, type PaperOrder, restingStatus, unfilled } from './orders.ts';
import type { Replacements } from './replacements.ts';
import type { Timers } from './timers.ts';

export type CancelParts = {
  book: Book;
  desk: OrderDesk;
  judge: Judge;
  faults: Faults;
  timers: Timers;
  replacements: Replacements;
  /** Real ms. */
  cancelDelayMs: number;
  /** Is the order waiting for its session to open, or for its symbol's halt to end? */
  waits: (order: PaperOrder) => boolean;
  /** The symbol's last price in nanos, if there was one. */
  priceOf: (symbol: string) => bigint | undefined;
};

export class Cancels {
  private readonly parts: CancelParts;
  /** Orders whose cancel is stuck by a fault. */
  private readonly stuck = new Set<PaperOrder>();

  constructor(parts: CancelParts) {
    this.parts = parts;
  }

  /**
   * Requests a cancel. Idempotent while it is pending.
   * @throws AlpacaError 404 for an unknown order, 422 for one that ended or is being replaced.
   */
  ask(id: string): void {
    const { book, desk, judge, faults, timers, replacements, cancelDelayMs } = this.parts;
    const order = book.get(id);
    if (!order) throw notFound(`order not found for ${id}`);
    judge.cancelRequested(order);
    if (!isLive(order) || order.status === 'pending_replace' || replacements.waits(order)) {
      throw wrongState(`order is already in "${order.status}" state`);
    }
    if (order.status === 'pending_cancel') return;
    desk.change(order, 'pending_cancel', 'pending_cancel');
    timers.after(faults.settings().cancelDelayMs ?? cancelDelayMs, () => this.finish(order));
  }

  /** Carries out the cancels that were stuck. */
  releaseStuck(): void {
    const stuck = [...this.stuck];
    this.stuck.clear();
    for (const order of stuck) this.finish(order);
  }

  /** Call it when the order has ended. */
  forget(order: PaperOrder): void {
    this.stuck.delete(order);
  }

  private finish(order: PaperOrder): void {
    const { desk, faults, waits } = this.parts;
    if (order.status !== 'pending_cancel') return;
    if (faults.strikes('stickCancels')) {
      this.stuck.add(order);
    } else if (faults.strikes('rejectCancels')) {
      desk.change(order, waits(order) ? 'accepted' : restingStatus(order), 'order_cancel_rejected');
    } else {
      this.fillFirst(order);
      if (isLive(order)) desk.end(order, 'canceled');
    }
  }

  /** Fills the order just before its cancel, if that fault applies and the order can fill. */
  private fillFirst(order: PaperOrder): void {
    const { desk, faults, waits, priceOf } = this.parts;
    const priceNanos = order.limitNanos ?? priceOf(order.symbol);
    if (waits(order) || faults.halted(order.symbol) || !priceNanos || !faults.strikes('fillOnCancel')) return;
    desk.fillPart(order, priceNanos, partOf(unfilled(order), faults.shareFilledOnCancel()));
  }
}
