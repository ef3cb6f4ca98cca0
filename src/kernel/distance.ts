/**
 * Gates as prices (docs/rules.md, 3). An order's gate depends on its limit alone, so it is computed once and
 * a price is only compared with it. Prices are integers, nanos of a dollar, up to `MAX_INTEGER`.
 */

/** The highest integer that a double holds exactly: nine million dollars in nanos. */
export const MAX_INTEGER = Number.MAX_SAFE_INTEGER;

const NANOS = 1_000_000_000;

export type Side = 'buy' | 'sell';

/** limit x share, rounded down. Exact. @param share nanos of one, 3,000,000 for 0.3 %. */
export function shareOf(limit: number, share: number): number {
  const rest = limit % NANOS;
  const whole = ((limit - rest) / NANOS) * share;
  const part = rest * share;
  if (whole > MAX_INTEGER || part > MAX_INTEGER)
    return Number((BigInt(limit) * BigInt(share)) / BigInt(NANOS));
  return whole + (part - (part % NANOS)) / NANOS;
}

/** The furthest price that is within `share` of the limit: a buy is within while price <= it. Exact. */
export function furthestPrice(side: Side, limit: number, share: number): number {
  const reach = shareOf(limit, share);
  return side === 'buy' ? limit + reach : limit - reach;
}

/** Is the price within the gate that `furthestPrice` computed? Equality is within. */
export function isWithin(side: Side, price: number, furthest: number): boolean {
  return side === 'buy' ? price <= furthest : price >= furthest;
}
