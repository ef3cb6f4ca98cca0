/**
 * Hourly bars from a folder of CSV files, one per symbol: `BTCUSD.csv` or `BTCUSD.csv.gz`. Two headers are
 * known: `timestamp,open,high,low,close,volume` and the same followed by
 * `pred_high,pred_low,pred_close,buy_limit,sell_limit,buy_amount,sell_amount`. Times are UTC, ascending, the
 * starts of bars. An empty open means the previous close. A malformed row is an error with file and line.
 */
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { basename, join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { parse } from 'csv-parse/sync';
import { z } from 'zod';
import { nearestNanos } from '../domain/decimal.ts';
import { WorkstealError } from '../domain/errors.ts';
import { fileFault, unreadable } from '../domain/file-fault.ts';
import { shown } from '../domain/shown.ts';
import { toSymbol } from '../domain/symbol.ts';
import { type AssetClass, assetClassOf } from './market.ts';

export const BAR_MS = 3_600_000;
const MAX_FILES = 2000;
const MAX_FILE_BYTES = 64 * 1024 * 1024;

/**
 * One hour. Prices in nanos, rounded to nine decimals. `buyLimit`, `sellLimit`: the forecast's limits, null
 * where the row has none. `buyAmount`: the column's text, '' for none; whoever uses it parses it.
 */
export type Bar = {
  startMs: number;
  open: bigint;
  high: bigint;
  low: bigint;
  close: bigint;
  buyLimit: bigint | null;
  sellLimit: bigint | null;
  buyAmount: string;
};

/** The bars of one file. */
export type BarSeries = { symbol: string; assetClass: AssetClass; bars: readonly Bar[] };

const decimal = z.string().regex(/^\d+(\.\d*)?([eE][+-]?\d{1,3})?$/, 'is not a price');
const optional = z.union([z.literal(''), decimal], { error: 'is not a price' }).optional();
const rowSchema = z.object({
  timestamp: z.iso.datetime({ offset: true, error: 'is not an ISO time with a zone' }),
  open: optional,
  high: decimal,
  low: decimal,
  close: decimal,
  buy_limit: optional,
  sell_limit: optional,
  buy_amount: z.string().default(''),
});

function optionalNanos(text: string | undefined): bigint | null {
  if (text === undefined || text === '') return null;
  const nanos = nearestNanos(text);
  return nanos === 0n ? null : nanos;
}

function fail(file: string, line: number, what: string): never {
  throw new WorkstealError('invalid', `${file}, line ${line}: ${what}; correct or remove the row`, {
    file,
    line: String(line),
  });
}

const REQUIRED = ['timestamp', 'high', 'low', 'close'] as const;
const MAX_NAMES_CHARACTERS = 300;

/** The names of the columns as they are. */
function columnsOf(file: string, names: string[]): string[] {
  const missing = REQUIRED.filter((name) => !names.includes(name));
  if (missing.length === 0) return names;
  const there = shown(names.join(', '), MAX_NAMES_CHARACTERS);
  const what = `there is no column ${missing.join(' or ')}; there are ${there}`;
  throw new WorkstealError('invalid', `${file}, line 1: ${what}`, { file, line: '1' });
}

/** A field that can't be right, with its text. */
function issueOf(record: unknown, { path, message }: z.core.$ZodIssue): string {
  const text = (record as Readonly<Record<string, unknown>>)[String(path[0])];
  return `${path.join('.')} "${shown(String(text))}" ${message}`;
}

function parseBars(file: string, text: string): Bar[] {
  const bars: Bar[] = [];
  let rows: { record: unknown; info: { lines: number } }[];
  try {
    rows = parse(text, {
      columns: (names: string[]) => columnsOf(file, names),
      ...{ info: true, skip_empty_lines: true, bom: true, trim: true },
    });
  } catch (error) {
    if (error instanceof WorkstealError) throw error;
    throw new WorkstealError('invalid', `${file}: ${(error as Error).message}`, { file }, error);
  }
  for (const { record, info } of rows) {
    const parsed = rowSchema.safeParse(record);
    if (!parsed.success) {
      const issue = parsed.error.issues[0];
      fail(file, info.lines, issue === undefined ? 'row is not a bar' : issueOf(record, issue));
    }
    const row = parsed.data;
    const startMs = Date.parse(row.timestamp);
    const previous = bars.at(-1);
    if (previous && startMs <= previous.startMs)
      fail(file, info.lines, `timestamp ${row.timestamp} is not after the row before`);
    const [high, low, close] = [nearestNanos(row.high), nearestNanos(row.low), nearestNanos(row.close)];
    if (low <= 0n || high < low || close < low || close > high) {
      fail(
        file,
        info.lines,
        `low ${row.low}, close ${row.close}, high ${row.high} are not in order above zero`,
      );
    }
    const open = optionalNanos(row.open) ?? previous?.close ?? close;
    bars.push({
      startMs,
      open,
      high,
      low,
      close,
      buyLimit: optionalNanos(row.buy_limit),
      sellLimit: optionalNanos(row.sell_limit),
      buyAmount: row.buy_amount,
    });
  }
  return bars;
}

/**
 * Reads every CSV file of the folder; the file's name is the symbol.
 * @throws WorkstealError `invalid` for a folder without CSV files, a file that is too large, or a malformed
 *   row.
 */
export function readBars(dir: string): BarSeries[] {
  return barFiles(dir).map(readBarFile);
}

/** The paths of the folder's CSV files, by name. @throws WorkstealError `invalid` if there are none */
export function barFiles(dir: string): string[] {
  let names: string[];
  try {
    names = readdirSync(dir)
      .filter((name) => /\.csv(\.gz)?$/.test(name))
      .sort();
  } catch (error) {
    const why = `data: the folder "${dir}" can't be read (${fileFault(error)})`;
    throw new WorkstealError('invalid', why, { dir }, error);
  }
  if (names.length === 0)
    throw new WorkstealError('invalid', `data: the folder "${dir}" holds no *.csv or *.csv.gz`, { dir });
  if (names.length > MAX_FILES) {
    throw new WorkstealError('invalid', `data: the folder "${dir}" holds more than ${MAX_FILES} files`, {
      dir,
    });
  }
  return names.map((name) => join(dir, name));
}

/** Reads one file. @throws WorkstealError `invalid` for one that is too large, or a malformed row */
export function readBarFile(file: string): BarSeries {
  const name = basename(file);
  const symbol = toSymbol(name.replace(/\.csv(\.gz)?$/, ''));
  return { symbol, assetClass: assetClassOf(symbol), bars: parseBars(file, textOf(file)) };
}

function textOf(file: string): string {
  try {
    if (statSync(file).size > MAX_FILE_BYTES)
      throw new WorkstealError('invalid', `${file}: larger than ${MAX_FILE_BYTES} bytes`, { file });
    const bytes = readFileSync(file);
    const isZipped = file.endsWith('.gz');
    return (isZipped ? gunzipSync(bytes, { maxOutputLength: 8 * MAX_FILE_BYTES }) : bytes).toString('utf8');
  } catch (error) {
    throw error instanceof WorkstealError ? error : unreadable(file, error);
  }
}
