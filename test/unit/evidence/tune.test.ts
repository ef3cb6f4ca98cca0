/** What a tuner may pick, and how it is judged. */
import { describe, expect, it } from 'vitest';
import { candidates } from '../../../src/evidence/candidates.ts';
import { longestPositionDays } from '../../../src/evidence/longest-position.ts';
import { walkForward } from '../../../src/evidence/walk-forward.ts';
import { seededRandom } from '../../../src/prices/random.ts';
import { readSettings } from '../../../src/rules/settings.ts';

const OPTIONS = { first: 30, stretch: 15, gap: 2, seed: 1, draws: 500 };

function daily(count: number, mean: (day: number) => number, seed: number): Float64Array {
  const random = seededRandom(seed);
  return Float64Array.from({ length: count }, (_, day) => mean(day) + random.normal());
}
const none = new Float64Array(90);

describe('walking forward', () => {
  it('picks what was better, and shows that it stays so', () => {
    const walked = walkForward([none, daily(90, () => 1, 1), daily(90, () => -1, 2)], OPTIONS);
    expect(walked.stretches.map(({ from, to, pick }) => [from, to, pick])).toEqual([
      [30, 45, 1],
      [45, 60, 1],
      [60, 75, 1],
      [75, 90, 1],
    ]);
    expect(walked.outOfSample.low).toBeGreaterThan(0);
    expect(walked.now).toBe(1);
  });

  it('picks none where nothing was better', () => {
    const same = none.map(() => 1e-15);
    const walked = walkForward([none, daily(90, () => -2, 1), same], OPTIONS);
    expect(walked.stretches.map(({ pick }) => pick)).toEqual([0, 0, 0, 0]);
    expect(walked).toMatchObject({ now: 0, inSample: 0, outOfSample: { mean: 0, low: 0, high: 0 } });
  });

  it('gains in sample, and nothing out of it, where many candidates are chance', () => {
    const chance = Array.from({ length: 40 }, (_, at) => daily(600, () => 0, 100 + at));
    const walked = walkForward([new Float64Array(600), ...chance], { ...OPTIONS, first: 60, stretch: 60 });
    expect(walked.inSample).toBeGreaterThan(0.1);
    expect(Math.abs(walked.outOfSample.mean)).toBeLessThan(0.1);
    expect(walked.outOfSample.low).toBeLessThan(0);
  });

  it('learns nothing from the stretch itself, nor from the gap before it', () => {
    const spoiled = (from: number, to: number): Float64Array =>
      daily(90, (day) => (day >= from && day < to ? 1_000 : -1), 1);
    expect(walkForward([none, spoiled(28, 45)], OPTIONS).stretches[0]?.pick).toBe(0);
    expect(walkForward([none, spoiled(27, 28)], OPTIONS).stretches[0]?.pick).toBe(1);
  });

  it('adds a last stretch that would be short to the one before', () => {
    const walked = walkForward(
      [none, none].map((one) => one.subarray(0, 80)),
      OPTIONS,
    );
    expect(walked.stretches.map(({ from, to }) => [from, to])).toEqual([
      [30, 45],
      [45, 60],
      [60, 80],
    ]);
  });
});

describe('the candidates', () => {
  const all = candidates(60, 1);

  it('begin with none, and are as many as asked for, each once', () => {
    expect(all[0]?.policy).toMatchObject({ name: 'none', kind: 'none' });
    expect(new Set(all.map(({ policy }) => policy.name)).size).toBe(60);
    expect(candidates(60, 1)).toEqual(all);
    expect(candidates(60, 2)).not.toEqual(all);
  });

  it('are settings that a fleet accepts, without a warning', () => {
    for (const { policy, settings } of all) {
      const { warnings, settings: read } = readSettings(settings);
      expect(warnings, policy.name).toEqual([]);
      const { tolerance, protection, cooldownMs, halfLifeMs, residencyMs, partial } = policy.rules;
      if (tolerance !== undefined) expect(Number(settings['WORK_STEALING_TOLERANCE'])).toBe(tolerance);
      if (protection !== undefined) expect(Number(settings['WORK_STEALING_PROTECTION'])).toBe(protection);
      if (cooldownMs !== undefined) expect(read.cooldownMs).toBe(cooldownMs);
      if (halfLifeMs !== undefined) expect(read.pnlHalfLifeMs).toBe(halfLifeMs);
      if (residencyMs !== undefined) expect(read.minResidencyMs).toBe(residencyMs);
      if (partial !== undefined) expect(read.partial).toBe(partial);
    }
  });

  it('vary every threshold', () => {
    const varied = new Set(all.flatMap(({ policy }) => Object.keys(policy.rules)));
    expect(varied).toEqual(
      new Set([
        ...['improvement', 'tolerance', 'protection', 'halfLifeMs', 'residencyMs', 'cooldownMs', 'partial'],
      ]),
    );
  });
});

it('a position may last over a weekend', () => {
  const HOUR_MS = 3_600_000;
  const bar = (startMs: number) => ({ startMs, open: 1, high: 1, low: 1, close: 1 });
  const hours = Array.from({ length: 30 }, (_, at) => bar(at * HOUR_MS));
  expect(longestPositionDays({ symbols: [{ symbol: 'BTCUSD', crypto: true, bars: hours }] })).toBe(1);
  const weekend = [
    ...hours.slice(0, 20),
    ...hours.slice(20).map(({ startMs }) => bar(startMs + 65 * HOUR_MS)),
  ];
  expect(longestPositionDays({ symbols: [{ symbol: 'AAPL', crypto: false, bars: weekend }] })).toBe(4);
});
