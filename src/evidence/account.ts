/**
 * The account of one policy at one size: its open orders, its positions and its room, minute by minute. One
 * entry or position per symbol. Whoever lacks room asks again each minute; who may take it from whom is the
 * kernel's decision.
 */
import type { Book, BookOrder, Thief } from '../kernel/book.ts';
import { TOTAL } from '../kernel/book.ts';
import { decide, type KernelDecision } from '../kernel/decide.ts';
import { furthestPrice, gapOf, isWithin } from '../kernel/distance.ts';
import { StealHistory } from '../kernel/history.ts';
import { Blocked } from './blocked.ts';
import { MINUTES } from './brownian-hours.ts';
import type { Bins } from './calibration-tally.ts';
import { DAY_MINUTES, type Day } from './day.ts';
import { DRAW, draw } from './draw.ts';
import { kernelRulesOf, type PolicyRules, rulesOf } from './policy-rules.ts';
import type { Prospects } from './prospects.ts';
import type { Series } from './series.ts';
import { type StealDraft, StealLog } from './steal-log.ts';
import { Takings } from './takings.ts';
import type { Policy, PolicyRun } from './types.ts';
import { Values } from './values.ts';

/** Of the account, in micro-USD: large enough that no size is rounded. */
const EQUITY = 1e12;
const MINUTE_MS = 60_000;

/** What all accounts of a run share. */
export type Stage = {
  readonly series: readonly Series[];
  readonly prospects: Prospects;
  readonly day: Day;
  readonly seed: number;
  readonly days: number;
};

type Order = BookOrder & {
  readonly bar: number;
  /** Of the whole order; less than 1 for what a victim kept. */
  readonly scale: number;
  readonly fillMinute: number;
  readonly bins: Bins | undefined;
  readonly steal: StealDraft | undefined;
};

type Position = { readonly held: number; readonly exitMinute: number };

export class Account {
  readonly #policy: Policy;
  readonly #size: number;
  readonly #stage: Stage;
  readonly #near: number;
  readonly #rules: PolicyRules;
  readonly #need: number;
  /** By symbol; at most one of the two. */
  readonly #orders: (Order | undefined)[];
  readonly #positions: (Position | undefined)[];
  readonly #book: Book & { readonly orders: Order[]; readonly used: Float64Array };
  readonly #thief: { -readonly [Field in keyof Thief]: Thief[Field] };
  #nextEvent = Infinity;
  /** Micro-USD in positions. */
  #positionsHeld = 0;
  #dayIndex = 0;
  readonly #values: Values;
  readonly #takings: Takings;
  readonly #steals: StealLog;
  readonly #blocked = new Blocked();
  #pricedAt = -1;
  readonly #asking: number[] = [];

  /** @param near which of the day's entry rules is the policy's */
  constructor(policy: Policy, size: number, near: number, stage: Stage) {
    this.#policy = policy;
    this.#size = size;
    this.#near = near;
    this.#stage = stage;
    const rules = rulesOf(policy);
    this.#rules = kernelRulesOf(policy, rules);
    this.#need = Math.round(size * EQUITY);
    const symbols = stage.series.length;
    this.#orders = new Array<Order | undefined>(symbols);
    this.#positions = new Array<Position | undefined>(symbols);
    const cap = Math.round(rules.leverage * EQUITY);
    this.#book = {
      caps: [cap],
      used: new Float64Array(1),
      budgetCap: cap,
      orders: [],
      history: new StealHistory(symbols, this.#rules.kernel),
    };
    this.#thief = { symbol: 0, side: 'buy', price: 0, gate: 0, pnl: 0, need: this.#need, pools: TOTAL };
    this.#values = new Values(policy.kind, this.#rules.forecastBound, this.#need, stage);
    this.#takings = new Takings(stage.days);
    this.#steals = new StealLog(stage.series, stage.prospects, size);
  }

