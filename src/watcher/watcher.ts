/**
 * A watcher host: leases plans, follows the prices of their symbols and the account's events, and carries
 * every plan through its life. Any number of hosts share an account; a plan whose host died goes on elsewhere
 * when its lease ends.
 */
import { randomInt } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Logger } from 'pino';
import type { Broker, BrokerQuote } from '../broker/port.ts';
import { TradingDays } from '../broker/trading-days.ts';
import type { Coordinator } from '../coordinator/coordinator.ts';
import { Presence } from '../coordinator/presence.ts';
import { snapshot } from '../ledger/commands/snapshot.ts';
import { tick } from '../ledger/commands/tick.ts';
import type { LedgerEvent } from '../ledger/events.ts';
import type { Ledger } from '../ledger/ledger.ts';
import { PriceFeed } from '../prices/feed.ts';
import { MarketCalendar } from '../rules/session.ts';
import { fingerprint, type Settings } from '../rules/settings.ts';
import { LedgerClock } from './ledger-clock.ts';
import { LiveOrders } from './live-orders.ts';
import { HeldAtBroker } from './plan/held-at-broker.ts';
import { entryId, exitId } from './plan/order-ids.ts';
import { PlanRunner } from './plan/plan-runner.ts';
import type { ByHandRule, PartialEntryRule } from './plan/view.ts';
import { PlanLeases } from './plan-leases.ts';
import { PriceBoard } from './price-board.ts';
import { WatcherStats } from './stats.ts';

export type WatcherOptions = {
  ledger: Ledger;
  broker: Pick<Broker, 'quotes' | 'order' | 'orderByBrokerId' | 'positions' | 'calendar'>;
  coordinator: Pick<Coordinator, 'enter' | 'place' | 'cancel' | 'priceSteps' | 'events'>;
  rules: Settings;
  /** Names its leases; no two hosts may share it. */
  host: string;
  planLeaseMs: number;
  maxPlans: number;
  /** The pause between two looks at the prices. */
  quotesMs: number;
  log: Logger;
  /** Gets a StatsReport each second and at the end. */
  report: (message: Readonly<Record<string, unknown>>) => void;
  /** Default: withdrawn, and exits are left alone for an hour. */
  byHand?: ByHandRule;
  /** Default: the rest of a partly filled entry is cancelled at once. */
  partialEntry?: PartialEntryRule;
  stats?: WatcherStats;
  calendar?: MarketCalendar;
  random?: () => number;
  monotonicMs?: () => number;
};

const SECOND_MS = 1_000;
const REBUILD_MS = 30_000;
const WITHDRAWALS_MS = 5_000;
/** So often the broker is asked for its calendar until it answers for the day. */
const TRADING_DAYS_MS = 60_000;
/** What is under way at the end has so long. */
const PATIENCE_MS = 3_500;

const BY_HAND: ByHandRule = { entry: 'withdraw', pauseMs: 3_600_000 };

const anyFraction = (): number => randomInt(2 ** 32) / 2 ** 32;

