/**
 * A UTC day as all policies see it: the prices of each minute, and who wants to enter. One day is held at a
 * time; its arrays are used again.
 */
import { furthestPrice, isWithin } from '../kernel/distance.ts';
import type { MarketCalendar } from '../rules/session.ts';
import { MINUTES } from './brownian-hours.ts';
import { DRAW, draw } from './draw.ts';
import type { FillTable } from './fill-table.ts';
import type { Paths } from './paths.ts';
import type { Series } from './series.ts';

export const DAY_MINUTES = 1440;
const MINUTE_MS = 60_000;
const NANOS = 1e9;

/** The last minute of a bar at which anything is decided. */
const LAST_DECISION = MINUTES - 2;

/**
 * Entry tolerances as shares of the limit: in hours, and of cryptos out of hours, when the cryptos that rank
 * up to `forced` enter at any distance (docs/rules.md, 11).
 */
export type EntryRule = { readonly normal: number; readonly wide: number; readonly forced: number };

/** Who is within its entry tolerance: of minute m, `symbols` from `starts[m]` to `starts[m + 1]`, in turn. */
export type Near = { readonly starts: Int32Array; readonly symbols: Int32Array };

export class Day {
  /** Minutes since 1970. */
  firstMinute = 0;
  /** By minute x symbols + symbol: the price at its end, nanos; 0: none. The bar; -1: none. */
  readonly price: Float64Array;
  readonly bar: Int32Array;
  /** The probability that the limit of the bar's plan still trades, nanos of one; where it was asked for. */
  readonly probability: Int32Array;
  /** By minute: has any symbol a bar? */
  readonly isActive = new Uint8Array(DAY_MINUTES);
  /** By minute, out of hours: the cryptos with a plan, the highest forecast first. */
  readonly ranked: (readonly number[] | undefined)[] = new Array(DAY_MINUTES);
  /** By hour x symbols + symbol: whose turn it is, 0 first. */
  readonly turn: Int32Array;
  /** For each entry rule. */
  readonly near: readonly Near[];
  readonly symbols: number;
  readonly #series: readonly Series[];
  readonly #paths: Paths;
  readonly #rules: readonly EntryRule[];
  readonly #table: FillTable | undefined;
  readonly #calendar: MarketCalendar;
  readonly #seed: number;
  /** By symbol: the first bar that ends after the day before. */
  readonly #next: Int32Array;
  /** By hour: symbols in turn. */
  readonly #inTurn: number[][] = [];

  constructor(of: {
    series: readonly Series[];
    paths: Paths;
    rules: readonly EntryRule[];
    table: FillTable | undefined;
    calendar: MarketCalendar;
    seed: number;
  }) {
    this.#series = of.series;
    this.#paths = of.paths;
    this.#rules = of.rules;
    this.#table = of.table;
    this.#calendar = of.calendar;
    this.#seed = of.seed;
    this.symbols = of.series.length;
    const cells = DAY_MINUTES * this.symbols;
    this.price = new Float64Array(cells);
    this.bar = new Int32Array(cells);
    this.probability = new Int32Array(of.table === undefined ? 0 : cells);
    this.turn = new Int32Array(24 * this.symbols);
    this.near = of.rules.map(() => ({
      starts: new Int32Array(DAY_MINUTES + 1),
      symbols: new Int32Array(cells),
    }));
    this.#next = new Int32Array(this.symbols);
  }

  /** The next day in time: `firstMinute` grows from call to call. False if it has no bar. */
  load(firstMinute: number): boolean {
    this.firstMinute = firstMinute;
    this.isActive.fill(0);
    this.price.fill(0);
    this.bar.fill(-1);
    for (let symbol = 0; symbol < this.symbols; symbol++) this.#loadSymbol(symbol);
    if (!this.isActive.includes(1)) return false;
    this.#takeTurns();
    this.#rank();
    if (this.#table !== undefined) this.#learn(this.#table);
    for (const [at, rule] of this.#rules.entries()) this.#findNear(rule, this.near[at] as Near);
    return true;
  }

  #loadSymbol(symbol: number): void {
    const { count, startMinute } = this.#series[symbol] as Series;
    const end = this.firstMinute + DAY_MINUTES;
    let bar = this.#next[symbol] as number;
    while (bar < count && (startMinute[bar] as number) + MINUTES <= this.firstMinute) bar++;
    this.#next[symbol] = bar;
    for (; bar < count && (startMinute[bar] as number) < end; bar++) {
      const { prices, at } = this.#paths.of(symbol, bar);
      const first = (startMinute[bar] as number) - this.firstMinute;
      for (let minute = Math.max(0, -first); minute < MINUTES && first + minute < DAY_MINUTES; minute++) {
        const cell = (first + minute) * this.symbols + symbol;
        this.price[cell] = prices[at + minute] as number;
        this.bar[cell] = bar;
        this.isActive[first + minute] = 1;
      }
    }
  }

  /** Who asks first is drawn anew for each hour. */
  #takeTurns(): void {
    for (let hour = 0; hour < 24; hour++) {
      const minute = this.firstMinute + hour * MINUTES;
      const drawn = this.#series.map(({ key }) => draw(this.#seed, DRAW.turn, key, minute));
      const inTurn = drawn.map((_, symbol) => symbol);
      inTurn.sort((a, b) => (drawn[a] as number) - (drawn[b] as number) || a - b);
      this.#inTurn[hour] = inTurn;
      for (const [at, symbol] of inTurn.entries()) this.turn[hour * this.symbols + symbol] = at;
    }
  }

