/**
 * Exact decimals. A price, a quantity or a PnL is a decimal string with at most nine decimals at every
 * boundary; arithmetic on it is integer arithmetic on nanos (1e-9 of a unit) as bigint. More decimals are
 * refused, never rounded (docs/rules.md, 1.1).
 */
import { WorkstealError } from './errors.ts';
import { shown } from './shown.ts';

/** Nanos in one unit. */
export const NANOS = 1_000_000_000n;

const PATTERN = /^(-?)(\d{1,16})(?:\.(\d{1,9}))?$/;

/** Is this a decimal that the system accepts: at most 16 digits before and 9 after the point, no exponent? */
export function isDecimal(text: string): boolean {
  return PATTERN.test(text);
}

/**
 * Decimal string -> nanos. `field` names the value in the error.
 * @throws WorkstealError `invalid` when `isDecimal` is false for the text.
 */
export function toNanos(text: string, field = 'value'): bigint {
  const match = PATTERN.exec(text);
  if (!match) {
    throw new WorkstealError(
      'invalid',
      `${field}: "${shown(text)}" is not a decimal with at most 9 decimals`,
      {
        field,
        value: text.slice(0, 64),
      },
    );
  }
  const [, sign, whole, fraction = ''] = match;
  const nanos = BigInt(whole ?? '0') * NANOS + BigInt(fraction.padEnd(9, '0'));
  return sign === '-' ? -nanos : nanos;
}

/**
 * Decimal text of any length, exponents included -> the nearest nanos. For prices from outside, which may
 * have more decimals than the system accepts. The caller has checked that the text is a decimal of at least
 * 0.
 */
export function nearestNanos(text: string): bigint {
  const [whole = '0', fraction = ''] = plain(text).split('.');
  const digits = fraction.padEnd(10, '0');
  return BigInt(whole + digits.slice(0, 9)) + (digits.charAt(9) >= '5' ? 1n : 0n);
}

/** Nanos -> the shortest decimal string: `1500000000n` -> `"1.5"`. */
export function fromNanos(nanos: bigint): string {
  const sign = nanos < 0n ? '-' : '';
  const digits = (nanos < 0n ? -nanos : nanos).toString().padStart(10, '0');
  const fraction = digits.slice(-9).replace(/0+$/, '');
  return `${sign}${digits.slice(0, -9)}${fraction === '' ? '' : `.${fraction}`}`;
}

/**
 * A JavaScript number (a JSON literal, a quote on the wire) -> the shortest decimal string, without exponent.
 * Nothing is rounded: `toNanos` later refuses what has more than nine decimals.
 * @throws WorkstealError `invalid` when it is not finite.
 */
export function numberToDecimal(value: number, field = 'value'): string {
  if (!Number.isFinite(value)) {
    throw new WorkstealError('invalid', `${field}: ${value} is not a finite number`, {
      field,
      value: String(value),
    });
  }
  return plain(String(value));
}

/** Exponent notation -> plain digits (`1e-9` -> `0.000000001`); other text is returned as it is. */
export function plain(text: string): string {
  const match = /^(-?)(\d+)(?:\.(\d+))?[eE]([+-]?\d{1,3})$/.exec(text);
  if (!match) return text;
  const [, sign = '', whole = '', fraction = '', exponent = '0'] = match;
  const shift = Number(exponent);
  const digits = whole + fraction;
  const point = whole.length + shift;
  const padded = point <= 0 ? '0'.repeat(1 - point) + digits : digits.padEnd(point, '0');
  const at = Math.max(point, 1);
  const left = padded.slice(0, at).replace(/^0+(?=\d)/, '');
  const right = padded.slice(at).replace(/0+$/, '');
  return `${sign}${left}${right === '' ? '' : `.${right}`}`;
}
