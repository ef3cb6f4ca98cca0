/**
 * Random sequences in which most steals succeed, their victims' limits trade, thieves fill and plans come
 * back: after every command the ledger's regret and gain are those of the model (docs/rules.md, 9.9), and the
 * audit is clean. REGRET_SEED runs one again, REGRET_RUNS sets how many.
 */
import { randomInt } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { useLedgers } from '../support/fixtures.ts';
import { SYNC_MAX_AGE_MS } from '../support/ledger.ts';
import type { SequenceRules } from './sequence-book.ts';
import type { Choice, WishChoice } from './sequence-commands.ts';
import { COOLDOWN_MS, environment, HISTORY_MS } from './sequence-rules.ts';
import { EQUITY_DOLLARS, runSequence, type Tally } from './sequence-run.ts';
import { REGRET_MS } from './sequence-watches.ts';

const SEED = Number(process.env['REGRET_SEED'] ?? randomInt(2 ** 31));
const RUNS = Number(process.env['REGRET_RUNS'] ?? 25);
const LIMIT_MS = 60_000;

const ledgers = useLedgers();

const rules: fc.Arbitrary<SequenceRules> = fc.record({
  policy: fc.constantFrom('pnl' as const, 'distance' as const),
  dryRun: fc.constant(false),
  leverage: fc.constant({ total: '1', crypto: '1', stock: '1' }),
  syncMaxAgeMs: fc.constant(SYNC_MAX_AGE_MS),
  shortMargin: fc.constant('0'),
  beyond: fc.constant(false),
  partial: fc.constant(false),
});

function wish(place: 'far' | 'near', qtys: number[], pnls: string[]): fc.Arbitrary<WishChoice> {
  return fc.record({
    symbol: fc.nat(4),
    ...{ exit: fc.constant(false), type: fc.constant('limit' as const), other: fc.constant(false) },
    probe: fc.constant(false),
    place: fc.constant(place),
    qty: fc.constantFrom(...qtys),
    pnl: fc.constantFrom(...pnls),
    pool: fc.constant('none' as const),
    plan: fc.constantFrom(0 as const, 1 as const, 1 as const, 2 as const),
    lease: fc.constant(2),
    chance: fc.constantFrom('1', '0.5'),
  });
}
const resting = wish('far', [10, 20, 7], ['-2', '0.7', '1', '3.333333333', '0']);
const thieving = wish('near', [3, 10, 10, 20], ['10', '50', '0.000000007', '33.333333333']);
const order = fc.nat(99);

const place = fc.record({ kind: fc.constant('place' as const), wish: resting });
const choices: fc.Arbitrary<Choice> = fc.oneof(
  { weight: 3, arbitrary: place },
  { weight: 8, arbitrary: fc.record({ kind: fc.constant('steal' as const), wish: thieving }) },
  {
    weight: 8,
    arbitrary: fc.record({
      kind: fc.constant('settle' as const),
      order,
      state: fc.constantFrom('cancelled' as const, 'cancelled' as const, 'filled' as const),
      tenths: fc.constantFrom(0, 0, 3),
      victim: fc.nat(2).map((n) => n > 0),
    }),
  },
  {
    weight: 8,
    arbitrary: fc.record({
      kind: fc.constantFrom('submit' as const, 'submit' as const, 'open' as const),
      order,
    }),
  },
  { weight: 5, arbitrary: fc.record({ kind: fc.constant('fill' as const), order, tenths: fc.nat(10) }) },
  {
    weight: 7,
    arbitrary: fc.record({
      kind: fc.constant('prices' as const),
      symbols: fc.constantFrom(31, 31, 7, 24),
      // 110 thousandths below: through the limits of those that rest.
      share: fc.constantFrom(0, 0, 0, -110),
      ageMs: fc.constant(0),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      kind: fc.constant('advance' as const),
      ledgerMs: fc.constantFrom(1, COOLDOWN_MS, COOLDOWN_MS, REGRET_MS, HISTORY_MS),
      healthMs: fc.constantFrom(0, 1),
    }),
  },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('sweep' as const) }) },
  {
    weight: 1,
    arbitrary: fc.record({
      kind: fc.constant('amend' as const),
      order,
      limit: fc.constantFrom('9', '10', '11'),
      qty: fc.constantFrom('5', '15', '25'),
    }),
  },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('replay' as const), command: order }) },
);

describe('regret and gain', () => {
  const tally: Tally = new Map();

  it('are those of the model after every command', { timeout: 2 * LIMIT_MS }, async () => {
    process.stderr.write(`regret: REGRET_SEED=${SEED}\n`);
    const sequence = fc.array(choices, { minLength: 40, maxLength: 60, size: 'max' });
    await fc.assert(
      fc.asyncProperty(
        rules,
        fc.array(place, { minLength: 4, maxLength: 8 }),
        sequence,
        async (made, filling, list) => {
          const account = await ledgers.account({ env: environment(made), equity: `${EQUITY_DOLLARS}` });
          await runSequence(account, made, { past: [], choices: [...filling, ...list] }, tally);
        },
      ),
      { seed: SEED, numRuns: RUNS, interruptAfterTimeLimit: LIMIT_MS },
    );
  });

  it('come up in them', () => {
    const of = (key: string): number => tally.get(key) ?? 0;
    expect(of('steal stolen'), JSON.stringify([...tally])).toBeGreaterThan(0);
    expect(of('regret') + of('gain'), JSON.stringify([...tally])).toBeGreaterThan(0);
  });
});
