/** A time in the past, as people write it. */
import { WorkstealError } from '../domain/errors.ts';
import { shown } from '../domain/shown.ts';

const UNIT_MS: Readonly<Record<string, number>> = { s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 };

/** `10m` (before nowMs) or an ISO instant -> ms since 1970. @throws WorkstealError `invalid` */
export function readSince(text: string, nowMs: number): number {
  const [, count, unit] = /^(\d{1,6})([smhd])$/.exec(text) ?? [];
  if (count !== undefined && unit !== undefined) return nowMs - Number(count) * (UNIT_MS[unit] ?? 0);
  const instantMs = /^\d{4}-\d{2}-\d{2}T.*(Z|[+-]\d{2}:?\d{2})$/.test(text) ? Date.parse(text) : Number.NaN;
  if (!Number.isNaN(instantMs)) return instantMs;
  throw new WorkstealError(
    'invalid',
    `--since: "${shown(text)}" is neither a time ago (90s, 10m, 2h, 1d) nor an ISO instant with its zone`,
    {
      field: 'since',
      value: text,
    },
  );
}
