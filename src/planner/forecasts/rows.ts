/** Forecasts as they were written, each with its line; the limits of a text of them. */
import { shown } from '../../domain/shown.ts';
import type { RawValues } from './fields.ts';

export const MAX_ROWS = 100_000;
export const MAX_BYTES = 32 * 1024 * 1024;
export const MAX_LINE = 10_000;
/** Of a fault: all that is wrong with ten fields, each with the beginning of what was given. */
const MAX_MESSAGE = 800;

export type RawRow = { line: number; values: RawValues };

/** What is wrong with a line. */
export type RowFault = { line: number; message: string };

export type RawRows = {
  rows: RawRow[];
  faults: RowFault[];
  /** Columns that mean nothing here, once each. */
  unknownColumns: string[];
};

export type Line = { line: number; text: string };

/** The lines that hold something, with their numbers from `first` on. */
export function numbered(text: string, first = 1): Line[] {
  const lines: Line[] = [];
  for (const [at, line] of text.split(/\r?\n/).entries()) {
    if (line.trim() !== '') lines.push({ line: first + at, text: line });
  }
  return lines;
}

/** Whatever stands in a row may stand in the message, so it is made fit to be read. */
export function rowFault(line: number, message: string): RowFault {
  return { line, message: shown(message, MAX_MESSAGE) };
}

/** What is wrong with a line that is too long, if it is. */
export function tooLong(text: { length: number }): string | undefined {
  return text.length > MAX_LINE ? `${text.length} characters; a row has at most ${MAX_LINE}` : undefined;
}
