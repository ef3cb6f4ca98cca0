/**
 * The kinds of value that a setting can have. Each is a zod schema from the text of an environment variable
 * to the value that the program uses. Its message says what is wrong and what to write instead. Decimals stay
 * decimal strings in their shortest form, so that hosts with `2` and `2.0` have the same settings.
 */
import { z } from 'zod';
import { fromNanos, isDecimal, toNanos } from '../domain/decimal.ts';
import { shown } from '../domain/shown.ts';
import { toSymbol } from '../domain/symbol.ts';
import { isIsoDate } from './iso-date.ts';

/** Cap / equity, decimal strings. `leverageClosed`: outside the market's session, where it differs. */
export type Leverage = { readonly leverage: string; readonly leverageClosed?: string };

/** A share of the cap, with its own leverage. */
export type Pool = { readonly name: string } & Leverage;

export const MAX_EXTRA_POOLS = 8;
export const MAX_LISTED_SYMBOLS = 1000;
export const MAX_LISTED_DAYS = 366;
const MAX_LEVERAGE = '100';
const POOL_NAME = /^[a-z][a-z0-9_]{0,15}$/;
const SWITCH: Readonly<Record<string, boolean>> = {
  '1': true,
  true: true,
  yes: true,
  on: true,
  '0': false,
  false: false,
  no: false,
  off: false,
};

/**
 * Thrown inside a schema's parser. The message is the reason alone; `readSettings` adds the variable and its
 * value.
 */
class Unfit extends Error {}

function kind<T>(parse: (text: string) => T) {
  return z.string().transform((text, context): T => {
    try {
      return parse(text);
    } catch (error) {
      if (!(error instanceof Unfit)) throw error;
      context.addIssue({ code: 'custom', message: error.message });
      return z.NEVER;
    }
  });
}

function decimal(text: string, low: string, high: string, hint: string): string {
  if (!isDecimal(text)) throw new Unfit(`is not a decimal with at most 9 decimals; ${hint}`);
  const nanos = toNanos(text);
  if (nanos < toNanos(low) || nanos > toNanos(high))
    throw new Unfit(`is not between ${low} and ${high}; ${hint}`);
  return fromNanos(nanos);
}

/** 1 or 0; also true/false, yes/no, on/off. */
export const flag = () =>
  kind((text) => {
    const value = SWITCH[text.toLowerCase()];
    if (value === undefined) throw new Unfit('is neither on nor off; write 1 or 0');
    return value;
  });

/** A whole number within limits, both included. */
export const count = (low: number, high: number) =>
  kind((text) => {
    const value = /^\d{1,9}$/.test(text) ? Number(text) : Number.NaN;
    if (!(value >= low && value <= high))
      throw new Unfit(`is not a whole number between ${low} and ${high}; write one`);
    return value;
  });

/** A share of something, 0 to 1, mostly a distance as a share of the limit price: a decimal string. */
export const share = (whole = 'the limit price', example = '0.003 for 0.3 %') =>
  kind((text) => decimal(text, '0', '1', `write a share of ${whole}, e.g. ${example}`));

/** A factor within limits, both included: a decimal string. */
export const factor = (low: string, high: string) =>
  kind((text) => decimal(text, low, high, `write a factor from ${low} to ${high}`));

/** `4`, or `4/2`: in the session / outside it. `4/4` is read as `4`. */
function leverageOf(text: string): Leverage {
  const hint =
    `write a number above 0, at most ${MAX_LEVERAGE}, e.g. 2 for twice the equity, or 4/2 for 4 in ` +
    'market hours and 2 out of them';
  const parts = text.split('/').map((part) => part.trim());
  if (parts.length > 2) throw new Unfit(`has ${parts.length} parts; ${hint}`);
  const [leverage = '', leverageClosed = leverage] = parts.map((part) => {
    const value = decimal(part, '0', MAX_LEVERAGE, hint);
    if (value === '0') throw new Unfit(`leaves no room for any order; ${hint}`);
    return value;
  });
  return leverage === leverageClosed ? { leverage } : { leverage, leverageClosed };
}

