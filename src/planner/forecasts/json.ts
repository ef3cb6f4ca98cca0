/**
 * Forecasts as JSON: an array of objects, an object with such an array in `forecasts`, or one object per
 * line. Values are strings or numbers.
 */
import { z } from 'zod';
import { numberToDecimal } from '../../domain/decimal.ts';
import { WorkstealError } from '../../domain/errors.ts';
import { shown } from '../../domain/shown.ts';
import { elementSpans } from './element-spans.ts';
import { fieldNamed, isSameColumn, isUnsupported, type RawValues, whyUnsupported } from './fields.ts';
import { type Line, type RawRow, type RawRows, rowFault, tooLong } from './rows.ts';

const DOCUMENT = z.union([
  z.array(z.unknown()),
  z.object({ forecasts: z.array(z.unknown()) }).transform((whole) => whole.forecasts),
]);
/** A hint for users of pandas. */
const RECORDS = ', as pandas writes with to_json(orient="records")';
const ROW = z.record(z.string(), z.unknown());
const VALUE = z.union([
  z.string().transform((text) => text.trim()),
  z.number().transform((value) => numberToDecimal(value)),
  z.null().transform(() => ''),
]);

/** @throws WorkstealError `invalid` if the text is not JSON or not a list */
export function readJson(text: string, ignored: readonly string[] = []): RawRows {
  const read = emptyRows(ignored);
  if (text.trim() === '') return read.rows;
  let document: unknown;
  try {
    document = JSON.parse(text);
  } catch (error) {
    throw new WorkstealError('invalid', whyNoJson(text, error), { field: 'json' }, error);
  }
  const list = DOCUMENT.safeParse(document);
  if (!list.success)
    throw new WorkstealError('invalid', `not a list of forecasts; write [{...}, ...]${RECORDS}`, {
      field: 'json',
    });
  const spans = elementSpans(text);
  const perLine = new Map<number, number>();
  for (const { line } of spans) perLine.set(line, (perLine.get(line) ?? 0) + 1);
  for (const [at, element] of list.data.entries()) {
    const { line, length } = spans[at] ?? { line: 1, length: 0 };
    // Programs write all rows in one line.
    const place = (perLine.get(line) ?? 0) > 1 ? `row ${at + 1}` : undefined;
    read.take(line, element, tooLong({ length }), place);
  }
  return read.rows;
}

/** In words for what Python writes; else what the parser says. */
function whyNoJson(text: string, error: unknown): string {
  if (/[[:,]\s*-?(NaN|Infinity)\b/.test(text))
    return 'not valid JSON: it has NaN or Infinity; write null where there is no value';
  if (/^[\s[]*\{\s*'/.test(text))
    return 'not valid JSON: names and texts need double quotes, as json.dumps writes them';
  if (/,\s*[\]}]/.test(text)) return 'not valid JSON: there is a comma before a closing bracket';
  return `not valid JSON: ${shown((error as Error).message, 200)}`;
}

/** One object per line. */
export function readJsonLines(lines: Iterable<Line>, ignored: readonly string[] = []): RawRows {
  const read = emptyRows(ignored);
  for (const { line, text } of lines) {
    let element: unknown;
    let fault = tooLong(text);
    try {
      if (fault === undefined) element = JSON.parse(text);
    } catch (error) {
      fault = whyNoJson(text, error);
    }
    read.take(line, element, fault);
  }
  return read.rows;
}

function emptyRows(ignored: readonly string[]): {
  rows: RawRows;
  /** `place`: names the row where its line has several. */
  take(line: number, element: unknown, fault: string | undefined, place?: string): void;
} {
  const rows: RawRows = { rows: [], faults: [], unknownColumns: [] };
  const unknown = new Set<string>();
  return {
    rows,
    take(line, element, fault, place) {
      const read =
        fault ??
        readObject(element, ignored, (name) => {
          if (unknown.has(name) || unknown.size >= 100) return;
          unknown.add(name);
          rows.unknownColumns.push(name);
        });
      if (typeof read === 'string') rows.faults.push(rowFault(line, read, place));
      else rows.rows.push({ line, ...read, ...(place === undefined ? {} : { place }) });
    },
  };
}

/** The values of an object by field, or a sentence about what is wrong with it. */
function readObject(
  element: unknown,
  ignored: readonly string[],
  onUnknown: (name: string) => void,
): Pick<RawRow, 'values' | 'unsupported'> | string {
  const row = ROW.safeParse(element);
  if (!row.success || Array.isArray(element))
    return `not an object; write {"symbol": ..., ...}${Array.isArray(element) ? RECORDS : ''}`;
  const values: RawValues = {};
  const unsupported: string[] = [];
  for (const [name, given] of Object.entries(row.data)) {
    const field = fieldNamed(name);
    const value = VALUE.safeParse(given);
    if (field === undefined) {
      const isIgnored = ignored.some((column) => isSameColumn(column, name));
      if (isIgnored || !isUnsupported(name)) onUnknown(name);
      else unsupported.push(...whyUnsupported(name, value.success ? value.data : JSON.stringify(given)));
      continue;
    }
    if (!value.success) return `${shown(name)} is neither text nor a number`;
    if (values[field] !== undefined) return `${field} is given twice`;
    if (value.data !== '') values[field] = value.data;
  }
  return unsupported.length === 0 ? { values } : { values, unsupported };
}
