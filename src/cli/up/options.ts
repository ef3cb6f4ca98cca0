/** The options of `worksteal up`, checked. */
import { z } from 'zod';
import { WorkstealError } from '../../domain/errors.ts';
import { shown } from '../../domain/shown.ts';

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
  for: duration.optional(),
  json: z.boolean().default(false),
  data: z.string().min(1).optional(),
  speed: z.coerce.number().gt(0).max(100_000).optional(),
  start: z.iso.datetime({ offset: true, error: 'must be an ISO time with a zone' }).optional(),
  seed: z.coerce.number().int().min(0).max(Number.MAX_SAFE_INTEGER).default(1),
  equity: z
    .string()
    .regex(/^\d{1,9}(\.\d{1,6})?$/, 'must be dollars')
    .default('100000'),
  watchers: count(64).default(3),
  workers: count(64).default(2),
  keepers: count(8).default(1),
});

export type UpOptions = z.output<typeof schema> & { speed: number };

/** @throws WorkstealError `settings` that lists every fault. */
export function readUpOptions(input: unknown): UpOptions {
  const parsed = schema.safeParse(input);
  if (!parsed.success) {
    const faults = parsed.error.issues.map((issue) => `  --${issue.path.join('.')}: ${issue.message}`);
    throw new WorkstealError('settings', `invalid options:\n${faults.join('\n')}`);
  }
  return { ...parsed.data, speed: parsed.data.speed ?? (parsed.data.data === undefined ? 60 : 7_200) };
}
