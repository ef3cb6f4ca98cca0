/** `worksteal plan`: files plans: those that forecasts ask for, made up, or from a folder of bars. */

import { forecastConsole } from '../src/cli/plan/forecast-console.ts';
import { type Fleet, openFleet } from '../src/fleet/fleet.ts';
import { runDemo } from '../src/planner/demo.ts';
import { type ForecastJob, runForecasts } from '../src/planner/forecasts/run.ts';
import { runReplay } from '../src/planner/replay.ts';
import { MarketCalendar } from '../src/rules/session.ts';

/** `seed`: of a demo's plans; `folder`: the bars to replay. */
export type PlanJob =
  | { kind: 'demo'; seed: number }
  | { kind: 'replay'; folder: string }
  | ({ kind: 'forecasts'; json: boolean } & ForecastJob);

/**
 * Runs until there is nothing left to file, or SIGTERM or SIGINT. Forecasts that were refused set the exit
 * code to 1.
 */
export async function runPlan(
  job: PlanJob,
  env: Readonly<Record<string, string | undefined>> = process.env,
): Promise<void> {
  const fleet = await openFleet('plan', env, job.kind === 'demo');
  const { ledger, broker, rules, log, report, signal } = fleet;
  try {
    if (job.kind === 'demo') await runDemo({ ledger, broker, rules, seed: job.seed, log, report }, signal);
    else if (job.kind === 'replay')
      await runReplay({ ledger, rules, folder: job.folder, log, report }, signal);
    else await planForecasts(job, fleet, env);
  } finally {
    await fleet.close();
  }
}

async function planForecasts(
  job: PlanJob & { kind: 'forecasts' },
  fleet: Fleet,
  env: Readonly<Record<string, string | undefined>>,
): Promise<void> {
  const { ledger, rules, report, signal } = fleet;
  const { onFiling, onProgress, tell, refused } = forecastConsole({
    source: job.source,
    json: job.json,
    env,
  });
  const calendar = new MarketCalendar({ closures: rules.nyseClosures });
  let filed = 0;
  const count = (...[filing, rows]: Parameters<typeof onFiling>): void => {
    onFiling(filing, rows);
    if (!filing.dryRun) filed += filing.changes.filter(({ kind }) => kind !== 'withdrawn').length;
    report({ type: 'plans', filed });
  };
  // A reader that has seen enough (`| head`) does not keep the rest from being filed.
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE') throw error;
  });
  await runForecasts(
    job,
    { ledger, rules, calendar, input: process.stdin, onFiling: count, onProgress, tell },
    signal,
  );
  if (refused() > 0) process.exitCode = 1;
}
