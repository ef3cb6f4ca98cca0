/** The broker's positions in the ledger's terms, and which orders reduce one. */
import type { BrokerOrder, BrokerPosition } from '../broker/port.ts';
import { fromNanos, toNanos } from '../domain/decimal.ts';
import type { LedgerPosition } from '../ledger/commands/snapshot.ts';
import { poolOf } from '../rules/pools.ts';
import type { Settings } from '../rules/settings.ts';

/** Positions of one spelling (`BTC/USD` and `BTCUSD`) are one, at the sum of their costs. */
export function ledgerPositions(
  told: readonly BrokerPosition[],
  settings: Pick<Settings, 'pools'>,
): LedgerPosition[] {
  const bySymbol = new Map<string, LedgerPosition & { nanos: bigint }>();
  for (const { symbol, qty, costMicros, assetClass } of told) {
    const nanos = toNanos(qty);
    if (nanos === 0n) continue;
    const before = bySymbol.get(symbol);
    const sum = (before?.nanos ?? 0n) + nanos === 0n ? nanos : (before?.nanos ?? 0n) + nanos;
    const side = sum < 0n ? ('short' as const) : ('long' as const);
    const pool = before?.pool || poolOf(assetClass, settings);
    const cost = costMicros + (before?.costMicros ?? 0);
    bySymbol.set(symbol, {
      symbol,
      side,
      qty: fromNanos(sum < 0n ? -sum : sum),
      costMicros: cost,
      pool,
      nanos: sum,
    });
  }
  return [...bySymbol.values()].map(({ nanos: _, ...position }) => position);
}

/**
 * The orders that reduce a position, by the broker's id. They are on its other side, and together no larger
 * than it, in the given order. So are orders that certainly close: a bracket's exits, which the broker holds
 * back until the entry fills, and both legs of an OCO, of which one fills. `closes`: it reserves units of the
 * position. `leg`: it reserves none, since it is held back, or another leg reserves them.
 */
export function reducingOrders(
  orders: readonly BrokerOrder[],
  positions: readonly LedgerPosition[],
): Map<string, 'closes' | 'leg'> {
  const held = new Map(positions.map(({ symbol, side, qty }) => [symbol, { side, left: toNanos(qty) }]));
  const reducing = new Map<string, 'closes' | 'leg'>();
  for (const order of orders) {
    const position = held.get(order.symbol);
    const unfilled = toNanos(order.qty) - toNanos(order.filledQty);
    const isOpposite =
      position !== undefined &&
      (position.side === 'long') === (order.side === 'sell') &&
      order.effect !== 'opens';
    const fits = isOpposite && unfilled > 0n && unfilled <= position.left;
    const holds = fits && !order.heldBack;
    if (order.effect === 'closes' || fits) reducing.set(order.brokerId, holds ? 'closes' : 'leg');
    if (holds) position.left -= unfilled;
  }
  return reducing;
}

/** The symbols of `doubted` whose quantities differ between ledger and broker, not only their costs. */
export function unlikeQuantities(
  doubted: readonly string[],
  ours: readonly LedgerPosition[],
  told: readonly LedgerPosition[],
): string[] {
  const signed = (positions: readonly LedgerPosition[], symbol: string): string => {
    const position = positions.find((one) => one.symbol === symbol);
    return position === undefined ? '0' : `${position.side} ${fromNanos(toNanos(position.qty))}`;
  };
  return doubted.filter((symbol) => signed(ours, symbol) !== signed(told, symbol));
}
