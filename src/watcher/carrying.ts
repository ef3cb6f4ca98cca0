/**
 * The plans in this host's hands, and what moves them: `nudge` lets a plan decide and act until there is
 * nothing to do. One action of a plan at a time; a nudge meanwhile is remembered, never lost.
 */
import type { CryptoForecast, Watching } from '../ledger/commands/hosts.ts';
import type { LeasedPlan } from '../ledger/commands/plans.ts';
import { isWithin } from '../rules/distance.ts';
import { poolOfSymbol } from '../rules/pools.ts';
import { cryptoRanks } from '../rules/ranks.ts';
import { isCrypto } from '../rules/tolerance.ts';
import { type CarriedPlan, carry, letGo } from './carried-plan.ts';
import { perform } from './deeds.ts';
import { decide, unwanted } from './life.ts';
import { look } from './looking.ts';
import { isExitId, planOf } from './order-ids.ts';
import { note, type Progress, pauseFor, viewOf, type WatcherParts } from './parts.ts';
import { isActive, watchingOf } from './tiers.ts';

/** Steps of one run; a plan that has more to do goes on at its next nudge. */
const MAX_STEPS = 12;
/**
 * Plans that are let off their pause when room comes free: the best ones; the others' pauses end by
 * themselves.
 */
const WAKE = 8;

/** Refusals that freed room may turn. */
const WANT_ROOM = new Set([
  'disabled',
  'no_candidates',
  'fighting',
  'pnl_not_better',
  'insufficient_freed',
  'too_many_victims',
  'steal_failed',
]);

/** Refusals that the end of an order of the symbol, or a change of its position, may turn. */
const WANT_WAY = new Set(['way', 'opposite']);

export class Carrying {
  readonly #parts: WatcherParts;
  readonly #plans = new Map<string, CarriedPlan>();
  readonly #bySymbol = new Map<string, Set<CarriedPlan>>();
  #ranks: Map<string, number> | undefined;
  /**
   * The active cryptos that all other hosts carry; undefined: not heard since this host took its last one.
   */
  #others: readonly CryptoForecast[] | undefined;
  #cryptosTaken = 0;
  readonly #idle = new Set<() => void>();

  constructor(parts: Omit<WatcherParts, 'rank'>) {
    this.#parts = { ...parts, rank: (symbol) => this.#rank(symbol) };
  }

  get size(): number {
    return this.#plans.size;
  }

