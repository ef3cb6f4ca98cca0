/** The latest price of each symbol, as this host received it. */
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

  /** Undefined without a fresh quote. */
  price(symbol: string): string | undefined {
    const last = this.#prices.get(symbol);
    return last === undefined || this.#monotonicMs() - last.atMs > this.#maxAgeMs ? undefined : last.price;
  }

  /** Forgets all other symbols. */
  keepOnly(symbols: ReadonlySet<string>): void {
    for (const symbol of this.#prices.keys()) if (!symbols.has(symbol)) this.#prices.delete(symbol);
  }
}
