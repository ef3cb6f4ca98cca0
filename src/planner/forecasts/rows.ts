/** Rows of forecasts as written, each with its line, and the limits of their size. */
import { shown } from '../../domain/shown.ts';
import type { RawValues } from './fields.ts';

export const MAX_ROWS = 100_000;
export const MAX_BYTES = 32 * 1024 * 1024;
export const MAX_LINE = 10_000;
/** Long enough for a fault in each of ten fields, with the beginning of its value. */
const MAX_MESSAGE = 800;

/**
 * `place`: names the row where its line has several. `unsupported`: sentences that refuse it, for columns
 * that no plan follows.
 */
export type RawRow = { line: number; place?: string; values: RawValues; unsupported?: string[] };

/** A line, and a message about what is wrong with it. */
export type RowFault = { line: number; message: string };

export type RawRows = {
  rows: RawRow[];
  faults: RowFault[];
  /** Names of unknown columns, once each. */
  unknownColumns: string[];
};

export type Line = { line: number; text: string };

/** The lines that are not blank, with their numbers, counted from `first`. */
export function numbered(text: string, first = 1): Line[] {
  const lines: Line[] = [];
  for (const [at, line] of text.split(/\r\n|\n|\r/).entries()) {
    if (line.trim() !== '') lines.push({ line: first + at, text: line });
  }
  return lines;
}

/** A fault whose message is safe to print: it may quote anything from the row. */
export function rowFault(line: number, message: string, place?: string): RowFault {
  return { line, message: shown(place === undefined ? message : `${place}: ${message}`, MAX_MESSAGE) };
}

/** A message when the line is too long; else undefined. */
export function tooLong(text: { length: number }): string | undefined {
  return text.length > MAX_LINE ? `${text.length} characters; a row may have at most ${MAX_LINE}` : undefined;
}
