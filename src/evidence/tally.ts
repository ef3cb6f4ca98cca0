/**
 * What is kept of one path seed: sums by day in place of every steal, so that memory does not grow with the
 * number of seeds. `merged` adds seeds in the order in which they are given: the sums are the same, bit for
 * bit, however the seeds were shared out.
 */
import type { FillCounts } from './fill-table.ts';
import type { Calibration, CalibrationBin, PolicyRun, SeedResult } from './types.ts';

/** Of the steals of one run; arrays have a number for each day. */
export type StealTally = {
  /** Sum of the steals' worth (thief's return less the victims'), bps of equity. */
  worth: Float64Array;
  count: Float64Array;
  /** Days with at least one steal, counted for each seed alone. */
  days: number;
  thieves: { filled: number; missed: number; robbed: number };
  victims: number;
  /** Victims whose limit traded after the cancel. */
  regret: { within1h: number; within24h: number; inPlan: number };
};

export type RunTally = Omit<PolicyRun, 'steals'> & { steals: StealTally };

/** `seeds`: how many are in it; the sums are over all of them. */
export type Tally = {
  dayStartsMs: readonly number[];
  seeds: number;
  runs: readonly RunTally[];
  fills?: FillCounts;
};

export function tallyOf({ dayStartsMs, runs, fills }: SeedResult): Tally {
  return {
    ...(fills === undefined ? {} : { fills }),
    dayStartsMs,
    seeds: 1,
    runs: runs.map((run) => ({ ...run, steals: stealTally(run, dayStartsMs.length) })),
  };
}

function stealTally({ steals }: PolicyRun, days: number): StealTally {
  const tally: StealTally = {
    worth: new Float64Array(days),
    count: new Float64Array(days),
    days: new Set(steals.map(({ day }) => day)).size,
    thieves: { filled: 0, missed: 0, robbed: 0 },
    victims: 0,
    regret: { within1h: 0, within24h: 0, inPlan: 0 },
  };
  for (const { day, worthBps, fate, victims } of steals) {
    tally.worth[day] = (tally.worth[day] ?? 0) + worthBps;
    tally.count[day] = (tally.count[day] ?? 0) + 1;
    tally.thieves[fate] += 1;
    tally.victims += victims.length;
    for (const { traded1h, traded24h, tradedInPlan } of victims) {
      tally.regret.within1h += Number(traded1h);
      tally.regret.within24h += Number(traded24h);
      tally.regret.inPlan += Number(tradedInPlan);
    }
  }
  return tally;
}

/** The sums of all; `use.max` is the highest. @param tallies of the same job, at least one */
export function merged(tallies: readonly Tally[]): Tally {
  return tallies.reduce((all, one) => ({
    dayStartsMs: all.dayStartsMs,
    seeds: all.seeds + one.seeds,
    ...(all.fills === undefined || one.fills === undefined
      ? {}
      : {
          fills: {
            seen: sumOf(all.fills.seen, one.fills.seen),
            traded: sumOf(all.fills.traded, one.fills.traded),
          },
        }),
    runs: all.runs.map((run, at) => added(run, one.runs[at] ?? run)),
  }));
}

function added(a: RunTally, b: RunTally): RunTally {
  return {
    policy: a.policy,
    size: a.size,
    days: sumOf(a.days, b.days),
    turnover: sumOf(a.turnover, b.turnover),
    steals: {
      worth: sumOf(a.steals.worth, b.steals.worth),
      count: sumOf(a.steals.count, b.steals.count),
      days: a.steals.days + b.steals.days,
      thieves: sums(a.steals.thieves, b.steals.thieves),
      victims: a.steals.victims + b.steals.victims,
      regret: sums(a.steals.regret, b.steals.regret),
    },
    use: {
      mean: a.use.mean + b.use.mean,
      positionsMean: a.use.positionsMean + b.use.positionsMean,
      max: Math.max(a.use.max, b.use.max),
    },
    blockedMinutes: sums(a.blockedMinutes, b.blockedMinutes),
    minutes: a.minutes + b.minutes,
    fills: a.fills + b.fills,
    placed: a.placed + b.placed,
    calibration: {
      byDistance: addedBins(a.calibration.byDistance, b.calibration.byDistance),
      byForecast: addedBins(a.calibration.byForecast, b.calibration.byForecast),
    },
  };
}

const sumOf = (a: Float64Array, b: Float64Array): Float64Array => a.map((value, at) => value + (b[at] ?? 0));

/** Field by field. */
function sums<Fields extends Readonly<Record<string, number>>>(a: Fields, b: Fields): Fields {
  const all = Object.entries(a).map(([name, value]) => [name, value + (b[name] ?? 0)]);
  return Object.fromEntries(all) as Fields;
}

function addedBins<Bins extends Calibration['byDistance']>(a: Bins, b: Bins): Bins {
  return {
    ...a,
    bins: a.bins.map((bin, at) => (b.bins[at] === undefined ? bin : sums<CalibrationBin>(bin, b.bins[at]))),
  };
}
