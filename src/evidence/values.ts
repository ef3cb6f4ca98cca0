/** What a policy counts an order for: its forecast, what is expected of it, or what it will earn. */
import { expectedOf } from '../kernel/worth.ts';
import type { Day } from './day.ts';
import type { Prospects } from './prospects.ts';
import type { Series } from './series.ts';
import type { Sizes } from './sizes.ts';
import type { PolicyKind } from './types.ts';

/** Nanos of a dollar in a micro-USD. */
const NANOS_PER_MICRO = 1000;

type Stage = { readonly series: readonly Series[]; readonly prospects: Prospects; readonly day: Day };

/** An order that is open, or would be. `scale`: 1, or less for what a victim kept. */
export type Valued = { readonly symbol: number; readonly bar: number; readonly scale: number };

/** PnL is in nanos of a dollar, as in the kernel. */
export class Values {
  readonly #kind: PolicyKind;
  readonly #bound: number;
  readonly #sizes: Sizes;
  readonly #stage: Stage;

  /** @param bound of a forecast, share of the notional; 0: none. `sizes`: of whole orders. */
  constructor(kind: PolicyKind, bound: number, sizes: Sizes, stage: Stage) {
    this.#kind = kind;
    this.#bound = bound;
    this.#sizes = sizes;
    this.#stage = stage;
  }

  /** What is forecast for the order, within the bound. */
  forecast({ symbol, bar, scale }: Valued): number {
    const forecast = (this.#stage.series[symbol] as Series).forecast[bar] as number;
    const bounded = this.#bound > 0 && forecast > this.#bound ? this.#bound : forecast;
    return this.#inNanos(bounded, { symbol, bar, scale });
  }

  /** What a position that was bought at this price returns, as a share of the order's notional. */
  earned(symbol: number, bar: number, paid: number): number {
    const { price } = this.#stage.prospects.exitOf(symbol, bar);
    return (price - paid) / ((this.#stage.series[symbol] as Series).limit[bar] as number);
  }

  /** Of a thief, in this minute of the day. */
  ofThief(symbol: number, bar: number, price: number, minute: number): number {
    const thief = { symbol, bar, scale: 1 };
    if (this.#kind === 'expected') return this.#expected(thief, minute);
    if (this.#kind !== 'hindsight') return this.forecast(thief);
    const { limit: limits, startMinute } = this.#stage.series[symbol] as Series;
    const limit = limits[bar] as number;
    if (price <= limit) return this.#inNanos(this.earned(symbol, bar, price), thief);
    const since = this.#stage.day.firstMinute + minute - (startMinute[bar] as number);
    const trades = this.#stage.prospects.tradesAfter(symbol, bar, since, limit);
    return trades === Infinity ? 0 : this.#inNanos(this.earned(symbol, bar, limit), thief);
  }

  /** Of an open order in this minute, where that is not what it was when it was placed. */
  ofOrder(order: Valued & { limit: number; fillMinute: number; pnl: number }, minute: number): number {
    if (this.#kind === 'expected') return this.#expected(order, minute);
    if (this.#kind !== 'hindsight') return order.pnl;
    if (order.fillMinute === Infinity) return 0;
    return this.#inNanos(this.earned(order.symbol, order.bar, order.limit), order);
  }

  #expected(order: Valued, minute: number): number {
    const { day } = this.#stage;
    return expectedOf(this.forecast(order), day.probability[minute * day.symbols + order.symbol] as number);
  }

  #inNanos(share: number, { symbol, bar, scale }: Valued): number {
    return Math.floor(share * this.#sizes.microsOf(symbol, bar) * NANOS_PER_MICRO * scale);
  }
}
