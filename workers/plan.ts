/** `worksteal plan`: files plans from forecasts, from a folder of bars, or synthetic ones for a demo. */
import { type Fleet, openFleet } from '../src/fleet/fleet.ts';
import { readLossWait } from '../src/ledger/loss-wait.ts';
import { runDemo } from '../src/planner/demo.ts';
import { type FilingOutput, type ForecastJob, runForecasts } from '../src/planner/forecasts/run.ts';
import { runReplay } from '../src/planner/replay.ts';
import { MarketCalendar } from '../src/rules/session.ts';

type Env = Readonly<Record<string, string | undefined>>;

/**
 * `seed`: of a demo's plans; `folder`: the bars to replay; `output`: shows what is filed. A demo and a replay
 * only log.
 */
export type PlanJob =
  | { kind: 'demo'; seed: number }
  | { kind: 'replay'; folder: string }
  | ({ kind: 'forecasts'; output: FilingOutput } & ForecastJob);

/**
 * Runs until everything is filed, or SIGTERM or SIGINT. Refused forecasts set the exit code to 1.
 */
export async function runPlan(job: PlanJob, env: Env = process.env): Promise<void> {
  const tell = job.kind === 'forecasts' ? job.output.tell : undefined;
  const onDiffer = tell && ((host: string, account: string) => tell(differWords(host, account)));
  const fleet = await openFleet('plan', env, job.kind === 'demo', onDiffer);
  const { ledger, broker, rules, log, report, signal } = fleet;
  try {
    if (job.kind === 'demo') await runDemo({ ledger, broker, rules, seed: job.seed, log, report }, signal);
    else if (job.kind === 'replay')
      await runReplay({ ledger, rules, folder: job.folder, log, report }, signal);
    else await planForecasts(job, fleet);
  } finally {
    await fleet.close();
  }
}

/** A planner takes no room itself: of the rules only those of the pools are in its plans. */
const differWords = (host: string, account: string): string =>
  `the settings here (${host}) are not the account's (${account}): plans get their pools by the ` +
  'WORK_STEALING_POOLS and CRYPTO_SYMBOLS here; compare `worksteal config` here and at the active keeper';

async function planForecasts(job: PlanJob & { kind: 'forecasts' }, fleet: Fleet): Promise<void> {
  const { output } = job;
  const { ledger, rules, report, signal } = fleet;
  const wait = job.dryRun ? undefined : await readLossWait(ledger);
  if (wait !== undefined) output.tell(`entries: ${wait.words}`);
  const calendar = new MarketCalendar({ closures: rules.nyseClosures });
  let filed = 0;
  let refused = 0;
  const onFiling: FilingOutput['onFiling'] = (filing, rows) => {
    output.onFiling(filing, rows);
    refused += filing.faults.length;
    if (!filing.dryRun) filed += filing.changes.filter(({ kind }) => kind !== 'withdrawn').length;
    report({ type: 'plans', filed });
  };
  await runForecasts(job, { ledger, rules, calendar, input: process.stdin, ...output, onFiling }, signal);
  if (refused > 0) process.exitCode = 1;
}
