/** What a report says of steals: an interval from enough of them on, and in the words of an evaluation. */
import { describe, expect, it } from 'vitest';
import { type CameTo, cameToWords, evidenceOf, FEWEST, methodWords } from '../../src/cli/report/regret.ts';
import { seededRandom } from '../../src/prices/random.ts';

const of = (nets: readonly number[]): CameTo => ({
  ...{ regret: '0', gain: '0', watched: 0, judged: nets.length },
  evidence: evidenceOf(nets),
});

/** Steals that bring so much on average, with a deviation of a dollar. */
function someSteals(mean: number, count: number, seed = 7): number[] {
  const random = seededRandom(seed);
  return Array.from({ length: count }, () => mean + random.normal());
}

describe('what steals came to', () => {
  it('is not told before there are enough', () => {
    expect(cameToWords(of(someSteals(5, FEWEST - 1)))).toBe(
      'not enough to say: 29 steals were watched to the end, 30 are needed',
    );
    expect(of(someSteals(5, FEWEST)).evidence).toMatchObject({ steals: 30, verdict: 'earns' });
  });

  it('is an interval around the mean, always the same for the same steals', () => {
    const steals = someSteals(0.5, 200);
    const evidence = evidenceOf(steals);
    if (evidence === null) throw new Error('there are enough');
    const mean = steals.reduce((sum, net) => sum + net, 0) / steals.length;
    expect(evidence.meanDollars).toBeCloseTo(mean, 9);
    // A deviation of 1 over 200 steals: 1.96 / sqrt(200) on either side.
    expect(evidence.highDollars - evidence.lowDollars).toBeGreaterThan(0.2);
    expect(evidence.highDollars - evidence.lowDollars).toBeLessThan(0.36);
    expect(evidenceOf(steals)).toEqual(evidence);
    expect(methodWords(evidence)).toBe(
      'stationary bootstrap of 200 steals, 4,000 draws, mean block 5 steals, seed 1',
    );
  });

  it.each([
    [3, /^earns: \$[23]\.\d\d a steal by the forecasts, 95 % interval \$2\.\d\d \.\. \$3\.\d\d$/],
    [-3, /^loses: -\$[23]\.\d\d a steal by the forecasts, 95 % interval -\$3\.\d\d \.\. -\$2\.\d\d$/],
    [0, /^not distinguishable from zero, could have seen \$0\.\d{3} a steal \(-?\$0\.\d{3} a steal by/],
  ])('of a mean of %d is said in words', (mean, words) => {
    expect(cameToWords(of(someSteals(mean, 100)))).toMatch(words);
  });

  it('of steals that came to nothing is 0', () => {
    expect(cameToWords(of(Array.from({ length: 40 }, () => 0)))).toBe(
      '0: no limit of a victim traded, and no thief filled',
    );
  });
});
