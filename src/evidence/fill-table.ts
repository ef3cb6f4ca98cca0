/**
 * How likely a limit is to trade before its bar ends, learned from bars that are over: by the distance to the
 * limit, in deviations of the time that is left, and by that time. Each cell is shrunk to what a random walk
 * would do, 2 (1 - Phi(z)).
 */
import { MINUTES } from './brownian-hours.ts';

const NANOS = 1_000_000_000;

/** Width of a cell in deviations; the last holds all that are further. */
export const CELL = 0.25;
export const DISTANCES = 17;
/** Upper edges of the cells by minutes left. */
export const TIMES = [5, 15, 30, 45, MINUTES] as const;
/** So many minutes of observations weigh as much as the random walk. */
const PRIOR = 200;

const CELLS = TIMES.length * DISTANCES;

/** Minutes in which a limit was so far away, with so much time left; and of them, those where it traded. */
export type FillCounts = { readonly seen: Float64Array; readonly traded: Float64Array };

export class FillTable {
  readonly #seen: Float64Array;
  readonly #traded: Float64Array;

  /** @param counts to begin with; they are changed */
  constructor(
    { seen, traded }: FillCounts = { seen: new Float64Array(CELLS), traded: new Float64Array(CELLS) },
  ) {
    if (seen.length !== CELLS || traded.length !== CELLS) throw new Error(`not ${CELLS} cells`);
    this.#seen = seen;
    this.#traded = traded;
  }

  get counts(): FillCounts {
    return { seen: this.#seen, traded: this.#traded };
  }

  /**
   * A bar that is over.
   * @param prices from `at` on, the ends of its 60 minutes, nanos
   */
  learn(prices: Float64Array, at: number, limit: number, sigma: number): void {
    if (sigma <= 0) return;
    let lowest = prices[at + MINUTES - 1] as number;
    for (let minute = MINUTES - 2; minute >= 0; minute--) {
      const price = prices[at + minute] as number;
      if (price > limit) {
        const left = MINUTES - 1 - minute;
        const cell = this.#cellOf(deviationsOf(price / limit, sigma, left), left);
        this.#seen[cell] = (this.#seen[cell] as number) + 1;
        if (lowest < limit) this.#traded[cell] = (this.#traded[cell] as number) + 1;
      }
      if (price < lowest) lowest = price;
    }
  }

  /** Nanos of one. @param minute of the bar, 0..58; a price at the limit or through it fills at once. */
  probability(price: number, limit: number, sigma: number, minute: number): number {
    return this.within(price / limit, sigma, MINUTES - 1 - minute);
  }

  /**
   * The same for an order anywhere, nanos of one.
   * @param ratio price / limit of a buy, limit / price of a sale @param sigma deviation of an hour's return
   * @param left minutes; beyond an hour the longest time of the table counts, by the deviations of all of it
   */
  within(ratio: number, sigma: number, left: number): number {
    if (ratio <= 1) return NANOS;
    if (left <= 0) return 0;
    if (sigma <= 0) return NANOS / 2;
    const z = deviationsOf(ratio, sigma, left);
    const cell = this.#cellOf(z, left);
    const traded = (this.#traded[cell] as number) + PRIOR * touching(z);
    return Math.min(NANOS, Math.floor((traded / ((this.#seen[cell] as number) + PRIOR)) * NANOS));
  }

  #cellOf(z: number, left: number): number {
    let time = 0;
    while (time < TIMES.length - 1 && left > (TIMES[time] as number)) time++;
    return time * DISTANCES + Math.min(DISTANCES - 1, Math.floor(z / CELL));
  }
}

function deviationsOf(ratio: number, sigma: number, left: number): number {
  return Math.log(ratio) / (sigma * Math.sqrt(left / MINUTES));
}

/** 2 (1 - Phi(z)), z >= 0: that a random walk gets there (Abramowitz and Stegun, 7.1.26). */
function touching(z: number): number {
  const x = z / Math.SQRT2;
  const t = 1 / (1 + 0.3275911 * x);
  const sum =
    t * (0.254829592 + t * (-0.284496736 + t * (1.421413741 + t * (-1.453152027 + t * 1.061405429))));
  return sum * Math.exp(-x * x);
}
