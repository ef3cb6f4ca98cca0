/**
 * Would the broker take this order? What can be known of it before it is sent, and so before anybody is
 * cancelled for it: whether its symbol is traded, whether it may be sold short, steps and minimums.
 */
import { toNanos } from '../domain/decimal.ts';
import { notionalMicros } from '../domain/money.ts';
import type { Side } from '../domain/order.ts';

/**
 * What a broker says of what can be traded under a symbol, in nobody's words but ours. Amounts are decimal
 * strings.
 */
export type Asset = {
  symbol: string;
  /** Why no order of it is taken now, in the broker's words; '' while orders are taken. */
  shut: string;
  shortable: boolean;
  /** Prices from `from` on are multiples of `step`; ascending; none: any price. */
  priceSteps: readonly { from: string; step: string }[];
  /** Quantities are multiples of it: bought, and sold short; null: not known. */
  qtyStep: string | null;
  shortQtyStep: string | null;
  /** The least quantity, and the least a buy may cost in USD; null: not known. */
  minQty: string | null;
  minCost: string | null;
};

/** An entry: limit and quantity are decimal strings. */
export type Entry = { symbol: string; side: Side; limit: string; qty: string };

/** Why the broker would not take it, as a word of the port's refusals, and what it is about in numbers. */
export type Untakeable = {
  why: 'not_tradable' | 'short' | 'price_step' | 'quantity_step' | 'minimum';
  words: string;
};

/** @param shorting whether the account may sell short */
export function whyUntakeable(
  { symbol, side, limit, qty }: Entry,
  asset: Asset,
  shorting: boolean,
): Untakeable | undefined {
  if (asset.shut !== '') return { why: 'not_tradable', words: `${symbol} takes no orders: ${asset.shut}` };
  if (side === 'sell' && !shorting) return { why: 'short', words: 'the account may not sell short' };
  if (side === 'sell' && !asset.shortable) return { why: 'short', words: `${symbol} may not be sold short` };
  const step = asset.priceSteps.findLast(({ from }) => toNanos(limit) >= toNanos(from))?.step;
  if (step !== undefined && !isMultiple(limit, step))
    return { why: 'price_step', words: `limit ${limit} is not a multiple of ${step}` };
  const unit = side === 'sell' ? asset.shortQtyStep : asset.qtyStep;
  if (unit !== null && !isMultiple(qty, unit))
    return { why: 'quantity_step', words: `quantity ${qty} is not a multiple of ${unit}` };
  if (asset.minQty !== null && toNanos(qty) < toNanos(asset.minQty))
    return { why: 'minimum', words: `quantity ${qty} is below ${asset.minQty}` };
  if (
    side === 'buy' &&
    asset.minCost !== null &&
    notionalMicros(limit, qty) < notionalMicros(asset.minCost, '1')
  )
    return { why: 'minimum', words: `${qty} at ${limit} is below $${asset.minCost}` };
  return undefined;
}

function isMultiple(amount: string, step: string): boolean {
  return toNanos(amount) % toNanos(step) === 0n;
}
