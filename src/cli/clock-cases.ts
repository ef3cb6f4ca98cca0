/**
 * The questions of `worksteal clock FILE`: {at, symbol, rank?, config?, expect?, note?}, in an array, as one
 * object, or one on each line. `config` is settings on top of the defaults; the environment is ignored, so
 * that a file means the same everywhere.
 */
import { z } from 'zod';
import { numberToDecimal } from '../domain/decimal.ts';
import { WorkstealError } from '../domain/errors.ts';
import { readInstant, whyNoInstant } from '../domain/instant.ts';
import { shown } from '../domain/shown.ts';
import { toSymbol } from '../domain/symbol.ts';
import { issueWords } from '../rules/issue-words.ts';
import { MarketCalendar } from '../rules/session.ts';
import { readSettings } from '../rules/settings.ts';
import { entryRule } from '../rules/tolerance.ts';

/** Cases of one file. */
const MAX_CASES = 100_000;

/** What the clock says, as it is printed and expected: the tolerance as a number. */
export const ANSWER = z.object({
  nyseOpen: z.boolean(),
  outOfHours: z.boolean(),
  tolerance: z.number(),
  forceImmediate: z.boolean(),
});
export type Answer = z.output<typeof ANSWER>;

const scalar = z.union([
  z.string(),
  z.boolean().transform((on) => (on ? '1' : '0')),
  z.number().transform((n) => numberToDecimal(n)),
]);

const CASE = z.object({
  at: z.string(),
  symbol: z.string(),
  rank: z.int().min(1).nullable().default(null),
  config: z.record(z.string(), scalar).default({}),
  expect: ANSWER.partial().default({}),
  note: z.string().default(''),
});
export type ClockCase = z.output<typeof CASE>;

/**
 * An ISO 8601 instant -> milliseconds. It must say its offset: a bare local time means another instant on
 * every host.
 * @throws WorkstealError `invalid`
 */
export function instant(text: string): number {
  const ms = readInstant(text);
  if (ms !== undefined) return ms;
  throw new WorkstealError('invalid', `at: "${shown(text)}" ${whyNoInstant(text)}`, {
    field: 'at',
    value: text,
  });
}

/**
 * A file's text -> its cases, unchecked.
 * @throws WorkstealError `invalid` when it is neither JSON nor lines of JSON, empty or too long.
 */
export function splitCases(text: string): unknown[] {
  const cases = whole(text) ?? lines(text);
  if (cases.length === 0)
    throw new WorkstealError('invalid', 'file: it holds no case; give an array, an object or lines of JSON');
  if (cases.length > MAX_CASES)
    throw new WorkstealError('invalid', `file: it holds ${cases.length} cases; at most ${MAX_CASES}`);
  return cases;
}

function whole(text: string): unknown[] | null {
  try {
    const value: unknown = JSON.parse(text);
    return Array.isArray(value) ? value : [value];
  } catch {
    return null; // perhaps one case on each line
  }
}

function lines(text: string): unknown[] {
  return text.split('\n').flatMap((line, at) => {
    if (line.trim() === '') return [];
    try {
      return [JSON.parse(line) as unknown];
    } catch (error) {
      throw new WorkstealError(
        'invalid',
        `file: line ${at + 1} is not JSON (${(error as Error).message})`,
        { field: 'file' },
        error,
      );
    }
  });
}

/**
 * Checks one case.
 * @throws WorkstealError `invalid` naming the field.
 */
export function readCase(raw: unknown): ClockCase {
  const parsed = CASE.safeParse(raw, { error: issueWords });
  if (parsed.success) return parsed.data;
  const issue = parsed.error.issues[0];
  const field = issue?.path.join('.') || 'case';
  throw new WorkstealError('invalid', `${field}: ${issue?.message ?? 'cannot be read'}`, { field });
}

/**
 * Answers one case by this calendar, or by one of its own where its config names closures.
 * @throws WorkstealError `invalid` or `settings`
 */
export function answerCase(asked: ClockCase, calendar: MarketCalendar): Answer {
  const { settings } = readSettings(asked.config);
  const { nyseClosures } = settings;
  const days = nyseClosures.length === 0 ? calendar : new MarketCalendar({ closures: nyseClosures });
  const entry = entryRule(
    { nowMs: instant(asked.at), symbol: toSymbol(asked.symbol), rank: asked.rank },
    settings,
    days,
  );
  return { ...entry, tolerance: Number(entry.tolerance) };
}

/** Where the answer is not what was expected, as sentences. */
export function differences(answer: Answer, expected: ClockCase['expect']): string[] {
  return (Object.keys(ANSWER.shape) as (keyof Answer)[])
    .filter((key) => expected[key] !== undefined && expected[key] !== answer[key])
    .map((key) => `${key} is ${answer[key]}, expected ${expected[key]}`);
}
