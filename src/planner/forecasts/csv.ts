/**
 * Forecasts as CSV: a header, then one row per line, with commas, semicolons or tabs. It is parsed line by
 * line, so that an unclosed quote affects only its own line.
 */
import { parse } from 'csv-parse/sync';
import { WorkstealError } from '../../domain/errors.ts';
import { shown } from '../../domain/shown.ts';
import { type Field, fieldNamed, type RawValues } from './fields.ts';
import { numbered, type RawRows, rowFault, tooLong } from './rows.ts';

/** @throws WorkstealError `invalid` for a header without a column `symbol`, or with a field twice */
export function readCsv(text: string): RawRows {
  const [header, ...lines] = numbered(text);
  const read: RawRows = { rows: [], faults: [], unknownColumns: [] };
  if (header === undefined) return read;
  const delimiter = delimiterOf(header.text);
  const columns = readHeader(header.text, delimiter, read.unknownColumns);
  for (const { line, text: row } of lines) {
    const cells = tooLong(row) ?? cellsOf(row, delimiter);
    if (typeof cells === 'string') {
      read.faults.push(rowFault(line, cells));
    } else if (cells.length > columns.length) {
      read.faults.push(
        rowFault(
          line,
          `${cells.length} cells, but only ${columns.length} columns; put quotes around a cell with a comma`,
        ),
      );
    } else {
      read.rows.push({ line, values: valuesOf(columns, cells) });
    }
  }
  return read;
}

function delimiterOf(header: string): string {
  return header.includes(',') ? ',' : header.includes(';') ? ';' : header.includes('\t') ? '\t' : ',';
}

function readHeader(text: string, delimiter: string, unknown: string[]): (Field | undefined)[] {
  const names = tooLong(text) ?? cellsOf(text, delimiter);
  if (typeof names === 'string')
    throw new WorkstealError('invalid', `header: ${shown(names, 300)}`, { field: 'header' });
  const columns = names.map(fieldNamed);
  for (const [at, field] of columns.entries()) {
    if (field === undefined) unknown.push(names[at] ?? '');
    else if (columns.indexOf(field) !== at) {
      const both = `${shown(names[columns.indexOf(field)] ?? '')}" and "${shown(names[at] ?? '')}`;
      throw new WorkstealError('invalid', `header: "${both}" both mean ${field}; remove one of them`, {
        field,
      });
    }
  }
  if (!columns.includes('symbol')) {
    throw new WorkstealError(
      'invalid',
      `header: there is no column "symbol" in "${shown(text, 80)}"; the first line must name the columns`,
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
    return (parse(text, { delimiter, trim: true }) as string[][])[0] ?? [];
  } catch (error) {
    return (error as Error).message;
  }
}

function valuesOf(columns: readonly (Field | undefined)[], cells: readonly string[]): RawValues {
  const values: RawValues = {};
  for (const [at, cell] of cells.entries()) {
    const field = columns[at];
    if (field !== undefined && cell !== '') values[field] = cell;
  }
  return values;
}
