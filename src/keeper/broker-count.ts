/** What the broker's own answers add up to, whatever the ledger's sums say. No rule reads it. */
import type { BrokerOrder } from '../broker/port.ts';
import { fromNanos, toNanos } from '../domain/decimal.ts';
import { type Micros, notionalMicros } from '../domain/money.ts';
import type { LedgerOrder, LedgerPosition } from '../ledger/commands/snapshot.ts';
import { reducingOrders } from './positions.ts';

/**
 * Positions at cost, and the unfilled rest of live orders that do not close one. An order without a limit
 * counts what the ledger holds for it, or the amount it was placed for. An order that fills between the two
 * lists counts twice.
 * @param positions as the broker told them
 * @param ours the ledger's live orders
 */
export function brokerCount(
  listed: readonly BrokerOrder[],
  positions: readonly LedgerPosition[],
  ours: readonly LedgerOrder[],
): Micros {
  const closing = reducingOrders(listed, positions);
  const held = new Map(ours.map(({ brokerId, heldMicros }) => [brokerId, heldMicros]));
  const restOf = ({ brokerId, limit, qty, filledQty, notionalMicros: amount }: BrokerOrder): Micros => {
    if (closing.has(brokerId)) return 0;
    if (limit === null) return held.get(brokerId) ?? amount ?? 0;
    const rest = toNanos(qty) - toNanos(filledQty);
    return rest > 0n ? notionalMicros(limit, fromNanos(rest)) : 0;
  };
  const sum = (amounts: readonly Micros[]): Micros => amounts.reduce((total, amount) => total + amount, 0);
  return sum(positions.map(({ costMicros }) => costMicros)) + sum(listed.map(restOf));
}

/** By how much the positions of two sides differ: the sum of the differences at cost, symbol by symbol. */
export function driftMicros(ours: readonly LedgerPosition[], theirs: readonly LedgerPosition[]): Micros {
  const signed = ({ side, costMicros }: LedgerPosition): Micros =>
    side === 'short' ? -costMicros : costMicros;
  const left = new Map(ours.map((position) => [position.symbol, signed(position)]));
  for (const position of theirs)
    left.set(position.symbol, (left.get(position.symbol) ?? 0) - signed(position));
  return left.values().reduce((sum, difference) => sum + Math.abs(difference), 0);
}
