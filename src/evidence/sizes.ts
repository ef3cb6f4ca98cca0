/** How large each order is: the same share of the equity for all, or what its plan says. */
import { WorkstealError } from '../domain/errors.ts';
import type { Series } from './series.ts';
import { MOST_SHARE, type Size } from './types.ts';

/** Of the account, in micro-USD: large enough that no size is rounded. */
export const EQUITY = 1e12;

/** @throws WorkstealError `invalid` for a size that can't be run on these plans */
export function assertSizes(sizes: readonly Size[], series: readonly Series[]): void {
  const wrong = sizes.find((one) => one !== 'plans' && !(one > 0 && one <= MOST_SHARE));
  if (sizes.length === 0 || wrong !== undefined)
    throw fault(`${wrong ?? 'none'}: not shares of the equity above 0`);
  if (sizes.includes('plans') && !series.some(({ share }) => share.some((one) => one > 0)))
    throw fault('plans: no plan says its size; give the column buy_amount, percent of the equity');
}

const fault = (message: string): WorkstealError =>
  new WorkstealError('invalid', `sizes: ${message}`, { field: 'sizes' });

export class Sizes {
  readonly #size: Size;
  readonly #series: readonly Series[];

  constructor(size: Size, series: readonly Series[]) {
    this.#size = size;
    this.#series = series;
  }

  /** Of the equity; 0 where the plan says none: it is not traded. */
  shareOf(symbol: number, bar: number): number {
    return this.#size === 'plans' ? ((this.#series[symbol] as Series).share[bar] as number) : this.#size;
  }

  /** The same in micro-USD. */
  microsOf(symbol: number, bar: number): number {
    return Math.round(this.shareOf(symbol, bar) * EQUITY);
  }
}
