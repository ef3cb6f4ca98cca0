/**
 * Lists in pages. A cursor holds the sort key of the last item that was shown, so that items which come or go
 * between two pages are neither skipped nor shown twice.
 */
import { z } from 'zod';
import { WorkstealError } from '../domain/errors.ts';

/** What a list is sorted by, ascending; the last part is unique. */
export type SortKey = readonly (string | number)[];

export const MAX_PAGE = 100;
const DEFAULT_PAGE = 50;
const MAX_CURSOR_CHARACTERS = 512;

const KEY = z.array(z.union([z.string().max(200), z.number()])).max(6);

/** The query of every list. */
export const PAGE_QUERY = {
  limit: z.coerce
    .number()
    .int()
    .min(1)
    .max(MAX_PAGE)
    .default(DEFAULT_PAGE)
    .describe(`how many, at most ${MAX_PAGE}`),
  cursor: z
    .string()
    .max(MAX_CURSOR_CHARACTERS)
    .optional()
    .describe('nextCursor of the page before; left out for the first page'),
};

/** What every list has besides its items. */
export const PAGE_ANSWER = {
  more: z.int().min(0).describe('how many follow'),
  nextCursor: z.string().nullable().describe('for the next page; null: this is the last one'),
};

export type PageQuery = { limit: number; cursor?: string | undefined };
export type Page<T> = { items: T[]; more: number; nextCursor: string | null };

/**
 * The page of a list after the cursor.
 * @throws WorkstealError `invalid` for a cursor that no answer had
 */
export function pageOf<T>(
  list: readonly T[],
  keyOf: (item: T) => SortKey,
  { limit, cursor }: PageQuery,
): Page<T> {
  const after = cursor === undefined ? undefined : readCursor(cursor);
  const keyed = list.map((item) => ({ item, key: keyOf(item) }));
  const rest = keyed
    .filter(({ key }) => after === undefined || compare(key, after) > 0)
    .sort((a, b) => compare(a.key, b.key));
  const shown = rest.slice(0, limit);
  const last = shown.at(-1);
  const more = rest.length - shown.length;
  return {
    items: shown.map(({ item }) => item),
    more,
    nextCursor: more > 0 && last !== undefined ? writeCursor(last.key) : null,
  };
}

function writeCursor(key: SortKey): string {
  return Buffer.from(JSON.stringify(key)).toString('base64url');
}

function readCursor(cursor: string): SortKey {
  try {
    return KEY.parse(JSON.parse(Buffer.from(cursor, 'base64url').toString()));
  } catch {
    throw new WorkstealError('invalid', 'query.cursor: is not a nextCursor of this list', {
      field: 'query.cursor',
    });
  }
}

function compare(one: SortKey, other: SortKey): number {
  for (const [at, part] of one.entries()) {
    const against = other[at] ?? '';
    if (part !== against) return part < against ? -1 : 1;
  }
  return 0;
}
