/**
 * Prices that a broker takes: stocks from 1 USD on in cents, below in hundredths of a cent, cryptos with up
 * to nine decimals.
 */
import { fromNanos, NANOS, toNanos } from '../../domain/decimal.ts';
import { isCryptoSymbol } from '../../domain/symbol.ts';

function stepNanos(symbol: string, nanos: bigint): bigint {
  if (isCryptoSymbol(symbol)) return 1n;
  return nanos >= NANOS ? 10_000_000n : 100_000n;
}

/** The nearest legal price at or below (`down`), at or above (`up`); never 0. */
export function legalPrice(symbol: string, nanos: bigint, rounding: 'up' | 'down'): string {
  const step = stepNanos(symbol, nanos);
  const steps = nanos / step + (rounding === 'up' && nanos % step > 0n ? 1n : 0n);
  return fromNanos((steps > 0n ? steps : 1n) * step);
}

/** A limit at which an order fills at once unless the price runs off: 1 % through the price. */
export function marketableLimit(symbol: string, side: 'buy' | 'sell', price: string): string {
  const nanos = toNanos(price, 'price');
  return side === 'sell'
    ? legalPrice(symbol, (nanos * 99n) / 100n, 'down')
    : legalPrice(symbol, (nanos * 101n + 99n) / 100n, 'up');
}
