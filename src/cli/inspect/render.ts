/** Sections as lines: the same as redis-cli shows, in colour if the output supports it. */
import colors from 'picocolors';
import type { Env } from '../../rules/settings.ts';
import { padded } from '../table.ts';
import type { Section } from './reading.ts';

type Colors = ReturnType<typeof colors.createColors>;

/** Colours on a terminal or with FORCE_COLOR, but never with NO_COLOR. */
export function colorsFor(env: Env, isTerminal: boolean): Colors {
  const forced = env['FORCE_COLOR'] !== undefined && env['FORCE_COLOR'] !== '0';
  return colors.createColors((isTerminal || forced) && !env['NO_COLOR']);
}

const GOOD = new Set(['working', 'granted', 'filled', 'holding', 'done', 'yes', 'none']);
const BUSY = new Set(['pending', 'reserved', 'entering', 'exiting', 'waiting', 'on']);
const WARN = new Set([
  'cancelling',
  'cooldown',
  'fight',
  'a fight',
  'takeable',
  'dry run',
  'dry_run',
  'unclear',
]);
const BAD = new Set(['failed', 'rejected', 'halted', 'closed', 'expired', 'off', 'lost']);

/** Colours a known word; returns any other cell unchanged. */
function colored(cell: string, c: Colors): string {
  const word = cell.trim();
  if (GOOD.has(word)) return c.green(cell);
  if (BUSY.has(word)) return c.cyan(cell);
  if (WARN.has(word)) return c.yellow(cell);
  if (BAD.has(word) || word.startsWith('no: ')) return c.red(cell);
  return word === '-' || word === '(none)' ? c.dim(cell) : cell;
}

/** @param width the screen's columns; longer lines are cut. Default: no limit */
export function renderSections(
  sections: readonly Section[],
  c: Colors,
  width = Number.MAX_SAFE_INTEGER,
): string[] {
  return sections.flatMap((section, at) => {
    const title = section.title === null ? [] : [c.bold(section.title.slice(0, width))];
    return [...(at > 0 ? [''] : []), ...title, ...renderRows(section, c, width)];
  });
}

function renderRows({ head, align, rows, title }: Section, c: Colors, width: number): string[] {
  const hasHead = head.length > 0;
  const facts = !hasHead && title === null;
  return padded(hasHead ? [head, ...rows] : rows, align).map((row, at) => {
    const paint = (cell: string, column: number) => {
      if ((hasHead && at === 0) || (facts && column === 0)) return c.dim(cell);
      return colored(cell, c);
    };
    return line(row, paint, width);
  });
}

/** Joins the cells with two spaces, without trailing blanks, cut at the width. */
function line(
  row: readonly string[],
  paint: (cell: string, column: number) => string,
  width: number,
): string {
  let left = Math.min(width, row.join('  ').trimEnd().length);
  const cells: string[] = [];
  for (const [column, cell] of row.entries()) {
    if (left <= 0) break;
    const kept = cell.slice(0, left);
    cells.push(paint(kept, column));
    left -= kept.length;
    if (left > 0 && column < row.length - 1) cells.push('  '.slice(0, left));
    left -= 2;
  }
  return cells.join('');
}
