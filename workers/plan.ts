/** `worksteal plan`: files plans, made up or from a folder of bars. */
import { openFleet } from '../src/cli/fleet.ts';
import { runDemo } from '../src/planner/demo.ts';
import { runReplay } from '../src/planner/replay.ts';

/** `seed`: of a demo's plans; `folder`: the bars to replay. */
export type PlanJob = { kind: 'demo'; seed: number } | { kind: 'replay'; folder: string };

/** Runs until there is nothing left to file, or SIGTERM or SIGINT. */
export async function runPlan(job: PlanJob, env: Readonly<Record<string, string | undefined>> = process.env): Promise<void> {
  const fleet = await openFleet('plan', env);
  const { ledger, broker, rules, log, report, signal } = fleet;
  try {
    if (job.kind === 'demo') await runDemo({ ledger, broker, rules, seed: job.seed, log, report }, signal);
    else await runReplay({ ledger, rules, folder: job.folder, log, report }, signal);
  } finally {
    await fleet.close();
  }
}
