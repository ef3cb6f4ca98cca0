/**
 * What becomes of a plan on one path: when its limit trades, and what the position returns. It depends on
 * prices alone, so all policies share it.
 */
import { MINUTES } from './brownian-hours.ts';
import type { Paths } from './paths.ts';
import type { Series } from './series.ts';

/** A position is closed at the close of this bar after its entry, if its target did not trade before. */
const LAST_BAR = 8;

/** `minute`: of the exit, since 1970; `price`: nanos. */
export type Exit = { readonly minute: number; readonly price: number };

export class Prospects {
  readonly #series: readonly Series[];
  readonly #paths: Paths;
  readonly #exits: (Exit | undefined)[][];

  constructor(series: readonly Series[], paths: Paths) {
    this.#series = series;
    this.#paths = paths;
    this.#exits = series.map(({ count }) => new Array<Exit | undefined>(count));
  }

  /**
   * The first minute of the bar after `after` (both counted from the bar's start; -1: from its first on) at
   * whose end the price is below the limit; Infinity if none is.
   */
  tradesAfter(symbol: number, bar: number, after: number, limit: number): number {
    if ((this.#series[symbol]?.low[bar] ?? 0) >= limit) return Infinity;
    const { prices, at } = this.#paths.of(symbol, bar);
    for (let minute = after + 1; minute < MINUTES; minute++)
      if ((prices[at + minute] as number) < limit) return minute;
    return Infinity;
  }

  /** Does the limit trade in the `window` minutes after this one of the bar, in this bar or later ones? */
  tradesWithin(symbol: number, bar: number, after: number, limit: number, window: number): boolean {
    const series = this.#series[symbol] as Series;
    const start = series.startMinute[bar] as number;
    const last = start + after + window;
    for (let at = bar; at < series.count; at++) {
      const from = series.startMinute[at] as number;
      if (from > last) return false;
      const minute = this.tradesAfter(symbol, at, at === bar ? after : -1, limit);
      if (from + minute <= last) return true;
    }
    return false;
  }

  /**
   * The exit of a position that was entered in this bar by its plan: at the target in a later bar whose high
   * is above it (at the open where that is beyond it), else at the close of the 8th bar. Where the bars end,
   * at the last close.
   */
  exitOf(symbol: number, bar: number): Exit {
    const exits = this.#exits[symbol] as (Exit | undefined)[];
    const known = exits[bar];
    if (known !== undefined) return known;
    const found = this.#findExit(symbol, bar);
    exits[bar] = found;
    return found;
  }

  #findExit(symbol: number, bar: number): Exit {
    const { count, startMinute, open, high, close, target } = this.#series[symbol] as Series;
    const wanted = target[bar] as number;
    const last = Math.min(bar + LAST_BAR, count - 1);
    for (let at = bar + 1; at <= last; at++) {
      const start = startMinute[at] as number;
      const highest = high[at] as number;
      if (highest <= wanted) continue;
      // Where a file has no open it is the close before, and nothing need have traded there.
      const opened = Math.min(open[at] as number, highest);
      if (opened > wanted) return { minute: start, price: opened };
      return { minute: start + this.#rises(symbol, at, wanted), price: wanted };
    }
    return { minute: (startMinute[last] as number) + MINUTES - 1, price: close[last] as number };
  }

  /** The first minute above the target; the last where only the bar's high is. */
  #rises(symbol: number, bar: number, target: number): number {
    const { prices, at } = this.#paths.of(symbol, bar);
    for (let minute = 0; minute < MINUTES - 1; minute++)
      if ((prices[at + minute] as number) > target) return minute;
    return MINUTES - 1;
  }
}
