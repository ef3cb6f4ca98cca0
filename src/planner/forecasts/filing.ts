/**
 * Files a set of forecasts: reads the current plans of its strategies, computes the changes, and makes them
 * in the ledger.
 */

import { WorkstealError } from '../../domain/errors.ts';
import { answerOf } from '../../ledger/answer.ts';
import {
  dropPlan,
  type PlanSeries,
  type Replaced,
  readSeries,
  replacePlan,
  type TermedPlan,
} from '../../ledger/commands/plan-series.ts';
import { planOf, STAGES } from '../../ledger/commands/plans.ts';
import { key } from '../../ledger/keys.ts';
import type { Ledger } from '../../ledger/ledger.ts';
import { seriesKey } from './asked-plan.ts';
import { type Change, type Diff, diffOf, isSame, type SeriesNow } from './diff.ts';
import type { ForecastSet } from './forecast-set.ts';
import { type RowFault, rowFault } from './rows.ts';

/** Commands in flight at once: one round trip for all of them, well within the time limit of a command. */
const BATCH = 500;

/** A change that was made, with the plan's id; in a dry run one that would be made, without an id. */
export type Filed = Change & { id?: string };

export type Filing = {
  dryRun: boolean;
  strategies: string[];
  changes: Filed[];
  kept: number;
  stayed: number;
  faults: RowFault[];
  warnings: string[];
};

export type FilingOptions = {
  nowMs: number;
  dryRun: boolean;
  /** True: plans that are not in the set are withdrawn. */
  withdraws: boolean;
  /** Further strategies whose plans the set replaces, besides those in its rows. */
  alsoStrategies: readonly string[];
  onProgress: (done: number, total: number) => void;
  signal: AbortSignal;
};

/**
 * Files a set. It is idempotent: filing the same set again continues where a failed filing stopped.
 * @throws WorkstealError `unavailable` when Redis does not answer or the signal aborts; `unknown` when the
 *   ledger has no such account
 */
export async function fileSet(ledger: Ledger, set: ForecastSet, options: FilingOptions): Promise<Filing> {
  const strategies = [...new Set([...set.strategies, ...options.alsoStrategies])].sort();
  const withdraws = options.withdraws && set.complete;
  const now = await readNow(ledger, strategies, set, options.nowMs);
  const diff = diffOf(set, now, options.nowMs, withdraws);
  const filing: Filing = {
    dryRun: options.dryRun,
    strategies,
    changes: [],
    kept: diff.kept,
    stayed: diff.stayed,
    faults: [],
    warnings: [],
  };
  if (options.dryRun) filing.changes = diff.changes;
  else await apply(ledger, diff, filing, options);
  filing.faults = [...set.faults, ...filing.faults].sort((a, b) => a.line - b.line);
  filing.warnings = [...set.warnings, ...filing.warnings];
  if (options.withdraws && diff.stayed > 0) {
    filing.warnings.push(
      `${diff.stayed} plans without a row stay: they may belong to rows that could not be read; ` +
        'correct those',
    );
  }
  return filing;
}

/** The series of the strategies. Only the plans of series that change are read. */
async function readNow(
  ledger: Ledger,
  strategies: readonly string[],
  set: ForecastSet,
  nowMs: number,
): Promise<SeriesNow[]> {
  const asked = new Map(set.asked.map((row) => [seriesKey(row.plan), row]));
  const all: SeriesNow[] = [];
  for (const strategy of strategies) {
    for (const series of await readSeries(ledger, strategy)) all.push({ series, plan: undefined });
  }
  const changing = all.filter(({ series }) => {
    const row = asked.get(seriesKey(series));
    return row === undefined || !isSame(series, row, nowMs);
  });
  for (let at = 0; at < changing.length; at += BATCH) {
    await Promise.all(changing.slice(at, at + BATCH).map((one) => readPlanOf(ledger, one)));
  }
  return all;
}

async function readPlanOf(ledger: Ledger, one: SeriesNow): Promise<void> {
  const fields = await answerOf(
    `plan ${one.series.id}`,
    ledger.redis.hgetall(key(ledger.account, `plan:${one.series.id}`)),
  );
  if (fields['id'] === undefined || fields['ended_at_ms'] !== undefined) return;
  const plan = planOf(fields);
  if (!plan.withdrawAsked && STAGES.includes(plan.stage)) one.plan = plan;
}

async function apply(
  ledger: Ledger,
  diff: Diff,
  filing: Filing,
  { onProgress, signal }: FilingOptions,
): Promise<void> {
  const jobs = [
    ...diff.changes.map(
      (change) => () =>
        change.kind === 'withdrawn' ? withdraw(ledger, change) : file(ledger, change, filing),
    ),
    ...diff.forgotten.map((series) => () => forget(ledger, series)),
  ];
  for (let at = 0; at < jobs.length; at += BATCH) {
    if (signal.aborted)
      throw new WorkstealError(
        'unavailable',
        `stopped after ${at} of ${jobs.length} changes; file the set again`,
      );
    filing.changes.push(...(await allOf(jobs.slice(at, at + BATCH))));
    onProgress(Math.min(at + BATCH, jobs.length), jobs.length);
  }
}

/** Undefined where the plan has ended in the meantime. */
async function withdraw(ledger: Ledger, change: Change & { kind: 'withdrawn' }): Promise<Filed | undefined> {
  const how = await dropPlan(ledger, change.series, 'vanished');
  return how === 'withdrawn' || how === 'asked' ? { ...change, id: change.series.id } : undefined;
}

/** Undefined where the ledger refuses it (a fault of its row), or somebody else has just filed the same. */
async function file(
  ledger: Ledger,
  change: Exclude<Change, { kind: 'withdrawn' }>,
  filing: Filing,
): Promise<Filed | undefined> {
  const { line, plan } = change.row;
  try {
    const replaced = await replacePlan(ledger, plan);
    if (replaced.outcome === 'filed') {
      if (replaced.stoppedBy !== undefined) filing.warnings.push(resurrected(plan, replaced));
      return { ...change, id: replaced.id };
    }
    filing.kept += 1;
  } catch (error) {
    if (!(error instanceof WorkstealError) || error.code !== 'invalid') throw error;
    filing.faults.push(rowFault(line, error.message));
  }
  return undefined;
}

/** A changed forecast is a new plan, even if a person stopped the one before. */
function resurrected(
  { symbol, side }: TermedPlan,
  { id, replaced, stoppedBy }: Extract<Replaced, { outcome: 'filed' }>,
): string {
  return (
    `${symbol} ${side}: ${stoppedBy} had stopped its plan ${replaced} by hand; the forecast is another one ` +
    `now, so the new plan ${id} may enter. To prevent it, stop this planner or run \`worksteal halt\``
  );
}

async function forget(ledger: Ledger, series: PlanSeries): Promise<undefined> {
  await dropPlan(ledger, series, 'vanished');
}

/**
 * The results of a batch, in its order. Waits until all jobs have ended, then throws the first error, so that
 * no job is still running when the caller sees it.
 */
async function allOf(jobs: readonly (() => Promise<Filed | undefined>)[]): Promise<Filed[]> {
  const ended = await Promise.allSettled(jobs.map((job) => job()));
  const failed = ended.find((one) => one.status === 'rejected');
  if (failed !== undefined) throw failed.reason;
  return ended.flatMap((one) => (one.status === 'fulfilled' && one.value !== undefined ? [one.value] : []));
}
