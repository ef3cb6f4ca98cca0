/**
 * Replacing an order (PATCH): a new order with a new id replaces the old one after a delay. Until then the
 * exposure includes the larger of the two. If the old one ends first, e.g. by a fill, the new one is
 * rejected.
 */
import { randomUUID } from 'node:crypto';
import { forbidden, notFound, unprocessable, wrongState } from '../alpaca-server/errors.ts';
import type { Book } from './book.ts';
import type { BuyingPower } from './buying-power.ts';
import type { Faults } from './faults.ts';
import type { Judge } from './judge.ts';
import type { OrderDesk } from './order-desk.ts';
import type { OrderJson } from './order-json.ts';
import { checkKind, checkReplacementQty } from './order-rules.ts';
import {
  draftOrder,
  isLive,
  type PaperOrder,
  restingStatus,
  type TimeInForce,
  type Trail,
  unfilled,
} from './orders.ts';
import { checkStop } from './stops.ts';
import { checkAgainst } from './wash-trades.ts';

/**
 * Missing fields stay unchanged. `qtyNanos` counts from the request on; what the old order fills during the
 * delay is subtracted.
 */
export type ReplaceRequest = {
  clientId?: string;
  qtyNanos?: bigint;
  limitNanos?: bigint;
  stopNanos?: bigint;
  /** As the old order has it: dollars or percent. */
  trailNanos?: bigint;
  timeInForce?: TimeInForce;
};

export type ReplacementParts = {
  book: Book;
  desk: OrderDesk;
  judge: Judge;
  buyingPower: BuyingPower;
  faults: Faults;
  start: (order: PaperOrder) => void;
  priceOf: (symbol: string) => bigint | undefined;
  expiryOf: (timeInForce: TimeInForce) => number | null;
};

export class Replacements {
  private readonly parts: ReplacementParts;
  /** The old order's id -> the new order. */
  private readonly pending = new Map<string, { order: PaperOrder; filledAtAsk: bigint }>();

  constructor(parts: ReplacementParts) {
    this.parts = parts;
  }

  /**
   * Requests a replacement.
   * @throws AlpacaError when the order can't be replaced, nothing would change, or a larger order does
   *   not fit.
   */
  ask(
    id: string,
    request: ReplaceRequest,
    stampNs: bigint,
    equityMicros: number,
  ): { order: PaperOrder; answer: OrderJson } {
    const { book, desk, judge } = this.parts;
    const old = book.get(id);
    if (!old) throw notFound(`order not found for ${id}`);
    this.parts.faults.checkOrders();
    if (this.parts.faults.halted(old.symbol)) throw wrongState(`asset ${old.symbol} is not tradable`);
    if (old.status !== 'new' && old.status !== 'partially_filled')
      throw wrongState(`order is already in "${old.status}" state`);
    if (old.notionalNanos !== null) throw unprocessable('notional orders cannot be replaced');
    if (old.type === 'market') throw unprocessable('market orders cannot be replaced');
    const qtyNanos = request.qtyNanos ?? unfilled(old);
    const limitNanos = request.limitNanos ?? old.limitNanos;
    const { stopNanos, trail } = stopOf(old, request);
    const timeInForce = request.timeInForce ?? old.timeInForce;
    const unchanged =
      qtyNanos === unfilled(old) &&
      limitNanos === old.limitNanos &&
      stopNanos === old.stopNanos &&
      trail === old.trail &&
      timeInForce === old.timeInForce;
    if (unchanged) throw forbidden('order parameters are not changed');
    checkReplacementQty(old, qtyNanos);
    const clientId = request.clientId ?? randomUUID();
    if (book.used(clientId)) throw unprocessable('client_order_id must be unique');
    const { assetClass, kind } = old;
    const terms = { ...old, limitNanos, stopNanos, trail, timeInForce };
    checkKind({ ...terms, qtyNanos }, assetClass, qtyNanos, limitNanos ?? stopNanos ?? 0n);
    checkStop(terms, assetClass, kind, this.parts.priceOf(old.symbol));
    const expiresAtMs = this.parts.expiryOf(timeInForce);
    const accepted = { seq: book.takeSeq(), assetClass, kind, qtyNanos, expiresAtMs, submittedNs: stampNs };
    const order = draftOrder({ ...terms, clientId }, accepted);
    order.isTriggered = old.isTriggered;
    if (trail === old.trail) order.hwmNanos = old.hwmNanos;
    order.replaces = old.id;
    checkAgainst(order, book.liveOf(old.symbol));
    this.reserve(old, order, (limitNanos ?? 0n) * qtyNanos);
    book.add(order);
    judge.accepted(order, equityMicros);
    this.pending.set(old.id, { order, filledAtAsk: old.filledNanos });
    const answer = desk.json(order);
    desk.change(old, 'pending_replace', 'pending_replace');
    return { order, answer };
  }

