/**
 * When accepted orders fill: at once, when the price reaches them, or not before their session opens or their
 * symbol's halt ends.
 */
import { toSymbol } from '../domain/symbol.ts';
import type { AssetClass, Market, PriceStep } from '../prices/market.ts';
import type { MarketCalendar } from '../rules/session.ts';
import type { Book } from './book.ts';
import type { Expiry } from './expiry.ts';
import type { Faults } from './faults.ts';
import type { MarketClock } from './market-clock.ts';
import type { OrderDesk } from './order-desk.ts';
import { isLive, type PaperOrder } from './orders.ts';
import { crosses } from './queue.ts';
import { isArmed, Stops } from './stops.ts';

/** A price older than this (market time) does not fill a new order: the symbol is not traded now. */
const STALE_MARKET_MS = 300_000;

export type MatchingParts = {
  market: Market;
  clock: MarketClock;
  calendar: MarketCalendar;
  faults: Faults;
  book: Book;
  desk: OrderDesk;
  expiry: Expiry;
  /** As in ExchangeOptions. */
  stockHours: 'always' | 'session';
  classOf: (symbol: string) => AssetClass | undefined;
};

export class Matching {
  readonly #parts: MatchingParts;
  /** Orders that wait for the session to open, or for a halt to end. */
  readonly #waiting = new Set<PaperOrder>();
  readonly #stops = new Stops();

  constructor(parts: MatchingParts) {
    this.#parts = parts;
  }

  /** Is the order waiting for its session to open, or for its symbol's halt to end? */
  waits(order: PaperOrder): boolean {
    return this.#waiting.has(order);
  }

  /** Makes an order work, now or when its session opens or its halt ends. */
  start(order: PaperOrder): void {
    const { clock, market, desk } = this.#parts;
    const nowMs = clock.marketMs();
    if (!this.#fillsAt(order.symbol, nowMs)) {
      this.#waiting.add(order);
      if (order.status !== 'accepted') desk.change(order, 'accepted', 'accepted');
      return;
    }
    this.#waiting.delete(order);
    const armed = isArmed(order);
    if (armed) this.#stops.add(order);
    else this.#parts.book.enqueue(order);
    if (order.status !== 'pending_cancel') desk.start(order);
    const price = market.price(order.symbol);
    if (price && price.priceNanos > 0n && nowMs - price.atMs <= STALE_MARKET_MS) {
      if (armed) this.#setOff(order.symbol, price.priceNanos);
      else if (crosses(order, price.priceNanos)) desk.fill(order, price.priceNanos);
    }
    if (order.timeInForce === 'ioc' && isLive(order)) desk.end(order, 'canceled');
  }

  /** The market made a step: due orders expire, and orders that the price reached fill. */
  moved({ symbol, atMs, priceNanos }: PriceStep): void {
    this.#endExpired(atMs);
    if (this.#fillsAt(symbol, atMs)) this.#fillReached(symbol, priceNanos);
  }

  /** The market has made all steps to now: due orders expire, and orders that waited for a session start. */
  arrived(): void {
    const nowMs = this.#parts.clock.marketMs();
    this.#endExpired(nowMs);
    for (const order of [...this.#waiting]) {
      if (this.#fillsAt(order.symbol, nowMs)) this.start(order);
    }
  }

  /** After a change of the halts: fills the orders of these symbols that the price has reached. */
  reopen(symbols: readonly string[]): void {
    const { clock, market } = this.#parts;
    for (const symbol of new Set(symbols.map(toSymbol))) {
      const priceNanos = market.price(symbol)?.priceNanos;
      if (priceNanos && this.#fillsAt(symbol, clock.marketMs())) this.#fillReached(symbol, priceNanos);
    }
  }

  /** Call it when the order has ended. */
  forget(order: PaperOrder): void {
    this.#waiting.delete(order);
    this.#stops.remove(order);
  }

  #fillReached(symbol: string, priceNanos: bigint): void {
    this.#setOff(symbol, priceNanos);
    for (const order of this.#parts.book.reached(symbol, priceNanos))
      this.#parts.desk.fill(order, order.limitNanos ?? priceNanos);
  }

  /** Stops that the price reached become market or limit orders, which it may fill. */
  #setOff(symbol: string, priceNanos: bigint): void {
    const { book, desk } = this.#parts;
    for (const order of this.#stops.reached(symbol, priceNanos)) {
      book.enqueue(order);
      if (crosses(order, priceNanos)) desk.fill(order, priceNanos);
    }
  }

  #fillsAt(symbol: string, atMs: number): boolean {
    const { stockHours, calendar, faults, classOf } = this.#parts;
    if (faults.halted(symbol)) return false;
    return stockHours === 'always' || classOf(symbol) === 'crypto' || calendar.isOpen(atMs);
  }

  #endExpired(nowMs: number): void {
    const { expiry, book, desk } = this.#parts;
    for (const order of expiry.due(nowMs, book.live())) {
      if (isLive(order)) desk.end(order, 'expired');
    }
  }
}
