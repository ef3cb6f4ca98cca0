/**
 * The input of a what-if: an account, its open orders, its steal history, and one attempt
 * (test/scenarios/decisions.json has examples). Decimals are strings, exactly as written. Times are ISO 8601
 * with an offset.
 */
import { z } from 'zod';
import { fromNanos } from '../../domain/decimal.ts';
import { WorkstealError } from '../../domain/errors.ts';
import { readInstant, whyNoInstant } from '../../domain/instant.ts';
import { OUTCOMES } from '../../domain/outcome.ts';
import { shown } from '../../domain/shown.ts';
import { nearest, readWritten, towardZero, type Written } from '../../domain/written.ts';
import { issueWords } from '../../rules/issue-words.ts';
import { POLICIES } from '../../rules/setting-table.ts';

const MAX_ORDERS = 10_000;
const MAX_STEALS = 10_000;
const MAX_POSITIONS = 2_000;

/**
 * The reader passes a JSON number as its source text (cli/decide/read.ts). It is rounded to nine decimals, as
 * in plans. Text that is not a number is kept, and the ledger refuses it.
 */
const written = (round: (number: Written) => bigint) =>
  z.string().transform((text) => {
    const number = readWritten(text);
    return number === undefined ? text : fromNanos(round(number));
  });
const decimal = written(nearest);
const quantity = written(towardZero);
const instant = z.string().transform((text, context) => {
  const ms = readInstant(text);
  if (ms !== undefined) return new Date(ms).toISOString();
  context.addIssue({ code: 'custom', message: `"${shown(text)}" ${whyNoInstant(text)}` });
  return z.NEVER;
});
const setting = z.union([z.string(), z.boolean().transform((on) => (on ? '1' : '0'))]);

const ORDER = z.object({
  id: z.string(),
  symbol: z.string(),
  side: z.enum(['buy', 'sell']),
  limit: decimal,
  qty: quantity,
  /** Null, missing or not above 0: no price. A symbol has one price: see quotes.ts. */
  price: decimal.nullish(),
  /** Default: `now`. */
  priceAt: instant.optional(),
  pnl: decimal.nullish(),
  /** That its limit trades, 0 to 1. Default: 1. */
  fillProbability: decimal.nullish(),
  mode: z.enum(['normal', 'probe']).default('normal'),
  /** Default: `now`. */
  placedAt: instant.optional(),
  pool: z.string().nullish(),
  state: z.enum(['reserved', 'working', 'cancelling']).default('working'),
  kind: z.enum(['entry', 'exit', 'external']).default('entry'),
  /** Null: the order of no plan. Default: a plan of its own. */
  plan: z.string().nullish(),
});

/** Less strict than an order: the ledger itself must answer `invalid` to an invalid attempt. */
const ATTEMPT = z.object({
  symbol: z.string(),
  side: z.string(),
  limit: decimal,
  qty: quantity,
  price: decimal.nullish(),
  priceAt: instant.optional(),
  pnl: decimal.nullish(),
  fillProbability: decimal.nullish(),
  mode: z.string().default('normal'),
  pool: z.string().nullish(),
  kind: z.string().default('entry'),
});

const POSITION = z.object({
  symbol: z.string(),
  /** Signed: a short position is negative. */
  qty: quantity,
  /** The average price paid per unit. */
  price: decimal,
  pool: z.string().nullish(),
});

const STEAL = z.object({
  at: instant,
  /** The victim's symbol. */
  from: z.string(),
  /** The thief's symbol. */
  to: z.string(),
  /** USD that it took. Default: 0. */
  held: decimal.optional(),
});

const ACCOUNT = z.object({
  equity: decimal,
  /** Of the pool `total`; overrides WORK_STEALING_LEVERAGE. */
  leverage: decimal.optional(),
  halted: z.boolean().default(false),
  synced: z.boolean().default(true),
});

const KEPT = z.object({ order: z.string(), qty: z.string(), notional: z.string() });

const EXPECT = z.object({
  admitted: z.boolean(),
  victims: z.array(z.string()),
  reason: z.enum(OUTCOMES),
  wouldVictims: z.array(z.string()),
  kept: z.array(KEPT),
});

const SCENARIO = z.object({
  id: z.string().max(200).optional(),
  policy: z.enum(POLICIES).optional(),
  /** Settings on top of the defaults, by their environment variable. */
  config: z.record(z.string(), setting).default({}),
  now: instant,
  account: ACCOUNT,
  positions: z.array(POSITION).max(MAX_POSITIONS).default([]),
  orders: z.array(ORDER).max(MAX_ORDERS).default([]),
  history: z.array(STEAL).max(MAX_STEALS).default([]),
  attempt: ATTEMPT,
  /** False: the steal mutex is gone when the steal commits. */
  mutexHeld: z.boolean().default(true),
  expect: EXPECT.partial().optional(),
});

export type Scenario = z.output<typeof SCENARIO>;
export type ScenarioOrder = z.output<typeof ORDER>;
/** What a victim keeps: its id, units, and what they cost in USD. */
export type Kept = z.output<typeof KEPT>;
export type Expectation = NonNullable<Scenario['expect']>;

/** Checks one scenario. @throws WorkstealError `invalid` with the path of the first invalid field. */
export function readScenario(raw: unknown): Scenario {
  const parsed = SCENARIO.safeParse(raw, { error: issueWords });
  if (parsed.success) return parsed.data;
  const issue = parsed.error.issues[0];
  const field = issue?.path.join('.') || 'scenario';
  throw new WorkstealError('invalid', `${field}: ${issue?.message ?? 'is malformed'}`, { field });
}

/**
 * Paths of unknown fields, such as `orders.0.prise`: probably typos, and without effect.
 */
export function unknownFields(raw: unknown): string[] {
  if (!isObject(raw)) return [];
  const parts: [string, unknown, z.ZodObject][] = [
    ['account.', raw['account'], ACCOUNT],
    ['attempt.', raw['attempt'], ATTEMPT],
    ...items(raw, 'orders', ORDER),
    ...items(raw, 'positions', POSITION),
    ...items(raw, 'history', STEAL),
  ];
  return parts.flatMap(([where, part, { shape }]) =>
    isObject(part) ? Object.keys(part).flatMap((key) => (key in shape ? [] : [where + key])) : [],
  );
}

function items(
  raw: Record<string, unknown>,
  name: string,
  schema: z.ZodObject,
): [string, unknown, z.ZodObject][] {
  const list = raw[name];
  return Array.isArray(list) ? list.map((item, at) => [`${name}.${at}.`, item, schema]) : [];
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