  #rank(): void {
    this.ranked.fill(undefined);
    const cryptos = this.#series.flatMap(({ crypto }, symbol) => (crypto ? [symbol] : []));
    if (cryptos.length === 0) return;
    let ranked: number[] = [];
    const bars = new Int32Array(cryptos.length).fill(-2);
    for (let minute = 0; minute < DAY_MINUTES; minute++) {
      if (this.isActive[minute] === 0) continue;
      if (this.#calendar.isOpen((this.firstMinute + minute) * MINUTE_MS)) continue;
      let isOther = false;
      for (const [at, symbol] of cryptos.entries()) {
        const bar = this.bar[minute * this.symbols + symbol] as number;
        isOther ||= bar !== bars[at];
        bars[at] = bar;
      }
      if (isOther) {
        ranked = cryptos.filter((symbol) => this.#limitAt(minute, symbol) > 0);
        ranked.sort((a, b) => this.#forecastAt(minute, b) - this.#forecastAt(minute, a) || a - b);
      }
      this.ranked[minute] = ranked;
    }
  }

  #limitAt(minute: number, symbol: number): number {
    const bar = this.bar[minute * this.symbols + symbol] as number;
    return bar < 0 ? 0 : ((this.#series[symbol] as Series).limit[bar] as number);
  }

  #forecastAt(minute: number, symbol: number): number {
    const bar = this.bar[minute * this.symbols + symbol] as number;
    return bar < 0 ? 0 : ((this.#series[symbol] as Series).forecast[bar] as number);
  }

  /** A bar is learned from when its symbol's next one begins: it is over. */
  #learn(table: FillTable): void {
    for (let minute = 0; minute < DAY_MINUTES; minute++) {
      if (this.isActive[minute] === 0) continue;
      for (let symbol = 0; symbol < this.symbols; symbol++) {
        const bar = this.bar[minute * this.symbols + symbol] as number;
        if (bar < 0) continue;
        const { startMinute, limit, sigma } = this.#series[symbol] as Series;
        const since = this.firstMinute + minute - (startMinute[bar] as number);
        if (since === 0 && bar > 0 && (limit[bar - 1] as number) > 0) {
          const { prices, at } = this.#paths.of(symbol, bar - 1);
          table.learn(prices, at, limit[bar - 1] as number, sigma[bar - 1] as number);
        }
        if (since > LAST_DECISION || (limit[bar] as number) === 0) continue;
        const cell = minute * this.symbols + symbol;
        this.probability[cell] = table.probability(
          this.price[cell] as number,
          limit[bar] as number,
          sigma[bar] as number,
          since,
        );
      }
    }
  }

  #findNear({ normal, wide }: EntryRule, { starts, symbols }: Near): void {
    const shares = { normal: Math.round(normal * NANOS), wide: Math.round(wide * NANOS) };
    let found = 0;
    for (let minute = 0; minute < DAY_MINUTES; minute++) {
      starts[minute] = found;
      if (this.isActive[minute] === 0) continue;
      const isOut = this.ranked[minute] !== undefined;
      for (const symbol of this.#inTurn[Math.floor(minute / MINUTES)] as number[]) {
        const cell = minute * this.symbols + symbol;
        const bar = this.bar[cell] as number;
        if (bar < 0) continue;
        const { crypto, startMinute, limit } = this.#series[symbol] as Series;
        const wanted = limit[bar] as number;
        if (wanted === 0 || this.firstMinute + minute - (startMinute[bar] as number) > LAST_DECISION)
          continue;
        const share = crypto && isOut ? shares.wide : shares.normal;
        if (isWithin('buy', this.price[cell] as number, furthestPrice('buy', wanted, share)))
          symbols[found++] = symbol;
      }
    }
    starts[DAY_MINUTES] = found;
  }
}
