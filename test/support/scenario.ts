/**
 * A decision scenario: one account, its open orders, its steal history and one attempt, with the outcome that
 * docs/rules.md requires. test/scenarios has files of them; test/model/arbitrary.ts generates random ones.
 *
 * Decimals may be JSON numbers or decimal strings (strings are exact; generated scenarios use them). Times
 * are ISO 8601. Defaults: `priceAt` is `now`, `mode` normal, `state` working, `kind` entry, no pool, no
 * positions, an account that is neither halted nor unsynced, a mutex that is held.
 */
import { readFileSync } from 'node:fs';
import { z } from 'zod';
import { OUTCOMES } from '../../src/domain/outcome.ts';

const decimal = z.union([z.string(), z.number()]);
const instant = z.iso.datetime({ offset: true });

const orderSchema = z.strictObject({
  id: z.string(),
  symbol: z.string(),
  side: z.enum(['buy', 'sell']),
  limit: decimal,
  qty: decimal,
  price: decimal.nullish(),
  priceAt: instant.optional(),
  /** Dollars that it counts, where that is not its notional; made by the model's sequences alone. */
  holds: z.string().optional(),
  pnl: decimal.nullish(),
  fillProbability: decimal.nullish(),
  mode: z.enum(['normal', 'probe']).optional(),
  placedAt: instant,
  pool: z.string().optional(),
  state: z.enum(['reserved', 'working', 'cancelling']).optional(),
  kind: z.enum(['entry', 'exit', 'external']).optional(),
  /** Null: the order of no plan. */
  plan: z.string().nullish(),
});

/** Looser than an order: what can't be taken must reach the code under test, which answers `invalid`. */
const attemptSchema = z.strictObject({
  symbol: z.string(),
  side: z.string(),
  limit: decimal,
  qty: decimal,
  price: decimal.nullish(),
  priceAt: instant.optional(),
  holds: z.string().optional(),
  pnl: decimal.nullish(),
  fillProbability: decimal.nullish(),
  mode: z.string().optional(),
  pool: z.string().optional(),
  kind: z.string().optional(),
});

const scenarioSchema = z.strictObject({
  id: z.string(),
  /** For people. */
  note: z.string().optional(),
  policy: z.enum(['pnl', 'distance', 'expected']),
  /** Settings on top of the defaults, by their environment variable. */
  config: z.record(z.string(), z.string()),
  now: instant,
  account: z.strictObject({
    equity: decimal,
    /** Of the `total` pool; overrides WORK_STEALING_LEVERAGE. */
    leverage: decimal.optional(),
    /** What buys of crypto may hold at most; left out: no limit. Only the model reads it. */
    cash: decimal.optional(),
    /** What the budget of steals is a share of, where that is not its cap. Only the model reads it. */
    budgetCap: decimal.optional(),
    halted: z.boolean().optional(),
    synced: z.boolean().optional(),
  }),
  /** What is held already, at cost: `qty` is signed, `price` is what was paid for one. */
  positions: z
    .array(z.strictObject({ symbol: z.string(), qty: decimal, price: decimal, pool: z.string().optional() }))
    .optional(),
  orders: z.array(orderSchema),
  /** `from` is the robbed, `to` the thief. */
  history: z.array(
    z.strictObject({
      at: instant,
      from: z.string(),
      to: z.string(),
      /** Dollars that it took. */
      held: decimal.optional(),
    }),
  ),
  attempt: attemptSchema,
  /** False: the steal mutex is gone when the steal commits. */
  mutexHeld: z.boolean().optional(),
});

const expectSchema = z.strictObject({
  admitted: z.boolean(),
  victims: z.array(z.string()),
  reason: z.enum(OUTCOMES),
  kept: z.array(z.strictObject({ order: z.string(), qty: z.string(), notional: z.string() })).optional(),
});

export type Scenario = z.infer<typeof scenarioSchema>;
export type ScenarioOrder = z.infer<typeof orderSchema>;
export type ScenarioAttempt = z.infer<typeof attemptSchema>;
export type ScenarioSteal = Scenario['history'][number];
export type ExpectedDecision = z.infer<typeof expectSchema>;

/** The scenarios of a file in test/scenarios, each with what it expects. */
export function readDecisionScenarios(
  file = 'decisions.json',
): { scenario: Scenario; expected: ExpectedDecision }[] {
  const text = readFileSync(new URL(`../scenarios/${file}`, import.meta.url), 'utf8');
  const schema = scenarioSchema.extend({ expect: expectSchema, note: z.string().optional() });
  const read = z.array(schema).parse(JSON.parse(text));
  return read.map(({ expect, note: _note, ...scenario }) => ({ scenario, expected: expect }));
}
