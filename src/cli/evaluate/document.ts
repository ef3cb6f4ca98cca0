/** The answer as the fields of docs/json.md, which text and pages are made of as well. */
import type { z } from 'zod';
import { earnedBps, type PolicyAnswer, type SizeAnswer } from '../../evidence/evaluate.ts';
import type { Outliers } from '../../evidence/outliers.ts';
import { meanOf } from '../../evidence/statistics/estimate.ts';
import { DRAWS, MEAN_BLOCK_DAYS } from '../../evidence/statistics/stationary-bootstrap.ts';
import type { Tally } from '../../evidence/tally.ts';
import type { Calibration } from '../../evidence/types.ts';
import type { EVALUATE } from '../../json/evaluate.ts';
import type { Data } from './market.ts';

export type Evaluation = Omit<z.output<typeof EVALUATE>, 'schema'>;
export type SizeFields = Evaluation['sizes'][number];
export type PolicyFields = SizeFields['policies'][number];

type Parts = {
  data: Data;
  tally: Tally;
  answers: readonly SizeAnswer[];
  outliers: Outliers;
  bound: number;
  ranked: boolean;
  seed: number;
};

export function evaluationOf({ data, tally, answers, outliers, bound, ranked, seed }: Parts): Evaluation {
  return {
    data,
    seed,
    seeds: tally.seeds,
    draws: DRAWS,
    meanBlockDays: MEAN_BLOCK_DAYS,
    dayStartsMs: [...tally.dayStartsMs],
    outliers: { bound, ranked, ...outliers },
    sizes: answers.map(({ size, scarce, none, policies }) => ({
      size: size === 'plans' ? null : size,
      scarce,
      blocked: shareOf(none.blockedMinutes.any, none.minutes),
      noneEarnedBps: rounded(earnedBps(none, tally.seeds, 0)),
      policies: policies.map((answer) => policyFields(answer, tally.seeds)),
    })),
  };
}

function policyFields({ policy, run, differences, daily, worth }: PolicyAnswer, seeds: number): PolicyFields {
  const { steals, use, blockedMinutes: blocked } = run;
  const victims = (count: number): number | null => (steals.victims === 0 ? null : count / steals.victims);
  const { any, ...reasons } = blocked;
  return {
    policy: policy.name,
    impossible: policy.kind === 'hindsight',
    differences,
    earnedBps: rounded(earnedBps(run, seeds, 0)),
    turnover: rounded(meanOf(run.turnover) / seeds),
    stealsADay: rounded(meanOf(steals.count) / seeds),
    daysWithSteal: shareOf(steals.days, steals.count.length * seeds),
    worth: {
      meanBps: worth.mean,
      lowBps: worth.low,
      highBps: worth.high,
      steals: worth.observations,
    },
    thieves: steals.thieves,
    victims: {
      all: steals.victims,
      tradedInPlan: victims(steals.regret.inPlan),
      traded1h: victims(steals.regret.within1h),
      traded24h: victims(steals.regret.within24h),
    },
    use: { mean: use.mean / seeds, positions: use.positionsMean / seeds, max: use.max },
    blocked: { any: shareOf(any, run.minutes), ...sharesOf(reasons, any) },
    placed: run.placed,
    fills: run.fills,
    byDistance: classesOf(run.calibration.byDistance),
    byForecast: classesOf(run.calibration.byForecast),
    dailyBps: Array.from(daily.grossBps, rounded),
    dailyTurnover: Array.from(daily.turnover, rounded),
  };
}

const shareOf = (part: number, whole: number): number => (whole === 0 ? 0 : part / whole);

function sharesOf<Names extends Readonly<Record<string, number>>>(parts: Names, whole: number): Names {
  const shares = Object.entries(parts).map(([name, part]) => [name, shareOf(part, whole)]);
  return Object.fromEntries(shares) as Names;
}

const PLACES = 1e6;
/** Six places: more would only make the output long. */
const rounded = (value: number): number => Math.round(value * PLACES) / PLACES;

function classesOf({ edges, bins }: Calibration['byDistance']): PolicyFields['byDistance'] {
  return bins.map(({ placed, count, sumBps, sumForecastBps }, at) => ({
    from: edges[at - 1] ?? null,
    to: edges[at] ?? null,
    placed,
    fills: count,
    returnBps: count === 0 ? null : sumBps / count,
    forecastBps: count === 0 ? null : sumForecastBps / count,
  }));
}
