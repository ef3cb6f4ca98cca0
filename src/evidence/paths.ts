/**
 * The minutes of a bar: its own where they are known, else the shape of a Brownian hour, stretched to the
 * bar's low and high, with its close at the last minute. The last bars of each symbol are kept; others are
 * made again when asked for, the same.
 */
import { brownianHours, FULL, MINUTES } from './brownian-hours.ts';
import { DRAW, draw, fraction } from './draw.ts';
import type { Series } from './series.ts';

/** Bars of a symbol that are kept: more than two days of hours. */
const KEPT = 64;
/** For the first bars, whose deviation is not known: the middle of the library. */
const USUAL_WIDTH = 1.5;
const NANOS = 1e9;

export class Paths {
  readonly #series: readonly Series[];
  readonly #seed: number;
  readonly #shape = new Uint16Array(MINUTES);
  /** By symbol: KEPT x MINUTES prices, and which bar each of them is. */
  readonly #prices: Float64Array[];
  readonly #kept: Int32Array[];

  constructor(series: readonly Series[], seed: number) {
    this.#series = series;
    this.#seed = seed;
    this.#prices = series.map(() => new Float64Array(KEPT * MINUTES));
    this.#kept = series.map(() => new Int32Array(KEPT).fill(-1));
  }

  /**
   * The prices of a symbol's bars, nanos; `at` is where the bar's first minute is. Valid until the same
   * symbol is asked for a bar far from it.
   */
  of(symbol: number, bar: number): { readonly prices: Float64Array; readonly at: number } {
    const prices = this.#prices[symbol] as Float64Array;
    const kept = this.#kept[symbol] as Int32Array;
    const slot = bar % KEPT;
    if (kept[slot] !== bar) {
      this.#make(this.#series[symbol] as Series, bar, prices, slot * MINUTES);
      kept[slot] = bar;
    }
    return { prices, at: slot * MINUTES };
  }

  #make(series: Series, bar: number, prices: Float64Array, at: number): void {
    const given = series.minutes[bar];
    if (given !== undefined) {
      for (let minute = 0; minute < MINUTES; minute++)
        prices[at + minute] = Math.round((given[minute] ?? 0) * NANOS);
      return;
    }
    const low = series.low[bar] as number;
    const high = series.high[bar] as number;
    const open = series.open[bar] as number;
    const close = series.close[bar] as number;
    const range = high - low;
    if (range === 0) {
      prices.fill(close, at, at + MINUTES);
      return;
    }
    const sigma = series.sigma[bar] as number;
    const width = sigma > 0 ? range / (low * sigma) : USUAL_WIDTH;
    const drawn = fraction(draw(this.#seed, DRAW.path, series.key, series.startMinute[bar] as number));
    brownianHours().fill(this.#shape, (open - low) / range, (close - low) / range, width, drawn);
    for (let minute = 0; minute < MINUTES; minute++)
      prices[at + minute] = Math.round(low + (range * (this.#shape[minute] as number)) / FULL);
    prices[at + MINUTES - 1] = close;
  }
}
