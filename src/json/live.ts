/** What the stream `live` sends: the book as viewers follow it, whole (`frame`), then what changed. */
import { z } from 'zod';
import { REFUSALS } from '../domain/outcome.ts';
import {
  count,
  decimal,
  durationMs,
  flag,
  ledgerMs,
  list,
  optional,
  orNull,
  record,
  serverMs,
  share,
  text,
  word,
} from './fields.ts';
import { CAPACITY, PAST, REFUSED } from './history.ts';
import { ORDERS } from './orders.ts';
import { PLANS } from './plans.ts';
import { STATUS } from './status.ts';
import { STEALS } from './steals.ts';

const BEAT = {
  account: text('its name'),
  atMs: serverMs('when prices were read last; 0: never'),
  isStale: flag('the server reads the book for the first time, or has not reached Redis for 3 s'),
  lastEventId: text('the last event that is in it'),
};

const { schema: _, ...statusShape } = STATUS.shape;
const LIVE_STATUS = record(statusShape);

export const RULES = record({
  policy: text('how victims rank: pnl, distance or expected'),
  gate: share('a thief is at most so far from its limit'),
  protection: share('an order so near its limit is never a victim'),
  improvement: decimal('a thief is worth so many times its victims'),
  cooldownMs: durationMs('how long a symbol that was stolen from is left alone'),
  quoteMaxAgeMs: durationMs('a price older than this is no price'),
  speed: z.number().describe('ms of ledger time per ms; 0: its clock stands still'),
});

export const PROTECTED = record({
  symbol: text('the symbol'),
  by: word('what protects it', ['cooldown', 'fight', 'often robbed']),
  untilMs: ledgerMs('until when'),
});

export const WAITING = record({
  reason: orNull(word('why they were refused last', REFUSALS), 'not refused within the hour'),
  sentence: text('the reason for people'),
  count: count('plans'),
  oldestAtMs: orNull(ledgerMs('since when the first of them waits'), 'not on record'),
  nearest: orNull(
    record({
      plan: text('its id'),
      symbol: text('its symbol'),
      distance: share('of the limit, between limit and price'),
    }),
    'none has a fresh price',
  ).describe('the one that is nearest to its limit; null: none has a fresh price'),
});

export const COUNTS = record({
  takeable: count('orders that may be taken now'),
  noPrice: count('symbols of live orders without a fresh price'),
  unclear: count('orders of which the broker is being asked what became of them'),
});

const ORDER = ORDERS.shape.orders.element;
const PLAN = PLANS.shape.plans.element;
const STEAL = STEALS.shape.steals.element;

const rowsOf = <Row extends z.ZodType>(row: Row, meaning: string) =>
  record({
    rows: list(row, 'the first of them'),
    more: count('how many are left out'),
  }).describe(meaning);

export const FRAME = record({
  ...BEAT,
  status: orNull(LIVE_STATUS, 'there is no account').describe('as GET status; null: there is no account'),
  rules: orNull(RULES, 'none yet').describe('the rules in force; null: none yet'),
  counts: COUNTS.describe('over the whole book'),
  protected: list(PROTECTED, 'every protected symbol'),
  waiting: list(WAITING, 'plans that wait for their entry, by their last refusal'),
  history: list(CAPACITY, 'the last 30 minutes, as far as events and server know'),
  refused: list(REFUSED, 'refusals of the last 30 minutes'),
  past: PAST.describe('steals and cancellations of the last 30 minutes'),
  orders: rowsOf(ORDER, 'those that may be taken, in the order in which a steal takes them; then the others'),
  plans: rowsOf(PLAN, 'the furthest stage first; in a stage the nearest to its limit'),
  steals: rowsOf(STEAL, 'the latest first'),
}).describe('The book of an account, whole.');

const rowsPatchOf = <Row extends z.ZodType>(row: Row) =>
  record({
    rows: list(row, 'new and changed ones'),
    more: count('how many are left out'),
    ids: optional(list(text('an id; of a steal: THIEF and atMs, with a blank'), 'all, in their order')),
  });

export const PATCH = record({
  ...BEAT,
  status: LIVE_STATUS.partial().nullable().optional().describe('fields that changed; null: no account'),
  rules: FRAME.shape.rules.optional(),
  counts: FRAME.shape.counts.optional().describe('over the whole book'),
  protected: FRAME.shape.protected.optional(),
  waiting: FRAME.shape.waiting.optional(),
  history: list(CAPACITY, 'new ones').optional(),
  refused: list(REFUSED, 'new ones, and those that grew').optional(),
  past: FRAME.shape.past.optional(),
  orders: rowsPatchOf(ORDER).optional().describe('what changed in the list'),
  plans: rowsPatchOf(PLAN).optional().describe('what changed in the list'),
  steals: rowsPatchOf(STEAL).optional().describe('what changed in the list'),
}).describe('What has changed in the book since the frame or patch before. Left out: it has not changed.');

export type Frame = z.output<typeof FRAME>;
export type Patch = z.output<typeof PATCH>;
export type LiveStatus = z.output<typeof LIVE_STATUS>;
export type Rules = z.output<typeof RULES>;
export type Protected = z.output<typeof PROTECTED>;
export type Waiting = z.output<typeof WAITING>;
export type Counts = z.output<typeof COUNTS>;
export type OrderRow = z.output<typeof ORDER>;
export type PlanRow = z.output<typeof PLAN>;
export type StealRow = z.output<typeof STEAL>;
