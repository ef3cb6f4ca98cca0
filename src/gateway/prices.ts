/**
 * Prices for the ledger. Bots bring none, and without a fresh price no order may take room or give it: the
 * gateway follows the symbols of all live orders, and asks for a further one when an order needs it.
 */
import type { Logger } from 'pino';
import type { Broker, BrokerQuote } from '../broker/port.ts';
import { answerOf } from '../ledger/answer.ts';
import { tick } from '../ledger/commands/tick.ts';
import { key } from '../ledger/keys.ts';
import type { Ledger } from '../ledger/ledger.ts';
import { PriceFeed } from '../prices/feed.ts';

export type PricesParts = {
  ledger: Ledger;
  broker: Pick<Broker, 'quotes'>;
  log: Pick<Logger, 'warn'>;
  /** The pause between two rounds, ms. */
  intervalMs: number;
};

/** A price as young as this, ms, serves a further order of its symbol. */
const FRESH_MS = 1_000;
const TIMEOUT_MS = 3_000;
const KEPT = 10_000;

export class Prices {
  readonly #parts: PricesParts;
  readonly #feed: PriceFeed;
  readonly #known = new Map<string, { price: string; atMs: number }>();

  constructor(parts: PricesParts) {
    this.#parts = parts;
    this.#feed = new PriceFeed({
      broker: parts.broker,
      intervalMs: parts.intervalMs,
      onQuotes: (quotes) => this.#note(quotes),
      onError: (err, failures) => {
        if (failures === 1) parts.log.warn({ err }, 'gateway: no prices');
      },
    });
  }

  /** Follows the symbols of live orders until the signal aborts. */
  async run(signal: AbortSignal): Promise<void> {
    const look = (): void => void this.#followLive().catch(() => {}); // the next round looks again
    look();
    const timer = setInterval(look, this.#parts.intervalMs);
    try {
      await this.#feed.run(signal);
    } finally {
      clearInterval(timer);
    }
  }

  /** The symbol's price now, which the ledger has then, too; undefined where the broker has none. */
  async of(symbol: string): Promise<string | undefined> {
    const known = this.#known.get(symbol);
    if (known !== undefined && performance.now() - known.atMs < FRESH_MS) return known.price;
    const quotes = await this.#parts.broker.quotes([symbol], AbortSignal.timeout(TIMEOUT_MS)).catch(() => []);
    await this.#note(quotes);
    return quotes[0]?.price;
  }

  async #note(quotes: readonly BrokerQuote[]): Promise<void> {
    if (quotes.length === 0) return;
    await tick(this.#parts.ledger, quotes);
    const atMs = performance.now();
    for (const { symbol, price } of quotes) {
      if (this.#known.size >= KEPT) this.#known.delete(this.#known.keys().next().value ?? '');
      this.#known.set(symbol, { price, atMs });
    }
  }

  async #followLive(): Promise<void> {
    const { ledger } = this.#parts;
    const sides = await answerOf('sides', ledger.redis.zrange(key(ledger.account, 'sides'), 0, '-1'));
    this.#feed.follow(new Set(sides.map((side) => side.split(' ')[0] ?? '')));
  }
}
