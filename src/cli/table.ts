/** How a command puts its result on standard output: text in columns, through commander's own writer. */
import type { Command } from 'commander';
import { fitting, type Table, withoutLines } from './terminal/fit.ts';
import { cutLine, widthOf } from './terminal/width.ts';

/**
 * Every cell padded to its column's width; a column is flush right where `align` has an `r` at its place,
 * else left.
 */
export function padded(rows: readonly (readonly string[])[], align = ''): string[][] {
  const widths: number[] = [];
  for (const row of rows)
    row.forEach((cell, at) => {
      widths[at] = Math.max(widths[at] ?? 0, widthOf(cell));
    });
  return rows.map((row) =>
    row.map((cell, at) => {
      const fill = ' '.repeat((widths[at] ?? 0) - widthOf(cell));
      return align[at] === 'r' ? fill + cell : cell + fill;
    }),
  );
}

/** Rows under each other in columns, two spaces between; the last column is as wide as it needs. */
export function columns(rows: readonly (readonly string[])[], align = ''): string {
  return `${padded(rows, align)
    .map((row) => row.join('  ').trimEnd())
    .join('\n')}\n`;
}

/**
 * A table as text. On a terminal it drops the columns that don't fit and says which; a line that is still too
 * long ends in `…`.
 * @param width the columns of the terminal; undefined: no limit
 */
export function tableText(table: Table, width: number | undefined): string {
  const { head, rows, align = '' } = table;
  if (width === undefined) return columns([head, ...rows], align);
  const { kept, dropped } = fitting(table, width);
  const pick = (cells: readonly string[]): string[] => kept.map((at) => cells[at] ?? '');
  const lines = columns([head, ...rows].map(pick), pick([...align]).join(''))
    .trimEnd()
    .split('\n');
  const cut = lines.map((line) => cutLine(line, width));
  return `${[...cut, ...withoutLines(dropped, width)].join('\n')}\n`;
}

/** The columns of the terminal that standard output is; undefined for a pipe or a file. */
export function terminalWidth(): number | undefined {
  return process.stdout.isTTY === true ? process.stdout.columns || undefined : undefined;
}

/** How a command writes its result; commander's own output, so that a program or a test can redirect it. */
export function writer(command: Command): (text: string) => void {
  return command.configureOutput().writeOut ?? ((text) => process.stdout.write(text));
}
