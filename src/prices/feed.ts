/**
 * Polls the broker's latest prices for a changing set of symbols. One round after another, never two at once;
 * a batch that fails is reported and costs the others nothing; rounds in which all failed come with growing
 * pauses. A symbol that the broker refuses would take its whole batch with it, so it is found by halving the
 * batch and left out for a while.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Broker, BrokerQuote } from '../broker/port.ts';
import { WorkstealError } from '../domain/errors.ts';
import { isCryptoSymbol, toSymbol } from '../domain/symbol.ts';

const MAX_BATCH = 200;
const MAX_SYMBOLS = 10_000;
/** ReconcileSchedule that a refused symbol is left out of. */
const LEFT_OUT_ROUNDS = 100;

export type PriceFeedSettings = {
  broker: Pick<Broker, 'quotes'>;
  /** The pause between two rounds. */
  intervalMs: number;
  /** The longest pause after failures; default 30 s, or `intervalMs` if that is longer. */
  maxPauseMs?: number;
  /** One batch's prices, with their ages on the broker's clock. It is awaited; what it throws is reported. */
  onQuotes: (quotes: readonly BrokerQuote[]) => void | Promise<void>;
  /**
   * A symbol that had a price, or was never asked for, has none: called once, until it has one again. Must
   * not throw.
   */
  onUnpriced?: (symbol: string, why: string) => void;
  /** `failures`: rounds in a row that brought nothing, this one included. Must not throw. */
  onError: (error: unknown, failures: number) => void;
};

export class PriceFeed {
  readonly #settings: PriceFeedSettings;
  #symbols = new Set<string>();
  /** Refused symbols, with the rounds that they have still to wait. */
  readonly #leftOut = new Map<string, number>();
  /** Symbols that were told to have no price, and why it is so now. */
  readonly #unpriced = new Map<string, string>();
  #running = false;

  constructor(settings: PriceFeedSettings) {
    this.#settings = settings;
  }

  get symbols(): ReadonlySet<string> {
    return this.#symbols;
  }

  /** Those of its symbols whose quotes are no price, and why. */
  get unpriced(): ReadonlyMap<string, string> {
    return this.#unpriced;
  }

  /**
   * Follows exactly these from the next round on.
   * @throws WorkstealError `invalid` on a text that is no symbol, or more than 10,000 of them; nothing is
   *   changed.
   */
  follow(symbols: Iterable<string>): void {
    const next = new Set(Array.from(symbols, toSymbol));
    if (next.size > MAX_SYMBOLS) {
      throw new WorkstealError('invalid', `price feed: ${next.size} symbols, at most ${MAX_SYMBOLS}`, {
        field: 'symbols',
        value: String(next.size),
      });
    }
    this.#symbols = next;
    for (const symbol of this.#unpriced.keys()) if (!next.has(symbol)) this.#unpriced.delete(symbol);
  }

  /** Adds one. Errors as `follow`. */
  add(symbol: string): void {
    this.follow([...this.#symbols, symbol]);
  }

  remove(symbol: string): void {
    this.#symbols.delete(toSymbol(symbol));
    this.#unpriced.delete(toSymbol(symbol));
  }

  /** Polls until the signal aborts; then resolves. Runs once at a time. */
  async run(signal: AbortSignal): Promise<void> {
    if (this.#running) throw new WorkstealError('bug', 'price feed: it runs already');
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

  /** Asks for every symbol once; false when nothing came of it. */
  async #round(failures: number, signal: AbortSignal): Promise<boolean> {
    for (const [symbol, rounds] of this.#leftOut) {
      if (rounds > 1 && this.#symbols.has(symbol)) this.#leftOut.set(symbol, rounds - 1);
      else this.#leftOut.delete(symbol);
    }
    const symbols = [...this.#symbols].filter((symbol) => !this.#leftOut.has(symbol));
    let delivered = symbols.length === 0;
    // Stocks and cryptos are different services: neither's fault is to keep the other's prices away.
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

  #tellUnpriced(symbol: string, why: string): void {
    if (!this.#symbols.has(symbol)) return;
    const isNew = !this.#unpriced.has(symbol);
    this.#unpriced.set(symbol, why);
    if (isNew) this.#settings.onUnpriced?.(symbol, why);
  }

  async #batch(symbols: readonly string[], failures: number, signal: AbortSignal): Promise<boolean> {
    try {
      const quotes = await this.#settings.broker.quotes(symbols, signal, (symbol, why) =>
        this.#tellUnpriced(symbol, why),
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
          this.#leftOut.set(symbol, LEFT_OUT_ROUNDS);
          this.#tellUnpriced(
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
 * Did the broker say that the request itself is wrong, as it does when one symbol of many is unknown to it?
 */
function isInvalidRequest(error: unknown): boolean {
  return (
    error instanceof WorkstealError &&
    error.code === 'refused' &&
    ['400', '404', '422'].includes(error.details['status'] ?? '')
  );
}
