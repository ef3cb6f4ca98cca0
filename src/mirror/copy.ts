/**
 * The mirror's copy of a book, and how it is brought up to date: what events name, what changes without an
 * event (prices, protections, refusals), and everything else in turn.
 */

import type { Protected, Rules } from '../json/live.ts';
import { answerOf } from '../ledger/answer.ts';
import { readClock } from '../ledger/clock-reading.ts';
import type { LedgerEvent } from '../ledger/events.ts';
import { key } from '../ledger/keys.ts';
import type { Ledger } from '../ledger/ledger.ts';
import { Collection, ENDED_KEPT } from './collection.ts';
import { everyPage } from './pages.ts';
import { PastOfAccount } from './past.ts';
import { fieldsOfPools, poolsNow } from './pools.ts';
import { freshPrice, isCrossed, priced, type Quote, readQuotes } from './prices.ts';
import {
  type OrderRow,
  type PlanRow,
  readOrders,
  readPlans,
  readStatus,
  readSteals,
  type Status,
  type Steals,
} from './rows.ts';
import { protectedAt, rankingOf, rulesOf } from './rules.ts';
import { orderKey, planKey, type Ranking } from './sorting.ts';
import { touchedBy } from './touched.ts';

/** Steals that are kept, and refusals that are looked at. */
const STEALS_KEPT = 200;
const REFUSALS_LOOKED = 200;
/** Rows that are read in turn, each time. */
const TURN = 5;
const SCAN_COUNT = 500;
const ENDED_STAGES = new Set(['done', 'withdrawn', 'expired']);
const ENDED_STATES = new Set(['filled', 'cancelled', 'rejected', 'expired']);
const NO_STEALS: Steals = { steals: [], more: 0 };

export class Copy {
  readonly orders: Collection<OrderRow>;
  readonly plans: Collection<PlanRow>;
  steals: Steals = NO_STEALS;
  status: Status | undefined;
  /** Of the server's clock, when prices were read last; 0: never. */
  atMs = 0;
  /** When that was, by this process's monotonic clock. */
  readAt = 0;
  rules: Rules | null = null;
  /** Every symbol that is protected now. */
  protected: Protected[] = [];
  readonly past: PastOfAccount;
  stealsChanged = false;
  /** An event was of the account itself: its status is to be read. */
  isStatusTouched = false;
  readonly #ledger: Ledger;
  #ranking: Ranking = { policy: 'pnl', halfLifeMs: 0 };
  #refusals = new Map<string, string>();
  #turn: { some: Collection<OrderRow> | Collection<PlanRow>; id: string }[] = [];
  #newSteals = true;
  /** The account's sums of regret and gain, as text: they change without an event. */
  #cameTo: string | null = null;

