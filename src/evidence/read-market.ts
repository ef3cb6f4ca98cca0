/**
 * A folder of bars as a market: one CSV file for each symbol (src/prices/bars.ts has the columns), of hours
 * or of minutes. With `buy_limit` and `sell_limit` a bar holds the plan for the next one, with `buy_amount`
 * also its size.
 */
import { fromNanos } from '../domain/decimal.ts';
import { WorkstealError } from '../domain/errors.ts';
import { shown } from '../domain/shown.ts';
import { BAR_MS, type BarSeries, barFiles, type Bar as FileBar, readBarFile } from '../prices/bars.ts';
import { type Bar, type BarLimits, type Market, MOST_SHARE, type SymbolBars } from './types.ts';

const MINUTE_MS = 60_000;
const MINUTES = 60;
/** All files together, in hours: 20 years of 100 stocks. */
const MAX_HOURS = 4_000_000;

/** What was read. `unusable`: rows whose sell limit is not above the buy limit; they are no plan. */
export type ReadMarket = { market: Market; unusable: number };

/**
 * @throws WorkstealError `invalid`: a folder without CSV files, a malformed row, a file whose bars are
 *   neither hours nor minutes (no two rows are that far apart), too many bars; it names the file, and the
 *   line or the time of the row
 */
export function readMarket(dir: string): ReadMarket {
  const symbols: SymbolBars[] = [];
  let [unusable, hours] = [0, 0];
  for (const file of barFiles(dir)) {
    const series = readBarFile(file);
    if (symbols.some(({ symbol }) => symbol === series.symbol))
      throw refusal(file, `${series.symbol} has another file in this folder; keep one`);
    const one = symbolBars(file, series);
    hours += one.bars.length;
    if (hours > MAX_HOURS)
      throw refusal(file, `with this file there are more than ${MAX_HOURS} hours; give fewer files`);
    unusable += series.bars.filter(isUnusable).length;
    symbols.push(one);
  }
  return { market: { symbols }, unusable };
}

const refusal = (file: string, what: string): WorkstealError =>
  new WorkstealError('invalid', `${file}: ${what}`, { file });

function symbolBars(file: string, { symbol, assetClass, bars }: BarSeries): SymbolBars {
  if (bars.length === 0) throw refusal(file, 'it has no row; remove the file');
  const read = { symbol, crypto: assetClass === 'crypto' };
  if (stepOf(file, bars) === MINUTE_MS) return { ...read, ...hoursOf(file, bars) };
  const hours = bars.map(barOf);
  if (!bars.some(({ buyLimit, sellLimit }) => buyLimit !== null && sellLimit !== null))
    return { ...read, bars: hours };
  return { ...read, bars: hours, limits: bars.map((bar) => limitsOf(file, bar)) };
}

/** An hour or a minute. */
function stepOf(file: string, bars: readonly FileBar[]): number {
  let least = Number.POSITIVE_INFINITY;
  let [place, far] = [0, 0];
  for (let at = 1; at < bars.length; at += 1) {
    const step = (bars[at]?.startMs ?? 0) - (bars[at - 1]?.startMs ?? 0);
    if (step < least) [least, place] = [step, at];
    if (step > BAR_MS / 2) far += 1;
  }
  // Most of them hours: then the minute is a row that can't be right.
  if (least === MINUTE_MS && 2 * far < bars.length) return MINUTE_MS;
  // Of one row alone it can't be told.
  if (least === BAR_MS || bars.length === 1) return BAR_MS;
  const row = new Date(bars[place]?.startMs ?? 0).toISOString();
  const apart =
    least > BAR_MS
      ? `no two rows are an hour apart, the nearest are ${Number((least / BAR_MS).toFixed(2))} hours apart`
      : `the row of ${row} is ${least / 1_000} s behind the one before`;
  throw refusal(file, `${apart}; give bars of an hour, or of a minute`);
}

const numberOf = (nanos: bigint): number => Number(fromNanos(nanos));

const barOf = ({ startMs, open, high, low, close }: FileBar): Bar => ({
  ...{ startMs, open: numberOf(open), high: numberOf(high), low: numberOf(low), close: numberOf(close) },
});

function limitsOf(file: string, bar: FileBar): BarLimits | undefined {
  const { buyLimit, sellLimit } = bar;
  if (buyLimit === null || sellLimit === null || sellLimit <= buyLimit) return undefined;
  return { limit: numberOf(buyLimit), target: numberOf(sellLimit), ...sizeOf(file, bar) };
}

/** `buy_amount` is in percent of the equity. */
function sizeOf(file: string, { startMs, buyAmount }: FileBar): { share?: number } {
  if (buyAmount === '') return {};
  const percent = Number(buyAmount);
  if (percent >= 0 && percent <= 100 * MOST_SHARE) return { share: percent / 100 };
  const row = `the row of ${new Date(startMs).toISOString()}: buy_amount "${shown(buyAmount, 40)}"`;
  throw refusal(file, `${row} is not from 0 to ${100 * MOST_SHARE}, percent of the equity`);
}

const isUnusable = ({ buyLimit, sellLimit }: FileBar): boolean =>
  buyLimit !== null && sellLimit !== null && sellLimit <= buyLimit;

/**
 * Minutes as hours with their paths. An hour begins with the first minute after the one before has ended, so
 * with a session; a minute that is missing keeps the price before it. Limits are those of its last minute.
 */
function hoursOf(file: string, minutes: readonly FileBar[]): Pick<SymbolBars, 'bars' | 'limits' | 'minutes'> {
  const bars: Bar[] = [];
  const limits: (BarLimits | undefined)[] = [];
  const paths: Float64Array[] = [];
  for (let from = 0; from < minutes.length; ) {
    const startMs = minutes[from]?.startMs ?? 0;
    let end = from;
    while ((minutes[end]?.startMs ?? Number.POSITIVE_INFINITY) < startMs + BAR_MS) end += 1;
    const some = minutes.slice(from, end);
    const path = pathOf(some, startMs);
    const [first, last] = [some[0] as FileBar, some.at(-1) as FileBar];
    const open = numberOf(first.open);
    bars.push({
      startMs,
      open,
      high: Math.max(...some.map(({ high }) => numberOf(high))),
      low: Math.min(...some.map(({ low }) => numberOf(low))),
      close: numberOf(last.close),
    });
    limits.push(limitsOf(file, last));
    paths.push(path);
    from = end;
  }
  return { bars, minutes: paths, ...(limits.some((one) => one !== undefined) ? { limits } : {}) };
}

function pathOf(minutes: readonly FileBar[], startMs: number): Float64Array {
  const path = new Float64Array(MINUTES);
  let at = 0;
  let price = numberOf(minutes[0]?.open ?? 0n);
  for (const { startMs: minuteMs, close } of minutes) {
    for (const place = Math.floor((minuteMs - startMs) / MINUTE_MS); at < place; at += 1) path[at] = price;
    price = numberOf(close);
  }
  return path.fill(price, at);
}
