/**
 * Polls the broker's latest prices for a changing set of symbols. One round follows another, never two at
 * once. A batch that fails is reported and does not affect the others. After rounds in which everything
 * failed the pauses grow (backoff). A symbol that the broker refuses makes its whole batch fail, so halving
 * the batch finds it, and it is skipped for a while.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Broker, BrokerQuote } from '../broker/port.ts';
import { WorkstealError } from '../domain/errors.ts';
import { isCryptoSymbol, toSymbol } from '../domain/symbol.ts';

const MAX_BATCH = 200;
const MAX_SYMBOLS = 10_000;
/** For this many rounds a refused symbol is skipped. */
const SKIPPED_ROUNDS = 100;

export type PriceFeedSettings = {
  broker: Pick<Broker, 'quotes'>;
  /** The pause between two rounds. */
  intervalMs: number;
  /** The longest pause after failures; default 30 s, or `intervalMs` if that is longer. */
  maxPauseMs?: number;
  /** One batch's prices, with their ages by the broker's clock. It is awaited; its errors go to `onError`. */
  onQuotes: (quotes: readonly BrokerQuote[]) => void | Promise<void>;
  /**
   * A symbol has no usable price. Called once, and again only after it had a price in between. Must not
   * throw.
   */
  onUnpriced?: (symbol: string, why: string) => void;
  /** `failures`: how many rounds in a row brought no prices, this one included. Must not throw. */
  onError: (error: unknown, failures: number) => void;
};

export class PriceFeed {
  readonly #settings: PriceFeedSettings;
  #symbols = new Set<string>();
  /** Refused symbols -> for how many rounds they are still skipped. */
  readonly #skipped = new Map<string, number>();
  /** Symbols that `onUnpriced` was called for -> the latest reason. */
  readonly #unpriced = new Map<string, string>();
  #running = false;

  constructor(settings: PriceFeedSettings) {
    this.#settings = settings;
  }

  get symbols(): ReadonlySet<string> {
    return this.#symbols;
  }

  /** Its symbols without a usable price, and why. */
  get unpriced(): ReadonlyMap<string, string> {
    return this.#unpriced;
  }

  /**
   * Polls exactly these symbols from the next round on.
   * @throws WorkstealError `invalid` for an invalid symbol, or more than 10,000; then nothing is changed.
   */
  follow(symbols: Iterable<string>): void {
    const next = new Set(Array.from(symbols, toSymbol));
    if (next.size > MAX_SYMBOLS) {
      throw new WorkstealError('invalid', `price feed: ${next.size} symbols; at most ${MAX_SYMBOLS}`, {
        field: 'symbols',
        value: String(next.size),
      });
    }
    this.#symbols = next;
    for (const symbol of this.#unpriced.keys()) if (!next.has(symbol)) this.#unpriced.delete(symbol);
  }

  /** Adds a symbol. Errors as `follow`. */
  add(symbol: string): void {
    this.follow([...this.#symbols, symbol]);
  }

  remove(symbol: string): void {
    this.#symbols.delete(toSymbol(symbol));
    this.#unpriced.delete(toSymbol(symbol));
  }

  /** Polls until the signal aborts; then resolves. @throws WorkstealError `bug` when it is already running */
  async run(signal: AbortSignal): Promise<void> {
    if (this.#running) throw new WorkstealError('bug', 'price feed: it is already running');
    this.#running = true;
    const { intervalMs, maxPauseMs = Math.max(30_000, intervalMs) } = this.#settings;
    let failures = 0;
    try {
      while (!signal.aborted) {
        failures = (await this.#round(failures, signal)) ? 0 : failures + 1;
        const pauseMs = Math.min(maxPauseMs, intervalMs * 2 ** Math.min(failures, 20));
        await sleep(pauseMs, undefined, { signal }).catch(() => {});
      }
    } finally {
      this.#running = false;
    }
  }

  /** Asks for every symbol once; false when every batch failed. */
  async #round(failures: number, signal: AbortSignal): Promise<boolean> {
    for (const [symbol, rounds] of this.#skipped) {
      if (rounds > 1 && this.#symbols.has(symbol)) this.#skipped.set(symbol, rounds - 1);
      else this.#skipped.delete(symbol);
    }
    const symbols = [...this.#symbols].filter((symbol) => !this.#skipped.has(symbol));
    let delivered = symbols.length === 0;
    // Stocks and cryptos come from different services: a failure of one must not affect the other.
    for (const list of [
      symbols.filter((symbol) => !isCryptoSymbol(symbol)),
      symbols.filter(isCryptoSymbol),
    ]) {
      for (let from = 0; from < list.length && !signal.aborted; from += MAX_BATCH) {
        delivered = (await this.#batch(list.slice(from, from + MAX_BATCH), failures, signal)) || delivered;
      }
    }
    return delivered;
  }

  #noteUnpriced(symbol: string, why: string): void {
    if (!this.#symbols.has(symbol)) return;
    const isNew = !this.#unpriced.has(symbol);
    this.#unpriced.set(symbol, why);
    if (isNew) this.#settings.onUnpriced?.(symbol, why);
  }

  async #batch(symbols: readonly string[], failures: number, signal: AbortSignal): Promise<boolean> {
    try {
      const quotes = await this.#settings.broker.quotes(symbols, signal, (symbol, why) =>
        this.#noteUnpriced(symbol, why),
      );
      if (signal.aborted) return false;
      for (const { symbol } of quotes) this.#unpriced.delete(symbol);
      await this.#settings.onQuotes(quotes);
      return true;
    } catch (error) {
      if (signal.aborted) return false;
      const half = isInvalidRequest(error) ? Math.ceil(symbols.length / 2) : 0;
      if (half > 0 && symbols.length > 1) {
        const first = await this.#batch(symbols.slice(0, half), failures, signal);
        return (await this.#batch(symbols.slice(half), failures, signal)) || first;
      }
      if (half > 0) {
        for (const symbol of symbols) {
          this.#skipped.set(symbol, SKIPPED_ROUNDS);
          this.#noteUnpriced(
            symbol,
            `the broker refuses the symbol: ${error instanceof Error ? error.message : String(error)}`,
          );
        }
      }
      this.#settings.onError(error, failures + 1);
      return false;
    }
  }
}

/**
 * Did the broker call the request itself invalid? It does so when it does not know one of the symbols.
 */
function isInvalidRequest(error: unknown): boolean {
  return (
    error instanceof WorkstealError &&
    error.code === 'refused' &&
    ['400', '404', '422'].includes(error.details['status'] ?? '')
  );
}
