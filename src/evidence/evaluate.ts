/**
 * The answer: each policy against `none`, in bps of equity a day, from the sums of all path seeds. A day's
 * value is the mean over the seeds; days are what is drawn again, seeds only make the paths' chance smaller.
 */
import { seededRandom } from '../prices/random.ts';
import { NONE } from './policies.ts';
import { type ClusteredMean, clusteredMean } from './statistics/clustered-mean.ts';
import { type Estimate, estimateOf, meanOf } from './statistics/estimate.ts';
import { correctedPs } from './statistics/max-t.ts';
import { DRAWS, resampledMeans } from './statistics/stationary-bootstrap.ts';
import type { RunTally, Tally } from './tally.ts';
import type { Policy, Size } from './types.ts';
import { type Verdict, verdictOf } from './verdict.ts';

/** At one cost. `correctedP`: for having tried all policies of this size; null for an impossible one. */
export type Difference = Estimate & { costBps: number; correctedP: number | null; verdict: Verdict };

/** One policy at one size. `daily`: for each day, less `none`, before costs; means over the seeds. */
export type PolicyAnswer = {
  policy: Policy;
  run: RunTally;
  differences: Difference[];
  daily: { grossBps: Float64Array; turnover: Float64Array };
  worth: ClusteredMean;
};

/** `scarce`: some plan was refused for want of room under `none`. */
export type SizeAnswer = { size: Size; scarce: boolean; none: RunTally; policies: PolicyAnswer[] };

export type EvaluateOptions = {
  policies: readonly Policy[];
  sizes: readonly Size[];
  costsBps: readonly number[];
  /** Of the drawn samples. */
  seed: number;
  draws?: number;
};

/** @param tally the sums over the seeds, of a job with these policies and sizes; `none` is among them */
export function evaluate(tally: Tally, options: EvaluateOptions): SizeAnswer[] {
  return options.sizes.map((size) => sizeAnswer(tally, size, options));
}

function sizeAnswer(tally: Tally, size: Size, options: EvaluateOptions): SizeAnswer {
  const { policies, costsBps, seed, draws = DRAWS } = options;
  const none = runOf(tally, NONE, size);
  const scarce = none.blockedMinutes.any > 0;
  const others = policies.filter(({ name }) => name !== NONE);
  const answers = others.map((policy): PolicyAnswer => {
    const run = runOf(tally, policy.name, size);
    const daily = dailyLess(tally, policy.name, NONE, size);
    return { policy, run, daily, differences: [], worth: clusteredMean(run.steals.worth, run.steals.count) };
  });
  for (const costBps of costsBps) {
    const series = answers.map(({ daily }) => afterCost(daily, costBps));
    // The same seed for each: all costs and sizes are drawn on the same days.
    const drawn = resampledMeans(series, { random: seededRandom(seed), draws });
    const possible = answers.flatMap(({ policy }, at) => (policy.kind === 'hindsight' ? [] : [at]));
    const ps = correctedPs(pick(series, possible), pick(drawn, possible));
    for (const [at, answer] of answers.entries()) {
      const estimate = estimateOf(series[at] ?? new Float64Array(), drawn[at] ?? new Float64Array());
      const correctedP = possible.includes(at) ? (ps[possible.indexOf(at)] ?? 1) : null;
      const { run } = answer;
      const verdict = verdictOf(estimate, correctedP, {
        scarce,
        days: tally.dayStartsMs.length,
        fills: run.fills + none.fills,
        same: run.steals.victims === 0 && run.placed === none.placed,
      });
      answer.differences.push({ ...estimate, costBps, correctedP, verdict });
    }
  }
  return { size, scarce, none, policies: answers };
}

function runOf({ runs }: Tally, policy: string, size: Size): RunTally {
  const run = runs.find((one) => one.policy === policy && one.size === size);
  if (run === undefined) throw new Error(`no run of ${policy} at size ${size}`);
  return run;
}

const pick = <T>(list: readonly T[], places: readonly number[]): T[] => places.map((at) => list[at] as T);

/** What one policy has more than another, for each day; means over the seeds. */
export function dailyLess(
  tally: Tally,
  policy: string,
  other: string,
  size: Size,
): { grossBps: Float64Array; turnover: Float64Array } {
  const [one, two] = [runOf(tally, policy, size), runOf(tally, other, size)];
  const less = (a: Float64Array, b: Float64Array): Float64Array =>
    a.map((value, day) => (value - (b[day] ?? 0)) / tally.seeds);
  return { grossBps: less(one.days, two.days), turnover: less(one.turnover, two.turnover) };
}

/** bps of equity for each day, at `costBps` for each fill. */
export const afterCost = ({ grossBps, turnover }: PolicyAnswer['daily'], costBps: number): Float64Array =>
  grossBps.map((value, day) => value - costBps * (turnover[day] ?? 0));

/** bps of equity a day of the run itself, after costs; mean over days and seeds. */
export const earnedBps = (run: RunTally, seeds: number, costBps: number): number =>
  (meanOf(run.days) - costBps * meanOf(run.turnover)) / seeds;
