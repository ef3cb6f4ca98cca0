/**
 * Would the broker accept this order? These checks run before it is sent, and so before any victim is
 * cancelled for it: is its symbol traded, may it be sold short, do steps and minimums fit.
 */
import { fromNanos, toNanos } from '../domain/decimal.ts';
import { notionalMicros } from '../domain/money.ts';
import type { Side } from '../domain/order.ts';
import { type PriceSteps, stepAt } from './legal-price.ts';

/**
 * The broker's rules for one symbol, in terms that fit any broker. Amounts are decimal strings.
 */
export type Asset = {
  symbol: string;
  /** Why orders are not accepted now, in the broker's words; '' while they are. */
  shut: string;
  shortable: boolean;
  priceSteps: PriceSteps;
  /** Quantities are multiples of these: for a buy, for a short sale. null: not known. */
  qtyStep: string | null;
  shortQtyStep: string | null;
  /** The smallest quantity, and the smallest cost of a buy in USD. null: not known. */
  minQty: string | null;
  minCost: string | null;
};

/** An entry: limit and quantity are decimal strings. */
export type Entry = { symbol: string; side: Side; limit: string; qty: string };

/** Why the broker would refuse it: one of the broker port's refusals, and a sentence with the numbers. */
export type Untakeable = {
  why: 'not_tradable' | 'short' | 'price_step' | 'quantity_step' | 'minimum';
  words: string;
};

/** Undefined when nothing known speaks against the entry. `shorting`: may the account sell short? */
export function whyUntakeable(
  { symbol, side, limit, qty }: Entry,
  asset: Asset,
  shorting: boolean,
): Untakeable | undefined {
  if (asset.shut !== '') return { why: 'not_tradable', words: `${symbol} is not tradable: ${asset.shut}` };
  if (side === 'sell' && !shorting) return { why: 'short', words: 'the account may not sell short' };
  if (side === 'sell' && !asset.shortable) return { why: 'short', words: `${symbol} may not be sold short` };
  const step = stepAt(asset.priceSteps, toNanos(limit));
  if (step !== undefined && toNanos(limit) % step !== 0n)
    return { why: 'price_step', words: `limit ${limit} is not a multiple of ${fromNanos(step)}` };
  const unit = side === 'sell' ? asset.shortQtyStep : asset.qtyStep;
  if (unit !== null && !isMultiple(qty, unit))
    return { why: 'quantity_step', words: `quantity ${qty} is not a multiple of ${unit}` };
  if (asset.minQty !== null && toNanos(qty) < toNanos(asset.minQty))
    return { why: 'minimum', words: `quantity ${qty} is below the minimum of ${asset.minQty}` };
  if (
    side === 'buy' &&
    asset.minCost !== null &&
    notionalMicros(limit, qty) < notionalMicros(asset.minCost, '1')
  )
    return { why: 'minimum', words: `${qty} at ${limit} costs less than the minimum of $${asset.minCost}` };
  return undefined;
}

function isMultiple(amount: string, step: string): boolean {
  return toNanos(amount) % toNanos(step) === 0n;
}
