/** The broker's positions in the ledger's terms, and which orders reduce one. */
import type { BrokerOrder, BrokerPosition } from '../broker/port.ts';
import { fromNanos, toNanos } from '../domain/decimal.ts';
import type { LedgerPosition } from '../ledger/commands/snapshot.ts';
import { poolOf } from '../rules/pools.ts';
import type { Settings } from '../rules/settings.ts';

export function ledgerPositions(told: readonly BrokerPosition[], settings: Pick<Settings, 'pools'>): LedgerPosition[] {
  return told
    .filter(({ qty }) => toNanos(qty) !== 0n)
    .map(({ symbol, qty, costMicros, assetClass }) => {
      const nanos = toNanos(qty);
      const side = nanos < 0n ? ('short' as const) : ('long' as const);
      return { symbol, side, qty: fromNanos(nanos < 0n ? -nanos : nanos), costMicros, pool: poolOf(assetClass, settings) };
    });
}

/**
 * The ids (the broker's) of those orders that reduce a position: on its other side, and together no larger than it. Taken in the
 * order given.
 */
export function reducingOrders(orders: readonly BrokerOrder[], positions: readonly LedgerPosition[]): Set<string> {
  const held = new Map(positions.map(({ symbol, side, qty }) => [symbol, { side, left: toNanos(qty) }]));
  const reducing = new Set<string>();
  for (const order of orders) {
    const position = held.get(order.symbol);
    const unfilled = toNanos(order.qty) - toNanos(order.filledQty);
    if (!position || (position.side === 'long') !== (order.side === 'sell') || unfilled <= 0n || unfilled > position.left) continue;
    position.left -= unfilled;
    reducing.add(order.brokerId);
  }
  return reducing;
}

/** Symbols of `doubted` of which ledger and broker hold different quantities, and not just a cost that was rounded differently. */
export function unlikeQuantities(doubted: readonly string[], ours: readonly LedgerPosition[], told: readonly LedgerPosition[]): string[] {
  const signed = (positions: readonly LedgerPosition[], symbol: string): string => {
    const position = positions.find((one) => one.symbol === symbol);
    return position === undefined ? '0' : `${position.side} ${fromNanos(toNanos(position.qty))}`;
  };
  return doubted.filter((symbol) => signed(ours, symbol) !== signed(told, symbol));
}
