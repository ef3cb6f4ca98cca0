/** Runs of the evaluation that are made up, so that the answer is known. */
import { FillTable } from '../../src/evidence/fill-table.ts';
import type { RunSeeds } from '../../src/evidence/run-seeds.ts';
import { type Tally, tallyOf } from '../../src/evidence/tally.ts';
import type {
  CalibrationBin,
  Fate,
  PolicyRun,
  RunOptions,
  Size,
  StealRecord,
} from '../../src/evidence/types.ts';

const DAY_MS = 86_400_000;
export const START_MS = Date.parse('2026-01-05T00:00:00Z');

const bin = (count: number): CalibrationBin => ({
  ...{ count, sumBps: 30 * count, sumSquaresBps: 900 * count, sumForecastBps: 50 * count, placed: 2 * count },
});

/** @param earns gross bps of equity of each day */
export function aRun(
  policy: string,
  size: Size,
  earns: readonly number[],
  of: Partial<PolicyRun> = {},
): PolicyRun {
  return {
    policy,
    size,
    days: Float64Array.from(earns),
    turnover: new Float64Array(earns.length).fill(0.5),
    steals: [],
    use: { mean: 0.8, max: 1, positionsMean: 0.3 },
    blockedMinutes: {
      ...{ any: 100, tooFar: 60, onlyPositions: 10, protected: 20, fighting: 0, notBetter: 50 },
      ...{ notEnough: 5, tooManyVictims: 0, budget: 0 },
    },
    minutes: 1_000,
    fills: 10,
    placed: 20,
    calibration: {
      byDistance: { edges: [0.002], bins: [bin(4), bin(0)] },
      byForecast: { edges: [0.01], bins: [bin(3), bin(1)] },
    },
    ...of,
  };
}

export function aSteal(day: number, worthBps: number, fate: Fate = 'filled', traded = false): StealRecord {
  const victim = {
    ...{ symbol: 'BTCUSD', share: 0.2, forecastBps: 10, distance: 0.01, returnBps: 0 },
    ...{ tradedInPlan: traded, traded1h: traded, traded24h: true },
  };
  return {
    ...{ atMs: START_MS + day * DAY_MS, day, thief: 'ETHUSD', share: 0.2, forecastBps: 20 },
    ...{ victims: [victim], fate, returnBps: worthBps, worthBps },
  };
}

export const daysOf = (count: number): number[] =>
  Array.from({ length: count }, (_, at) => START_MS + at * DAY_MS);

export const aTally = (runs: PolicyRun[]): Tally =>
  tallyOf({ dayStartsMs: daysOf(runs[0]?.days.length ?? 0), runs });

/** Runs nothing: each policy and size earns what `earns` says of the day. */
export function runThat(
  days: number,
  earns: (policy: RunOptions['policies'][number], day: number) => number,
  of: (policy: RunOptions['policies'][number]) => Partial<PolicyRun> = () => ({}),
): RunSeeds {
  return ({ options: { policies, sizes, learns } }, { onProgress }) => {
    onProgress?.(0.5);
    const runs = policies.flatMap((policy) =>
      sizes.map((size) =>
        aRun(
          policy.name,
          size,
          Array.from({ length: days }, (_, day) => earns(policy, day)),
          of(policy),
        ),
      ),
    );
    const tally = aTally(runs);
    return Promise.resolve(learns === true ? { ...tally, fills: new FillTable().counts } : tally);
  };
}
