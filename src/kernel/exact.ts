/**
 * Exact answers from doubles. Integers up to 2^53 are exact, their products are not: a comparison is decided
 * in doubles where the two sides differ by more than rounding can do, else in bigint.
 */

/** The highest integer that a double holds exactly: nine million dollars in nanos. */
export const MAX_INTEGER = Number.MAX_SAFE_INTEGER;

/** Nanos in one unit. */
export const NANOS = 1_000_000_000;

/** Far more than the two roundings of a product can be, as a share of it. */
const ROUNDING = 2 ** -50;

/** The sign of a x b - c x d. All are integers of at most 2^53, positive or not. Exact. */
export function compareProducts(a: number, b: number, c: number, d: number): number {
  const left = a * b;
  const right = c * d;
  const difference = left - right;
  if (Math.abs(difference) > ROUNDING * (Math.abs(left) + Math.abs(right))) return difference;
  if (Math.abs(left) <= MAX_INTEGER && Math.abs(right) <= MAX_INTEGER) return difference;
  const exactly = BigInt(a) * BigInt(b) - BigInt(c) * BigInt(d);
  return exactly === 0n ? 0 : exactly > 0n ? 1 : -1;
}

/** value x share, rounded down. Exact. @param value an integer >= 0; `share`: nanos of one, >= 0. */
export function shareOf(value: number, share: number): number {
  const rest = value % NANOS;
  const whole = ((value - rest) / NANOS) * share;
  const part = rest * share;
  if (whole > MAX_INTEGER || part > MAX_INTEGER)
    return Number((BigInt(value) * BigInt(share)) / BigInt(NANOS));
  return whole + (part - (part % NANOS)) / NANOS;
}
