/** Plans whose forecast is beyond a bound: a few extreme ones can carry a result. */
import type { Market } from './types.ts';

/** `forecast`: target / limit - 1. `atMs`: the start of the bar that holds it. */
export type Outlier = { symbol: string; atMs: number; forecast: number };

/** `plans`: all that rows give. `worst`: the highest forecasts above the bound. */
export type Outliers = { plans: number; above: number; worst: Outlier[] };

const MOST = 10;

export function outliersOf({ symbols }: Market, bound: number): Outliers {
  let plans = 0;
  const above: Outlier[] = [];
  for (const { symbol, bars, limits, plans: own } of symbols) {
    for (const [at, plan] of (own ?? limits ?? []).entries()) {
      if (plan === undefined) continue;
      plans += 1;
      const forecast = plan.target / plan.limit - 1;
      if (forecast > bound) above.push({ symbol, atMs: bars[at]?.startMs ?? 0, forecast });
    }
  }
  const worst = above.sort((a, b) => b.forecast - a.forecast || a.atMs - b.atMs).slice(0, MOST);
  return { plans, above: above.length, worst };
}