  /** Is this order waiting to replace another one? */
  waits(order: PaperOrder): boolean {
    return this.pending.get(order.replaces ?? '')?.order === order;
  }

  /**
   * Ends the delay: the new order replaces the old one. If the old one has filled all of its quantity, the
   * new one is rejected.
   */
  finish(order: PaperOrder): void {
    const { book, desk } = this.parts;
    const old = book.get(order.replaces ?? '');
    const plan = this.pending.get(order.replaces ?? '');
    if (!old || plan?.order !== order) return;
    this.pending.delete(old.id);
    order.qtyNanos -= old.filledNanos - plan.filledAtAsk;
    if (!isLive(order) || order.qtyNanos <= 0n) {
      if (isLive(order)) desk.end(order, 'rejected');
      desk.change(old, restingStatus(old), 'order_replace_rejected');
      return;
    }
    old.replacedBy = order.id;
    desk.end(old, 'replaced');
    desk.hold(order, order.kind === 'entry' ? unfilled(order) * (order.limitNanos ?? 0n) : 0n);
    this.parts.start(order);
  }

  /** Call it when an order has ended: a replacement that waits for it is rejected. */
  originalEnded(old: PaperOrder): void {
    const plan = this.pending.get(old.id);
    if (!plan) return;
    this.pending.delete(old.id);
    this.parts.desk.end(plan.order, 'rejected', 'order_replace_rejected');
  }

  /** Adds the exposure that the new order needs beyond the old one's. */
  private reserve(old: PaperOrder, order: PaperOrder, need: bigint): void {
    const { buyingPower, desk } = this.parts;
    if (old.kind === 'exit') {
      if (order.qtyNanos > unfilled(old)) throw forbidden('insufficient qty available for order');
      return;
    }
    const more = need > old.hold ? need - old.hold : 0n;
    if (more > 0n) buyingPower.check(old.assetClass, more, order.clientId);
    desk.hold(order, more);
  }
}

/** A trailing stop begins anew with another trail; dollars stay dollars, percent stays percent. */
function stopOf(
  { type, stopNanos, trail }: PaperOrder,
  { limitNanos, stopNanos: nextStop, trailNanos: next }: ReplaceRequest,
): { stopNanos: bigint | null; trail: Trail | null } {
  if (limitNanos !== undefined && type !== 'limit' && type !== 'stop_limit')
    throw unprocessable(`${type} orders must not have a limit price`);
  if (nextStop !== undefined && type !== 'stop' && type !== 'stop_limit')
    throw unprocessable(`${type} orders must not have a stop price`);
  if (next !== undefined && trail === null) throw unprocessable(`${type} orders must not have a trail`);
  if (trail === null) return { stopNanos: nextStop ?? stopNanos, trail };
  if (next === undefined) return { stopNanos, trail };
  return { stopNanos: null, trail: 'priceNanos' in trail ? { priceNanos: next } : { percentNanos: next } };
}
