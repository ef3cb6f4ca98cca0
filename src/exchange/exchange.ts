/**
 * The paper exchange of one account, without HTTP: accepts orders, cancels and replaces them after a delay,
 * fills them as the market moves, and keeps the account. Each call is synchronous, so account, exposure and
 * judge always agree.
 *
 * Fills: an order whose limit the price has already reached when it starts fills at the market's price, which
 * is never worse than its limit. A resting order fills at exactly its limit. A short sale below the market
 * adds more exposure than its limit implies, as at any broker.
 */
import { randomUUID } from 'node:crypto';
import { forbidden, unprocessable, wrongState } from '../alpaca-server/errors.ts';
import type { Market, MarketPrice, SymbolInfo } from '../prices/market.ts';
import type { Random } from '../prices/random.ts';
import type { MarketCalendar } from '../rules/session.ts';
import { Account, type Position } from './account.ts';
import { type Attos, attosToMicros } from './amounts.ts';
import { Book } from './book.ts';
import { BuyingPower, type BuyingPowerOptions } from './buying-power.ts';
import { Cancels } from './cancels.ts';
import { Expiry } from './expiry.ts';
import { Exposure } from './exposure.ts';
import type { ExposureLog } from './exposure-log.ts';
import type { Faults } from './faults.ts';
import { Judge, type JudgeReport, type Pools } from './judge.ts';
import { LaggingPositions } from './lagging-positions.ts';
import type { MarketClock } from './market-clock.ts';
import { Matching } from './matching.ts';
import { OrderDesk, type TradeUpdateJson } from './order-desk.ts';
import type { OrderJson } from './order-json.ts';
import { checkKind, kindOf } from './order-rules.ts';
import { draftOrder, type NewOrder, type PaperOrder } from './orders.ts';
import { Replacements, type ReplaceRequest } from './replacements.ts';
import { checkStop } from './stops.ts';
import type { Timers } from './timers.ts';
import { checkAgainst } from './wash-trades.ts';

export type ExchangeOptions = {
  market: Market;
  clock: MarketClock;
  calendar: MarketCalendar;
  random: Random;
  timers: Timers;
  faults: Faults;
  log: ExposureLog;
  cash: Attos;
  pools: Pools;
  judgeWindowMs: number;
  buyingPower: BuyingPowerOptions;
  partialRate: number;
  /** Real ms. */
  cancelDelayMs: number;
  replaceDelayMs: number;
  /**
   * `session`: stock orders fill only while the core session is open. `always`: whenever there is a price.
   */
  stockHours: 'always' | 'session';
  onUpdate: (update: TradeUpdateJson) => void;
};

export class Exchange {
  readonly book = new Book();
  readonly account: Account;
  readonly judge: Judge;
  readonly buyingPower: BuyingPower;
  readonly cancels: Cancels;
  readonly matching: Matching;
  private readonly options: ExchangeOptions;
  private readonly lagging: LaggingPositions;
  private readonly assets: ReadonlyMap<string, { id: string; info: SymbolInfo }>;
  private readonly desk: OrderDesk;
  private readonly replacements: Replacements;
  private readonly expiry: Expiry;

  constructor(options: ExchangeOptions) {
    const exposure = new Exposure();
    const { clock, market } = options;
    this.options = options;
    this.assets = new Map(market.symbols().map((info) => [info.symbol, { id: randomUUID(), info }]));
    this.lagging = new LaggingPositions(
      () => clock.realMs(),
      () => options.faults.settings().positionLagMs,
    );
    this.account = new Account(options.cash, exposure, (symbol, before) =>
      this.lagging.changing(symbol, before),
    );
    this.judge = new Judge({
      pools: options.pools,
      windowMs: options.judgeWindowMs,
      nowMs: () => clock.realMs(),
      exposure,
      priceOf: this.priceOf,
      log: options.log,
    });
    this.buyingPower = new BuyingPower(
      options.buyingPower,
      this.account,
      exposure,
      this.judge,
      this.priceOf,
      options.faults,
    );
    this.expiry = new Expiry(options.calendar, clock);
    const { book, account, judge, buyingPower, priceOf } = this;
    const assetId = (symbol: string) => this.assets.get(symbol)?.id ?? '';
    this.desk = new OrderDesk({
      ...options,
      book,
      account,
      exposure,
      judge,
      assetId,
      onEnd: (order) => {
        this.matching.forget(order);
        this.cancels.forget(order);
        this.replacements.originalEnded(order);
      },
    });
    this.matching = new Matching({
      ...options,
      book,
      desk: this.desk,
      expiry: this.expiry,
      classOf: (symbol) => this.assets.get(symbol)?.info.assetClass,
    });
    const shared = { ...options, book, judge, buyingPower, priceOf, desk: this.desk };
    this.replacements = new Replacements({
      ...shared,
      start: (order) => this.matching.start(order),
      expiryOf: (timeInForce) => this.expiry.of(timeInForce),
    });
    this.cancels = new Cancels({
      ...shared,
      replacements: this.replacements,
      waits: (order) => this.matching.waits(order),
    });
  }