  /** The day that the stage holds now, the `index`th of the run. */
  runDay(index: number): void {
    this.#dayIndex = index;
    const { day } = this.#stage;
    const { starts, symbols } = day.near[this.#near] as Day['near'][number];
    const isForcing = this.#policy.entryTolerance === undefined;
    for (let minute = 0; minute < DAY_MINUTES; minute++) {
      if (day.isActive[minute] === 0) continue;
      const now = day.firstMinute + minute;
      if (now >= this.#nextEvent) this.#settle(now);
      const forced = isForcing ? this.#forcedAt(minute) : -1;
      const first = starts[minute] as number;
      const last = starts[minute + 1] as number;
      if (first < last || forced >= 0) this.#ask(minute, symbols, first, last, forced);
      this.#takings.measure(this.#book.used[0] as number, this.#positionsHeld);
    }
  }

  result(): PolicyRun {
    return {
      policy: this.#policy.name,
      size: this.#size,
      ...this.#takings.result(this.#book.caps[0] as number),
      steals: this.#steals.records(),
      blockedMinutes: this.#blocked.result,
    };
  }

  /** Fills, exits and orders whose bar is over, up to this minute. */
  #settle(now: number): void {
    let next = Infinity;
    for (let symbol = 0; symbol < this.#orders.length; symbol++) {
      const order = this.#orders[symbol];
      if (order !== undefined && this.#dueOf(order) <= now) {
        if (order.fillMinute <= now) this.#fill(order, order.limit, order.fillMinute);
        else this.#end(order, 'missed');
      }
      const position = this.#positions[symbol];
      if (position !== undefined && position.exitMinute <= now) {
        this.#positions[symbol] = undefined;
        this.#count(-position.held);
        this.#positionsHeld -= position.held;
      }
      const left = this.#orders[symbol];
      next = Math.min(
        next,
        left === undefined ? Infinity : this.#dueOf(left),
        this.#positions[symbol]?.exitMinute ?? Infinity,
      );
    }
    this.#nextEvent = next;
  }

  /** When the order fills, or the minute after its bar. */
  #dueOf({ symbol, bar, fillMinute }: Order): number {
    const end = (this.#series(symbol).startMinute[bar] as number) + MINUTES;
    return Math.min(fillMinute, end);
  }

  /** The crypto that enters at any distance now, if it waits to; -1: none. */
  #forcedAt(minute: number): number {
    const ranked = this.#stage.day.ranked[minute];
    if (ranked === undefined) return -1;
    for (const symbol of ranked) {
      if (this.#positions[symbol] !== undefined) continue;
      return this.#orders[symbol] === undefined && this.#sinceBar(minute, symbol) < MINUTES - 1 ? symbol : -1;
    }
    return -1;
  }

  /** Those who want to enter, in turn, each while it has neither an order nor a position. */
  #ask(minute: number, symbols: Int32Array, first: number, last: number, forced: number): void {
    const asking = this.#asking;
    asking.length = 0;
    let isIn = forced < 0;
    const turnOf = (symbol: number): number =>
      this.#stage.day.turn[Math.floor(minute / MINUTES) * this.#orders.length + symbol] as number;
    for (let at = first; at < last; at++) {
      const symbol = symbols[at] as number;
      if (symbol === forced) isIn = true;
      else if (!isIn && turnOf(symbol) > turnOf(forced)) {
        asking.push(forced);
        isIn = true;
      }
      if (this.#orders[symbol] === undefined && this.#positions[symbol] === undefined) asking.push(symbol);
    }
    if (!isIn) asking.push(forced);
    if (asking.length === 0) return;
    if (this.#policy.kind === 'queue' && asking.length > 1) this.#bestFirst(asking, minute);
    for (const symbol of asking) {
      // One that was robbed in this very minute asks in the next one.
      if (this.#hasRoom()) this.#place(symbol, minute, undefined);
      else this.#attempt(symbol, minute);
    }
  }

  #bestFirst(asking: number[], minute: number): void {
    const forecastOf = (symbol: number): number =>
      this.#values.forecast({ symbol, bar: this.#barAt(minute, symbol), scale: 1 });
    asking.sort((a, b) => forecastOf(b) - forecastOf(a));
  }

  #hasRoom(): boolean {
    return (this.#book.caps[0] as number) - (this.#book.used[0] as number) >= this.#need;
  }

  /** No room: may it take some? */
  #attempt(symbol: number, minute: number): void {
    const { day } = this.#stage;
    const now = day.firstMinute + minute;
    this.#blocked.add('any', now);
    const limit = this.#series(symbol).limit[this.#barAt(minute, symbol)] as number;
    const price = this.#priceAt(minute, symbol);
    const gate = furthestPrice('buy', limit, this.#rules.gate);
    if (!isWithin('buy', price, gate)) {
      this.#blocked.add('tooFar', now);
      return;
    }
    if (this.#book.orders.length === 0) {
      this.#blocked.add('onlyPositions', now);
      return;
    }
    if (!this.#rules.steals) return;
    this.#priceOrders(minute);
    this.#thief.symbol = symbol;
    this.#thief.price = price;
    this.#thief.gate = gate;
    this.#thief.pnl = this.#values.ofThief(symbol, this.#barAt(minute, symbol), price, minute);
    const decision = decide(this.#book, this.#thief, this.#rules.kernel, now * MINUTE_MS);
    for (const other of decision.fought) this.#book.history.startFight(symbol, other, now * MINUTE_MS);
    if (decision.outcome === 'stolen') this.#steal(symbol, minute, decision);
    else this.#blocked.refused(decision.outcome, now);
  }

  /** Prices, and what the policy ranks by, of all open orders; once a minute. */
  #priceOrders(minute: number): void {
    const now = this.#stage.day.firstMinute + minute;
    if (this.#pricedAt === now) return;
    this.#pricedAt = now;
    for (const order of this.#book.orders) this.#priceOrder(order, minute);
  }

  #priceOrder(order: Order, minute: number): void {
    const { day, seed } = this.#stage;
    order.price = this.#priceAt(minute, order.symbol);
    order.pnl = this.#values.ofOrder(order, minute);
    if (this.#policy.kind === 'random')
      order.lot = draw(seed, DRAW.lot, this.#series(order.symbol).key, day.firstMinute + minute);
  }

  #steal(symbol: number, minute: number, { victims, kept }: KernelDecision): void {
    const now = this.#stage.day.firstMinute + minute;
    const bar = this.#barAt(minute, symbol);
    const steal = this.#steals.begin({
      minute: now,
      day: this.#dayIndex,
      thief: symbol,
      bar,
      price: this.#priceAt(minute, symbol),
      victims: victims as readonly Order[],
    });
    for (const victim of victims as readonly Order[]) {
      this.#end(victim, 'robbed');
      this.#book.history.record(now * MINUTE_MS, victim.symbol, symbol, victim.held);
    }
    this.#place(symbol, minute, steal);
    if (kept === undefined) return;
    const whole = kept.order as Order;
    const qty = whole.divisible?.qty ?? kept.qty;
    this.#open({
      ...whole,
      scale: whole.scale * (Number(kept.qty) / Number(qty)),
      held: Number(kept.held),
      pnl: Math.floor(whole.pnl * (Number(kept.qty) / Number(qty))),
      divisible: { qty: kept.qty, step: 1n },
      placedAtMs: now * MINUTE_MS,
      tie: this.#takings.placed,
      bins: undefined,
      steal: undefined,
    });
  }

  /** There is room. A price at the limit or through it fills at once, at the market. */
  #place(symbol: number, minute: number, steal: StealDraft | undefined): void {
    const { day, prospects } = this.#stage;
    const now = day.firstMinute + minute;
    const bar = this.#barAt(minute, symbol);
    const { limit: limits, forecast, startMinute } = this.#series(symbol);
    const limit = limits[bar] as number;
    const price = this.#priceAt(minute, symbol);
    const isMarketable = price <= limit;
    const after = isMarketable
      ? Infinity
      : prospects.tradesAfter(symbol, bar, this.#sinceBar(minute, symbol), limit);
    const order: Order = {
      symbol,
      side: 'buy',
      limit,
      protection: furthestPrice('buy', limit, this.#rules.protection),
      price,
      pnl: this.#values.forecast({ symbol, bar, scale: 1 }),
      worth: 0,
      placedAtMs: now * MINUTE_MS,
      tie: this.#takings.placed,
      lot: 0,
      held: this.#need,
      pools: TOTAL,
      takeable: true,
      ...(this.#rules.kernel.partialMin < 0
        ? {}
        : { divisible: { qty: (BigInt(this.#need) * 10n ** 12n) / BigInt(limit), step: 1n } }),
      bar,
      scale: 1,
      fillMinute: (startMinute[bar] as number) + after,
      bins: this.#takings.calibration.placed(gapOf('buy', price, limit) / limit, forecast[bar] as number),
      steal,
    };
    this.#takings.placed++;
    this.#open(order);
    if (isMarketable) this.#fill(order, price, now);
    else if (this.#pricedAt === now) this.#priceOrder(order, minute);
  }

  #open(order: Order): void {
    this.#orders[order.symbol] = order;
    this.#book.orders.push(order);
    this.#count(order.held);
    this.#nextEvent = Math.min(this.#nextEvent, this.#dueOf(order));
  }

  /** It does not fill any more. */
  #end(order: Order, fate: 'missed' | 'robbed'): void {
    this.#remove(order);
    this.#count(-order.held);
    if (order.steal !== undefined) order.steal.fate = fate;
  }

  #fill(order: Order, paid: number, minute: number): void {
    const { symbol, bar, held, scale, limit, bins, steal } = order;
    this.#remove(order);
    const exit = this.#stage.prospects.exitOf(symbol, bar);
    this.#positions[symbol] = { held, exitMinute: Math.max(exit.minute, minute + 1) };
    this.#positionsHeld += held;
    this.#nextEvent = Math.min(this.#nextEvent, Math.max(exit.minute, minute + 1));
    this.#takings.fill({
      day: this.#dayIndex,
      share: this.#size * scale,
      limit,
      paid,
      sold: exit.price,
      forecast: this.#series(symbol).forecast[bar] as number,
      bins,
    });
    if (steal !== undefined) steal.fate = 'filled';
  }

  #remove(order: Order): void {
    this.#orders[order.symbol] = undefined;
    const { orders } = this.#book;
    const last = orders.pop();
    if (last !== undefined && last !== order) orders[orders.indexOf(order)] = last;
  }

  #count(micros: number): void {
    this.#book.used[0] = (this.#book.used[0] as number) + micros;
  }

  #series(symbol: number): Series {
    return this.#stage.series[symbol] as Series;
  }

  #barAt(minute: number, symbol: number): number {
    return this.#stage.day.bar[minute * this.#orders.length + symbol] as number;
  }

  #priceAt(minute: number, symbol: number): number {
    return this.#stage.day.price[minute * this.#orders.length + symbol] as number;
  }

  /** Minutes since the symbol's bar began. */
  #sinceBar(minute: number, symbol: number): number {
    const start = this.#series(symbol).startMinute[this.#barAt(minute, symbol)] as number;
    return this.#stage.day.firstMinute + minute - start;
  }
}
