/** Compares a set of forecasts with the plans in the ledger, and lists the changes. Pure. */
import type { PlanSeries } from '../../ledger/commands/plan-series.ts';
import type { LeasedPlan, Plan, Stage } from '../../ledger/commands/plans.ts';
import { seriesKey } from './asked-plan.ts';
import type { AskedRow, ForecastSet } from './forecast-set.ts';

/**
 * A series in the ledger, and its current plan; undefined when that has ended, or its withdrawal was
 * requested.
 */
export type SeriesNow = { series: PlanSeries; plan: LeasedPlan | undefined };

/** The fields of a plan that a forecast sets, under the names that people see. */
export const SHOWN = [
  'limit',
  'qty',
  'pnl',
  'fillProbability',
  'mode',
  'takeProfit',
  'pool',
  'expires',
] as const;
export type Shown = (typeof SHOWN)[number];
export type FieldChanges = { [field in Shown]?: readonly [old: string, now: string] };

export type Change =
  | { kind: 'new'; row: AskedRow }
  /** `stage`: of the plan that is replaced. From `holding` on that plan keeps its exit. */
  | { kind: 'changed'; row: AskedRow; old: LeasedPlan; stage: Stage; fields: FieldChanges }
  | { kind: 'withdrawn'; series: PlanSeries; old: LeasedPlan; stage: Stage };

export type Diff = {
  changes: Change[];
  kept: number;
  /** Series that are not in the set and whose plans have ended already. */
  forgotten: PlanSeries[];
  /** How many plans are not in the set but stay, because the set is not complete. */
  stayed: number;
};

/** Does the ledger already have what the row asks for, and has it not expired? */
export function isSame(series: PlanSeries | undefined, { plan }: AskedRow, nowMs: number): boolean {
  return (
    series !== undefined &&
    series.terms === plan.terms &&
    (series.expiresAtMs === 0 || nowMs < series.expiresAtMs)
  );
}

/** @param withdraws true: plans that are not in the set are withdrawn */
export function diffOf(set: ForecastSet, now: readonly SeriesNow[], nowMs: number, withdraws: boolean): Diff {
  const bySeries = new Map(now.map((one) => [seriesKey(one.series), one]));
  const diff: Diff = { changes: [], kept: 0, forgotten: [], stayed: 0 };
  for (const row of set.asked) {
    const at = seriesKey(row.plan);
    const current = bySeries.get(at);
    bySeries.delete(at);
    if (isSame(current?.series, row, nowMs)) diff.kept += 1;
    else diff.changes.push(changeOf(row, current?.plan));
  }
  const left = [...bySeries].sort(([a], [b]) => (a < b ? -1 : 1));
  for (const [at, { series, plan }] of left) {
    if (set.held.has(at)) continue;
    if (!withdraws) diff.stayed += 1;
    else if (plan === undefined) diff.forgotten.push(series);
    else diff.changes.push({ kind: 'withdrawn', series, old: plan, stage: plan.stage });
  }
  return diff;
}

function changeOf(row: AskedRow, old: LeasedPlan | undefined): Change {
  if (old === undefined) return { kind: 'new', row };
  const [before, after] = [shown(old), shown(row.plan)];
  const fields: FieldChanges = {};
  for (const field of SHOWN)
    if (before[field] !== after[field]) fields[field] = [before[field], after[field]];
  return { kind: 'changed', row, old, stage: old.stage, fields };
}

/** A plan's fields as text for people; '' for none. */
export function shown(plan: Plan): Record<Shown, string> {
  const { limit, qty, pnl, fillProbability = '1', mode, takeProfit, pool, expiresAtMs } = plan;
  return {
    limit,
    qty,
    pnl,
    fillProbability,
    mode,
    takeProfit,
    pool,
    expires: expiresAtMs === 0 ? '' : new Date(expiresAtMs).toISOString().replace('.000Z', 'Z'),
  };
}
