/** The statistics of the evaluation, against values that are known. */
import { describe, expect, it } from 'vitest';
import { clusteredMean } from '../../../src/evidence/statistics/clustered-mean.ts';
import { deviationOf, estimateOf, meanOf, percentileOf } from '../../../src/evidence/statistics/estimate.ts';
import { correctedPs } from '../../../src/evidence/statistics/max-t.ts';
import { resampledMeans } from '../../../src/evidence/statistics/stationary-bootstrap.ts';
import { seededRandom } from '../../../src/prices/random.ts';

const SEED = 7;

/** Days that hang together: each is `keep` of the one before, and chance. */
function daysOf(count: number, keep: number, seed = SEED): Float64Array {
  const random = seededRandom(seed);
  let value = 0;
  return Float64Array.from({ length: count }, () => {
    value = keep * value + random.normal();
    return value;
  });
}

/** The variance of the drawn mean as Politis and Romano (1994, lemma 1) have it. */
function knownVariance(values: Float64Array, meanBlock: number): number {
  const n = values.length;
  const mean = meanOf(values);
  const stays = 1 - 1 / meanBlock;
  const covariance = (lag: number): number => {
    let sum = 0;
    for (let at = 0; at + lag < n; at += 1)
      sum += ((values[at] ?? 0) - mean) * ((values[at + lag] ?? 0) - mean);
    return sum / n;
  };
  let variance = covariance(0);
  for (let lag = 1; lag < n; lag += 1) {
    const weight = (1 - lag / n) * stays ** lag + (lag / n) * stays ** (n - lag);
    variance += 2 * weight * covariance(lag);
  }
  return variance / n;
}

describe('the stationary bootstrap', () => {
  it.each([
    ['single days', 0, 1],
    ['days on their own, in blocks', 0, 5],
    ['days that hang together, in blocks', 0.6, 5],
    ['days that hang together, in long blocks', 0.6, 20],
  ])('has the variance that theory gives: %s', (_what, keep, meanBlock) => {
    const values = daysOf(200, keep);
    const [drawn = new Float64Array()] = resampledMeans([values], {
      random: seededRandom(SEED),
      meanBlock,
      draws: 4_000,
    });
    const ratio = deviationOf(drawn) / Math.sqrt(knownVariance(values, meanBlock));
    expect(ratio).toBeGreaterThan(0.95);
    expect(ratio).toBeLessThan(1.05);
    expect(Math.abs(meanOf(drawn) - meanOf(values))).toBeLessThan(
      4 * (deviationOf(drawn) / Math.sqrt(4_000)),
    );
  });

  it('draws all series on the same days', () => {
    const values = daysOf(50, 0.3);
    const doubled = values.map((value) => 2 * value + 1);
    const [one, two] = resampledMeans([values, doubled], { random: seededRandom(SEED), draws: 20 });
    for (const [draw, mean] of (one ?? []).entries()) expect(two?.[draw]).toBeCloseTo(2 * mean + 1, 12);
  });

  it('gives the same draws for a seed, others for another', () => {
    const values = daysOf(30, 0);
    const drawn = (seed: number) =>
      resampledMeans([values], { random: seededRandom(seed), draws: 5 })[0]?.join();
    expect(drawn(1)).toBe(drawn(1));
    expect(drawn(1)).not.toBe(drawn(2));
  });
});

