/**
 * Checks one row, and turns it into a forecast with prices and quantities that a broker accepts.
 */
import { z } from 'zod';
import { fromNanos, isDecimal, NANOS, plain, toNanos } from '../../domain/decimal.ts';
import { WorkstealError } from '../../domain/errors.ts';
import { notionalMicros } from '../../domain/money.ts';
import type { Mode, Side } from '../../domain/order.ts';
import { shown } from '../../domain/shown.ts';
import { isCryptoSymbol, isSymbol, toSymbol } from '../../domain/symbol.ts';
import { whyNotTraded } from '../../domain/traded.ts';
import { legalPrice, usualPriceSteps } from '../../rules/legal-price.ts';
import { type Expiry, readExpiry } from './expiry.ts';
import type { RawValues } from './fields.ts';

/**
 * Decimals are strings; `takeProfit` is '' for none. `rounded`: a price was between the broker's steps.
 */
export type Forecast = {
  strategy: string;
  symbol: string;
  side: Side;
  mode: Mode;
  limit: string;
  qty: string;
  pnl: string;
  takeProfit: string;
  expiry: Expiry;
  rounded: boolean;
};

export type ForecastDefaults = {
  /** Of rows without a strategy. */
  strategy: string;
  /** Whether a notional may buy fractions of shares. */
  fractional: boolean;
};

/** The ledger's limits. */
const PRICE_BELOW = 9_007_199n * NANOS;
const MAX_QTY = 1_000_000_000_000n * NANOS;
const MAX_PNL = 1_000_000n * NANOS;

const decimal = z
  .string()
  .transform(plain)
  .refine(isDecimal, { error: 'is not a decimal with at most 9 decimals', abort: true })
  .transform((text) => toNanos(text));
const positive = decimal.refine((nanos) => nanos > 0n, { error: 'is not above 0', abort: true });
const price = positive.refine((nanos) => nanos < PRICE_BELOW, 'is not below 9007199');
const word = (words: readonly [string, ...string[]]) =>
  z
    .string()
    .toLowerCase()
    .pipe(z.enum(words, { error: `is not ${words.join(' or ')}` }));

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
      context.addIssue({ code: 'custom', message: 'is not a symbol (A-Z, 0-9, ".", at most 32)' });
      return z.NEVER;
    }
  }),
  side: word(['buy', 'sell']).default('buy') as z.ZodType<Side>,
});

const TERMS = z.object({
  limit: z.string({ error: 'is missing' }).pipe(price),
  quantity: positive.refine((nanos) => nanos <= MAX_QTY, 'is above 1e12').optional(),
  notional: positive.optional(),
  pnl: decimal
    .refine((nanos) => nanos <= MAX_PNL && nanos >= -MAX_PNL, 'is not between -1000000 and 1000000')
    .default(0n),
  mode: word(['normal', 'probe']).default('normal') as z.ZodType<Mode>,
  take_profit: price.optional(),
});

/** The series that a row is about, even when the rest of the row is invalid. */
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
  const steps = usualPriceSteps(symbol);
  const limit = legalPrice(steps, terms.limit, worse);
  const takeProfit = terms.take_profit === undefined ? '' : legalPrice(steps, terms.take_profit, better);
  if (
    terms.take_profit !== undefined &&
    (side === 'buy' ? terms.take_profit <= terms.limit : terms.take_profit >= terms.limit)
  ) {
    refuse(
      'take_profit',
      values.take_profit,
      `is not ${side === 'buy' ? 'above' : 'below'} the limit ${values.limit} of a ${side}`,
    );
  }
  const qty = quantityOf(name, toNanos(limit), terms, values, defaults.fractional);
  notionalMicros(limit, qty);
  const takeProfitMoved = takeProfit !== '' && toNanos(takeProfit) !== terms.take_profit;
  return {
    ...name,
    ...{ mode: terms.mode, limit, qty, pnl: fromNanos(terms.pnl), takeProfit },
    expiry: readExpiry(values.expiry ?? ''),
    rounded: toNanos(limit) !== terms.limit || takeProfitMoved,
  };
}

type Sized = { quantity?: bigint | undefined; notional?: bigint | undefined };

/**
 * The quantity that the row gives, or the one that its notional buys at the limit: cryptos to nine decimals,
 * stocks in whole shares unless `fractional`.
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
