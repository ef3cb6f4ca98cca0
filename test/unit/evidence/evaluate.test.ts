/** From the sums of path seeds to an answer. */
import { describe, expect, it } from 'vitest';
import { evaluate } from '../../../src/evidence/evaluate.ts';
import { merged } from '../../../src/evidence/tally.ts';
import type { Policy } from '../../../src/evidence/types.ts';
import { verdictWords } from '../../../src/evidence/verdict.ts';
import { seededRandom } from '../../../src/prices/random.ts';
import { aRun, aSteal, aTally } from '../../support/evidence.ts';

const DAYS = 60;
const policyOf = (name: string, kind: Policy['kind'] = 'pnl'): Policy => ({ name, kind, rules: {} });
const POLICIES = [policyOf('none', 'none'), policyOf('good'), policyOf('bad'), policyOf('idle')];

/** Mean 0 and deviation 1, exactly. */
const noise = (seed: number): number[] => {
  const random = seededRandom(seed);
  const values = Array.from({ length: DAYS }, () => random.normal());
  const mean = values.reduce((a, b) => a + b) / DAYS;
  const deviation = Math.sqrt(values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / DAYS);
  return values.map((value) => (value - mean) / deviation);
};
const BASE = noise(1).map((value) => 10 * value);
const plus = (more: readonly number[], mean = 0): number[] =>
  BASE.map((value, day) => value + mean + (more[day] ?? 0));

const RUNS = [
  aRun('none', 0.2, BASE),
  aRun('good', 0.2, plus(noise(2), 3)),
  aRun('bad', 0.2, plus(noise(3), -3)),
  aRun('idle', 0.2, BASE),
  aRun('luck', 0.2, plus(noise(4))),
  aRun('hindsight', 0.2, plus(noise(5), 30)),
];

function answer(names: readonly Policy[], costsBps = [0], runs = RUNS) {
  const [size] = evaluate(aTally([...runs]), {
    policies: names,
    sizes: [0.2],
    costsBps,
    seed: 3,
    draws: 1_000,
  });
  return size as NonNullable<typeof size>;
}

const verdictsOf = ({ policies }: ReturnType<typeof answer>) =>
  Object.fromEntries(policies.map(({ policy, differences: [first] }) => [policy.name, first?.verdict]));

