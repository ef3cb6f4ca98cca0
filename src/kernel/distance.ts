/**
 * Gates as prices (docs/rules.md, 3). An order's gate depends on its limit alone, so it is computed once and
 * a price is only compared with it. Prices are integers, nanos of a dollar, up to 2^53.
 */
import { compareProducts, shareOf } from './exact.ts';

export type Side = 'buy' | 'sell';

/**
 * The furthest price that is within `share` of the limit: a buy is within while price <= it. Exact.
 * @param share nanos of one, 3,000,000 for 0.3 %
 */
export function furthestPrice(side: Side, limit: number, share: number): number {
  const reach = shareOf(limit, share);
  return side === 'buy' ? limit + reach : limit - reach;
}

/** Is the price within the gate that `furthestPrice` computed? Equality is within. */
export function isWithin(side: Side, price: number, furthest: number): boolean {
  return side === 'buy' ? price <= furthest : price >= furthest;
}

/** Nanos from the price to the limit; 0 when the price is at the limit or through it. */
export function gapOf(side: Side, price: number, limit: number): number {
  return Math.max(0, side === 'buy' ? price - limit : limit - price);
}

type Placed = { readonly side: Side; readonly limit: number; readonly price: number };

/** Above 0 where `a` is further from its limit than `b`, as a share of the limit. Exact. */
export function compareDistance(a: Placed, b: Placed): number {
  return compareProducts(gapOf(a.side, a.price, a.limit), b.limit, gapOf(b.side, b.price, b.limit), a.limit);
}
