/**
 * Seeded prices of sixteen symbols, in cents, one every two minutes: each is a random walk without a trend.
 * Their hourly deviations go from 0.3 % (a large, quiet stock) to 1.2 % (a small crypto).
 */
import { seededRandom } from '../../../src/prices/random.ts';

export const STEP_MS = 120_000;
const STEPS_AN_HOUR = 3_600_000 / STEP_MS;
const FIRST_CENTS = 10_000;
const COUNT = 16;
const [LEAST_SHARE, MOST_SHARE] = [0.003, 0.012];

export type Walk = { readonly symbol: string; readonly cents: number };

export const SYMBOLS: readonly string[] = Array.from({ length: COUNT }, (_, at) =>
  String.fromCharCode(65 + at).repeat(3),
);

export class Market {
  readonly #walks;

  constructor(seed: number) {
    this.#walks = SYMBOLS.map((symbol, at) => {
      const hourly = LEAST_SHARE + ((MOST_SHARE - LEAST_SHARE) * at) / (COUNT - 1);
      return {
        symbol,
        sigma: hourly / Math.sqrt(STEPS_AN_HOUR),
        random: seededRandom(seed * 1000 + at),
        log: 0,
        cents: 0,
      };
    });
    for (const walk of this.#walks) walk.cents = FIRST_CENTS;
  }

  /** One step more. */
  move(): void {
    for (const walk of this.#walks) {
      walk.log += walk.sigma * walk.random.normal() - walk.sigma ** 2 / 2;
      walk.cents = Math.max(1, Math.round(FIRST_CENTS * Math.exp(walk.log)));
    }
  }

  prices(): readonly Walk[] {
    return this.#walks;
  }

  cents(symbol: string): number {
    return this.#walks[SYMBOLS.indexOf(symbol)]?.cents ?? 0;
  }
}
