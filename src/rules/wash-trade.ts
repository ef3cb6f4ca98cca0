/**
 * Could two orders of one symbol, on opposite sides, trade with each other? The broker refuses that (a
 * potential wash trade): only two limits can be apart, and a trailing stop is exempt. The same rule as in
 * lua/include/opposite.lua, by which the ledger keeps entries out.
 */
import { toNanos } from '../domain/decimal.ts';
import type { Kind, OrderType, Side } from '../domain/order.ts';

/** `limit` counts for a type that has one. */
export type OwnTerms = { side: Side; limit: string; type: OrderType };

/**
 * An order of the other side in the ledger. `type`: '' of an entry, a limit order. `nextLimit`: of a version
 * that waits to replace it; '' for none.
 */
export type OtherTerms = { kind: Kind; type: OrderType | ''; limit: string; nextLimit: string };

export function canMeet({ side, limit, type }: OwnTerms, other: OtherTerms): boolean {
  const otherType = typeOf(other);
  if (type === 'trailing_stop' || otherType === 'trailing_stop') return false;
  if (!hasLimit(type) || !hasLimit(otherType)) return true;
  const [own, nearest] = [toNanos(limit), toNanos(nearestLimit(other, side))];
  return side === 'sell' ? nearest >= own : nearest <= own;
}

/** Of an exit whose type is not known, the one that meets everything. */
export function typeOf({ kind, type }: Pick<OtherTerms, 'kind' | 'type'>): OrderType {
  return type || (kind === 'exit' ? 'market' : 'limit');
}

export function hasLimit(type: OrderType): boolean {
  return type === 'limit' || type === 'stop_limit';
}

/** Of its two versions, the limit that an order of this side, the other one, comes to first. */
export function nearestLimit(
  { limit, nextLimit }: Pick<OtherTerms, 'limit' | 'nextLimit'>,
  side: Side,
): string {
  if (nextLimit === '') return limit;
  const isNextLower = toNanos(nextLimit) < toNanos(limit);
  return isNextLower === (side === 'buy') ? nextLimit : limit;
}
