/**
 * The account of one policy at one size, minute by minute: what becomes of each that asks for room. Whoever
 * lacks it asks again each minute; who may take it from whom is the kernel's decision.
 */
import type { Thief } from '../kernel/book.ts';
import { TOTAL } from '../kernel/book.ts';
import { decide, type KernelDecision } from '../kernel/decide.ts';
import { furthestPrice, gapOf, isWithin } from '../kernel/distance.ts';
import { Asking } from './asking.ts';
import { Blocked } from './blocked.ts';
import { DAY_MINUTES, type Day } from './day.ts';
import { DRAW, draw } from './draw.ts';
import { endOf, OpenBook, type Order } from './open-book.ts';
import { kernelRulesOf, type PolicyRules, rulesOf } from './policy-rules.ts';
import type { Prospects } from './prospects.ts';
import type { Series } from './series.ts';
import { EQUITY, Sizes } from './sizes.ts';
import { type StealDraft, StealLog } from './steal-log.ts';
import { Takings } from './takings.ts';
import type { Policy, PolicyRun, Size } from './types.ts';
import { Values } from './values.ts';

const MINUTE_MS = 60_000;

/** What all accounts of a run share. */
export type Stage = {
  readonly series: readonly Series[];
  readonly prospects: Prospects;
  readonly day: Day;
  readonly seed: number;
  readonly days: number;
};

export class Account {
  readonly #policy: Policy;
  readonly #size: Size;
  readonly #sizes: Sizes;
  readonly #stage: Stage;
  readonly #rules: PolicyRules;
  readonly #held: OpenBook;
  readonly #asking: Asking;
  readonly #thief: { -readonly [Field in keyof Thief]: Thief[Field] };
  #dayIndex = 0;
  readonly #values: Values;
  readonly #takings: Takings;
  readonly #steals: StealLog;
  readonly #blocked = new Blocked();
  #pricedAt = -1;
  /** Of the minute that is settled. */
  readonly #onFill = (order: Order): void => this.#fill(order, order.limit, order.fillMinute);

  /** @param near which of the day's entry rules is the policy's */
  constructor(policy: Policy, size: Size, near: number, stage: Stage) {
    this.#policy = policy;
    this.#size = size;
    this.#sizes = new Sizes(size, stage.series);
    this.#stage = stage;
    const rules = rulesOf(policy);
    this.#rules = kernelRulesOf(policy, rules);
    this.#held = new OpenBook(stage.series.length, Math.round(rules.leverage * EQUITY), this.#rules.kernel);
    this.#thief = { symbol: 0, side: 'buy', price: 0, gate: 0, pnl: 0, need: 0, pools: TOTAL };
    this.#values = new Values(policy.kind, this.#rules.forecastBound, this.#sizes, stage);
    this.#asking = new Asking({
      ...{ policy, near, series: stage.series, day: stage.day },
      ...{ sizes: this.#sizes, values: this.#values, held: this.#held },
    });
    this.#takings = new Takings(stage.days);
    this.#steals = new StealLog(stage.series, stage.prospects, this.#sizes);
  }

  /** The day that the stage holds now, the `index`th of the run. */
  runDay(index: number): void {
    this.#dayIndex = index;
    const { day } = this.#stage;
    for (let minute = 0; minute < DAY_MINUTES; minute++) {
      if (day.isActive[minute] === 0) continue;
      this.#held.settle(day.firstMinute + minute, this.#onFill);
      for (const symbol of this.#asking.in(minute)) {
        // One that was robbed in this very minute asks in the next one.
        if (this.#held.hasRoom(this.#needOf(minute, symbol))) this.#place(symbol, minute, undefined);
        else this.#attempt(symbol, minute);
      }
      this.#takings.measure(this.#held.used, this.#held.positionsHeld);
    }
  }

  result(): PolicyRun {
    return {
      policy: this.#policy.name,
      size: this.#size,
      ...this.#takings.result(this.#held.cap),
      steals: this.#steals.records(),
      blockedMinutes: this.#blocked.result,
    };
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
    if (this.#held.book.orders.length === 0) {
      this.#blocked.add('onlyPositions', now);
      return;
    }
    if (!this.#rules.steals) return;
    this.#priceOrders(minute);
    this.#thief.symbol = symbol;
    this.#thief.need = this.#needOf(minute, symbol);
    this.#thief.price = price;
    this.#thief.gate = gate;
    this.#thief.pnl = this.#values.ofThief(symbol, this.#barAt(minute, symbol), price, minute);
    const decision = decide(this.#held.book, this.#thief, this.#rules.kernel, now * MINUTE_MS);
    for (const other of decision.fought) this.#held.book.history.startFight(symbol, other, now * MINUTE_MS);
    if (decision.outcome === 'stolen') this.#steal(symbol, minute, decision);
    else this.#blocked.refused(decision.outcome, now);
  }

  /** Prices, and what the policy ranks by, of all open orders; once a minute. */
  #priceOrders(minute: number): void {
    const now = this.#stage.day.firstMinute + minute;
    if (this.#pricedAt === now) return;
    this.#pricedAt = now;
    for (const order of this.#held.book.orders) this.#priceOrder(order as Order, minute);
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
      this.#held.end(victim, 'robbed');
      this.#held.book.history.record(now * MINUTE_MS, victim.symbol, symbol, victim.held);
    }
    this.#place(symbol, minute, steal);
    if (kept === undefined) return;
    const whole = kept.order as Order;
    const qty = whole.divisible?.qty ?? kept.qty;
    this.#held.open({
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
    const need = this.#sizes.microsOf(symbol, bar);
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
      held: need,
      pools: TOTAL,
      takeable: true,
      ...(this.#rules.kernel.partialMin < 0
        ? {}
        : { divisible: { qty: (BigInt(need) * 10n ** 12n) / BigInt(limit), step: 1n } }),
      bar,
      endMinute: endOf(startMinute[bar] as number),
      scale: 1,
      fillMinute: (startMinute[bar] as number) + after,
      bins: this.#takings.calibration.placed(gapOf('buy', price, limit) / limit, forecast[bar] as number),
      steal,
    };
    this.#takings.placed++;
    this.#held.open(order);
    if (isMarketable) this.#fill(order, price, now);
    else if (this.#pricedAt === now) this.#priceOrder(order, minute);
  }

  #fill(order: Order, paid: number, minute: number): void {
    const { symbol, bar, scale, limit, bins } = order;
    const exit = this.#stage.prospects.exitOf(symbol, bar);
    this.#held.fill(order, exit, minute);
    this.#takings.fill({
      day: this.#dayIndex,
      share: this.#sizes.shareOf(symbol, bar) * scale,
      limit,
      paid,
      sold: exit.price,
      forecast: this.#series(symbol).forecast[bar] as number,
      bins,
    });
  }

  /** Micro-USD; 0: the plan says no size, and is not traded. */
  #needOf(minute: number, symbol: number): number {
    return this.#sizes.microsOf(symbol, this.#barAt(minute, symbol));
  }

  #series(symbol: number): Series {
    return this.#stage.series[symbol] as Series;
  }

  #barAt(minute: number, symbol: number): number {
    return this.#stage.day.bar[minute * this.#stage.day.symbols + symbol] as number;
  }

  #priceAt(minute: number, symbol: number): number {
    return this.#stage.day.price[minute * this.#stage.day.symbols + symbol] as number;
  }

  /** Minutes since the symbol's bar began. */
  #sinceBar(minute: number, symbol: number): number {
    const start = this.#series(symbol).startMinute[this.#barAt(minute, symbol)] as number;
    return this.#stage.day.firstMinute + minute - start;
  }
}
