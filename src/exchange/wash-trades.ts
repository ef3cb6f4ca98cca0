/**
 * Which orders of one account may rest against each other. By Alpaca's rules (docs.alpaca.markets, user
 * protection): two orders that could trade with each other are a potential wash trade, and an account opens
 * positions on one side of a symbol only. Pure: throws an AlpacaError or returns.
 */
import { forbidden } from '../alpaca-server/errors.ts';
import type { Side } from '../domain/order.ts';
import type { OrderType, PaperOrder } from './orders.ts';

/** What the rule needs of an order. */
export type Resting = { side: Side; type: OrderType; limitNanos: bigint | null; kind: 'entry' | 'exit' };

/** @throws AlpacaError 403 where a live order of the same symbol is in the way */
export function checkAgainst(order: Resting, live: Iterable<PaperOrder>): void {
  for (const other of live) {
    if (other.side === order.side) continue;
    if (other.kind === 'entry' && order.kind === 'entry') throw forbidden(oneSide(order.side));
    const reason = whyWash(order, other);
    if (reason === undefined) continue;
    throw forbidden('potential wash trade detected. use complex orders', {
      existing_order_id: other.id,
      reject_reason: reason,
    });
  }
}

function oneSide(side: Side): string {
  return side === 'buy'
    ? 'cannot open a long buy while a short sell order is open'
    : 'cannot open a short sell while a long buy order is open';
}

/** A trailing stop is exempt; two orders with limits are one only where their limits meet. */
function whyWash(order: Resting, other: Resting): string | undefined {
  if (order.type === 'trailing_stop' || other.type === 'trailing_stop') return undefined;
  if (other.type === 'market' || other.type === 'stop') return 'opposite side market/stop order exists';
  const [buy, sell] = order.side === 'buy' ? [order, other] : [other, order];
  const isApart =
    (order.type === 'limit' || order.type === 'stop_limit') &&
    buy.limitNanos !== null &&
    sell.limitNanos !== null &&
    buy.limitNanos < sell.limitNanos;
  return isApart ? undefined : 'opposite side limit order exists';
}