describe('an estimate', () => {
  it('has the interval of the drawn means, and 2.8 standard errors', () => {
    const drawn = Float64Array.from({ length: 1_001 }, (_, at) => at / 1_000);
    const estimate = estimateOf(Float64Array.of(0.5, 0.5), drawn);
    expect(estimate).toMatchObject({ mean: 0.5, low: 0.025, high: 0.975 });
    expect(estimate.couldSee / estimate.standardError).toBeCloseTo(2.8, 12);
    expect(estimate.standardError).toBeCloseTo(0.289, 3);
  });

  it('finds a mean of 0 compatible with anything, and a far one with nothing', () => {
    const drawn = daysOf(4_000, 0).map((value) => value / 10);
    expect(estimateOf(Float64Array.of(0, 0), drawn).p).toBe(1);
    expect(
      estimateOf(
        Float64Array.of(3, 3),
        drawn.map((value) => value + 3),
      ).p,
    ).toBeCloseTo(1 / 4_001, 12);
  });

  it('has a p of 5 % at about 1.96 standard errors', () => {
    const drawn = daysOf(4_000, 0).map((value) => value + 1.96);
    expect(Math.abs(estimateOf(Float64Array.of(1.96), drawn).p - 0.05)).toBeLessThan(0.012);
  });

  it('reads percentiles between values in a straight line', () => {
    const sorted = Float64Array.of(0, 10, 20);
    expect([0, 0.25, 0.5, 0.9, 1].map((share) => percentileOf(sorted, share))).toEqual([0, 5, 10, 18, 20]);
  });
});

describe('the correction for many', () => {
  /** Means that are drawn independently, around `means`, with deviation 1. */
  function independent(means: readonly number[], draws = 4_000): Float64Array[] {
    return means.map((mean, at) => daysOf(draws, 0, 100 + at).map((value) => value + mean));
  }

  it('is, for independent ones, 1 - (1 - p)^k', () => {
    const means = [2.5, 0.1, -0.4, 0.2, 0.3, 0, 0.6, -0.2];
    const series = means.map((mean) => Float64Array.of(mean));
    const [best = 0] = correctedPs(series, independent(means));
    const single = 0.0124;
    expect(Math.abs(best - (1 - (1 - single) ** means.length))).toBeLessThan(0.025);
  });

  it('is that of a single one for series that are all the same', () => {
    const drawn = daysOf(4_000, 0).map((value) => value + 2);
    const series = [1, 2, 3].map(() => Float64Array.of(2));
    const alone = estimateOf(Float64Array.of(2), drawn).p;
    for (const p of correctedPs(series, [drawn, drawn, drawn]))
      expect(Math.abs(p - alone)).toBeLessThan(0.01);
  });

  it('is 1 for a series that never differs from 0', () => {
    const still = new Float64Array(3);
    const ps = correctedPs(
      [still, Float64Array.of(3)],
      [new Float64Array(100), daysOf(100, 0).map((x) => x + 3)],
    );
    expect(ps[0]).toBe(1);
    expect(ps[1]).toBeLessThan(0.05);
  });
});

describe('the mean of steals, by days', () => {
  it('has the standard error of plain observations where each is a cluster', () => {
    const values = Float64Array.of(1, 2, 3, 4, 10);
    const { mean, standardError, clusters } = clusteredMean(
      values,
      values.map(() => 1),
    );
    expect(mean).toBe(4);
    expect(standardError).toBeCloseTo(deviationOf(values) / Math.sqrt(5), 12);
    expect(clusters).toBe(5);
  });

  it('does not become surer by more steals of the same days', () => {
    const once = clusteredMean(Float64Array.of(1, -1, 3, 2), Float64Array.of(1, 1, 1, 1));
    const often = clusteredMean(Float64Array.of(9, -9, 27, 18), Float64Array.of(9, 9, 9, 9));
    expect(often.standardError).toBeCloseTo(once.standardError, 12);
    expect(often).toMatchObject({ mean: once.mean, observations: 36, clusters: 4 });
  });

  it('leaves out days without a steal, and says 0 without any', () => {
    const [sums, counts] = [Float64Array.of(4, 0, 2), Float64Array.of(2, 0, 2)];
    expect(clusteredMean(sums, counts)).toMatchObject({ mean: 1.5, observations: 4, clusters: 2 });
    expect(clusteredMean(new Float64Array(3), new Float64Array(3))).toMatchObject({
      mean: 0,
      standardError: 0,
    });
  });
});