  constructor(ledger: Ledger) {
    this.#ledger = ledger;
    this.past = new PastOfAccount(ledger);
    this.orders = new Collection<OrderRow>({
      read: (ids, ended) => readOrders(ledger, ids, ended),
      hasEnded: ({ state }) => ENDED_STATES.has(state),
      keyOf: (row) => orderKey(row, this.#ranking),
    });
    this.plans = new Collection<PlanRow>({
      read: (ids, ended) => readPlans(ledger, ids, ended),
      hasEnded: ({ stage }) => ENDED_STAGES.has(stage),
      keyOf: planKey,
    });
  }

  /** Is everything read that was touched? */
  get isRead(): boolean {
    return this.orders.isRead && this.plans.isRead && !this.#newSteals;
  }

  /** Notes what an event names. True if the whole book may have changed. */
  touch(event: LedgerEvent): boolean {
    const { orders, ended, plans, steals, status, all } = touchedBy(event);
    this.orders.touch(...orders);
    this.plans.touch(...plans);
    // An order's plan shows the order, too.
    for (const id of [...orders, ...ended]) {
      const plan = this.orders.get(id)?.plan;
      if (plan !== undefined && plan !== null) this.plans.touch(plan);
    }
    this.orders.touchEnded(...ended);
    this.past.note(event);
    this.#newSteals ||= steals || all;
    this.isStatusTouched ||= status;
    return all;
  }

  /** The account is gone, or not there yet. */
  clear(): void {
    this.orders.clear();
    this.plans.clear();
    this.steals = NO_STEALS;
    this.status = undefined;
  }

  /** What was touched until now. */
  async readTouched(signal: AbortSignal): Promise<void> {
    for (const some of [this.orders, this.plans]) await some.readTouched(signal);
  }

  /** Some of those that have ended. `isBusy`: much happens in the account, and Redis has no time to spare. */
  async readEnds(isBusy: boolean, signal: AbortSignal): Promise<void> {
    for (const some of [this.orders, this.plans]) await some.readEnds(isBusy, signal);
  }

  /** Touches the orders and plans that are not known, or not there any more; or all. */
  async scan(all: boolean): Promise<void> {
    const { redis, account } = this.#ledger;
    const latest = ['0', String(ENDED_KEPT - 1)] as const;
    const [ended, done] = await answerOf(
      'mirror',
      Promise.all([
        redis.zrevrange(key(account, 'ended'), ...latest),
        redis.zrevrange(key(account, 'plans_done'), ...latest),
      ]),
    );
    const live = await everyPage((cursor) => redis.sscan(key(account, 'live'), cursor, 'COUNT', SCAN_COUNT));
    const scored = await everyPage((cursor) =>
      redis.zscan(key(account, 'plans'), cursor, 'COUNT', SCAN_COUNT),
    );
    const unfinished = scored.filter((_, at) => at % 2 === 0);
    touchDifferences(this.orders, new Set(live), ended, all);
    touchDifferences(this.plans, new Set(unfinished), done, all);
    this.#newSteals = true;
  }

  /**
   * What changes without an event. One after the other: Redis answers commands that come together without
   * serving anybody between them.
   * @param withStatus read the status, too, which is a long script
   */
  async poll(withStatus: boolean): Promise<void> {
    const { redis, account } = this.#ledger;
    const clock = await readClock(this.#ledger);
    const readAt = performance.now();
    if (withStatus) this.isStatusTouched = false;
    const read = withStatus ? undefined : this.status;
    const status = read ?? (await readStatus(this.#ledger));
    if (this.#newSteals) await this.#readSteals();
    const refusalsLooked = ['0', String(REFUSALS_LOOKED - 1), 'WITHSCORES'] as const;
    const reading = [
      redis.hgetall(key(account, 'quotes')),
      redis.hgetall(key(account, 'settings')),
      redis.zrange(key(account, 'cooldowns'), '0', '-1', 'WITHSCORES'),
      redis.zrange(key(account, 'often_robbed'), '0', '-1', 'WITHSCORES'),
      redis.zrange(key(account, 'fighting'), '0', '-1', 'WITHSCORES'),
      redis.zrange(key(account, 'fights'), '0', '-1', 'WITHSCORES'),
      redis.zrevrange(key(account, 'refusals'), ...refusalsLooked),
      redis.hmget(key(account, 'account'), ...fieldsOfPools(status.pools)),
      redis.hget(key(account, 'regrets'), 'account'),
    ] as const;
    const answers = await answerOf('mirror', Promise.all(reading));
    const [quotes, settings, cooldowns, often, fighting, fights, refusals, sums, cameTo] = answers;
    this.#newSteals ||= cameTo !== this.#cameTo;
    this.#cameTo = cameTo;
    this.status = {
      ...status,
      nowMs: clock.nowMs,
      serverNowMs: clock.healthMs,
      pools: poolsNow(status.pools, sums),
    };
    this.atMs = clock.healthMs;
    this.readAt = readAt;
    this.rules = rulesOf(settings, clock.scale);
    this.#useRanking(rankingOf(settings));
    this.#usePrices(readQuotes(quotes), clock.healthMs, Number(settings['quote_max_age_ms'] ?? 0));
    this.#useProtections(protectedAt(clock.nowMs, cooldowns, often, fighting));
    this.#useAges(clock.nowMs - Number(settings['min_residency_ms'] ?? 0));
    const refused = this.#useRefusals(refusals);
    await this.past.look(this.status, this.orders.live.values(), clock, fights, refused);
  }

  /** Leases and corrections have no event, and an event may be lost: each row has its turn. */
  async readInTurn(): Promise<void> {
    if (this.#turn.length === 0) {
      await this.scan(false);
      for (const some of [this.orders, this.plans])
        for (const id of some.live.ids()) this.#turn.push({ some, id });
    }
    for (const { some, id } of this.#turn.splice(0, TURN)) some.touch(id);
  }

  async #readSteals(): Promise<void> {
    this.#newSteals = false;
    try {
      const steals = await readSteals(this.#ledger, STEALS_KEPT);
      this.stealsChanged ||= JSON.stringify(steals) !== JSON.stringify(this.steals);
      this.steals = steals;
    } catch (error) {
      this.#newSteals = true;
      throw error;
    }
  }

  #usePrices(quotes: ReadonlyMap<string, Quote>, healthMs: number, maxAgeMs: number): void {
    const priceOf = (symbol: string | null): string | null =>
      symbol === null ? null : freshPrice(quotes.get(symbol), healthMs, maxAgeMs);
    for (const row of [...this.orders.live.values(), ...this.orders.ended.values()]) {
      const now = priced(row, priceOf(row.symbol));
      if (now === row) continue;
      if (isCrossed(row.edge, row.price, now.price)) this.orders.touch(row.id);
      this.orders.replace(now);
    }
    for (const row of [...this.plans.live.values(), ...this.plans.ended.values()]) {
      const now = priced(row, priceOf(row.symbol));
      if (now !== row) this.plans.replace(now);
    }
  }

  /** Other rules rank all orders anew. */
  #useRanking(ranking: Ranking): void {
    const { policy, halfLifeMs } = this.#ranking;
    if (ranking.policy === policy && ranking.halfLifeMs === halfLifeMs) return;
    this.#ranking = ranking;
    this.orders.live.sortAgain();
  }

  /** Orders that have become old enough since they were read are read again, until the ledger lists them. */
  #useAges(bornMs: number): void {
    for (const { id, victim, createdAtMs } of this.orders.live.values())
      if (victim === 'young' && createdAtMs !== null && createdAtMs <= bornMs) this.orders.touch(id);
  }

  /** Orders of symbols whose protection began or ended are read again. */
  #useProtections(protections: Protected[]): void {
    const now = new Set(protections.map(({ symbol }) => symbol));
    const before = new Set(this.protected.map(({ symbol }) => symbol));
    this.protected = protections;
    for (const { id, symbol } of this.orders.live.values())
      if (now.has(symbol) !== before.has(symbol)) this.orders.touch(id);
  }

  /** Plans and orders that were refused since. `flat`: each and the ledger time of its last refusal. */
  #useRefusals(flat: readonly string[]): string[] {
    const now = new Map(pairsOf(flat));
    const since = [...now.keys()].filter((id) => this.#refusals.get(id) !== now.get(id));
    // Who was refused in what was the newest millisecond then may have been refused in it again.
    const [newest] = this.#refusals.values();
    const again = [...now].filter(([, atMs]) => newest !== undefined && Number(atMs) >= Number(newest));
    this.plans.touch(...since, ...again.map(([id]) => id));
    this.#refusals = now;
    return since;
  }
}

function touchDifferences(
  some: Collection<OrderRow> | Collection<PlanRow>,
  live: ReadonlySet<string>,
  latest: readonly string[],
  all: boolean,
): void {
  if (all) some.touchAll();
  some.touchEnded(...latest.filter((id) => some.ended.get(id) === undefined).reverse());
  some.touch(...[...live].filter((id) => some.live.get(id) === undefined));
  some.touch(...some.live.ids().filter((id) => !live.has(id)));
  // Those that ended long ago are swept from the ledger.
  const kept = new Set(latest);
  some.touch(...some.ended.ids().filter((id) => !kept.has(id)));
}

function pairsOf(flat: readonly string[]): [string, string][] {
  return flat.flatMap((name, at) => (at % 2 === 0 ? [[name, flat[at + 1] ?? ''] as [string, string]] : []));
}
