/**
 * A watcher host: leases plans, follows the prices of their symbols and the account's events, and carries every plan through its
 * life. Any number of hosts share an account; a plan whose host died goes on elsewhere when its lease ends.
 */
import { randomInt } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Logger } from 'pino';
import type { Broker, BrokerQuote } from '../broker/port.ts';
import type { Coordinator } from '../coordinator/coordinator.ts';
import { WorkstealError } from '../domain/errors.ts';
import { claimPlans, renewPlans } from '../ledger/commands/plans.ts';
import { snapshot } from '../ledger/commands/snapshot.ts';
import { tick } from '../ledger/commands/tick.ts';
import type { LedgerEvent } from '../ledger/events.ts';
import { key } from '../ledger/keys.ts';
import type { Ledger } from '../ledger/ledger.ts';
import { PriceFeed } from '../prices/feed.ts';
import { MarketCalendar } from '../rules/session.ts';
import type { Settings } from '../rules/settings.ts';
import { Carrying } from './carrying.ts';
import { LedgerClock } from './ledger-clock.ts';
import { LiveOrders } from './live-orders.ts';
import { entryId, exitId } from './order-ids.ts';
import { PriceBoard } from './price-board.ts';
import { WatcherStats } from './stats.ts';

export type WatcherOptions = {
  ledger: Ledger;
  broker: Pick<Broker, 'quotes' | 'order' | 'positions'>;
  coordinator: Pick<Coordinator, 'enter' | 'place' | 'cancel' | 'events'>;
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
  stats?: WatcherStats;
  calendar?: MarketCalendar;
  random?: () => number;
  monotonicMs?: () => number;
};

/** Plans of one claim: small, so that hosts that start together share. */
const CLAIM = 25;
const CLAIM_PAUSE_MS = 10;
const CHUNK = 500;
const SECOND_MS = 1_000;
const REBUILD_MS = 30_000;
const WITHDRAWALS_MS = 5_000;
/** What is under way at the end has so long. */
const PATIENCE_MS = 3_500;

const anyFraction = (): number => randomInt(2 ** 32) / 2 ** 32;

