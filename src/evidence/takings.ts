/** What the account of one policy at one size earned, by day, and how it used its room. */
import { type Bins, CalibrationTally } from './calibration-tally.ts';
import type { PolicyRun } from './types.ts';

const BPS = 1e4;

/** A fill. Prices in nanos; `share` of the equity. */
type Fill = {
  readonly day: number;
  readonly share: number;
  readonly limit: number;
  readonly paid: number;
  readonly sold: number;
  readonly forecast: number;
  /** None for what a victim kept: it was counted when it was placed. */
  readonly bins: Bins | undefined;
};

export class Takings {
  readonly calibration = new CalibrationTally();
  placed = 0;
  readonly #days: Float64Array;
  readonly #turnover: Float64Array;
  #fills = 0;
  #minutes = 0;
  /** Micro-USD: sums over the minutes, and the most. */
  #used = 0;
  #positions = 0;
  #most = 0;

  constructor(days: number) {
    this.#days = new Float64Array(days);
    this.#turnover = new Float64Array(days);
  }

  /** PnL and turnover are booked on the day of the entry. */
  fill({ day, share, limit, paid, sold, forecast, bins }: Fill): void {
    const earned = (sold - paid) / limit;
    this.#days[day] = (this.#days[day] as number) + earned * share * BPS;
    this.#turnover[day] = (this.#turnover[day] as number) + (share * (paid + sold)) / limit;
    this.#fills++;
    if (bins !== undefined) this.calibration.filled(bins, earned, forecast);
  }

  /** Once a minute; micro-USD. */
  measure(used: number, positions: number): void {
    this.#used += used;
    this.#positions += positions;
    if (used > this.#most) this.#most = used;
    this.#minutes++;
  }

  /** @param cap micro-USD */
  result(cap: number): Omit<PolicyRun, 'policy' | 'size' | 'steals' | 'blockedMinutes'> {
    const inMinutes = cap * Math.max(1, this.#minutes);
    return {
      days: this.#days,
      turnover: this.#turnover,
      use: {
        mean: this.#used / inMinutes,
        max: this.#most / cap,
        positionsMean: this.#positions / inMinutes,
      },
      minutes: this.#minutes,
      fills: this.#fills,
      placed: this.placed,
      calibration: this.calibration.result,
    };
  }
}
