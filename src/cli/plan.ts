import { Command } from 'commander';
import { z } from 'zod';
import { type PlanJob, runPlan } from '../../workers/plan.ts';
import { WorkstealError } from '../domain/errors.ts';

const OPTIONS = z.object({
  demo: z.boolean().default(false),
  seed: z.coerce.number().int().min(0).max(Number.MAX_SAFE_INTEGER).default(1),
  data: z.string().min(1).optional(),
});

/** @throws WorkstealError `invalid` when it is not exactly one of --demo and --data */
export function readPlanOptions(input: unknown): PlanJob {
  const parsed = OPTIONS.safeParse(input);
  if (!parsed.success) {
    const faults = parsed.error.issues.map(({ path, message }) => `--${path.join('.')}: ${message}`);
    throw new WorkstealError('invalid', `plan: ${faults.join('; ')}`, { field: 'options' });
  }
  const { demo, seed, data } = parsed.data;
  if (demo === (data !== undefined)) {
    throw new WorkstealError('invalid', 'plan: give --demo, or --data with a folder of bars', { field: 'options' });
  }
  return data === undefined ? { kind: 'demo', seed } : { kind: 'replay', folder: data };
}

/** `worksteal plan`: a planner. */
export function planCommand(): Command {
  return new Command('plan')
    .description('file plans for the watchers')
    .option('--demo', 'made-up plans on the synthetic market, so that the account is always contested')
    .option('--seed <n>', 'seed of the made-up plans', '1')
    .option('--data <dir>', 'the buy_limit and sell_limit of this folder of hourly bars, each when its bar has ended')
    .action((options: unknown) => runPlan(readPlanOptions(options)));
}
