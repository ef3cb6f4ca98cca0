/**
 * A text of forecasts -> its rows, each with its line. Rows that cannot be read become faults; the others are
 * read all the same.
 */
import { WorkstealError } from '../../domain/errors.ts';
import { readCsv } from './csv.ts';
import { readJson, readJsonLines } from './json.ts';
import { MAX_ROWS, numbered, type RawRows } from './rows.ts';

export const FORMATS = ['csv', 'json', 'jsonl'] as const;
export type Format = (typeof FORMATS)[number];

const EXTENSIONS: Record<string, Format> = {
  csv: 'csv',
  tsv: 'csv',
  json: 'json',
  jsonl: 'jsonl',
  ndjson: 'jsonl',
};

/** The format by the file's extension; for an unknown extension by the text's first character. */
export function formatOf(name: string, text: string): Format {
  const known = EXTENSIONS[/\.([a-z]+)(\.gz)?$/i.exec(name)?.[1]?.toLowerCase() ?? ''];
  if (known !== undefined) return known;
  const start = text.trimStart()[0];
  return start === '[' ? 'json' : start === '{' ? 'jsonl' : 'csv';
}

/**
 * @param ignored columns that plans do not follow, and whose values are to be ignored
 * @throws WorkstealError `invalid` where the whole text is unusable: no header, no JSON, too many rows
 */
export function readRows(text: string, format: Format, ignored: readonly string[] = []): RawRows {
  const plain = text.startsWith('\uFEFF') ? text.slice(1) : text;
  const read =
    format === 'csv'
      ? readCsv(plain, ignored)
      : format === 'json'
        ? readJson(plain, ignored)
        : readJsonLines(numbered(plain), ignored);
  const count = read.rows.length + read.faults.length;
  if (count > MAX_ROWS)
    throw new WorkstealError('invalid', `${count} rows; at most ${MAX_ROWS} are allowed`, { field: 'rows' });
  return read;
}
