/** The latest price of each symbol as this host got it; an old one is none. */
import type { BrokerQuote } from '../broker/port.ts';

export class PriceBoard {
  readonly #maxAgeMs: number;
  readonly #monotonicMs: () => number;
  readonly #prices = new Map<string, { price: string; atMs: number }>();

  /** `maxAgeMs`: the rules' WORK_STEALING_QUOTE_MAX_AGE. */
  constructor(maxAgeMs: number, monotonicMs: () => number) {
    this.#maxAgeMs = maxAgeMs;
    this.#monotonicMs = monotonicMs;
  }

  put(quotes: readonly BrokerQuote[]): void {
    const nowMs = this.#monotonicMs();
    for (const { symbol, price, ageMs } of quotes) this.#prices.set(symbol, { price, atMs: nowMs - ageMs });
  }

  /** Undefined where there is no fresh one. */
  price(symbol: string): string | undefined {
    const last = this.#prices.get(symbol);
    return last === undefined || this.#monotonicMs() - last.atMs > this.#maxAgeMs ? undefined : last.price;
  }

  /** Forgets what nobody watches. */
  keepOnly(symbols: ReadonlySet<string>): void {
    for (const symbol of this.#prices.keys()) if (!symbols.has(symbol)) this.#prices.delete(symbol);
  }
}
