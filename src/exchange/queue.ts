/**
 * The live orders of one side of one symbol, in the order in which they fill, so that a price step visits
 * only those that it fills.
 */
import { assert } from '../domain/errors.ts';
import type { Side } from '../domain/order.ts';
import type { PaperOrder } from './orders.ts';

/** Does this price fill the order? Any price fills an order without a limit. */
export function crosses(order: PaperOrder, priceNanos: bigint): boolean {
  if (order.limitNanos === null) return true;
  return order.side === 'buy' ? priceNanos <= order.limitNanos : priceNanos >= order.limitNanos;
}

export class Queue {
  private readonly orders: PaperOrder[] = [];
  private readonly side: Side;

  constructor(side: Side) {
    this.side = side;
  }

  add(order: PaperOrder): void {
    this.orders.splice(this.indexFor(order), 0, order);
  }

  remove(order: PaperOrder): void {
    const at = this.indexFor(order);
    if (this.orders[at] === order) this.orders.splice(at, 1);
  }

  /** The orders that this price fills, best limit first, then oldest. */
  reached(priceNanos: bigint): PaperOrder[] {
    const end = this.orders.findIndex((order) => !crosses(order, priceNanos));
    return end === -1 ? [...this.orders] : this.orders.slice(0, end);
  }

  /** The index of the first order that does not come before this one (binary search). */
  private indexFor(order: PaperOrder): number {
    let low = 0;
    let high = this.orders.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      const other = this.orders[middle];
      assert(other !== undefined, 'the queue has a hole');
      if (this.before(other, order)) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  private before(a: PaperOrder, b: PaperOrder): boolean {
    if (a.limitNanos === b.limitNanos) return a.seq < b.seq;
    if (a.limitNanos === null) return true;
    if (b.limitNanos === null) return false;
    return this.side === 'buy' ? a.limitNanos > b.limitNanos : a.limitNanos < b.limitNanos;
  }
}
