/**
 * How likely a limit is to trade before its bar ends, learned from bars that are over: by the distance to the
 * limit, in deviations of the time that is left, and by that time. Each cell is shrunk to what a random walk
 * would do, 2 (1 - Phi(z)).
 */
import { MINUTES } from './brownian-hours.ts';

const NANOS = 1_000_000_000;

/** Width of a cell in deviations; the last holds all that are further. */
const CELL = 0.25;
const DISTANCES = 17;
/** Upper edges of the cells by minutes left. */
const TIMES = [5, 15, 30, 45, MINUTES] as const;
/** So many minutes of observations weigh as much as the random walk. */
const PRIOR = 200;

export class FillTable {
  readonly #seen = new Float64Array(TIMES.length * DISTANCES);
  readonly #traded = new Float64Array(TIMES.length * DISTANCES);

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
        const cell = this.#cellOf(deviationsOf(price, limit, sigma, minute), minute);
        this.#seen[cell] = (this.#seen[cell] as number) + 1;
        if (lowest < limit) this.#traded[cell] = (this.#traded[cell] as number) + 1;
      }
      if (price < lowest) lowest = price;
    }
  }

  /** Nanos of one. @param minute of the bar, 0..58; a price at the limit or through it fills at once. */
  probability(price: number, limit: number, sigma: number, minute: number): number {
    if (price <= limit) return NANOS;
    if (sigma <= 0) return NANOS / 2;
    const z = deviationsOf(price, limit, sigma, minute);
    const cell = this.#cellOf(z, minute);
    const traded = (this.#traded[cell] as number) + PRIOR * touching(z);
    return Math.min(NANOS, Math.floor((traded / ((this.#seen[cell] as number) + PRIOR)) * NANOS));
  }

  #cellOf(z: number, minute: number): number {
    const left = MINUTES - 1 - minute;
    let time = 0;
    while (left > (TIMES[time] as number)) time++;
    return time * DISTANCES + Math.min(DISTANCES - 1, Math.floor(z / CELL));
  }
}

function deviationsOf(price: number, limit: number, sigma: number, minute: number): number {
  return Math.log(price / limit) / (sigma * Math.sqrt((MINUTES - 1 - minute) / MINUTES));
}

/** 2 (1 - Phi(z)), z >= 0: that a random walk gets there (Abramowitz and Stegun, 7.1.26). */
function touching(z: number): number {
  const x = z / Math.SQRT2;
  const t = 1 / (1 + 0.3275911 * x);
  const sum =
    t * (0.254829592 + t * (-0.284496736 + t * (1.421413741 + t * (-1.453152027 + t * 1.061405429))));
  return sum * Math.exp(-x * x);
}
