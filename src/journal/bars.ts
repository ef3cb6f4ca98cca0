/**
 * One symbol of a journal as bars: its quotes are the minutes, and each plan has an hour of its own. It
 * begins in the minute after the plan first asked or, where another plan of the symbol still runs, when that
 * one ends. Between two quotes the price is taken as unchanged; an hour without a quote is no bar.
 */
import { MINUTES } from '../evidence/brownian-hours.ts';
import type { Bar, BarLimits } from '../evidence/types.ts';

const MINUTE_MS = 60_000;

export type Quote = { readonly atMs: number; readonly price: number };
/** A plan's first wish. */
export type Asked = { readonly atMs: number; readonly limits: BarLimits };

export type JournalBars = {
  bars: Bar[];
  plans: (BarLimits | undefined)[];
  minutes: Float64Array[];
  judged: number;
  /** Plans that are left out. */
  overtaken: number;
  unpriced: number;
  /** Quotes in no bar. */
  unseen: number;
};

type Begun = { readonly minute: number; readonly limits: BarLimits };

/** @param quotes ascending @param asked ascending; each plan once */
export function journalBars(quotes: readonly Quote[], asked: readonly Asked[]): JournalBars {
  const { begun, overtaken } = beginsOf(asked);
  const known = begun.filter(({ minute }) => {
    const next = placeAfter(quotes, minute * MINUTE_MS);
    return next > 0 && (quotes[next]?.atMs ?? Infinity) < (minute + MINUTES) * MINUTE_MS;
  });
  const made: JournalBars = {
    ...{ bars: [], plans: [], minutes: [], judged: known.length },
    ...{ overtaken, unpriced: begun.length - known.length, unseen: 0 },
  };
  let seen = 0;
  /** Hours from the minute on that end before `end`, each with a quote at least. */
  const fill = (from: number, end: number): void => {
    for (let minute = from; ; minute += MINUTES) {
      const next = quotes[placeAfter(quotes, minute * MINUTE_MS)];
      if (next === undefined) return;
      minute = Math.max(minute, Math.floor(next.atMs / MINUTE_MS));
      if (minute + MINUTES > end) return;
      seen += addBar(made, quotes, minute, undefined);
    }
  };
  let end = 0;
  for (const { minute, limits } of known) {
    fill(end, minute);
    seen += addBar(made, quotes, minute, limits);
    end = minute + MINUTES;
  }
  fill(end, Infinity);
  made.unseen = quotes.length - seen;
  return made;
}

/** The minutes in which plans begin, at least an hour apart. Of those that wait the latest begins. */
function beginsOf(asked: readonly Asked[]): { begun: Begun[]; overtaken: number } {
  const begun: Begun[] = [];
  let [overtaken, end] = [0, 0];
  let waiting: BarLimits | undefined;
  const begin = (minute: number, limits: BarLimits): void => {
    begun.push({ minute, limits });
    end = minute + MINUTES;
  };
  for (const { atMs, limits } of asked) {
    const minute = Math.floor(atMs / MINUTE_MS) + 1;
    if (waiting !== undefined && minute > end) {
      begin(end, waiting);
      waiting = undefined;
    }
    if (minute < end) {
      if (waiting !== undefined) overtaken += 1;
      waiting = limits;
      continue;
    }
    if (waiting !== undefined) overtaken += 1;
    waiting = undefined;
    begin(minute, limits);
  }
  if (waiting !== undefined) begin(end, waiting);
  return { begun, overtaken };
}

/** Adds the hour from this minute on, and says how many quotes are in it. */
function addBar(made: JournalBars, quotes: readonly Quote[], minute: number, limits?: BarLimits): number {
  const first = placeAfter(quotes, minute * MINUTE_MS);
  const end = placeAfter(quotes, (minute + MINUTES) * MINUTE_MS);
  const open = (quotes[first - 1] ?? quotes[first])?.price ?? 0;
  const path = new Float64Array(MINUTES);
  let [price, high, low, next] = [open, open, open, first];
  for (let at = 0; at < MINUTES; at += 1) {
    for (; next < end && (quotes[next]?.atMs ?? 0) < (minute + at + 1) * MINUTE_MS; next += 1) {
      price = quotes[next]?.price ?? price;
      high = Math.max(high, price);
      low = Math.min(low, price);
    }
    path[at] = price;
  }
  made.bars.push({ startMs: minute * MINUTE_MS, open, high, low, close: price });
  made.plans.push(limits);
  made.minutes.push(path);
  return end - first;
}

/** The place of the first quote at this time or later. */
function placeAfter(quotes: readonly Quote[], atMs: number): number {
  let [low, high] = [0, quotes.length];
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((quotes[middle]?.atMs ?? 0) < atMs) low = middle + 1;
    else high = middle;
  }
  return low;
}
