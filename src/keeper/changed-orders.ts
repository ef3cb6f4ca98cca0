/**
 * Live orders that somebody changed at the broker: a reconciliation changes the ledger's order too
 * (lua/amend.lua). A change that raises what the order counts, or a replacement, applies at once. A change
 * that lowers it under the same id applies when it was seen twice (I1).
 */
import type { Logger } from 'pino';
import { ledgerId } from '../broker/order-id.ts';
import type { BrokerOrder } from '../broker/port.ts';
import { fromNanos, toNanos } from '../domain/decimal.ts';
import { WorkstealError } from '../domain/errors.ts';
import { notionalMicros } from '../domain/money.ts';
import { type Before, isFinal } from '../domain/order.ts';
import { amend } from '../ledger/commands/amend.ts';
import { type LedgerOrder, readLedgerOrder } from '../ledger/commands/snapshot.ts';
import { type Current, currentOf, type SuccessionParts } from '../succession/current.ts';
import { applyOrder } from './apply-order.ts';
import { SeenTwice } from './seen-twice.ts';

export type ChangedOrdersParts = SuccessionParts & {
  syncMs: number;
  monotonicMs: () => number;
  log: Pick<Logger, 'info' | 'warn'>;
};

/** A replacement that the ledger lacks, under the id of the first order that it replaces. */
export type Successor = { order: BrokerOrder; before: Before };

export class ChangedOrders {
  readonly #parts: ChangedOrdersParts;
  readonly #seen: SeenTwice;

  constructor(parts: ChangedOrdersParts) {
    this.#parts = parts;
    this.#seen = new SeenTwice(parts.syncMs, parts.monotonicMs);
  }

  /**
   * Follows orders that replace others.
   * @returns those that the ledger lacks, to be adopted
   * @throws WorkstealError `unclear` when the broker gives no answer, `unavailable`
   */
  async follow(orders: readonly BrokerOrder[], signal: AbortSignal): Promise<Successor[]> {
    const successors: Successor[] = [];
    for (const order of orders) {
      const current = await this.#current(order, signal);
      if (current.kind === 'old') continue;
      const known = await readLedgerOrder(this.#parts.ledger, ledgerId(current.order));
      if (known !== undefined && !isFinal(known.state)) await applyOrder(this.#parts.ledger, current.order);
      else if (current.order.state === 'live') successors.push(current);
    }
    return successors;
  }

  /**
   * Amends orders that were changed under their own ids.
   * @param changed all of one round
   * @throws WorkstealError `unavailable`
   */
  async amend(changed: readonly { order: BrokerOrder; known: LedgerOrder }[]): Promise<void> {
    this.#seen.begin();
    for (const { order, known } of changed) {
      const limit = order.limit ?? known.limit;
      const now = `${order.side} ${order.qty} ${order.symbol} at ${limit}`;
      if (this.#isLess(order, limit, known) && !this.#seen.again(known.id, now)) continue;
      const { before, brokerId } = known;
      const outcome = await this.#unlessContradicted(() =>
        amend(this.#parts.ledger, { was: brokerId, terms: order, limit, before, takes: 'now' }),
      );
      const was = `${known.side} ${known.qty} ${known.symbol} at ${known.limit}`;
      const what =
        was === now
          ? `the order ${known.id} was not replaced at the broker; what was held for that is given back`
          : `somebody changed the order ${known.id} at the broker: ${was} -> ${now}`;
      this.#parts.log.warn({ order: known.id, was, now, outcome }, `${order.symbol}: ${what}`);
    }
  }

  #isLess(order: BrokerOrder, limit: string, { kind, heldMicros }: LedgerOrder): boolean {
    const left = toNanos(order.qty) - toNanos(order.filledQty);
    return kind !== 'exit' && notionalMicros(limit, fromNanos(left < 0n ? 0n : left)) < heldMicros;
  }

  async #current(order: BrokerOrder, signal: AbortSignal): Promise<Current> {
    return (await this.#unlessContradicted(() => currentOf(this.#parts, order, signal))) ?? { kind: 'old' };
  }

  /** If the ledger contradicts, because it has the order as never sent, the next round tries again. */
  async #unlessContradicted<T>(step: () => Promise<T>): Promise<T | undefined> {
    try {
      return await step();
    } catch (err) {
      if (!(err instanceof WorkstealError && err.code === 'contradiction')) throw err;
      this.#parts.log.warn(
        { err },
        'an order that was changed at the broker contradicts the ledger; the next round tries again',
      );
      return undefined;
    }
  }
}
