/**
 * How far a price is from an order's limit (docs/rules.md, 3): buy (price - limit) / limit, sell (limit -
 * price) / limit, never below 0. Judgements are exact, in bigint nanos; only what is shown is rounded.
 */
import { fromNanos, NANOS, toNanos } from '../domain/decimal.ts';
import { WorkstealError } from '../domain/errors.ts';
import type { Side } from '../domain/order.ts';

function positive(text: string, field: string): bigint {
  const nanos = toNanos(text, field);
  if (nanos <= 0n)
    throw new WorkstealError('invalid', `${field}: "${text}" is not above 0`, { field, value: text });
  return nanos;
}

function tolerated(tolerance: string): bigint {
  const nanos = toNanos(tolerance, 'tolerance');
  if (nanos < 0n)
    throw new WorkstealError('invalid', `tolerance: "${tolerance}" is below 0`, {
      field: 'tolerance',
      value: tolerance,
    });
  return nanos;
}

/** Nanos from the price to the limit; 0 when the price is at the limit or through it. */
function gap(side: Side, price: bigint, limit: bigint): bigint {
  const difference = side === 'buy' ? price - limit : limit - price;
  return difference > 0n ? difference : 0n;
}

/**
 * Is the price at most `tolerance` (a share of the limit) away from the limit? Equality is within; so is a
 * price through the limit.
 * @throws WorkstealError `invalid` when price or limit is not above 0 or the tolerance is below 0.
 */
export function isWithin(side: Side, price: string, limit: string, tolerance: string): boolean {
  const limitNanos = positive(limit, 'limit');
  return gap(side, positive(price, 'price'), limitNanos) * NANOS <= tolerated(tolerance) * limitNanos;
}

/**
 * The furthest price that is still within the tolerance. It depends on the order alone: a buy is within
 * while price <= it, a sell while price >= it. Exact for every price of at most nine decimals. 0 when every
 * price is within.
 * @throws WorkstealError `invalid` when the limit is not above 0 or the tolerance is below 0.
 */
export function furthestPrice(side: Side, limit: string, tolerance: string): string {
  const limitNanos = positive(limit, 'limit');
  const reach = (limitNanos * tolerated(tolerance)) / NANOS; // rounded down: the next nano is outside
  const furthest = side === 'buy' ? limitNanos + reach : limitNanos - reach;
  return fromNanos(furthest > 0n ? furthest : 0n);
}

/**
 * The distance as a share of the limit, rounded to nine decimals, for people and logs. Never decide by it.
 */
export function distance(side: Side, price: string, limit: string): string {
  return fromNanos(
    nearest(gap(side, positive(price, 'price'), positive(limit, 'limit')) * NANOS, positive(limit, 'limit')),
  );
}

/** The distance in basis points, rounded to a whole one, for metrics and tables. Never decide by it. */
export function distanceBps(side: Side, price: string, limit: string): number {
  return Number(
    nearest(
      gap(side, positive(price, 'price'), positive(limit, 'limit')) * 10_000n,
      positive(limit, 'limit'),
    ),
  );
}

function nearest(dividend: bigint, divisor: bigint): bigint {
  return (2n * dividend + divisor) / (2n * divisor);
}
