/** Amounts on Alpaca's wire: decimal strings of any precision, and JSON numbers where somebody sends them. */
import { z } from 'zod';
import { fromNanos, numberToDecimal, plain, toNanos } from '../../domain/decimal.ts';

/** A decimal of any precision: averages and costs carry more than nine decimals. */
export const amount = z
  .union([z.string().max(64), z.number().transform((value) => numberToDecimal(value))])
  .transform(plain)
  .pipe(z.string().regex(/^-?\d+(?:\.\d+)?$/, 'not a decimal'));

/** Null where it is left out or empty. */
export const maybeAmount = z.preprocess(
  (value) => (value === '' || value === undefined ? null : value),
  amount.nullable(),
);

/**
 * Rounds away from or toward zero to nine decimals: what can't be counted exactly is counted on the safe
 * side.
 */
export function clip(text: string, direction: 'away' | 'toward'): string {
  const [whole = '0', fraction = ''] = text.split('.');
  const kept = fraction.slice(0, 9);
  const nanos = toNanos(kept === '' ? whole : `${whole}.${kept}`, 'amount');
  const lost = /[1-9]/.test(fraction.slice(9));
  const step = lost && direction === 'away' ? (text.startsWith('-') ? -1n : 1n) : 0n;
  return fromNanos(nanos + step);
}

export const unsigned = (text: string): string => text.replace(/^-/, '');

export const isPositive = (text: string | null): text is string =>
  text !== null && !text.startsWith('-') && /[1-9]/.test(text);

/** Nanos as a decimal string. @throws WorkstealError `invalid` beyond what a decimal may have */
export function bounded(nanos: bigint): string {
  const text = fromNanos(nanos);
  toNanos(text, 'amount');
  return text;
}

/** A decimal times a whole number, on the safe side. */
export const times = (text: string, multiplier: bigint): string =>
  bounded(toNanos(clip(text, 'away')) * multiplier);

/** A multiplier: its whole part; undefined for none, or one below 1. */
export function wholeOf(text: string | null): bigint | undefined {
  const whole = isPositive(text) ? BigInt(text.split('.')[0] ?? '0') : 0n;
  return whole > 0n ? whole : undefined;
}
