import { Command, Option } from 'commander';
import { z } from 'zod';
import { type PlanJob, runPlan } from '../../workers/plan.ts';
import { WorkstealError } from '../domain/errors.ts';
import { readFillTable } from '../evidence/fill-table-file.ts';
import { STRATEGY } from '../planner/forecasts/forecast.ts';
import { FORMATS } from '../planner/forecasts/read-rows.ts';
import type { ForecastJob } from '../planner/forecasts/run.ts';
import { issueWords } from '../rules/issue-words.ts';
import { EXIT_AFTER } from './inspect/until-stopped.ts';
import { forecastConsole } from './plan/forecast-console.ts';

/** What the command line asks for: a job of the planner, and whether to print JSON. */
type PlanCommand =
  | Exclude<PlanJob, { kind: 'forecasts' }>
  | ({ kind: 'forecasts'; json: boolean; fillTable?: string } & Omit<ForecastJob, 'fills'>);

const OPTIONS = z.object({
  demo: z.boolean().default(false),
  seed: z.coerce.number().int().min(0).max(Number.MAX_SAFE_INTEGER).default(1),
  data: z.string().min(1).optional(),
  strategy: STRATEGY.optional(),
  format: z.enum(FORMATS).optional(),
  watch: z.boolean().default(false),
  dryRun: z.boolean().default(false),
  json: z.boolean().default(false),
  allowEmpty: z.boolean().default(false),
  fractional: z.boolean().default(false),
  ignoreColumns: z
    .string()
    .transform((list) => list.split(',').map((name) => name.trim()))
    .prefault(''),
  fillTable: z.string().min(1, 'the name of the file is empty').optional(),
});

/** Options that only apply to forecasts. */
const OF_FORECASTS = [
  'strategy',
  'format',
  'watch',
  'dryRun',
  'json',
  'allowEmpty',
  'fractional',
  'fillTable',
] as const;

/** @throws WorkstealError `invalid` when it is not exactly one of FORECASTS, --demo and --data */
export function readPlanOptions(input: unknown, forecasts?: string): PlanCommand {
  const parsed = OPTIONS.safeParse(input, { error: issueWords });
  if (!parsed.success) {
    const faults = parsed.error.issues.map(({ path, message }) => `--${path.join('.')}: ${message}`);
    throw new WorkstealError('invalid', `plan: ${faults.join('; ')}`, { field: 'options' });
  }
  const { demo, seed, data, strategy, format, fillTable, ...how } = parsed.data;
  if ([demo, data !== undefined, forecasts !== undefined].filter(Boolean).length !== 1) {
    throw new WorkstealError(
      'invalid',
      'plan: give a file of forecasts (- for standard input), or --demo, or --data with a folder of bars',
      {
        field: 'options',
      },
    );
  }
  if (forecasts !== undefined) {
    const named = {
      ...(strategy === undefined ? {} : { strategy }),
      ...(format === undefined ? {} : { format }),
      ...(fillTable === undefined ? {} : { fillTable }),
    };
    if (how.watch && forecasts === '-' && format !== undefined && format !== 'jsonl') {
      throw new WorkstealError(
        'invalid',
        `plan: --watch reads one object per line from standard input, not ${format}`,
        { field: 'format' },
      );
    }
    return { kind: 'forecasts', source: forecasts, ...named, ...how };
  }
  const stray = OF_FORECASTS.filter((name) => parsed.data[name] !== undefined && parsed.data[name] !== false);
  if (stray.length > 0)
    throw new WorkstealError('invalid', `plan: --${flagOf(stray[0] ?? '')} needs a file of forecasts`, {
      field: String(stray[0]),
    });
  return data === undefined ? { kind: 'demo', seed } : { kind: 'replay', folder: data };
}

const flagOf = (name: string): string => name.replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);

/** `worksteal plan`: a planner. */
export function planCommand(): Command {
  return new Command('plan')
    .description('file plans for the watchers: those that a file of forecasts asks for, or made-up ones')
    .argument('[forecasts]', 'a file of forecasts as CSV, JSON or JSON lines; - for standard input')
    .option('--watch', 'follow the file, or standard input line by line, and file what changes')
    .option('--dry-run', 'show what would change; change nothing')
    .option('--json', 'one JSON document instead of a table (with --watch: one per filing)')
    .option('--strategy <word>', "for rows that name no strategy (default: the file's base name)")
    .addOption(new Option('--format <format>', 'if the file name does not show it').choices(FORMATS))
    .option('--allow-empty', 'an empty file withdraws all plans of its strategy')
    .option('--fractional', 'a notional may buy fractions of shares')
    .option('--fill-table <file>', 'of worksteal tune --export: the fill probability of rows that name none')
    .option(
      '--ignore-columns <names>',
      'take rows although these columns, which no plan follows, are filled (stop_loss, type, ...)',
    )
    .option('--demo', 'made-up plans on the synthetic market, so that the account is always contested')
    .option('--seed <n>', 'seed of the made-up plans', '1')
    .option(
      '--data <dir>',
      'the buy_limit and sell_limit of this folder of hourly bars, each when its bar has ended',
    )
    .addHelpText(
      'after',
      '\nThe exit code is 1 when a row was refused. See docs/planning.md for formats and replacement.',
    )
    .action(async (forecasts: string | undefined, options: unknown) => {
      const job = withOutput(readPlanOptions(options, forecasts));
      let interrupted = false;
      const onInterrupt = (): void => {
        interrupted = true;
      };
      process.once('SIGINT', onInterrupt);
      await runPlan(job).finally(() => process.off('SIGINT', onInterrupt));
      if (interrupted && job.kind === 'forecasts' && job.watch) process.exitCode = EXIT_AFTER.SIGINT;
    });
}

/** The job with its table of fills, and the console that shows its filings. */
function withOutput(command: PlanCommand): PlanJob {
  if (command.kind !== 'forecasts') return command;
  const { json, fillTable, ...job } = command;
  const learned = fillTable === undefined ? {} : { fills: readFillTable(fillTable) };
  return { ...job, ...learned, output: forecastConsole({ source: job.source, json, env: process.env }) };
}
