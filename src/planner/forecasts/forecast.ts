/**
 * Validates one row and converts it into a forecast with prices and quantities that a broker accepts.
 */
import { z } from 'zod';
import { fromNanos, NANOS, toNanos } from '../../domain/decimal.ts';
import { WorkstealError } from '../../domain/errors.ts';
import { notionalMicros } from '../../domain/money.ts';
import type { Mode, Side } from '../../domain/order.ts';
import { shown } from '../../domain/shown.ts';
import { isCryptoSymbol, isSymbol, toSymbol, whyNoSymbol } from '../../domain/symbol.ts';
import { whyNotTraded } from '../../domain/traded.ts';
import {
  isChanged,
  nearest,
  readWritten,
  towardZero,
  type Written,
  whyNoNumber,
} from '../../domain/written.ts';
import { legalPrice, stepAt, usualPriceSteps } from '../../rules/legal-price.ts';
import { type Expiry, readExpiry } from './expiry.ts';
import type { RawValues } from './fields.ts';

/**
 * Decimals are strings; `takeProfit` is '' for none. `rounded`: a number was between the broker's steps or
 * had more than nine decimals, and rounding changed it by more than a millionth of itself.
 */
export type Forecast = {
  strategy: string;
  symbol: string;
  side: Side;
  mode: Mode;
  limit: string;
  qty: string;
  pnl: string;
  /** That its limit trades, 0 to 1. */
  fillProbability: string;
  takeProfit: string;
  expiry: Expiry;
  rounded: boolean;
};

export type ForecastDefaults = {
  /** For rows without a strategy. */
  strategy: string;
  /** Whether a notional may buy fractions of shares. */
  fractional: boolean;
};

/** The ledger's limits. */
const PRICE_BELOW = 9_007_199n * NANOS;
const MAX_QTY = 1_000_000_000_000n * NANOS;
const MAX_PNL = 1_000_000n * NANOS;

const number = z.string().transform((text, context): Written => {
  const written = readWritten(text);
  if (written !== undefined) return written;
  context.addIssue({ code: 'custom', message: whyNoNumber(text) });
  return z.NEVER;
});
const positive = number.refine(({ digits }) => digits > 0n, { error: 'is not above 0', abort: true });
const price = positive.refine((written) => nearest(written) < PRICE_BELOW, 'is not below 9007199');
const word = (words: readonly [string, ...string[]], meant: Readonly<Record<string, string>> = {}) =>
  z
    .string()
    .toLowerCase()
    .pipe(
      z.enum(words, {
        error: ({ input }) => {
          const fix = meant[String(input).replaceAll(/[\s-]+/g, '_')];
          return `is not ${words.join(' or ')}${fix === undefined ? '' : `: write ${fix}`}`;
        },
      }),
    );

/** Other names for the side, to suggest ours. */
const SIDES_MEANT = {
  long: 'buy',
  short: 'sell',
  b: 'buy',
  s: 'sell',
  bid: 'buy',
  ask: 'sell',
  sell_short: 'sell',
  short_sell: 'sell',
  buy_to_open: 'buy',
  sell_to_open: 'sell',
  bot: 'buy',
  sld: 'sell',
};

export const STRATEGY = z
  .string()
  .regex(/^[A-Za-z0-9_-]{1,32}$/, 'is not 1 to 32 characters of A-Z, a-z, 0-9, _ and -');

const SERIES_NAME = z.object({
  strategy: STRATEGY,
  symbol: z.string({ error: 'is missing' }).transform((text, context) => {
    const why = isSymbol(text) ? whyNotTraded(text) : undefined;
    if (why !== undefined) {
      context.addIssue({
        code: 'custom',
        message: `${why}; a plan trades stocks, and pairs quoted in dollars`,
      });
      return z.NEVER;
    }
    try {
      return toSymbol(text);
    } catch {
      context.addIssue({ code: 'custom', message: whyNoSymbol(text) });
      return z.NEVER;
    }
  }),
  side: word(['buy', 'sell'], SIDES_MEANT).default('buy') as z.ZodType<Side>,
});

const isBetween = (nanos: bigint, bound: bigint): boolean => nanos <= bound && nanos >= -bound;

/** Of what is not below 0. */
const isProbability = (written: Written): boolean => nearest(written) <= NANOS;

const TERMS = z.object({
  limit: z.string({ error: 'is missing' }).pipe(price),
  quantity: positive.refine((written) => towardZero(written) <= MAX_QTY, 'is above 1e12').optional(),
  notional: positive.optional(),
  pnl: number
    .refine((written) => isBetween(nearest(written), MAX_PNL), 'is not between -1000000 and 1000000')
    .default({ digits: 0n, scale: 0 }),
  fill_probability: number
    .refine(({ digits }) => digits >= 0n, { error: 'is below 0', abort: true })
    .refine(isProbability, 'is above 1: a probability is between 0 and 1, such as 0.4')
    .default({ digits: 1n, scale: 0 }),
  mode: word(['normal', 'probe']).default('normal') as z.ZodType<Mode>,
  take_profit: price.optional(),
});

/** The series (strategy, symbol, side) of a row; the rest of the row may be invalid. */
export function readSeriesName(
  values: RawValues,
  { strategy }: ForecastDefaults,
): Pick<Forecast, 'strategy' | 'symbol' | 'side'> {
  return check(SERIES_NAME, { strategy, ...values });
}