/** Cap / equity, above 0; after a slash the one outside the market's session. */
export const leverage = () => kind(leverageOf);

/** Seconds (to the millisecond) -> integer milliseconds. Limits in seconds, both included. */
export const seconds = (low: string, high: string) =>
  kind((text) => {
    const nanos = toNanos(decimal(text, low, high, `write seconds from ${low} to ${high}, without a unit`));
    if (nanos % 1_000_000n !== 0n) throw new Unfit('is finer than a millisecond; write at most 3 decimals');
    return Number(nanos / 1_000_000n);
  });

/** One of the words, in upper or lower case. */
export const choice = <const T extends string>(words: readonly T[]) =>
  kind((text) => {
    const word = words.find((candidate) => candidate === text.toLowerCase());
    if (word === undefined) throw new Unfit(`is not a known value; write one of: ${words.join(', ')}`);
    return word;
  });

function items(text: string): string[] {
  return text
    .split(',')
    .map((item) => item.trim())
    .filter((item) => item !== '');
}

/** Symbols with commas between, any spelling -> the ledger's spelling, each once, sorted. */
export const symbols = () =>
  kind((text): readonly string[] => {
    const listed = items(text);
    if (listed.length > MAX_LISTED_SYMBOLS)
      throw new Unfit(`lists ${listed.length} symbols; list at most ${MAX_LISTED_SYMBOLS}`);
    const found = listed.map((item) => {
      try {
        return toSymbol(item);
      } catch {
        throw new Unfit(
          `has "${shown(item)}", which is not a symbol; write symbols with commas between, e.g. ` +
            'BTCUSD,ETHUSD',
        );
      }
    });
    return Object.freeze([...new Set(found)].sort());
  });

/** Days, `yyyy-mm-dd`, with commas between -> each once, sorted. */
export const days = () =>
  kind((text): readonly string[] => {
    const listed = items(text);
    if (listed.length > MAX_LISTED_DAYS)
      throw new Unfit(`lists ${listed.length} days; list at most ${MAX_LISTED_DAYS}`);
    const wrong = listed.find((item) => !isIsoDate(item));
    if (wrong !== undefined)
      throw new Unfit(
        `has "${shown(wrong)}", which is not a day; write days as yyyy-mm-dd with commas between`,
      );
    return Object.freeze([...new Set(listed)].sort());
  });

/**
 * `name:leverage` or `name:leverage/leverage outside the session`, with commas between. `total` is not
 * allowed here: it has its own setting.
 */
export const pools = () =>
  kind((text): readonly Pool[] => {
    const found = items(text).map((item) => {
      const [name = '', given = '', ...rest] = item.split(':').map((part) => part.trim());
      if (rest.length > 0 || given === '')
        throw new Unfit(`has "${shown(item)}", which is not name:leverage; write e.g. crypto:1,stock:4`);
      if (name === 'total') throw new Unfit('names the pool total; set WORK_STEALING_LEVERAGE instead');
      if (name === 'cash')
        throw new Unfit(
          "names a pool cash, which is reserved for the broker's cash; rename it, or set WORK_STEALING_CASH",
        );
      if (!POOL_NAME.test(name))
        throw new Unfit(
          `names a pool "${shown(name)}"; a name is a-z, then a-z, 0-9 or _, at most 16 characters`,
        );
      try {
        return Object.freeze({ name, ...leverageOf(given) });
      } catch (error) {
        throw new Unfit(
          `gives the pool ${name} the leverage "${shown(given)}", which ${(error as Error).message}`,
        );
      }
    });
    const twice = found.find((pool, at) => found.findIndex((other) => other.name === pool.name) !== at);
    if (twice) throw new Unfit(`names the pool ${twice.name} twice; name each pool once`);
    if (found.length > MAX_EXTRA_POOLS)
      throw new Unfit(`names ${found.length} pools; name at most ${MAX_EXTRA_POOLS}`);
    return Object.freeze(found);
  });