/**
 * Carries plans until the signal aborts; then begins nothing new, gives back reservations that were not sent,
 * hands its leases back and resolves, within 5 s.
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
  readonly #carrying: PlanRunner;
  readonly #leases: PlanLeases;
  readonly #feed: PriceFeed;
  readonly #presence: Presence;
  readonly #tradingDays: TradingDays;
  readonly #random: () => number;
  #claimSoon = false;
  #wakeSoon = false;

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
    this.#random = random;
    this.#clock = new LedgerClock(ledger, monotonicMs);
    this.#prices = new PriceBoard(rules.quoteMaxAgeMs, monotonicMs);
    this.#stats = stats ?? new WatcherStats();
    this.#carrying = new PlanRunner({
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
      carrying: this.#carrying,
      onChange: () => this.#onPlans(),
      signal,
      monotonicMs,
    });
    this.#tradingDays = new TradingDays({ broker, calendar, log });
    this.#presence = new Presence({ ledger, host, role: 'watch', fingerprint: fingerprint(rules), log });
    this.#feed = new PriceFeed({
      broker,
      intervalMs: quotesMs,
      maxPauseMs: Math.max(quotesMs, 5 * SECOND_MS),
      onQuotes: (quotes) => this.#onQuotes(quotes),
      onUnpriced: (symbol, why) => log.warn({ symbol, why }, `${symbol}: no price: ${why}`),
      onError: (error, failures) => log.warn({ err: error, failures }, 'prices: a round failed'),
    });
  }

  async run(): Promise<void> {
    const { coordinator, planLeaseMs, report, log } = this.#options;
    const silence = coordinator.events.listen({
      onEvent: (event) => this.#onEvent(event),
      onGap: () => this.#onGap(),
    });
    await this.#once(() => this.#clock.read()); // nothing can be decided without it
    const loops = [
      this.#every(SECOND_MS, () => this.#clock.read()),
      this.#every(Math.floor(planLeaseMs / 3), () => this.#leases.renew()),
      this.#every(SECOND_MS, () => this.#tellFleet()),
      this.#every(SECOND_MS, () => this.#leases.claim()),
      this.#every('beat', () => this.#carrying.nudgeAll()),
      this.#every(SECOND_MS, () => this.#carrying.pollOrders()),
      this.#every(SECOND_MS, () => report(this.#stats.take(this.#carrying.size))),
      this.#every(REBUILD_MS, () => this.#rebuildLive()),
      this.#every(TRADING_DAYS_MS, () => this.#refreshCalendar()),
      this.#every(WITHDRAWALS_MS, () => this.#readWithdrawals()),
      this.#feed.run(this.#signal),
    ];
    log.info({ maxPlans: this.#options.maxPlans }, 'watching');
    await Promise.all(loops);
    silence();
    await this.#stop();
    report(this.#stats.take(0));
  }

  /** What is under way ends; then every lease goes back, so that other hosts go on at once. */
  async #stop(): Promise<void> {
    const patience = AbortSignal.timeout(PATIENCE_MS);
    await this.#carrying.drain(patience);
    this.#hard.abort();
    await this.#leases.handBack();
  }

  /**
   * Begins at once, then with this pause between the end of one call and the next. A fault is told and costs
   * only its own turn.
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

  /** A minute of ledger time, from 50 ms to 1 s: so often the plans are asked whether their time has come. */
  #beatMs(): number {
    const { scale } = this.#clock;
    return scale <= 0 ? SECOND_MS : Math.min(SECOND_MS, Math.max(50, 60_000 / scale));
  }

  /** Other plans are in hand. */
  #onPlans(): void {
    this.#followPrices();
    if (this.#carrying.isUnranked) void this.#once(() => this.#tellFleet());
  }

  #followPrices(): void {
    const { symbols } = this.#carrying;
    this.#feed.follow(symbols);
    this.#prices.keepOnly(symbols);
  }

  async #onQuotes(quotes: readonly BrokerQuote[]): Promise<void> {
    if (quotes.length === 0) return;
    this.#prices.put(quotes);
    await tick(this.#options.ledger, quotes);
    for (const { symbol } of quotes) this.#carrying.nudgeSymbol(symbol);
  }

  #onEvent(event: LedgerEvent): void {
    this.#live.note(event);
    const { type, fields } = event;
    if (type === 'plan_filed') return this.#soonClaim();
    if (type === 'adopted') return this.#carrying.found(fields['order'] ?? '');
    if (type === 'rebuilt') return this.#carrying.rebuilt();
    const state = this.#carrying.find(fields['plan'] ?? '');
    if (type === 'plan_withdraw_asked') this.#withdraw(fields['plan'] ?? '');
    if (state) {
      const { plan } = state;
      const order = fields['order'];
      const ours = order === entryId(plan, plan.attempt) || order === exitId(plan, plan.exitAttempt);
      if (ours && (plan.stage === 'entering' || plan.stage === 'exiting')) state.lookDue = true;
      this.#carrying.nudge(state);
    }
    // What the victims freed is free for all.
    if (type === 'steal_failed') this.#soonWake();
    if (type === 'corrected') this.#carrying.wayIsFree(fields['symbol'] ?? '');
    // A rejected order was in nobody's way, and its end lets nobody off: two that refuse each other would
    // never pause.
    if (type !== 'ended' || fields['state'] === 'rejected') return;
    if (fields['state'] !== 'filled' || fields['order']?.includes('_x')) this.#soonWake();
    this.#carrying.wayIsFree(fields['symbol'] ?? '');
  }

  /** Events may have been missed: everything is asked for. */
  #onGap(): void {
    this.#carrying.pollOrders();
    void this.#rebuildLive().catch(() => {});
  }

  /** Hosts that hear of a filed plan at the same instant come a little apart. */
  #soonClaim(): void {
    if (this.#claimSoon) return;
    this.#claimSoon = true;
    this.#later(2 + 20 * this.#random(), async () => {
      this.#claimSoon = false;
      await this.#leases.claim();
    });
  }

  #soonWake(): void {
    if (this.#wakeSoon) return;
    this.#wakeSoon = true;
    this.#later(5 + 20 * this.#random(), () => {
      this.#wakeSoon = false;
      this.#carrying.wakeBlocked();
    });
  }

  #later(pauseMs: number, work: () => unknown): void {
    sleep(pauseMs, undefined, { signal: this.#signal })
      .then(work)
      .catch((error: unknown) => {
        if (!this.#signal.aborted) this.#options.log.warn({ err: error }, 'watcher: a step failed');
      });
  }

  async #rebuildLive(): Promise<void> {
    await this.#live.rebuild(async () => (await snapshot(this.#options.ledger))?.orders ?? []);
  }

  async #tellFleet(): Promise<void> {
    const nowMs = this.#clock.nowMs();
    if (nowMs === undefined) return;
    await this.#carrying.rank(nowMs, async (watching) => {
      this.#stats.waiting(watching.tiers);
      return (await this.#presence.tell({ ...watching, unpriced: this.#feed.unpriced }))?.cryptos ?? [];
    });
  }

  async #refreshCalendar(): Promise<void> {
    const nowMs = this.#clock.nowMs();
    if (nowMs !== undefined) await this.#tradingDays.refresh(nowMs, this.#signal);
  }

  /** Withdrawals whose event was lost. */
  async #readWithdrawals(): Promise<void> {
    for (const id of await this.#leases.askedToWithdraw()) this.#withdraw(id);
  }

  #withdraw(id: string): void {
    const state = this.#carrying.find(id);
    if (state) state.plan = { ...state.plan, withdrawAsked: true };
  }
}
