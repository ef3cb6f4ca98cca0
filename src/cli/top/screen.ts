/**
 * What `worksteal top` shows, from the inspection scripts (lua/redis-cli): how the account is, room, book,
 * latest steals, refusals.
 */
import { readSections, type Section } from '../../inspection/reading.ts';
import type { Ledger } from '../../ledger/ledger.ts';
import { bar } from '../terminal/bar.ts';

/** The facts of `worksteal status` that are shown, by their labels. */
const FACTS = new Set(['account', 'admits', 'session', 'synced', 'stealing', 'outbox']);
const STEALS = 5;
const REFUSALS = 5;
const BAR = 24;
/** Rows of everything but the book, when each list is full. */
const OTHER_ROWS = 27;
const MIN_BOOK = 4;
const MAX_BOOK = 200;

const NO_COLOR = { cyan: String, dim: String };

/**
 * Three round trips, at once.
 * @param rows of the screen; the book gets what the rest leaves
 * @throws WorkstealError `unavailable`, `unknown`
 */
export async function readScreen(ledger: Ledger, rows: number): Promise<Section[]> {
  const shown = Math.max(MIN_BOOK, Math.min(MAX_BOOK, rows - OTHER_ROWS));
  const [status, book, steals] = await Promise.all([
    readSections(ledger, { script: 'status', words: [] }),
    readSections(ledger, { script: 'orders', words: [String(shown)] }),
    readSections(ledger, { script: 'steals', words: [String(STEALS)] }),
  ]);
  const titled = (title: string): Section[] =>
    status.filter((section) => section.title?.startsWith(title) ?? false);
  return [
    ...status.slice(0, 1).map(factsOf),
    ...titled('pools').map(roomOf),
    ...book,
    ...steals,
    ...titled('refusals').map(firstOf),
  ];
}

function factsOf(facts: Section): Section {
  return { ...facts, rows: facts.rows.filter(([label = '']) => FACTS.has(label)) };
}

function firstOf(section: Section): Section {
  const left = Math.max(0, section.rows.length - REFUSALS);
  return { ...section, rows: section.rows.slice(0, REFUSALS), more: section.more + left };
}

/** Each pool's use as a bar, with what is free. */
function roomOf({ head, rows }: Section): Section {
  const at = (row: readonly string[], name: string): string => row[head.indexOf(name)]?.trim() ?? '';
  const lines = rows.map((row) => {
    const used = at(row, 'USE');
    const full = bar(Number.parseFloat(used) / 100 || 0, BAR, NO_COLOR);
    return [at(row, 'POOL'), `${full} ${used}  ${at(row, 'ROOM')} free of ${at(row, 'CAP')}`];
  });
  return { title: null, head: [], align: 'll', rows: lines, importance: [], more: 0 };
}
