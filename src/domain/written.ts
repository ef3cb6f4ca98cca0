/**
 * Parses numbers as people and programs write them: `+400`, `.5`, `180.`, `8.4177e-06`,
 * `190.12999999999998`. A float may have more decimals than the system keeps, so input is rounded once here;
 * all later arithmetic is exact (decimal.ts).
 */
import { NANOS } from './decimal.ts';
import { shown } from './shown.ts';

/** The number `digits / 10^scale`. */
export type Written = { digits: bigint; scale: number };

const PATTERN = /^([+-]?)(\d*)(?:\.(\d*))?(?:[eE]([+-]?\d{1,3}))?$/;
/** Longer texts are rejected; every valid number is shorter. */
const MAX_CHARACTERS = 400;
const NANO_DECIMALS = 9;
/** The inverse of a double's relative error: 2^-53, with a margin for a few accumulated errors. */
const FLOAT_NOISE = 1_000_000_000_000n;
/** The inverse of the relative change above which rounding is reported. */
const REPORTED_SHARE = 1_000_000n;

/** Parses a number; undefined for any other text. */
export function readWritten(text: string): Written | undefined {
  const [whole, sign = '', before = '', after = '', exponent = '0'] = PATTERN.exec(text) ?? [];
  if (whole === undefined || text.length > MAX_CHARACTERS || before + after === '') return undefined;
  const scale = after.length - Number(exponent);
  const digits = BigInt(before + after) * (sign === '-' ? -1n : 1n);
  return scale >= 0 ? { digits, scale } : { digits: digits * 10n ** BigInt(-scale), scale: 0 };
}

/** The number in nanos, rounded to the nearest; ties away from 0. */
export function nearest({ digits, scale }: Written): bigint {
  if (scale <= NANO_DECIMALS) return digits * 10n ** BigInt(NANO_DECIMALS - scale);
  const divisor = 10n ** BigInt(scale - NANO_DECIMALS);
  const half = digits < 0n ? -divisor / 2n : divisor / 2n;
  return (digits + half) / divisor;
}

/** The number in nanos, rounded toward 0, or to the nearest if that differs only by a float's error. */
export function towardZero(number: Written): bigint {
  const near = nearest(number);
  const error = abs(errorOf(number, near));
  if (error * FLOAT_NOISE <= abs(number.digits) * NANOS) return near;
  const isFurther = abs(near) * 10n ** BigInt(number.scale) > abs(number.digits) * NANOS;
  return isFurther ? near - (near < 0n ? -1n : 1n) : near;
}

/** Did rounding change the number by more than a millionth of itself? */
export function isChanged(number: Written, nanos: bigint): boolean {
  return abs(errorOf(number, nanos)) * REPORTED_SHARE > abs(number.digits) * NANOS;
}

/** The rounded value minus the number, in units of 1 / (10^scale x 10^9). */
function errorOf({ digits, scale }: Written, nanos: bigint): bigint {
  return nanos * 10n ** BigInt(scale) - digits * NANOS;
}

const abs = (value: bigint): bigint => (value < 0n ? -value : value);

/** How programs write that there is no value. */
export const NO_VALUE = /^(nan|nat|none|null|nil|<na>|#?n\/a|-|--)$/i;

/** Why a text is not a number, and what to write instead if that can be guessed: the end of a sentence. */
export function whyNoNumber(text: string): string {
  const fix = corrected(text);
  return fix === undefined ? 'is not a number' : `is not a number: write ${shown(fix)}`;
}

function corrected(text: string): string | undefined {
  const usual = text
    .normalize('NFKC')
    .replaceAll(/\p{Cf}/gu, '')
    .replace(/^\u2212/, '-');
  const bare = usual.replace(/^([+-]?)\s*[$€£]\s*/, '$1').replace(/\s*(USD|[$€£])$/i, '');
  const joined = /^[+-]?\d{1,3}([,'’_ ]\d{3})+(\.\d*)?$/.test(bare) ? bare.replaceAll(/[,'’_ ]/g, '') : bare;
  const pointed = /^[+-]?\d+,\d+$/.test(joined) ? joined.replace(',', '.') : joined;
  if (/%$/.test(text)) return 'it in dollars or units, not in percent';
  if (NO_VALUE.test(text)) return 'nothing if there is no value';
  return pointed !== text && readWritten(pointed) !== undefined ? pointed : undefined;
}
