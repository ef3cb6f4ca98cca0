/**
 * The price of a quote: the midpoint of bid and ask, to the nearest nine decimals. For a quote without a
 * usable price it gives the reason, which the log and `worksteal why` show.
 */
import { fromNanos, NANOS, nearestNanos, numberToDecimal } from '../domain/decimal.ts';

/** Below it a price is exact in the ledger, which refuses a whole batch for one that is not. */
const TOO_LARGE = 9_007_199n * NANOS;

export type QuotePrice = { price: string } | { why: string };

/**
 * @param bid dollars; 0, null or undefined where there is none; `ask` likewise
 * @param maxSpread the widest spread, as a share of the midpoint (WORKSTEAL_QUOTE_MAX_SPREAD). A bid above
 *   the ask never makes a price.
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
      why:
        `${both} and the ask ${numberToDecimal(ask)} are ${percent(spread)} apart, ` +
        `more than ${percent(maxSpread)}`,
    };
  const nanos = (nearestNanos(numberToDecimal(bid)) + nearestNanos(numberToDecimal(ask))) / 2n;
  if (nanos >= TOO_LARGE) return { why: `${both} is too large` };
  return nanos > 0n ? { price: fromNanos(nanos) } : { why: `${both} is too small for nine decimals` };
}

function isPositive(value: number | null | undefined): value is number {
  return typeof value === 'number' && Number.isFinite(value) && value > 0;
}

const percent = (share: number): string => `${Number((share * 100).toFixed(2))} %`;
