/**
 * Forecasts as CSV: a header, then one row per line, with commas, semicolons or tabs. It is parsed line by
 * line, so that an unclosed quote affects only its own line. Only a note (a column that is not a forecast
 * field) may contain line breaks, in quotes.
 */
import { type CsvError, parse } from 'csv-parse/sync';
import { WorkstealError } from '../../domain/errors.ts';
import { shown } from '../../domain/shown.ts';
import {
  type Field,
  fieldNamed,
  isSameColumn,
  isUnsupported,
  type RawValues,
  whyUnsupported,
} from './fields.ts';
import { type Line, MAX_LINE, numbered, type RawRow, type RawRows, rowFault, tooLong } from './rows.ts';

/** The most lines of one quoted cell. */
const MAX_CELL_LINES = 50;

type Column = { name: string; field: Field | undefined; ignored: boolean };

/**
 * @param ignored unsupported columns whose values are ignored instead of refused
 * @throws WorkstealError `invalid` for a header without a column `symbol`, or with a field twice
 */
export function readCsv(text: string, ignored: readonly string[] = []): RawRows {
  const { delimiter: named, header, lines } = split(text);
  const read: RawRows = { rows: [], faults: [], unknownColumns: [] };
  if (header === undefined) return read;
  const delimiter = named ?? delimiterOf(header.text);
  const columns = readHeader(header.text, delimiter, ignored, read.unknownColumns);
  for (let at = 0; at < lines.length; at += 1) {
    const { line, text: row } = lines[at] as Line;
    const over = row.includes('"') ? overLines(lines, at, columns, delimiter) : undefined;
    if (over !== undefined) {
      read.rows.push(rowOf(line, columns, over.cells));
      at += over.more;
      continue;
    }
    const cells = tooLong(row) ?? cellsOf(row, delimiter);
    const fault = typeof cells === 'string' ? cells : tooMany(cells, columns, delimiter);
    if (fault !== undefined) read.faults.push(rowFault(line, fault));
    else read.rows.push(rowOf(line, columns, cells as string[]));
  }
  return read;
}

/** Excel may name the delimiter in a first line, `sep=;`. Lines that begin with `#` are comments. */
function split(text: string): { delimiter: string | undefined; header: Line | undefined; lines: Line[] } {
  const lines = numbered(text).filter((line) => !line.text.trimStart().startsWith('#'));
  const delimiter = /^\s*"?sep=(.)"?\s*$/i.exec(lines[0]?.text ?? '')?.[1];
  if (delimiter !== undefined) lines.shift();
  return { delimiter, header: lines.shift(), lines };
}

function delimiterOf(header: string): string {
  return [',', ';', '\t'].find((delimiter) => header.includes(delimiter)) ?? ',';
}

function readHeader(
  text: string,
  delimiter: string,
  ignored: readonly string[],
  unknown: string[],
): Column[] {
  const names = tooLong(text) ?? cellsOf(text, delimiter);
  if (typeof names === 'string')
    throw new WorkstealError('invalid', `header: ${shown(names, 300)}`, { field: 'header' });
  const columns = names.map((name) => ({
    name,
    field: fieldNamed(name),
    ignored: ignored.some((column) => isSameColumn(column, name)),
  }));
  for (const [at, { name, field }] of columns.entries()) {
    const first = columns.find((column) => column.field === field);
    if (field === undefined) {
      if (columns[at]?.ignored || !isUnsupported(name)) unknown.push(name);
    } else if (first !== undefined && columns.indexOf(first) !== at) {
      const both = `${shown(first.name)}" and "${shown(name)}`;
      throw new WorkstealError('invalid', `header: "${both}" both mean ${field}; remove one of them`, {
        field,
      });
    }
  }
  if (!columns.some(({ field }) => field === 'symbol')) {
    const next = text.includes('|')
      ? 'columns are separated by commas, semicolons or tabs; a first line "sep=|" names another separator'
      : 'the first line must name the columns';
    throw new WorkstealError(
      'invalid',
      `header: there is no column "symbol" in "${shown(text, 80)}"; ${next}`,
      {
        field: 'header',
      },
    );
  }
  return columns;
}

/** The cells of a line, or what is wrong with it. */
function cellsOf(text: string, delimiter: string): string[] | string {
  if (!text.includes('"')) return text.split(delimiter).map((cell) => cell.trim());
  try {
    const rows = parse(text, { delimiter, trim: true }) as string[][];
    return rows.length > 1 ? 'it holds several rows' : (rows[0] ?? []);
  } catch (error) {
    return whyNoCells(error as CsvError);
  }
}

/** What the parser found, in words. */
function whyNoCells({ code, message }: CsvError): string {
  if (code === 'CSV_QUOTE_NOT_CLOSED') return 'a quote (") is opened and not closed';
  if (code === 'INVALID_OPENING_QUOTE' || code === 'CSV_INVALID_CLOSING_QUOTE')
    return 'a quote (") within a cell: put quotes around the whole cell, and double those inside';
  return message;
}

function tooMany(
  cells: readonly string[],
  columns: readonly Column[],
  delimiter: string,
): string | undefined {
  if (cells.length <= columns.length) return undefined;
  const name = { ',': 'comma', ';': 'semicolon', '\t': 'tab' }[delimiter] ?? `"${delimiter}"`;
  return `${cells.length} cells, but only ${columns.length} columns; put quotes around a cell with a ${name}`;
}

/** A row with line breaks in a quoted note; undefined if the lines do not clearly form such a row. */
function overLines(
  lines: readonly Line[],
  from: number,
  columns: readonly Column[],
  delimiter: string,
): { cells: string[]; more: number } | undefined {
  let text = lines[from]?.text ?? '';
  if (isClosed(text)) return undefined;
  for (let more = 1; more < MAX_CELL_LINES && from + more < lines.length; more += 1) {
    const next = lines[from + more]?.text ?? '';
    text = `${text}\n${next}`;
    if (text.length > MAX_LINE) return undefined;
    if (!next.includes('"') || !isClosed(text)) continue;
    const cells = cellsOf(text, delimiter);
    const isRow = typeof cells !== 'string' && cells.length === columns.length;
    const isNote =
      isRow && cells.every((cell, at) => !cell.includes('\n') || columns[at]?.field === undefined);
    return isNote ? { cells, more } : undefined;
  }
  return undefined;
}

/** Are all quotes closed? */
function isClosed(text: string): boolean {
  return (text.split('"').length - 1) % 2 === 0;
}

function rowOf(line: number, columns: readonly Column[], cells: readonly string[]): RawRow {
  const values: RawValues = {};
  const unsupported: string[] = [];
  for (const [at, cell] of cells.entries()) {
    const column = columns[at];
    if (column?.field !== undefined) {
      if (cell !== '') values[column.field] = cell;
      continue;
    }
    if (column?.ignored === false) unsupported.push(...whyUnsupported(column.name, cell));
  }
  return unsupported.length === 0 ? { line, values } : { line, values, unsupported };
}
