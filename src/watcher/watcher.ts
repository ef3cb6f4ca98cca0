/**
 * A watcher host: leases plans, follows the prices of their symbols and the account's events, and runs every
 * plan. Any number of hosts share an account. When a host dies, other hosts take its plans as their leases
 * run out.
 */
import { randomInt } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Logger } from 'pino';
import type { Broker, BrokerQuote } from '../broker/port.ts';
import { TradingDays } from '../broker/trading-days.ts';
import type { Coordinator } from '../coordinator/coordinator.ts';
import { Heartbeat } from '../coordinator/heartbeat.ts';
import { HeldAtBroker } from '../coordinator/held-at-broker.ts';
import { leaveQueue } from '../ledger/commands/plan-leave.ts';
import { snapshot } from '../ledger/commands/snapshot.ts';
import { tick } from '../ledger/commands/tick.ts';
import type { Ledger } from '../ledger/ledger.ts';
import { PriceFeed } from '../prices/feed.ts';
import { MarketCalendar } from '../rules/session.ts';
import { fingerprint, type Settings } from '../rules/settings.ts';
import { LedgerClock } from './ledger-clock.ts';
import { LiveOrders } from './live-orders.ts';
import { PlanRunner } from './plan/plan-runner.ts';
import type { ByHandRule, PartialEntryRule } from './plan/view.ts';
import { PlanLeases } from './plan-leases.ts';
import { PriceBoard } from './price-board.ts';
import { Seldom } from './seldom.ts';
import { WatcherStats } from './stats.ts';
import { WatcherEvents } from './watcher-events.ts';

export type WatcherOptions = {
  ledger: Ledger;
  broker: Pick<Broker, 'quotes' | 'order' | 'orderByBrokerId' | 'positions' | 'calendar'>;
  coordinator: Pick<Coordinator, 'enter' | 'place' | 'cancel' | 'priceSteps' | 'events'>;
  rules: Settings;
  /** The holder of its leases; unique per host. */
  host: string;
  planLeaseMs: number;
  maxPlans: number;
  /** The pause between two requests for prices. */
  quotesMs: number;
  log: Logger;
  /** Receives a StatsReport each second and at the end. */
  report: (message: Readonly<Record<string, unknown>>) => void;
  /** Called when the leases of its plans were renewed. */
  onRenewed?: () => void;
  /** Default: the plan is withdrawn, and an exit is placed again after an hour. */
  byHand?: ByHandRule;
  /** Default: `cancel`. */
  partialEntry?: PartialEntryRule;
  stats?: WatcherStats;
  calendar?: MarketCalendar;
  random?: () => number;
  monotonicMs?: () => number;
};

const SECOND_MS = 1_000;
/** The same failure of the market data is logged this often. */
const PRICE_FAULT_EVERY_MS = 300 * SECOND_MS;
const REBUILD_MS = 30_000;
const WITHDRAWALS_MS = 5_000;
/** How often the broker is asked for its calendar, until it answers for the day. */
const TRADING_DAYS_MS = 60_000;
/** How long actions under way may take after the signal aborts. */
const DRAIN_MS = 3_500;

const BY_HAND: ByHandRule = { entry: 'withdraw', pauseMs: 3_600_000 };

const anyFraction = (): number => randomInt(2 ** 32) / 2 ** 32;

/**
 * Runs plans until the signal aborts. Then it begins no action, gives back reservations that were not sent,
 * hands back its leases, and resolves within 5 s.
 */
export async function runWatcher(options: WatcherOptions, signal: AbortSignal): Promise<void> {
  await new WatcherHost(options, signal).run();
}

class WatcherHost {
  readonly #options: WatcherOptions;
  readonly #signal: AbortSignal;
  readonly #hard = new AbortController();
  readonly #clock: LedgerClock;
  readonly #prices: PriceBoard;
  readonly #live = new LiveOrders();
  readonly #stats: WatcherStats;
  readonly #runner: PlanRunner;
  readonly #leases: PlanLeases;
  readonly #feed: PriceFeed;
  readonly #heartbeat: Heartbeat;
  readonly #tradingDays: TradingDays;
  readonly #events: WatcherEvents;

