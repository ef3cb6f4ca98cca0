/**
 * When orders expire: DAY at the close of the session (early closes included), GTC after 90 days. All times
 * are market time.
 */
import type { MarketCalendar } from '../rules/session.ts';
import type { MarketClock } from './market-clock.ts';
import type { PaperOrder, TimeInForce } from './orders.ts';

const GTC_LIFE_MS = 90 * 86_400_000;

export class Expiry {
  private readonly calendar: MarketCalendar;
  private readonly clock: MarketClock;
  /** No live order expires before this, so most calls of `due` return at once. */
  private nextMs = Number.POSITIVE_INFINITY;

  constructor(calendar: MarketCalendar, clock: MarketClock) {
    this.calendar = calendar;
    this.clock = clock;
  }

  /**
   * The expiry of an order that is accepted now, ms; null for IOC. A DAY order after the close is for the
   * next session.
   */
  of(timeInForce: TimeInForce): number | null {
    if (timeInForce === 'ioc') return null;
    const nowMs = this.clock.marketMs();
    const expiresAtMs = timeInForce === 'gtc' ? nowMs + GTC_LIFE_MS : this.calendar.nextClose(nowMs);
    this.nextMs = Math.min(this.nextMs, expiresAtMs);
    return expiresAtMs;
  }

  /** The live orders that expire by `nowMs`; the caller ends them. */
  due(nowMs: number, live: Iterable<PaperOrder>): PaperOrder[] {
    if (nowMs < this.nextMs) return [];
    this.nextMs = Number.POSITIVE_INFINITY;
    const due: PaperOrder[] = [];
    for (const order of live) {
      if (order.expiresAtMs === null) continue;
      if (order.expiresAtMs <= nowMs) due.push(order);
      else this.nextMs = Math.min(this.nextMs, order.expiresAtMs);
    }
    return due;
  }
}
