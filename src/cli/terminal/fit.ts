/** Which columns of a table a narrow terminal shows. */
import { widthOf, wrapped } from './width.ts';

/**
 * `align`: l or r per column; left without it. `importance`: 1 to 9 per column; the highest is dropped first,
 * and 1 never.
 */
export type Table = {
  head: readonly string[];
  rows: readonly (readonly string[])[];
  align?: string;
  importance: readonly number[];
};

/** A long text in the last column may be cut down to this before another column is dropped for it. */
const MIN_LAST = 24;
const GAP = 2;
/** Columns of this importance are never dropped. */
const ALWAYS = 1;

/**
 * The columns that fit, by their places, and the names of those that are dropped, by importance: the highest
 * number first, the rightmost of equal ones first. Columns of importance 1 stay, even if they don't fit.
 */
export function fitting(table: Table, width: number): { kept: readonly number[]; dropped: string[] } {
  const { head, rows, align = '', importance } = table;
  const widths = head.map((name, at) =>
    rows.reduce((most, row) => Math.max(most, widthOf(row[at] ?? '')), widthOf(name)),
  );
  let kept = head.map((_, at) => at);
  const needed = (): number => {
    const last = kept.at(-1) ?? 0;
    const sum = kept.reduce((total, at) => total + (widths[at] ?? 0) + GAP, -GAP);
    const surplus = align[last] === 'r' ? 0 : Math.max(0, (widths[last] ?? 0) - MIN_LAST);
    return sum - surplus;
  };
  while (needed() > width) {
    const worst = kept.reduce((found, at) => (rank(importance, at) >= rank(importance, found) ? at : found));
    if (rank(importance, worst) <= ALWAYS) break;
    kept = kept.filter((at) => at !== worst);
  }
  return { kept, dropped: head.filter((_, at) => !kept.includes(at)) };
}

/** The lines that name the columns which were dropped. */
export function withoutLines(dropped: readonly string[], width: number): string[] {
  return dropped.length === 0 ? [] : wrapped(`… without ${dropped.join(', ')}`, width, 2);
}

function rank(importance: readonly number[], at: number): number {
  return importance[at] ?? ALWAYS;
}
