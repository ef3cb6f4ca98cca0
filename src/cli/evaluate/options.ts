/** What the command line of `evaluate` asks for. */
import { z } from 'zod';
import { WorkstealError } from '../../domain/errors.ts';
import { CONTROL_MARKETS } from '../../evidence/control-market.ts';
import type { Size } from '../../evidence/types.ts';
import { issueWords } from '../../rules/issue-words.ts';

const MAX_SEED = 2 ** 31;
const MAX_SEEDS = 1_000;
const MAX_WORKERS = 256;
const PLANS = 'plans';
/** The whole cap: a larger order fits under no policy. */
const MOST_PERCENT = 200;

/** Comma-separated numbers, ascending order not needed, each once. */
const numbers = (low: number, high: number, most: number) =>
  z
    .string()
    .transform((list) => list.split(',').map((one) => (one.trim() === '' ? Number.NaN : Number(one))))
    .refine((all) => all.every((one) => one >= low && one <= high), {
      error: `give numbers from ${low} to ${high}, with commas between them`,
    })
    .refine((all) => all.length <= most && new Set(all).size === all.length, {
      error: `give at most ${most} numbers, each once`,
    });

const whole = (low: number, high: number) => z.coerce.number().int().min(low).max(high);

/** What `evaluate` and `tune` share. */
export const COMMON = {
  demo: z.enum(CONTROL_MARKETS).optional(),
  seed: whole(0, MAX_SEED).default(1),
  workers: whole(1, MAX_WORKERS).optional(),
  json: z.boolean().default(false),
} as const;

export const SEEDS = whole(1, MAX_SEEDS);
/** Percent of the equity, as shares; `plans`: as each plan says. */
export const SIZES = z.string().transform((list, context): Size[] => {
  const words = list.split(',').map((one) => one.trim());
  const sized = words.filter((one) => one !== PLANS);
  if (words.length - sized.length > 1) context.addIssue({ code: 'custom', message: `give ${PLANS} once` });
  const some: Size[] = words.length > sized.length ? [PLANS] : [];
  if (sized.length === 0) return some;
  const parsed = numbers(0.1, MOST_PERCENT, 8).safeParse(sized.join(','));
  if (parsed.success) return [...parsed.data.map((percent) => percent / 100), ...some];
  for (const { message } of parsed.error.issues) context.addIssue({ code: 'custom', message });
  return z.NEVER;
});
/** bps of each fill. */
export const COSTS = numbers(0, 1_000, 8);

const EVALUATE = z.object({
  ...COMMON,
  seeds: SEEDS.default(20),
  sizes: SIZES.optional(),
  costs: COSTS.prefault('0,2,5,10'),
  bound: z.coerce.number().positive().max(10).default(0.05),
  capForecasts: z.boolean().default(false),
  html: z.string().min(1, 'the name of the file is empty').optional(),
  selfTest: z.boolean().default(false),
});

export type EvaluateCommand = z.output<typeof EVALUATE> & { source: Source };

/** Where the market comes from: a folder or journals, or made up; none for a self-test. */
export type Source = { data: readonly string[] } | { demo: (typeof CONTROL_MARKETS)[number] } | null;

/** @throws WorkstealError `invalid` that lists every fault */
export function readEvaluateOptions(data: readonly string[], input: unknown): EvaluateCommand {
  const options = parsed('evaluate', EVALUATE, input);
  const { demo, selfTest, html, json } = options;
  if (html === '-' && json)
    throw new WorkstealError('invalid', '--html - and --json both print: name a file', { field: 'html' });
  if (selfTest) {
    if (data.length === 0 && demo === undefined && html === undefined) return { ...options, source: null };
    throw new WorkstealError(
      'invalid',
      'evaluate: --self-test makes its own markets and prints text or JSON; give it alone',
      {
        field: 'selfTest',
      },
    );
  }
  return { ...options, source: sourceOf('evaluate', data, demo) };
}

/** @throws WorkstealError `invalid` unless it is exactly one of both */
export function sourceOf(
  command: string,
  data: readonly string[],
  demo: (typeof CONTROL_MARKETS)[number] | undefined,
): NonNullable<Source> {
  if (data.length > 0 && demo === undefined) return { data };
  if (demo !== undefined && data.length === 0) return { demo };
  const demos = CONTROL_MARKETS.join(' or --demo ');
  const why = `${command}: give a folder of bars, or journals, or --demo ${demos}`;
  throw new WorkstealError('invalid', why, { field: 'data' });
}

/** @throws WorkstealError `invalid` that lists every fault */
export function parsed<T>(command: string, schema: z.ZodType<T>, input: unknown): T {
  const result = schema.safeParse(input, { error: issueWords });
  if (result.success) return result.data;
  const faults = result.error.issues.map(({ path, message }) => `--${flagOf(path.join('.'))}: ${message}`);
  throw new WorkstealError('invalid', `${command}: ${faults.join('; ')}`, { field: 'options' });
}

const flagOf = (name: string): string => name.replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
