/** Amounts as Alpaca sends them: decimal strings of any precision, and sometimes JSON numbers. */
import { z } from 'zod';
import { fromNanos, numberToDecimal, plain, toNanos } from '../../domain/decimal.ts';

/** A decimal of any precision: averages and costs have more than nine decimals. */
export const amount = z
  .union([z.string().max(64), z.number().transform((value) => numberToDecimal(value))])
  .transform(plain)
  .pipe(z.string().regex(/^-?\d+(?:\.\d+)?$/, 'not a decimal'));

/** Null where it is absent or empty. */
export const maybeAmount = z.preprocess(
  (value) => (value === '' || value === undefined ? null : value),
  amount.nullable(),
);

/**
 * Rounds to nine decimals, away from zero or toward zero: the caller picks the direction in which the
 * exposure is not counted too low.
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

/** Nanos as a decimal string. @throws WorkstealError `invalid` where the number is too large */
export function bounded(nanos: bigint): string {
  const text = fromNanos(nanos);
  toNanos(text, 'amount');
  return text;
}

/** A decimal times a whole number, rounded away from zero. */
export const times = (text: string, multiplier: bigint): string =>
  bounded(toNanos(clip(text, 'away')) * multiplier);

/** The whole part of a multiplier; undefined where there is none, or where it is below 1. */
export function wholeOf(text: string | null): bigint | undefined {
  const whole = isPositive(text) ? BigInt(text.split('.')[0] ?? '0') : 0n;
  return whole > 0n ? whole : undefined;
}
