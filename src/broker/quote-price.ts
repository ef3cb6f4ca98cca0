/**
 * The price of a quote: the middle of bid and ask, to the nearest nine decimals. A quote that has no price
 * that a decision could rest on says why, for `worksteal why` and the log.
 */
import { fromNanos, nearestNanos, numberToDecimal } from '../domain/decimal.ts';

export type QuotePrice = { price: string } | { why: string };

/**
 * @param bid dollars; 0 or nothing where nobody bids; likewise `ask`
 * @param maxSpread how far bid and ask may be apart, as a share of their middle (WORKSTEAL_QUOTE_MAX_SPREAD);
 *   a bid above the ask is no market at all, so it is never a price
 */
export function priceOf(
  bid: number | null | undefined,
  ask: number | null | undefined,
  maxSpread: number,
): QuotePrice {
  if (!isPositive(bid) || !isPositive(ask))
    return { why: `there is no ${isPositive(ask) ? 'bid' : isPositive(bid) ? 'ask' : 'bid and no ask'}` };
  const both = `the bid ${numberToDecimal(bid)}`;
  if (bid > ask) return { why: `${both} is above the ask ${numberToDecimal(ask)}` };
  const middle = bid + (ask - bid) / 2;
  const spread = (ask - bid) / middle;
  if (spread > maxSpread)
    return {
      why: `${both} and the ask ${numberToDecimal(ask)} are ${percent(spread)} apart, more than ${percent(maxSpread)}`,
    };
  const nanos = (nearestNanos(numberToDecimal(bid)) + nearestNanos(numberToDecimal(ask))) / 2n;
  return nanos > 0n ? { price: fromNanos(nanos) } : { why: `${both} is less than nine decimals can tell` };
}

function isPositive(value: number | null | undefined): value is number {
  return typeof value === 'number' && Number.isFinite(value) && value > 0;
}

const percent = (share: number): string => `${Number((share * 100).toFixed(2))} %`;
