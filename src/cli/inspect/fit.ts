/** Which columns of a table a narrow terminal shows. */
import { widthOf } from '../terminal/width.ts';
import type { Section } from './reading.ts';

/** A long text in the last column may be cut down to this before another column is dropped for it. */
const MIN_LAST = 24;
const GAP = 2;
/** Columns of this importance are never dropped. */
const ALWAYS = 1;

/**
 * The table with the columns that fit, and the names of those that were dropped, by importance: the highest
 * number first, the rightmost of equal ones first. Columns of importance 1 stay, even if they don't fit.
 */
export function fitted(section: Section, width: number): { section: Section; dropped: string[] } {
  const { head, rows, align, importance } = section;
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
  const pick = (cells: readonly string[]): string[] => kept.map((at) => cells[at] ?? '');
  return {
    section: {
      ...section,
      head: pick(head),
      rows: rows.map(pick),
      align: pick([...align]).join(''),
      importance: kept.map((at) => rank(importance, at)),
    },
    dropped: head.filter((_, at) => !kept.includes(at)),
  };
}

function rank(importance: readonly number[], at: number): number {
  return importance[at] ?? ALWAYS;
}
