/** Who asks for room in a minute, and in which turn: each while it has neither an order nor a position. */
import { MINUTES } from './brownian-hours.ts';
import type { Day } from './day.ts';
import type { OpenBook } from './open-book.ts';
import type { Series } from './series.ts';
import type { Sizes } from './sizes.ts';
import type { Policy } from './types.ts';
import type { Values } from './values.ts';

type Parts = {
  readonly policy: Policy;
  /** Which of the day's entry rules is the policy's. */
  readonly near: number;
  readonly series: readonly Series[];
  readonly day: Day;
  readonly sizes: Sizes;
  readonly values: Values;
  readonly held: OpenBook;
};

export class Asking {
  readonly #parts: Parts;
  readonly #found: number[] = [];

  constructor(parts: Parts) {
    this.#parts = parts;
  }

  /** Symbols, in turn; under `queue` the best first. Valid until the next call. */
  in(minute: number): readonly number[] {
    const { policy, near, day } = this.#parts;
    const { starts, symbols } = day.near[near] as Day['near'][number];
    const forced = policy.entryTolerance === undefined ? this.#forcedAt(minute) : -1;
    const found = this.#found;
    found.length = 0;
    let isIn = forced < 0;
    const turnOf = (symbol: number): number =>
      day.turn[Math.floor(minute / MINUTES) * day.symbols + symbol] as number;
    for (let at = starts[minute] as number; at < (starts[minute + 1] as number); at++) {
      const symbol = symbols[at] as number;
      if (symbol === forced) isIn = true;
      else if (!isIn && turnOf(symbol) > turnOf(forced)) {
        found.push(forced);
        isIn = true;
      }
      if (this.#isFree(symbol) && this.#isSized(minute, symbol)) found.push(symbol);
    }
    if (!isIn) found.push(forced);
    if (policy.kind === 'queue' && found.length > 1) this.#bestFirst(found, minute);
    return found;
  }

  /** The crypto that enters at any distance now, if it waits to; -1: none. */
  #forcedAt(minute: number): number {
    const { day, held, series } = this.#parts;
    for (const symbol of day.ranked[minute] ?? []) {
      if (held.hasPosition(symbol) || !this.#isSized(minute, symbol)) continue;
      const start = series[symbol]?.startMinute[this.#barAt(minute, symbol)] as number;
      const isDeciding = day.firstMinute + minute - start < MINUTES - 1;
      return !held.hasOrder(symbol) && isDeciding ? symbol : -1;
    }
    return -1;
  }

  #isFree(symbol: number): boolean {
    return !this.#parts.held.hasOrder(symbol) && !this.#parts.held.hasPosition(symbol);
  }

  /** A plan that says no size is not traded where sizes are the plans'. */
  #isSized(minute: number, symbol: number): boolean {
    return this.#parts.sizes.shareOf(symbol, this.#barAt(minute, symbol)) > 0;
  }

  #bestFirst(found: number[], minute: number): void {
    const forecastOf = (symbol: number): number =>
      this.#parts.values.forecast({ symbol, bar: this.#barAt(minute, symbol), scale: 1 });
    found.sort((a, b) => forecastOf(b) - forecastOf(a));
  }

  #barAt(minute: number, symbol: number): number {
    return this.#parts.day.bar[minute * this.#parts.day.symbols + symbol] as number;
  }
}
