/** Do the random scenarios reach the cases that they are made for? Uses the model only. */
import fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import { OUTCOMES } from '../../src/domain/outcome.ts';
import type { Scenario } from '../support/scenario.ts';
import { scenarios } from './arbitrary.ts';
import { PASSED_OVER } from './candidates.ts';
import { type Decision, decide } from './decide.ts';

const SAMPLES = 2000;
const SEED = 20_250_115;

/**
 * What no scenario can ask about: the state of an account at the broker, positions and orders that go on from
 * before.
 */
const OF_A_RUNNING_ACCOUNT: readonly string[] = [
  'closed',
  'barred',
  'no_position',
  'unconfirmed',
  'untakeable',
  'opposite',
];

describe(`2,000 random scenarios (seed ${SEED})`, () => {
  let decided: { scenario: Scenario; decision: Decision }[] = [];
  const times = (holds: (decision: Decision, scenario: Scenario) => boolean): number =>
    decided.filter(({ scenario, decision }) => holds(decision, scenario)).length;

  beforeAll(() => {
    decided = fc
      .sample(scenarios, { numRuns: SAMPLES, seed: SEED })
      .map((scenario) => ({ scenario, decision: decide(scenario) }));
  });

  it.each(OUTCOMES.filter((outcome) => !OF_A_RUNNING_ACCOUNT.includes(outcome)))(
    'come to the outcome %s',
    (outcome) => {
      expect(times(({ reason }) => reason === outcome)).toBeGreaterThan(5);
    },
  );

  it.each(PASSED_OVER)('pass an order over because of %s', (kind) => {
    expect(times(({ numbers }) => (numbers?.passedOver[kind] ?? 0) > 0)).toBeGreaterThan(5);
  });

  it('rob one, two and three orders, under each policy', () => {
    for (const policy of ['pnl', 'distance', 'expected']) {
      for (const count of [1, 2, 3]) {
        expect(
          times(({ victims }, scenario) => scenario.policy === policy && victims.length === count),
        ).toBeGreaterThan(2);
      }
    }
  });

  it('lack room in total, in a pool, and in both', () => {
    const lacks = (pool: string | undefined, { numbers }: Decision): boolean =>
      numbers !== null && pool !== undefined && (numbers.roomByPoolMicros[pool] ?? 0) < numbers.needMicros;
    const steals = decided.filter(
      ({ scenario, decision }) =>
        decision.reason === 'stolen' && (scenario.attempt.pool ?? 'total') !== 'total',
    );
    for (const [total, own] of [
      [true, false],
      [false, true],
      [true, true],
    ]) {
      const found = steals.filter(
        ({ scenario, decision }) =>
          lacks('total', decision) === total && lacks(scenario.attempt.pool, decision) === own,
      );
      expect(found.length).toBeGreaterThan(2);
    }
  });

  it('fit and miss by one micro', () => {
    expect(
      times(({ numbers, reason }) => reason === 'fits' && numbers?.needMicros === numbers?.roomMicros),
    ).toBeGreaterThan(5);
    expect(
      times(({ numbers }) => numbers !== null && numbers.needMicros === numbers.roomMicros + 1),
    ).toBeGreaterThan(5);
  });

  it('have more candidates than one decision looks at', () => {
    expect(times(({ numbers }) => (numbers?.candidates ?? 0) > 64)).toBeGreaterThan(2);
  });
});