/**
 * Carries plans until the signal aborts; then begins nothing new, gives back reservations that were not sent, hands its leases
 * back and resolves, within 5 s.
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
  readonly #carrying: Carrying;
  readonly #feed: PriceFeed;
  readonly #random: () => number;
  readonly #monotonicMs: () => number;
  #claimSoon = false;
  #wakeSoon = false;
  #leaseEndsMs = 0;

  constructor(options: WatcherOptions, signal: AbortSignal) {
    const { ledger, broker, coordinator, rules, host, log, quotesMs } = options;
    const { calendar = new MarketCalendar(), random = anyFraction, monotonicMs = () => performance.now(), stats } = options;
    this.#options = options;
    this.#signal = signal;
    this.#random = random;
    this.#monotonicMs = monotonicMs;
    this.#clock = new LedgerClock(ledger, monotonicMs);
    this.#prices = new PriceBoard(rules.quoteMaxAgeMs, monotonicMs);
    this.#stats = stats ?? new WatcherStats();
    this.#carrying = new Carrying({
      ledger,
      broker,
      coordinator,
      rules,
      calendar,
      prices: this.#prices,
      clock: this.#clock,
      live: this.#live,
      stats: this.#stats,
      host,
      stopping: signal,
      placing: this.#hard.signal,
      log,
      random,
      monotonicMs,
    });
    this.#feed = new PriceFeed({
      broker,
      intervalMs: quotesMs,
      maxPauseMs: Math.max(quotesMs, 5 * SECOND_MS),
      onQuotes: (quotes) => this.#onQuotes(quotes),
      onError: (error, failures) => log.warn({ err: error, failures }, 'prices: a round failed'),
    });
  }

  async run(): Promise<void> {
    const { coordinator, planLeaseMs, report, log } = this.#options;
    const silence = coordinator.events.listen({ onEvent: (event) => this.#onEvent(event), onGap: () => this.#onGap() });
    this.#leaseEndsMs = this.#monotonicMs() + planLeaseMs;
    await this.#once(() => this.#clock.read()); // nothing can be decided without it
    const loops = [
      this.#every(SECOND_MS, () => this.#clock.read()),
      this.#every(Math.floor(planLeaseMs / 3), () => this.#renew()),
      this.#every(SECOND_MS, () => this.#claim()),
      this.#every('beat', () => this.#carrying.nudgeAll()),
      this.#every(SECOND_MS, () => this.#carrying.pollOrders()),
      this.#every(SECOND_MS, () => report(this.#stats.take(this.#carrying.size))),
      this.#every(REBUILD_MS, () => this.#rebuildLive()),
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
    const { log } = this.#options;
    const patience = AbortSignal.timeout(PATIENCE_MS);
    await this.#carrying.settleDown(patience);
    this.#hard.abort();
    const ids = this.#carrying.ids;
    try {
      await this.#inChunks(ids, 0);
      log.info({ plans: ids.length }, 'stopped: plans handed back');
    } catch (error) {
      log.warn({ err: error, plans: ids.length }, 'stopped: the plans could not be handed back; their leases end by themselves');
    }
    for (const id of ids) this.#carrying.drop(id);
  }

  /** Begins at once, then with this pause between the end of one call and the next. A fault is told and costs only its own turn. */
  async #every(pauseMs: number | 'beat', work: () => unknown): Promise<void> {
    while (!this.#signal.aborted) {
      await this.#once(work);
      await sleep(pauseMs === 'beat' ? this.#beatMs() : pauseMs, undefined, { signal: this.#signal }).catch(() => {});
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

  async #claim(): Promise<void> {
    const { ledger, host, planLeaseMs, maxPlans, log } = this.#options;
    for (;;) {
      const limit = Math.min(CLAIM, maxPlans - this.#carrying.size);
      if (limit <= 0 || this.#signal.aborted || this.#clock.nowMs() === undefined) return;
      const plans = await claimPlans(ledger, host, planLeaseMs, limit);
      if (this.#signal.aborted) {
        await renewPlans(
          ledger,
          host,
          0,
          plans.map(({ id }) => id),
        );
        return;
      }
      const taken = plans.filter(({ stage }) => stage !== 'waiting').length;
      if (plans.length > 0) log.debug({ plans: plans.length, taken }, 'plans leased');
      this.#carrying.take(plans);
      this.#feed.follow(this.#carrying.symbols);
      if (plans.length < limit) return;
      await sleep(CLAIM_PAUSE_MS, undefined, { signal: this.#signal }).catch(() => {});
    }
  }

  /** Plans that are another host's now are dropped; all of them when no renewal got through in a lease's time. */
  async #renew(): Promise<void> {
    const { planLeaseMs, log } = this.#options;
    const askedMs = this.#monotonicMs();
    try {
      for (const id of await this.#inChunks(this.#carrying.ids, planLeaseMs)) this.#carrying.drop(id);
      this.#leaseEndsMs = askedMs + planLeaseMs;
    } catch (error) {
      if (this.#monotonicMs() > this.#leaseEndsMs && this.#carrying.size > 0) {
        log.warn({ plans: this.#carrying.size }, 'the leases of all plans have ended: letting go');
        for (const id of this.#carrying.ids) this.#carrying.drop(id);
      }
      throw error;
    }
    this.#feed.follow(this.#carrying.symbols);
    this.#prices.keepOnly(this.#carrying.symbols);
  }

  async #inChunks(ids: readonly string[], leaseMs: number): Promise<string[]> {
    const lost: string[] = [];
    for (let from = 0; from < ids.length; from += CHUNK) {
      lost.push(...(await renewPlans(this.#options.ledger, this.#options.host, leaseMs, ids.slice(from, from + CHUNK))));
    }
    return lost;
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
    const carried = this.#carrying.find(fields['plan'] ?? '');
    if (carried && type === 'plan_withdraw_asked') carried.plan = { ...carried.plan, withdrawAsked: true };
    if (carried) {
      const { plan } = carried;
      const order = fields['order'];
      const ours = order === entryId(plan, plan.attempt) || order === exitId(plan, plan.exitAttempt);
      if (ours && (plan.stage === 'entering' || plan.stage === 'exiting')) carried.lookDue = true;
      this.#carrying.nudge(carried);
    }
    if (type !== 'ended') return;
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
      await this.#claim();
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

  /** Withdrawals whose event was lost. */
  async #readWithdrawals(): Promise<void> {
    const { ledger } = this.#options;
    for (let ids = this.#carrying.ids; ids.length > 0; ids = ids.slice(CHUNK)) {
      const pipeline = ledger.redis.pipeline();
      const part = ids.slice(0, CHUNK);
      for (const id of part) pipeline.hget(key(ledger.account, `plan:${id}`), 'withdraw_asked');
      const answers = await pipeline.exec();
      if (answers === null) throw new WorkstealError('unavailable', 'the plans could not be read');
      for (const [at, id] of part.entries()) {
        const asked = answers[at]?.[1];
        const carried = this.#carrying.find(id);
        if (carried && typeof asked === 'string' && asked !== '') carried.plan = { ...carried.plan, withdrawAsked: true };
      }
    }
  }
}