describe('the verdict', () => {
  it('is that one earns, one loses, one does not differ, one knows the future', () => {
    expect(verdictsOf(answer([...POLICIES, policyOf('luck'), policyOf('hindsight', 'hindsight')]))).toEqual({
      good: 'earns',
      bad: 'loses',
      idle: 'same',
      luck: 'not_distinguishable',
      hindsight: 'impossible',
    });
  });

  it('is 0 where nobody was refused', () => {
    const calm = { blockedMinutes: { ...(RUNS[0] as (typeof RUNS)[0]).blockedMinutes, any: 0 } };
    const runs = [aRun('none', 0.2, BASE, calm), aRun('idle', 0.2, BASE, calm)];
    const size = answer([policyOf('none', 'none'), policyOf('idle')], [0], runs);
    expect(size.scarce).toBe(false);
    expect(verdictsOf(size)).toEqual({ idle: 'not_scarce' });
  });

  it('is too few days before anything else', () => {
    const none = { blockedMinutes: { ...(RUNS[0] as (typeof RUNS)[0]).blockedMinutes, any: 0 }, fills: 0 };
    for (const of of [{}, none]) {
      const runs = ['none', 'idle'].map((name) => aRun(name, 0.2, BASE.slice(0, 9), of));
      expect(verdictsOf(answer([policyOf('none', 'none'), policyOf('idle')], [0], runs))).toEqual({
        idle: 'too_few_days',
      });
    }
  });

  it('is none where no limit traded', () => {
    const still = BASE.map(() => 0);
    const steals = [aSteal(0, 0, 'missed')];
    const runs = [aRun('none', 0.2, still, { fills: 0 }), aRun('idle', 0.2, still, { fills: 0, steals })];
    const size = answer([policyOf('none', 'none'), policyOf('idle')], [0], runs);
    expect(verdictsOf(size)).toEqual({ idle: 'no_fills' });
    const first = size.policies[0]?.differences[0];
    if (first)
      expect(verdictWords(first.verdict, first)).toBe(
        'cannot be told: no limit traded, neither its own nor one of first come',
      );
  });

  it.each([
    ['stole', { steals: [aSteal(0, 0, 'missed')] }],
    ['placed others', { placed: 21 }],
  ])('is not that it did the same where it %s', (_, of) => {
    const runs = [aRun('none', 0.2, BASE), aRun('idle', 0.2, BASE, of)];
    expect(verdictsOf(answer([policyOf('none', 'none'), policyOf('idle')], [0], runs))).toEqual({
      idle: 'nothing_came_of_it',
    });
  });

  it('says what could have been seen', () => {
    const [luck] = answer([policyOf('none', 'none'), policyOf('luck')]).policies;
    const first = luck?.differences[0];
    expect(first?.couldSee).toBeCloseTo(2.8 / Math.sqrt(DAYS), 0);
    if (first)
      expect(verdictWords(first.verdict, first)).toMatch(
        /^not distinguishable from zero, could have seen 0\.\d\d bps a day$/,
      );
  });

  it('falls, alone significant, where it is one of many without effect', () => {
    const many = Array.from({ length: 30 }, (_, at) => policyOf(`p${at}`));
    const runsWith = (more: number) => [
      aRun('none', 0.2, BASE),
      ...many.map(({ name }, at) => aRun(name, 0.2, plus(noise(50 + at), at === 0 ? more : 0))),
    ];
    const still = answer([policyOf('none', 'none'), policyOf('p0')], [0], runsWith(0));
    const error = still.policies[0]?.differences[0]?.standardError ?? 0;
    const runs = runsWith(2.3 * error);
    const alone = answer([policyOf('none', 'none'), policyOf('p0')], [0], runs);
    expect(verdictsOf(alone)['p0']).toBe('earns');
    const among = answer([policyOf('none', 'none'), ...many], [0], runs);
    expect(verdictsOf(among)['p0']).toBe('not_after_correction');
  });
});

it('costs are those of the turnover, the policy less none', () => {
  const runs = [
    aRun('none', 0.2, BASE),
    aRun('busy', 0.2, plus([], 1), { turnover: new Float64Array(DAYS).fill(0.9) }),
  ];
  const [busy] = answer([policyOf('none', 'none'), policyOf('busy')], [0, 10], runs).policies;
  expect(busy?.differences.map(({ mean }) => mean)).toEqual([expect.closeTo(1, 9), expect.closeTo(-3, 9)]);
});

it('seeds are averaged day by day, before days are drawn', () => {
  const seeds = [2, -2].map((more) =>
    aTally([
      aRun('none', 0.2, BASE),
      aRun(
        'good',
        0.2,
        plus(
          BASE.map(() => more),
          3,
        ),
      ),
    ]),
  );
  const tally = merged(seeds);
  const options = { policies: POLICIES.slice(0, 2), sizes: [0.2], costsBps: [0], seed: 3, draws: 200 };
  const first = evaluate(tally, options)[0]?.policies[0]?.differences[0];
  expect(first?.mean).toBeCloseTo(3, 9);
  expect(first?.standardError).toBeLessThan(1e-9);
});

it('steals are added by day over the seeds, with their thieves and the regret of their victims', () => {
  const steals = [aSteal(0, 4), aSteal(0, -2, 'missed', true), aSteal(3, 1, 'robbed')];
  const one = aTally([aRun('none', 0.2, BASE), aRun('good', 0.2, BASE, { steals })]);
  const run = merged([one, one]).runs[1];
  expect(run?.steals).toMatchObject({
    thieves: { filled: 2, missed: 2, robbed: 2 },
    victims: 6,
    days: 4,
    regret: { inPlan: 2, within1h: 2, within24h: 6 },
  });
  expect([run?.steals.worth[0], run?.steals.worth[3], run?.steals.count[0]]).toEqual([4, 2, 4]);
  const options = { policies: POLICIES.slice(0, 2), sizes: [0.2], costsBps: [0], seed: 3, draws: 100 };
  expect(evaluate(merged([one, one]), options)[0]?.policies[0]?.worth).toMatchObject({
    mean: 1,
    observations: 6,
    clusters: 2,
  });
});
