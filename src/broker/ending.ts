/**
 * How an order ended, as the ledger keeps it. Placing, cancelling and reconciling share this one rule, so
 * that they agree whichever of them sees the end first (I4, I6).
 *
 * The filled quantity decides, not the broker's word: an order may be reported as cancelled, expired,
 * rejected or replaced at the instant in which it filled, and then it is filled. Where the price is missing,
 * the filled part costs the limit, never nothing (I1).
 */
import { fromNanos, toNanos } from '../domain/decimal.ts';
import { type Micros, notionalMicros } from '../domain/money.ts';
import type { Ending, FinalState } from '../domain/order.ts';
import type { BrokerOrder } from './port.ts';

/**
 * The order as the ledger has it. `why`: the reason for its cancellation, one word; absent where nobody asked
 * for one.
 */
export type KnownOrder = {
  qty: string;
  limit: string;
  filledQty?: string;
  filledMicros?: Micros;
  why?: string | undefined;
};

/**
 * The total cost of the filled part, rounded up. Where the broker reports no price, or 0, it is the limit.
 */
export function filledMicros(order: BrokerOrder, limit: string = order.limit ?? '0'): Micros {
  const told = order.filledAvgPrice;
  return notionalMicros(told !== null && toNanos(told) > 0n ? told : (order.limit ?? limit), order.filledQty);
}

/**
 * The ending of an order that the broker reports as ended; undefined while it is live.
 *
 * - The whole quantity is filled: `filled`, whatever the broker calls it.
 * - Reported as `filled`, with less than the quantity: `cancelled`, with the part that filled.
 * - Reported as `filled`, with no quantity: the whole quantity. An order for an amount of money: the quantity
 *   that was estimated for it.
 * - More is filled than was asked for (the broker changed the order): `filled` with the quantity that was
 *   asked for, at the cost of all that filled.
 * - Less is filled than was reported before: the earlier fill stays.
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
