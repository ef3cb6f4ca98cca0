/** The options of `worksteal up`, checked. */
import { z } from 'zod';
import { WorkstealError } from '../../domain/errors.ts';
import { shown } from '../../domain/shown.ts';
import { issueWords } from '../../rules/issue-words.ts';

const UNITS: Readonly<Record<string, number>> = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000 };

const duration = z.string().transform((text, context) => {
  const match = /^(\d+(?:\.\d+)?)(ms|s|m|h)$/.exec(text);
  const ms = match ? Number(match[1]) * (UNITS[match[2] as string] as number) : 0;
  if (ms < 1_000 || ms > 86_400_000) {
    context.addIssue(`"${shown(text)}" is not a time such as 20s, 5m or 1h, from 1s to 24h`);
    return z.NEVER;
  }
  return Math.round(ms);
});

const count = (most: number) => z.coerce.number().int().min(1).max(most);

const schema = z.strictObject({
  alpaca: z.boolean().default(false),
  gateway: z.boolean().default(false),
  for: duration.optional(),
  json: z.boolean().default(false),
  data: z.string().min(1).optional(),
  speed: z.coerce.number().gt(0).max(100_000).optional(),
  start: z.iso.datetime({ offset: true, error: 'must be an ISO time with a zone' }).optional(),
  rules: z.enum(['usual', 'beyond'], { error: 'must be usual or beyond' }).default('usual'),
  seed: z.coerce.number().int().min(0).max(Number.MAX_SAFE_INTEGER).default(1),
  equity: z
    .string()
    .regex(/^\d{1,9}(\.\d{1,6})?$/, 'must be dollars')
    .default('100000'),
  watchers: count(64).optional(),
  workers: count(64).optional(),
  keepers: count(8).default(1),
});

/** How many processes of a role there are, where no option says so. */
const COUNTS = { demo: { watchers: 3, workers: 2 }, alpaca: { watchers: 1, workers: 1 } };

/** Options of the demo's market and of its summary: at Alpaca there is neither. */
const OF_THE_DEMO = ['data', 'speed', 'start', 'rules', 'seed', 'equity', 'json'] as const;

export type UpOptions = z.output<typeof schema> & { speed: number; watchers: number; workers: number };

/** @throws WorkstealError `settings` that lists every fault. */
export function readUpOptions(input: unknown): UpOptions {
  const parsed = schema.safeParse(input, { error: issueWords });
  if (!parsed.success) {
    const faults = parsed.error.issues.map((issue) => `  --${issue.path.join('.')}: ${issue.message}`);
    throw new WorkstealError('settings', `invalid options:\n${faults.join('\n')}`);
  }
  const { alpaca, data, speed, watchers, workers } = parsed.data;
  const stray = OF_THE_DEMO.filter((name) => alpaca && Object.hasOwn(input as object, name));
  if (stray.length > 0) {
    const faults = stray.map((name) => `  --${name}: is for the demo, not for --alpaca`);
    throw new WorkstealError('settings', `invalid options:\n${faults.join('\n')}`);
  }
  const counts = alpaca ? COUNTS.alpaca : COUNTS.demo;
  return {
    ...parsed.data,
    watchers: watchers ?? counts.watchers,
    workers: workers ?? counts.workers,
    speed: speed ?? (data === undefined ? 60 : 7_200),
  };
}
