/** Sections as lines: the same as redis-cli shows, in colour if the output supports it. */
import colors from 'picocolors';
import type { Section } from '../../inspection/reading.ts';
import type { Env } from '../../rules/settings.ts';
import { padded } from '../table.ts';
import { fitting, withoutLines } from '../terminal/fit.ts';
import { beginningOf, cutLine, widthOf, wrapped } from '../terminal/width.ts';

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

/** Colours a cell that is a known word; any other stays as it is. */
function painter(cell: string, c: Colors): (text: string) => string {
  const word = cell.trim();
  if (GOOD.has(word)) return c.green;
  if (BUSY.has(word)) return c.cyan;
  if (WARN.has(word)) return c.yellow;
  if (BAD.has(word) || word.startsWith('no: ')) return c.red;
  return word === '-' || word === '(none)' ? c.dim : String;
}

/**
 * @param width the columns of a terminal: tables drop the columns that don't fit and say which, cells that
 *   are cut end in `…`, sentences are wrapped. Default: no limit, as redis-cli shows them
 */
export function renderSections(
  sections: readonly Section[],
  c: Colors,
  width = Number.MAX_SAFE_INTEGER,
): string[] {
  return sections.flatMap((section, at) => {
    const title = section.title === null ? [] : wrapped(section.title, width, 2).map(c.bold);
    return [...(at > 0 ? [''] : []), ...title, ...renderRows(section, c, width)];
  });
}

function renderRows(section: Section, c: Colors, width: number): string[] {
  const more = section.more > 0 ? [c.dim(cutLine(`... ${section.more} more`, width))] : [];
  if (section.head.length === 0) return [...renderTexts(section, c, width), ...more];
  const { kept, dropped } = fitting(section, width);
  const pick = (cells: readonly string[]): string[] => kept.map((at) => cells[at] ?? '');
  const without = withoutLines(dropped, width).map(c.dim);
  const lines = padded([section.head, ...section.rows].map(pick), pick([...section.align]).join('')).map(
    (row, at) => line(row, (cell) => (at === 0 ? c.dim : painter(cell, c))(cell), width),
  );
  // Above the rows, which may be more than the screen has room for.
  return [...without, ...lines, ...more];
}

/** Facts (a label and a text) and sentences: wrapped, facts under their text, sentences by two blanks. */
function renderTexts({ rows, align }: Section, c: Colors, width: number): string[] {
  return padded(rows, align).flatMap((row) => {
    const text = (row.at(-1) ?? '').trimEnd();
    const label = row
      .slice(0, -1)
      .map((cell) => `${cell}  `)
      .join('');
    const paint = painter(text, c);
    const [first = '', ...rest] = wrapped(label + text, width, label === '' ? 2 : widthOf(label));
    const begins = label !== '' && first.startsWith(label);
    const painted = begins ? c.dim(label) + paint(first.slice(label.length)) : paint(first);
    return [painted, ...rest.map(paint)];
  });
}

/** Joins the cells with two spaces, without trailing blanks; a line that is cut ends in `…`. */
function line(row: readonly string[], paint: (cell: string) => string, width: number): string {
  const text = row.join('  ').trimEnd();
  const isCut = widthOf(text) > width;
  let left = isCut ? width - 1 : widthOf(text);
  const cells: string[] = [];
  for (const [column, cell] of row.entries()) {
    if (left <= 0) break;
    const kept = beginningOf(cell, left);
    cells.push(paint(kept));
    left -= widthOf(kept);
    if (left > 0 && column < row.length - 1) cells.push('  '.slice(0, left));
    left -= 2;
  }
  return cells.join('') + (isCut ? '…' : '');
}
