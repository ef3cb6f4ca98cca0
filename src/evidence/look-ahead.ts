/**
 * Does a run know the future? All prices after an instant are replaced; whatever was decided before it must
 * stay as it was.
 */
import { NONE } from './policies.ts';
import { deviationOf, meanOf } from './statistics/estimate.ts';
import type { Bar, BarLimits, Market, PolicyRun, SeedResult, SymbolBars } from './types.ts';

/** The plans that bars give; the rule that may look ahead. */
export type PlanRule = (bars: readonly Bar[]) => (BarLimits | undefined)[];

/** The market with other prices in every bar that starts at `afterMs` or later: what rose falls. */
export function withOtherFuture({ symbols }: Market, afterMs: number): Market {
  return { symbols: symbols.map((one) => otherFuture(one, afterMs)) };
}

function otherFuture(of: SymbolBars, afterMs: number): SymbolBars {
  const pivot = of.bars.findLast(({ startMs }) => startMs < afterMs)?.close ?? of.bars[0]?.open ?? 1;
  const mirrored = (price: number): number => (pivot * pivot) / price;
  const isLater = (at: number): boolean => (of.bars[at]?.startMs ?? 0) >= afterMs;
  return {
    ...of,
    bars: of.bars.map((bar, at) =>
      isLater(at)
        ? {
            startMs: bar.startMs,
            open: mirrored(bar.open),
            high: mirrored(bar.low),
            low: mirrored(bar.high),
            close: mirrored(bar.close),
          }
        : bar,
    ),
    ...(of.limits === undefined
      ? {}
      : { limits: of.limits.map((one, at) => (isLater(at) ? undefined : one)) }),
    ...(of.minutes === undefined
      ? {}
      : { minutes: of.minutes.map((path, at) => (isLater(at) ? path && Array.from(path, mirrored) : path)) }),
  };
}

/** The market with the plans of a rule in place of its own. */
export const withPlans = ({ symbols }: Market, rule: PlanRule): Market => ({
  symbols: symbols.map((one) => ({ ...one, limits: rule(one.bars) })),
});

/** Buys at the next bar's low and sells at the high of the one behind it: impossible. */
export const knowingPlans: PlanRule = (bars) =>
  bars.map((bar, at) => {
    const [next, later] = [bars[at + 1], bars[at + 2]];
    if (next === undefined || later === undefined || later.high <= next.low) return undefined;
    const range = (next.high - next.low) * 0.1;
    const plan = { limit: Math.min(next.low + range, bar.close), target: later.high - range };
    return plan.target > plan.limit ? plan : undefined;
  });

/** Everything that was decided before `beforeMs`, as text. */
export function decisionsBefore({ runs }: SeedResult, beforeMs: number): string[] {
  return runs.flatMap((run: PolicyRun) =>
    run.steals
      .filter(({ atMs }) => atMs < beforeMs)
      .map(({ atMs, thief, share, forecastBps, victims }) =>
        JSON.stringify([
          ...[run.policy, run.size, atMs, thief, share, forecastBps],
          victims.map((victim) => [victim.symbol, victim.share, victim.forecastBps, victim.distance]),
        ]),
      ),
  );
}

/** Plans that know the future must seem to earn so much more than honest ones: else nothing is shown. */
const FALSE_GAIN = { leastBps: 100, standardErrors: 3 } as const;

export type FalseGain = { knowing: number; honest: number; isLarge: boolean };

/** What first come earns by both plans, bps of equity a day, and whether they are far apart. */
export function falseGain(knowing: SeedResult, honest: SeedResult): FalseGain {
  const [one, other] = [knowing, honest].map(
    ({ runs }) => runs.find(({ policy }) => policy === NONE)?.days ?? new Float64Array(),
  ) as [Float64Array, Float64Array];
  const gain = meanOf(one) - meanOf(other);
  const error = Math.hypot(errorOf(one), errorOf(other));
  const isLarge = gain >= FALSE_GAIN.leastBps && gain >= FALSE_GAIN.standardErrors * error;
  return { knowing: meanOf(one), honest: meanOf(other), isLarge };
}

const errorOf = (days: Float64Array): number => deviationOf(days) / Math.sqrt(Math.max(1, days.length));