  constructor(options: WatcherOptions, signal: AbortSignal) {
    const { ledger, broker, coordinator, rules, host, log, quotesMs } = options;
    const {
      calendar = new MarketCalendar({ closures: rules.nyseClosures }),
      random = anyFraction,
      monotonicMs = () => performance.now(),
      stats,
    } = options;
    this.#options = options;
    this.#signal = signal;
    this.#clock = new LedgerClock(ledger, monotonicMs);
    this.#prices = new PriceBoard(rules.quoteMaxAgeMs, monotonicMs);
    this.#stats = stats ?? new WatcherStats();
    this.#runner = new PlanRunner({
      ledger,
      broker,
      held: new HeldAtBroker(ledger, broker),
      coordinator,
      rules,
      calendar,
      prices: this.#prices,
      clock: this.#clock,
      live: this.#live,
      stats: this.#stats,
      byHand: options.byHand ?? BY_HAND,
      partialEntry: options.partialEntry ?? 'cancel',
      host,
      stopping: signal,
      placing: this.#hard.signal,
      log,
      random,
      monotonicMs,
    });
    this.#leases = new PlanLeases({
      ledger,
      host,
      planLeaseMs: options.planLeaseMs,
      maxPlans: options.maxPlans,
      log,
      runner: this.#runner,
      onChange: () => this.#onPlans(),
      signal,
      monotonicMs,
    });
    this.#events = new WatcherEvents({
      runner: this.#runner,
      live: this.#live,
      claim: () => this.#leases.claim(),
      passOver: () => leaveQueue(ledger, host, []),
      log,
      random,
      signal,
    });
    this.#tradingDays = new TradingDays({ broker, calendar, log });
    this.#heartbeat = new Heartbeat({ ledger, host, role: 'watch', fingerprint: fingerprint(rules), log });
    const priceFaults = new Seldom(PRICE_FAULT_EVERY_MS, monotonicMs);
    this.#feed = new PriceFeed({
      broker,
      intervalMs: quotesMs,
      maxPauseMs: Math.max(quotesMs, 5 * SECOND_MS),
      onQuotes: (quotes) => this.#onQuotes(quotes),
      onUnpriced: (symbol, why) => log.warn({ symbol, why }, `${symbol}: no price: ${why}`),
      onError: (error, failures) => {
        const isNew = priceFaults.isDue(error instanceof Error ? error.message : String(error));
        log[isNew ? 'warn' : 'debug']({ err: error, failures }, 'prices: a request failed, trying again');
      },
    });
  }

  async run(): Promise<void> {
    const { coordinator, planLeaseMs, report, log } = this.#options;
    const unlisten = coordinator.events.listen({
      onEvent: (event) => this.#events.on(event),
      onGap: () => this.#onGap(),
    });
    await this.#once(() => this.#clock.read()); // without it nothing can be decided
    const loops = [
      this.#every(SECOND_MS, () => this.#clock.read()),
      this.#every(Math.floor(planLeaseMs / 3), () => this.#leases.renew().then(this.#options.onRenewed)),
      this.#every(SECOND_MS, () => this.#publish()),
      this.#every(SECOND_MS, () => this.#leases.claim()),
      this.#every('beat', () => this.#runner.nudgeAll()),
      this.#every(SECOND_MS, () => this.#runner.pollOrders()),
      this.#every(SECOND_MS, () => report(this.#stats.take(this.#runner.size))),
      this.#every(REBUILD_MS, () => this.#rebuildLive()),
      this.#every(REBUILD_MS, () => this.#runner.checkQueue()),
      this.#every(TRADING_DAYS_MS, () => this.#refreshCalendar()),
      this.#every(WITHDRAWALS_MS, () => this.#readWithdrawals()),
      this.#feed.run(this.#signal),
    ];
    log.info({ maxPlans: this.#options.maxPlans }, 'watching');
    await Promise.all(loops);
    unlisten();
    await this.#stop();
    report(this.#stats.take(0));
  }

  /** Lets actions under way end, then hands back every lease, so that other hosts continue at once. */
  async #stop(): Promise<void> {
    const timeout = AbortSignal.timeout(DRAIN_MS);
    await this.#runner.drain(timeout);
    this.#hard.abort();
    await this.#leases.handBack();
  }

  /**
   * Begins at once, then with this pause between the end of one call and the next. A fault is logged and ends
   * only the one call.
   */
  async #every(pauseMs: number | 'beat', work: () => unknown): Promise<void> {
    while (!this.#signal.aborted) {
      await this.#once(work);
      await sleep(pauseMs === 'beat' ? this.#beatMs() : pauseMs, undefined, { signal: this.#signal }).catch(
        () => {},
      );
    }
  }

  async #once(work: () => unknown): Promise<void> {
    try {
      await work();
    } catch (error) {
      this.#options.log.warn({ err: error }, 'watcher: a periodic step failed');
    }
  }

  /** How often plans check their times: each minute of ledger time, but from 50 ms to 1 s. */
  #beatMs(): number {
    const { scale } = this.#clock;
    return scale <= 0 ? SECOND_MS : Math.min(SECOND_MS, Math.max(50, 60_000 / scale));
  }

  /** The host holds other plans now. */
  #onPlans(): void {
    this.#followPrices();
    if (this.#runner.isUnranked) void this.#once(() => this.#publish());
  }

  #followPrices(): void {
    const { symbols } = this.#runner;
    this.#feed.follow(symbols);
    this.#prices.keepOnly(symbols);
  }

  async #onQuotes(quotes: readonly BrokerQuote[]): Promise<void> {
    if (quotes.length === 0) return;
    this.#prices.put(quotes);
    await tick(this.#options.ledger, quotes);
    for (const { symbol } of quotes) this.#runner.nudgeSymbol(symbol);
  }

  /** Events may have been missed: everything is read again. */
  #onGap(): void {
    this.#runner.pollOrders();
    void this.#rebuildLive().catch(() => {});
    void this.#runner.checkQueue().catch(() => {});
  }

  async #rebuildLive(): Promise<void> {
    await this.#live.rebuild(async () => (await snapshot(this.#options.ledger))?.orders ?? []);
  }

  async #publish(): Promise<void> {
    const nowMs = this.#clock.nowMs();
    if (nowMs === undefined) return;
    await this.#runner.rank(nowMs, async (watching) => {
      this.#stats.waiting(watching.tiers);
      return (await this.#heartbeat.beat({ ...watching, unpriced: this.#feed.unpriced }))?.cryptos ?? [];
    });
  }

  async #refreshCalendar(): Promise<void> {
    const nowMs = this.#clock.nowMs();
    if (nowMs !== undefined) await this.#tradingDays.refresh(nowMs, this.#signal);
  }

  /** For withdrawals and closings whose event was lost. */
  async #readWithdrawals(): Promise<void> {
    const { withdrawn, closed } = await this.#leases.askedToEnd();
    for (const id of withdrawn) this.#events.withdraw(id);
    for (const { id, askedMs } of closed) this.#events.close(id, askedMs);
  }
}
