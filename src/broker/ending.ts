/**
 * How a broker's order ended, as the ledger keeps it: one rule for whoever hears of the end first (I4, I6).
 *
 * The quantity decides, not the broker's word for the end: an order may be reported cancelled, expired,
 * rejected or replaced in the instant in which it filled, and then it is filled. The price may be missing:
 * what was filled then costs the limit, never nothing (I1).
 */
import { fromNanos, toNanos } from '../domain/decimal.ts';
import { type Micros, notionalMicros } from '../domain/money.ts';
import type { Ending, FinalState } from '../domain/order.ts';
import type { BrokerOrder } from './port.ts';

/**
 * The order as the ledger has it. `why`: why its cancellation was asked for, one word; absent when nobody
 * asked.
 */
export type KnownOrder = {
  qty: string;
  limit: string;
  filledQty?: string;
  filledMicros?: Micros;
  why?: string | undefined;
};

/**
 * What the filled part cost in all, rounded up. Where the broker does not tell the price, or tells 0: at the
 * limit.
 */
export function filledMicros(order: BrokerOrder, limit: string = order.limit ?? '0'): Micros {
  const told = order.filledAvgPrice;
  return notionalMicros(told !== null && toNanos(told) > 0n ? told : (order.limit ?? limit), order.filledQty);
}

/**
 * The ending of an order that is over at the broker; undefined while it is live.
 *
 * - Everything filled: `filled`, whatever the broker calls it.
 * - Called `filled` with less than the quantity: it fills no more, and what was filled is what counts:
 *   `cancelled`.
 * - Called `filled` with no quantity at all: the whole. An order for an amount: the whole of the quantity
 *   that was estimated for it.
 * - More filled than was asked for (the broker changed the order): `filled` in its whole quantity, at the
 *   cost of what was filled.
 * - Less filled than was told before: what was filled stays filled.
 */
export function endingOf(order: BrokerOrder, known: KnownOrder): Ending | undefined {
  if (order.state === 'live') return undefined;
  const most = toNanos(known.qty);
  const before = toNanos(known.filledQty ?? '0');
  const told = toNanos(order.filledQty);
  const isWhole = order.state === 'filled' && (told === 0n || order.notionalMicros !== undefined);
  const filled = isWhole || told > most ? most : told > before ? told : before;
  const filledQty = fromNanos(filled);
  const toldMicros = filledMicros(told === 0n ? { ...order, filledQty } : order, known.limit);
  const costMicros = filled === before ? (known.filledMicros ?? toldMicros) : toldMicros;
  if (filled > 0n && filled === most) return { state: 'filled', filledQty, costMicros, reason: 'filled' };
  const state: FinalState = order.state === 'filled' ? 'cancelled' : order.state;
  const unasked = order.state === 'filled' ? 'filled_in_part' : state;
  return { state, filledQty, costMicros, reason: state === 'cancelled' ? (known.why ?? unasked) : state };
}
