/**
 * The correction for having tried many: of k policies without any effect the best one looks good. Each drawn
 * sample gives the largest t of them all (in absolute value), and a policy's p is how often that reaches its
 * own t (Westfall and Young, 1993, in one step).
 */
import { deviationOf, meanOf } from './estimate.ts';

/**
 * The corrected p of each series, in their order; 1 for a series that never differs from 0.
 * @param drawn means of the same series, all drawn on the same days
 */
export function correctedPs(series: readonly Float64Array[], drawn: readonly Float64Array[]): number[] {
  const means = series.map(meanOf);
  const errors = drawn.map(deviationOf);
  const draws = drawn[0]?.length ?? 0;
  const reached = series.map(() => 0);
  const ts = means.map((mean, at) => tOf(mean, errors[at] ?? 0));
  for (let draw = 0; draw < draws; draw += 1) {
    let most = 0;
    for (const [at, values] of drawn.entries())
      most = Math.max(most, tOf((values[draw] ?? 0) - (means[at] ?? 0), errors[at] ?? 0));
    for (const [at, t] of ts.entries()) if (most >= t) reached[at] = (reached[at] ?? 0) + 1;
  }
  return reached.map((count) => (count + 1) / (draws + 1));
}

const tOf = (difference: number, error: number): number => (error === 0 ? 0 : Math.abs(difference) / error);