/** Checks a whole row. @throws WorkstealError `invalid`, with every fault in the message */
export function readForecast(values: RawValues, defaults: ForecastDefaults): Forecast {
  const name = readSeriesName(values, defaults);
  const { symbol, side } = name;
  const terms = check(TERMS, values);
  const [worse, better] = side === 'buy' ? (['down', 'up'] as const) : (['up', 'down'] as const);
  const limit = priceOf(symbol, 'limit', terms.limit, values, worse);
  const target = terms.take_profit;
  const takeProfit = target === undefined ? '' : priceOf(symbol, 'take_profit', target, values, better);
  if (target !== undefined) checkTarget(side, nearest(terms.limit), nearest(target), values);
  const sized = sizesOf(terms, values);
  const qty = quantityOf(name, toNanos(limit), sized, values, defaults.fractional);
  notionalMicros(limit, qty);
  const pnl = fromNanos(nearest(terms.pnl));
  const fillProbability = fromNanos(towardZero(terms.fill_probability));
  const kept: [Written | undefined, string][] = [
    [terms.limit, limit],
    [target, takeProfit],
    [terms.quantity, qty],
    [terms.pnl, pnl],
    [terms.fill_probability, fillProbability],
  ];
  return {
    ...name,
    ...{ mode: terms.mode, limit, qty, pnl, fillProbability, takeProfit },
    expiry: readExpiry(values.expiry ?? ''),
    rounded: kept.some(([written, text]) => written !== undefined && isChanged(written, toNanos(text))),
  };
}

/** The price rounded to its market's usual price step. */
function priceOf(
  symbol: string,
  field: 'limit' | 'take_profit',
  written: Written,
  values: RawValues,
  rounding: 'up' | 'down',
): string {
  const [steps, nanos] = [usualPriceSteps(symbol), nearest(written)];
  const step = stepAt(steps, nanos) ?? 1n;
  if (nanos < step && (rounding === 'down' || nanos === 0n))
    refuse(field, values[field], `is below the smallest price step, ${fromNanos(step)}`);
  return legalPrice(steps, nanos, rounding);
}

/** A take-profit price must be above the limit of a buy, or below that of a sale. */
function checkTarget(side: Side, limit: bigint, target: bigint, values: RawValues): void {
  if (side === 'buy' ? target > limit : target < limit) return;
  const where = side === 'buy' ? 'above' : 'below';
  refuse('take_profit', values.take_profit, `is not ${where} the limit ${values.limit} of a ${side}`);
}

/** Rounds down, so that a plan never buys more than the row asks for. */
function sizesOf({ quantity, notional }: z.output<typeof TERMS>, values: RawValues): Sized {
  const sized = {
    quantity: quantity && towardZero(quantity),
    notional: notional && towardZero(notional),
  };
  for (const field of ['quantity', 'notional'] as const)
    if (sized[field] === 0n) refuse(field, values[field], 'is below 0.000000001');
  return sized;
}

type Sized = { quantity?: bigint | undefined; notional?: bigint | undefined };

/**
 * The row's quantity, or what its notional buys at the limit: cryptos to nine decimals, stocks in whole
 * shares unless `fractional`.
 */
function quantityOf(
  { symbol, side }: Pick<Forecast, 'symbol' | 'side'>,
  limitNanos: bigint,
  { quantity, notional }: Sized,
  values: RawValues,
  fractional: boolean,
): string {
  if (quantity === undefined && notional === undefined)
    throw new WorkstealError('invalid', 'quantity and notional are both missing; give one of them');
  const stock = !isCryptoSymbol(symbol);
  if (quantity !== undefined) {
    if (notional !== undefined)
      throw new WorkstealError('invalid', 'quantity and notional are both given; remove one of them');
    if (stock && side === 'sell' && quantity % NANOS !== 0n)
      refuse('quantity', values.quantity, 'is not a whole number of shares, which a short sale needs');
    return fromNanos(quantity);
  }
  const exact = ((notional ?? 0n) * NANOS) / limitNanos;
  const whole = stock && (side === 'sell' || !fractional);
  const qty = whole ? (exact / NANOS) * NANOS : exact;
  if (qty === 0n)
    refuse(
      'notional',
      values.notional,
      `buys less than ${whole ? 'one share' : '0.000000001 units'} at ${fromNanos(limitNanos)}`,
    );
  return fromNanos(qty);
}

function refuse(field: string, value: string | undefined, what: string): never {
  throw new WorkstealError('invalid', `${field} "${shown(value ?? '', 40)}" ${what}`, {
    field,
    value: value ?? '',
  });
}

function check<T extends z.ZodType>(schema: T, values: RawValues): z.output<T> {
  const parsed = schema.safeParse(values);
  if (parsed.success) return parsed.data;
  const faults = parsed.error.issues.map(({ path, message }) => {
    const field = String(path[0]) as keyof RawValues;
    const given = values[field];
    return `${field}${given === undefined ? '' : ` "${shown(given, 40)}"`} ${message}`;
  });
  throw new WorkstealError('invalid', faults.join('; '), { field: String(parsed.error.issues[0]?.path[0]) });
}