  /** The symbol's last price in nanos, if there was one. */
  readonly priceOf = (symbol: string): bigint | undefined => this.options.market.price(symbol)?.priceNanos;

  /** The symbol's last price, and its market time. */
  quote(symbol: string): MarketPrice | undefined {
    return this.options.market.price(symbol);
  }

  asset(symbol: string): { id: string; info: SymbolInfo } | undefined {
    return this.assets.get(symbol);
  }

  symbols(): string[] {
    return [...this.assets.keys()];
  }

  equityMicros(): number {
    return attosToMicros(this.account.equity(this.priceOf), 'down');
  }

  /** The positions as the broker tells them. */
  reportedPositions(): Position[] {
    return this.lagging.reported(this.account.positions());
  }

  /** Fields that a fault replaces in the account's answer. */
  get accountSays(): Record<string, string | boolean> {
    return this.options.faults.settings().accountSays as Record<string, string | boolean>;
  }

  json(order: PaperOrder): OrderJson {
    return this.desk.json(order);
  }

  report(): JudgeReport {
    return this.judge.report(this.equityMicros());
  }

  /**
   * Accepts an order. The answer shows it at its acceptance (`pending_new`); trade updates report what
   * follows.
   * @throws AlpacaError
   */
  submit(request: NewOrder): OrderJson {
    if (this.book.used(request.clientId)) throw unprocessable('client_order_id must be unique');
    this.options.faults.checkOrders();
    const asset = this.assets.get(request.symbol);
    if (!asset) throw unprocessable(`asset "${request.symbol}" not found`);
    if (this.options.faults.inactive(request.symbol))
      throw wrongState(`asset "${request.symbol}" is not active`);
    if (this.options.faults.halted(request.symbol))
      throw wrongState(`asset ${request.symbol} is not tradable`);
    const { assetClass } = asset.info;
    const priceNanos = request.limitNanos ?? request.stopNanos ?? this.priceOf(request.symbol);
    if (!priceNanos) throw forbidden(`a market order needs a price, and ${request.symbol} has none`);
    const qtyNanos = request.qtyNanos ?? ((request.notionalNanos ?? 0n) * 1_000_000_000n) / priceNanos;
    if (qtyNanos <= 0n) throw unprocessable('qty must be > 0');
    checkKind(request, assetClass, qtyNanos, priceNanos);
    const kind = kindOf(
      request,
      assetClass,
      qtyNanos,
      this.account.position(request.symbol),
      this.book.liveOf(request.symbol),
    );
    checkStop(request, assetClass, kind, this.priceOf(request.symbol));
    checkAgainst({ ...request, kind }, this.book.liveOf(request.symbol));
    if (kind === 'entry' && request.side === 'sell' && !this.options.faults.shortable(request.symbol))
      throw wrongState(`asset "${request.symbol}" cannot be sold short`);
    const need = kind === 'entry' ? qtyNanos * priceNanos : 0n;
    if (kind === 'entry') this.buyingPower.check(assetClass, need, request.clientId);
    const order = draftOrder(request, {
      seq: this.book.takeSeq(),
      assetClass,
      kind,
      qtyNanos,
      expiresAtMs: this.expiry.of(request.timeInForce),
      submittedNs: this.options.clock.stampNs(),
    });
    this.book.add(order);
    this.desk.hold(order, need);
    this.judge.accepted(order, this.equityMicros());
    const answer = this.desk.json(order);
    this.matching.start(order);
    return answer;
  }

  /** @throws AlpacaError */
  replace(id: string, request: ReplaceRequest): OrderJson {
    const { order, answer } = this.replacements.ask(
      id,
      request,
      this.options.clock.stampNs(),
      this.equityMicros(),
    );
    this.options.timers.after(this.options.replaceDelayMs, () => this.replacements.finish(order));
    return answer;
  }

  /**
   * Deposits cash, or withdraws it (`change` below 0). Equity and buying power change; orders and positions
   * stay.
   */
  moveCash(change: Attos): void {
    this.account.move(change);
    this.judge.cashMoved(change, this.equityMicros());
  }
}
