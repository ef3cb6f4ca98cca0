/** The steals of one account, each with what would have become of all that took part. */
import { gapOf } from '../kernel/distance.ts';
import type { Prospects } from './prospects.ts';
import type { Series } from './series.ts';
import type { Sizes } from './sizes.ts';
import type { Fate, StealRecord, VictimRecord } from './types.ts';

const MINUTE_MS = 60_000;
const HOUR = 60;
const BPS = 1e4;

/** `fate` is known once the thief's order has ended. */
export type StealDraft = Omit<StealRecord, 'fate'> & { fate: Fate };

type Victim = {
  readonly symbol: number;
  readonly bar: number;
  readonly limit: number;
  readonly price: number;
  readonly scale: number;
};

type Begun = {
  /** Since 1970. */
  readonly minute: number;
  readonly day: number;
  readonly thief: number;
  readonly bar: number;
  readonly price: number;
  readonly victims: readonly Victim[];
};

export class StealLog {
  readonly #series: readonly Series[];
  readonly #prospects: Prospects;
  readonly #sizes: Sizes;
  readonly #records: StealDraft[] = [];

  constructor(series: readonly Series[], prospects: Prospects, sizes: Sizes) {
    this.#series = series;
    this.#prospects = prospects;
    this.#sizes = sizes;
  }

  begin({ minute, day, thief, bar, price, victims }: Begun): StealDraft {
    const { symbol, limit, startMinute, forecast } = this.#series[thief] as Series;
    const wanted = limit[bar] as number;
    const since = minute - (startMinute[bar] as number);
    const isTraded = price <= wanted || this.#prospects.tradesAfter(thief, bar, since, wanted) < Infinity;
    const returnBps = isTraded ? this.#returnBps(thief, bar, Math.min(price, wanted), 1) : 0;
    const robbed = victims.map((victim) => this.#victim(victim, minute));
    const share = this.#sizes.shareOf(thief, bar);
    const draft: StealDraft = {
      atMs: minute * MINUTE_MS,
      day,
      thief: symbol,
      share,
      forecastBps: (forecast[bar] as number) * share * BPS,
      victims: robbed,
      fate: 'missed',
      returnBps,
      worthBps: robbed.reduce((worth, victim) => worth - victim.returnBps, returnBps),
    };
    this.#records.push(draft);
    return draft;
  }

  records(): readonly StealRecord[] {
    return this.#records;
  }

  #victim({ symbol, bar, limit, price, scale }: Victim, minute: number): VictimRecord {
    const series = this.#series[symbol] as Series;
    const since = minute - (series.startMinute[bar] as number);
    const tradedInPlan = this.#prospects.tradesAfter(symbol, bar, since, limit) < Infinity;
    const share = this.#sizes.shareOf(symbol, bar) * scale;
    const within = (window: number): boolean =>
      this.#prospects.tradesWithin(symbol, bar, since, limit, window);
    return {
      symbol: series.symbol,
      share,
      forecastBps: (series.forecast[bar] as number) * share * BPS,
      distance: gapOf('buy', price, limit) / limit,
      tradedInPlan,
      traded1h: within(HOUR),
      traded24h: within(24 * HOUR),
      returnBps: tradedInPlan ? this.#returnBps(symbol, bar, limit, scale) : 0,
    };
  }

  #returnBps(symbol: number, bar: number, paid: number, scale: number): number {
    const { price } = this.#prospects.exitOf(symbol, bar);
    const limit = (this.#series[symbol] as Series).limit[bar] as number;
    return ((price - paid) / limit) * this.#sizes.shareOf(symbol, bar) * scale * BPS;
  }
}