  get ids(): string[] {
    return [...this.#plans.keys()];
  }

  get symbols(): ReadonlySet<string> {
    return new Set(this.#bySymbol.keys());
  }

  all(): IterableIterator<CarriedPlan> {
    return this.#plans.values();
  }

  find(id: string): CarriedPlan | undefined {
    return this.#plans.get(id);
  }

  /**
   * Takes plans in hand that were just leased. One that it has already (its lease had ended meanwhile) goes
   * on as it is, unless another host moved it on in between. Each is judged alone: one that can't be read is
   * named and left out, the others go on.
   */
  take(plans: readonly LeasedPlan[]): void {
    for (const leased of plans) {
      try {
        this.#take(leased);
      } catch (error) {
        this.#parts.log.error(
          { plan: leased.id, err: error },
          `${leased.symbol}: the plan ${leased.id} can not be carried: correct it in the ledger`,
        );
      }
    }
  }

  #take(leased: LeasedPlan): void {
    // A plan that was filed before there was a pool for its symbol belongs to that pool all the same.
    const plan =
      leased.pool === '' ? { ...leased, pool: poolOfSymbol(leased.symbol, this.#parts.rules) } : leased;
    const before = this.#plans.get(plan.id);
    if (before !== undefined && isSame(before.plan, plan)) return;
    const carried = carry(plan, this.#parts.monotonicMs());
    if (before !== undefined) this.#remove(before);
    this.#plans.set(plan.id, carried);
    const siblings = this.#bySymbol.get(plan.symbol);
    if (siblings) siblings.add(carried);
    else this.#bySymbol.set(plan.symbol, new Set([carried]));
    if (isCrypto(plan.symbol, this.#parts.rules)) {
      this.#cryptosTaken += 1;
      this.#others = undefined;
    }
    if (plan.stage !== 'waiting')
      this.#parts.log.debug({ plan: plan.id, stage: plan.stage }, `${plan.symbol}: goes on`);
    this.#ranks = undefined;
    this.nudge(carried);
  }

  /**
   * An order was found at the broker that the ledger did not count: it may be the entry of a plan that is
   * said to wait.
   */
  found(order: string): void {
    const carried = this.#plans.get(planOf(order) ?? '');
    if (carried === undefined) return;
    if (isExitId(order)) carried.exit = undefined;
    else carried.entry = undefined;
    this.nudge(carried);
  }

  /**
   * The ledger was rebuilt: the records of how far these plans are may be older than what this host knows, so
   * they are told again.
   */
  rebuilt(): void {
    for (const carried of this.#plans.values())
      carried.recordDue = carried.plan.stage !== 'waiting' || carried.plan.attempt > 1;
    this.nudgeAll();
  }

  /** Another host has it now. */
  drop(id: string): void {
    const carried = this.#plans.get(id);
    if (carried) this.#remove(carried);
  }

  nudge(carried: CarriedPlan): void {
    if (carried.busy) {
      carried.again = true;
      this.#giveUpUnwanted(carried);
      return;
    }
    if (carried.gone) return;
    void this.#run(carried);
  }

  nudgeSymbol(symbol: string): void {
    for (const carried of this.#bySymbol.get(symbol) ?? []) {
      this.#liftIfNear(carried);
      this.nudge(carried);
    }
  }

  nudgeAll(): void {
    for (const carried of [...this.#plans.values()]) this.nudge(carried);
  }

  /** It took cryptos that the fleet was not told of: they have no rank until it was. */
  get isUnranked(): boolean {
    return this.#others === undefined;
  }

  /**
   * Tells the fleet what this host carries and hears what all others do: cryptos are ranked among all of
   * them. Of two hosts the second to tell hears of the first, so a worse crypto is never forced in beside a
   * better one that is known.
   */
  async rank(nowMs: number, tell: (watching: Watching) => Promise<readonly CryptoForecast[]>): Promise<void> {
    const told = this.#cryptosTaken;
    const others = await tell(watchingOf(this.#parts, this.#plans.values(), nowMs));
    if (told !== this.#cryptosTaken) return; // it took another meanwhile, which the others have not heard of
    this.#others = others;
    this.#ranks = undefined;
  }

  /** Plans whose orders may have moved on without word of it are looked at. */
  pollOrders(): void {
    for (const carried of this.#plans.values()) {
      const { stage } = carried.plan;
      if (stage === 'entering' || stage === 'exiting') carried.lookDue = true;
    }
    this.nudgeAll();
  }

  /** Room came free: the best of those that were refused for want of it try now. */
  wakeBlocked(): void {
    const nowMs = this.#parts.monotonicMs();
    const blocked = [...this.#plans.values()].filter(
      ({ pause, busy }) => !busy && WANT_ROOM.has(pause.reason) && pause.isOn(nowMs),
    );
    blocked.sort((a, b) => (a.pnlNanos > b.pnlNanos ? -1 : a.pnlNanos < b.pnlNanos ? 1 : 0));
    for (const carried of blocked.slice(0, WAKE)) {
      carried.pause.lift();
      this.nudge(carried);
    }
  }

  /**
   * An order of the symbol ended, and was not just refused, or its position changed: who waited for just that
   * tries now.
   */
  wayIsFree(symbol: string): void {
    for (const carried of this.#bySymbol.get(symbol) ?? []) {
      const { pause } = carried;
      if (WANT_WAY.has(pause.reason) || pause.refusedFor === 'exit_rejected') pause.lift();
      this.nudge(carried);
    }
  }

  /** Ends what waits for room, and what is under way has until the signal. */
  async settleDown(signal: AbortSignal): Promise<void> {
    for (const carried of this.#plans.values()) carried.attempt.abort();
    this.nudgeAll();
    while (!signal.aborted && [...this.#plans.values()].some(({ busy }) => busy)) {
      await new Promise<void>((resolve) => {
        this.#idle.add(resolve);
        signal.addEventListener('abort', () => resolve(), { once: true });
      });
    }
  }

  async #run(carried: CarriedPlan): Promise<void> {
    carried.busy = true;
    try {
      do {
        carried.again = false;
        await this.#steps(carried);
      } while (carried.again && !carried.gone);
    } catch (error) {
      this.#failed(carried, error);
    } finally {
      carried.busy = false;
      if (carried.gone) this.#remove(carried);
      for (const resolve of this.#idle) resolve();
      this.#idle.clear();
    }
  }

  async #steps(carried: CarriedPlan): Promise<void> {
    for (let step = 0; step < MAX_STEPS && !carried.gone; step += 1) {
      const nowMs = this.#parts.clock.nowMs();
      if (nowMs === undefined) return;
      if (carried.pause.reason === 'failed' && carried.pause.isOn(this.#parts.monotonicMs())) return;
      if (carried.recordDue && !(await note(this.#parts, carried, this.#record(carried)))) return;
      carried.recordDue = false;
      if (carried.lookDue) await look(this.#parts, carried);
      const { stage } = carried.plan;
      const action = decide(viewOf(this.#parts, carried, nowMs));
      if (action.do === 'wait') return;
      await perform(this.#parts, carried, action, nowMs);
      if (carried.plan.stage !== stage) this.#ranks = undefined;
    }
  }

  /** How far it is, to be told again. */
  #record({ plan: { stage }, pause }: CarriedPlan): Progress {
    return { stage, pause: pause.toKeep(this.#parts.monotonicMs()) };
  }

  #failed(carried: CarriedPlan, error: unknown): void {
    const { plan, attempt } = carried;
    if (attempt.signal.aborted || this.#parts.stopping.aborted) {
      this.#parts.log.debug({ plan: plan.id, err: error }, `${plan.symbol}: given up`);
      carried.attempt = new AbortController();
      if (!this.#parts.stopping.aborted && !carried.gone) setImmediate(() => this.nudge(carried));
      return;
    }
    pauseFor(this.#parts, carried, 'failed');
    carried.lookDue = true;
    this.#parts.log.warn(
      { plan: plan.id, stage: plan.stage, err: error },
      `${plan.symbol}: a step failed, trying again`,
    );
  }

  /** While an entry waits for room it may expire or be withdrawn. */
  #giveUpUnwanted(carried: CarriedPlan): void {
    const nowMs = this.#parts.clock.nowMs();
    if (nowMs === undefined || carried.plan.stage !== 'waiting') return;
    if (unwanted({ plan: carried.plan, nowMs })) carried.attempt.abort();
  }

  /**
   * It was refused as too far to steal, and the price came near: no need to wait for the end of its pause.
   */
  #liftIfNear({ plan, pause }: CarriedPlan): void {
    if (pause.reason !== 'not_close_enough' && pause.reason !== 'no_price') return;
    const price = this.#parts.prices.price(plan.symbol);
    if (price === undefined || !pause.isOn(this.#parts.monotonicMs())) return;
    if (isWithin(plan.side, price, plan.limit, this.#parts.rules.gate)) pause.lift();
  }

  /** None before the other hosts were heard: nobody is forced in by a rank that may be another's. */
  #rank(symbol: string): number | null {
    if (this.#others === undefined) return null;
    this.#ranks ??= cryptoRanks([...this.#ownActive(), ...this.#others], this.#parts.rules);
    return this.#ranks.get(symbol) ?? null;
  }

  #ownActive(): LeasedPlan[] {
    return [...this.#plans.values()].filter(isActive).map(({ plan }) => plan);
  }

  #remove(carried: CarriedPlan): void {
    const { id, symbol } = carried.plan;
    letGo(carried);
    if (this.#plans.get(id) !== carried) return;
    this.#plans.delete(id);
    const siblings = this.#bySymbol.get(symbol);
    siblings?.delete(carried);
    if (siblings?.size === 0) this.#bySymbol.delete(symbol);
    this.#ranks = undefined;
  }
}

function isSame(a: LeasedPlan, b: LeasedPlan): boolean {
  return a.stage === b.stage && a.attempt === b.attempt && a.exitAttempt === b.exitAttempt;
}
