/** The positions that result from fills, at their average price: the memory broker's book. */
import type { BrokerOrder, BrokerPosition } from '../../src/broker/port.ts';
import { fromNanos, toNanos } from '../../src/domain/decimal.ts';
import { isCryptoSymbol } from '../../src/domain/symbol.ts';

/** Quantity in nanos, signed; cost in dollars x 10^18, unsigned. */
type Sum = { qty: bigint; cost: bigint };

const abs = (value: bigint): bigint => (value < 0n ? -value : value);
const dividedUp = (value: bigint, by: bigint): bigint => (value + by - 1n) / by;

/** @param orders oldest first; none of them turns a position over */
export function positionsFrom(orders: Iterable<BrokerOrder>): BrokerPosition[] {
  const sums = new Map<string, Sum>();
  for (const { symbol, side, filledQty, filledAvgPrice } of orders) {
    const { qty, cost } = sums.get(symbol) ?? { qty: 0n, cost: 0n };
    const filled = toNanos(filledQty) * (side === 'buy' ? 1n : -1n);
    const adds = qty === 0n || qty > 0n === filled > 0n;
    sums.set(symbol, {
      qty: qty + filled,
      cost: adds
        ? cost + abs(filled) * toNanos(filledAvgPrice ?? '0')
        : dividedUp(cost * abs(qty + filled), abs(qty)),
    });
  }
  return [...sums].flatMap(([symbol, { qty, cost }]) => {
    if (qty === 0n) return [];
    return [
      {
        symbol,
        qty: fromNanos(qty),
        costMicros: Number(dividedUp(cost, 10n ** 12n)),
        avgEntryPrice: fromNanos(dividedUp(cost, abs(qty))),
        assetClass: isCryptoSymbol(symbol) ? ('crypto' as const) : ('stock' as const),
      },
    ];
  });
}
