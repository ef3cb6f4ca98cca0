/**
 * Prices that a broker takes: multiples of the asset's price step. The steps are the broker's
 * (`Broker.asset`); where nobody has asked it yet, the usual ones of US markets hold: stocks in cents from
 * 1 USD on and in hundredths of a cent below, cryptos in any price of up to nine decimals.
 */
import { fromNanos, toNanos } from '../domain/decimal.ts';
import { isCryptoSymbol } from '../domain/symbol.ts';

/** Prices from `from` on are multiples of `step`; decimal strings, ascending; none: any price. */
export type PriceSteps = readonly { from: string; step: string }[];

/** Stocks at US exchanges (Regulation NMS, rule 612): cents, below 1 USD hundredths of a cent. */
export const US_STOCK_STEPS: PriceSteps = [
  { from: '0', step: '0.0001' },
  { from: '1', step: '0.01' },
];

/** For a symbol whose asset is not known; judged by its spelling (src/domain/symbol.ts). */
export function usualPriceSteps(symbol: string): PriceSteps {
  return isCryptoSymbol(symbol) ? [] : US_STOCK_STEPS;
}

/** The step at a price, in nanos; undefined: any price of up to nine decimals. */
export function stepAt(steps: PriceSteps, nanos: bigint): bigint | undefined {
  const step = steps.findLast(({ from }) => nanos >= toNanos(from))?.step;
  return step === undefined ? undefined : toNanos(step);
}

/** The nearest legal price at or below (`down`), at or above (`up`); never 0. */
export function legalPrice(steps: PriceSteps, nanos: bigint, rounding: 'up' | 'down'): string {
  const step = stepAt(steps, nanos) ?? 1n;
  const count = nanos / step + (rounding === 'up' && nanos % step > 0n ? 1n : 0n);
  return fromNanos((count > 0n ? count : 1n) * step);
}

/** A limit at which an order fills at once unless the price runs off: 1 % through the price. */
export function marketableLimit(steps: PriceSteps, side: 'buy' | 'sell', price: string): string {
  const nanos = toNanos(price, 'price');
  return side === 'sell'
    ? legalPrice(steps, (nanos * 99n) / 100n, 'down')
    : legalPrice(steps, (nanos * 101n + 99n) / 100n, 'up');
}
