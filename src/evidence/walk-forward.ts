/**
 * Walk-forward: a candidate is picked on the past alone and judged on the stretch behind it, again and again
 * with a longer past. Between both lies a gap, because what was entered in the past may be sold later.
 */
import { seededRandom } from '../prices/random.ts';
import { type Estimate, estimateOf } from './statistics/estimate.ts';
import { DRAWS, resampledMeans } from './statistics/stationary-bootstrap.ts';

/** Days as [from, to). `inSample`, `outOfSample`: bps of equity a day, less `none`. */
export type Stretch = { from: number; to: number; pick: number; inSample: number; outOfSample: number };

export type WalkForward = {
  stretches: Stretch[];
  /** Over the days of all stretches. */
  outOfSample: Estimate;
  /** Mean of the picks' gains on the past, weighted by the days of their stretch. */
  inSample: number;
  /** The best on all days: what would be set from now on. */
  now: number;
};

export type WalkOptions = {
  /** Days that are never judged: the past of the first pick. */
  first: number;
  /** Days of a stretch. */
  stretch: number;
  /** Days before a stretch on which nothing is learned. */
  gap: number;
  seed: number;
  draws?: number;
};

/**
 * @param daily for each candidate the difference to `none`, day by day, bps of equity; the first is `none`
 *   itself. More than `first` days
 */
export function walkForward(daily: readonly Float64Array[], options: WalkOptions): WalkForward {
  const { first, stretch, gap, seed, draws = DRAWS } = options;
  const days = daily[0]?.length ?? 0;
  const stretches: Stretch[] = [];
  const judged = new Float64Array(Math.max(0, days - first));
  for (let from = first; from < days; ) {
    // A last stretch that would be too short goes to the one before.
    const to = days - from < 2 * stretch ? days : from + stretch;
    const past = daily.map((values) => meanBetween(values, 0, from - gap));
    const pick = bestOf(past);
    const values = daily[pick] as Float64Array;
    judged.set(values.subarray(from, to), from - first);
    const outOfSample = meanBetween(values, from, to);
    stretches.push({ from, to, pick, inSample: past[pick] ?? 0, outOfSample });
    from = to;
  }
  const [drawn = new Float64Array()] = resampledMeans([judged], { random: seededRandom(seed), draws });
  const weighted = stretches.reduce((sum, { from, to, inSample }) => sum + inSample * (to - from), 0);
  return {
    stretches,
    outOfSample: estimateOf(judged, drawn),
    inSample: judged.length === 0 ? 0 : weighted / judged.length,
    now: bestOf(daily.map((values) => meanBetween(values, 0, days))),
  };
}

/** bps a day; sums in another order differ by less. */
const NOTHING = 1e-6;

/** The first of the best: `none` where nothing is better. */
function bestOf(means: readonly number[]): number {
  let best = 0;
  for (const [at, mean] of means.entries()) if (mean > (means[best] ?? 0) + NOTHING) best = at;
  return best;
}

function meanBetween(values: Float64Array, from: number, to: number): number {
  let sum = 0;
  for (let day = from; day < to; day += 1) sum += values[day] ?? 0;
  return to > from ? sum / (to - from) : 0;
}
