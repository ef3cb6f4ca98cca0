/**
 * The plans in this host's hands, and what moves them: `nudge` lets a plan decide and act until there is
 * nothing to do. One action of a plan at a time; a nudge meanwhile is remembered, never lost.
 */
import type { CryptoForecast, Watching } from '../../ledger/commands/hosts.ts';
import type { LeasedPlan } from '../../ledger/commands/plans.ts';
import { isWithin } from '../../rules/distance.ts';
import { poolOfSymbol } from '../../rules/pools.ts';
import { cryptoRanks } from '../../rules/ranks.ts';
import { isCrypto } from '../../rules/tolerance.ts';
import { isActive, watchingOf } from '../tiers.ts';
import { pauseFor } from './apply-backoff.ts';
import { type PlanContext, viewOf } from './context.ts';
import { unwanted } from './decide-entry.ts';
import { decideNext } from './decide-next.ts';
import { isExitId, planOf } from './order-ids.ts';
import { perform } from './perform.ts';
import { letGo, type PlanState, planStateOf } from './plan-state.ts';
import { type Progress, recordProgress } from './record-progress.ts';
import { refreshOrders } from './refresh-orders.ts';

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

export class PlanRunner {
  readonly #context: PlanContext;
  readonly #plans = new Map<string, PlanState>();
  readonly #bySymbol = new Map<string, Set<PlanState>>();
  #ranks: Map<string, number> | undefined;
  /**
   * The active cryptos that all other hosts carry; undefined: not heard since this host took its last one.
   */
  #others: readonly CryptoForecast[] | undefined;
  #cryptosTaken = 0;
  readonly #idle = new Set<() => void>();

  constructor(context: Omit<PlanContext, 'rank'>) {
    this.#context = { ...context, rank: (symbol) => this.#rank(symbol) };
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

  all(): IterableIterator<PlanState> {
    return this.#plans.values();
  }

  find(id: string): PlanState | undefined {
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
        this.#context.log.error(
          { plan: leased.id, err: error },
          `${leased.symbol}: the plan ${leased.id} is invalid and was skipped; correct it in the ledger`,
        );
      }
    }
  }

  #take(leased: LeasedPlan): void {
    // A plan that was filed before there was a pool for its symbol belongs to that pool all the same.
    const plan =
      leased.pool === '' ? { ...leased, pool: poolOfSymbol(leased.symbol, this.#context.rules) } : leased;
    const before = this.#plans.get(plan.id);
    if (before !== undefined && isSame(before.plan, plan)) return;
    const state = planStateOf(plan, this.#context.monotonicMs());
    if (before !== undefined) this.#remove(before);
    this.#plans.set(plan.id, state);
    const siblings = this.#bySymbol.get(plan.symbol);
    if (siblings) siblings.add(state);
    else this.#bySymbol.set(plan.symbol, new Set([state]));
    if (isCrypto(plan.symbol, this.#context.rules)) {
      this.#cryptosTaken += 1;
      this.#others = undefined;
    }
    if (plan.stage !== 'waiting')
      this.#context.log.debug({ plan: plan.id, stage: plan.stage }, `${plan.symbol}: goes on`);
    this.#ranks = undefined;
    this.nudge(state);
  }

  /**
   * An order was found at the broker that the ledger did not count: it may be the entry of a plan that is
   * said to wait.
   */
  found(order: string): void {
    const state = this.#plans.get(planOf(order) ?? '');
    if (state === undefined) return;
    if (isExitId(order)) state.exit = undefined;
    else state.entry = undefined;
    this.nudge(state);
  }

  /**
   * The ledger was rebuilt: the records of how far these plans are may be older than what this host knows, so
   * they are told again.
   */
  rebuilt(): void {
    for (const state of this.#plans.values())
      state.recordDue = state.plan.stage !== 'waiting' || state.plan.attempt > 1;
    this.nudgeAll();
  }

  /** Another host has it now. */
  drop(id: string): void {
    const state = this.#plans.get(id);
    if (state) this.#remove(state);
  }

  nudge(state: PlanState): void {
    if (state.busy) {
      state.again = true;
      this.#giveUpUnwanted(state);
      return;
    }
    if (state.gone) return;
    void this.#run(state);
  }

  nudgeSymbol(symbol: string): void {
    for (const state of this.#bySymbol.get(symbol) ?? []) {
      this.#liftIfNear(state);
      this.nudge(state);
    }
  }

  nudgeAll(): void {
    for (const state of [...this.#plans.values()]) this.nudge(state);
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
    const others = await tell(watchingOf(this.#context, this.#plans.values(), nowMs));
    if (told !== this.#cryptosTaken) return; // it took another meanwhile, which the others have not heard of
    this.#others = others;
    this.#ranks = undefined;
  }

  /** Plans whose orders may have moved on without word of it are looked at. */
  pollOrders(): void {
    for (const state of this.#plans.values()) {
      const { stage } = state.plan;
      if (stage === 'entering' || stage === 'exiting') state.lookDue = true;
    }
    this.nudgeAll();
  }

  /** Room came free: the best of those that were refused for want of it try now. */
  wakeBlocked(): void {
    const nowMs = this.#context.monotonicMs();
    const blocked = [...this.#plans.values()].filter(
      ({ pause, busy }) => !busy && WANT_ROOM.has(pause.reason) && pause.isOn(nowMs),
    );
    blocked.sort((a, b) => (a.pnlNanos > b.pnlNanos ? -1 : a.pnlNanos < b.pnlNanos ? 1 : 0));
    for (const state of blocked.slice(0, WAKE)) {
      state.pause.lift();
      this.nudge(state);
    }
  }

  /**
   * An order of the symbol ended, and was not just refused, or its position changed: who waited for just that
   * tries now.
   */
  wayIsFree(symbol: string): void {
    for (const state of this.#bySymbol.get(symbol) ?? []) {
      const { pause } = state;
      if (WANT_WAY.has(pause.reason) || pause.refusedFor === 'exit_rejected') pause.lift();
      this.nudge(state);
    }
  }

  /** Ends what waits for room, and what is under way has until the signal. */
  async drain(signal: AbortSignal): Promise<void> {
    for (const state of this.#plans.values()) state.attempt.abort();
    this.nudgeAll();
    while (!signal.aborted && [...this.#plans.values()].some(({ busy }) => busy)) {
      await new Promise<void>((resolve) => {
        this.#idle.add(resolve);
        signal.addEventListener('abort', () => resolve(), { once: true });
      });
    }
  }

  async #run(state: PlanState): Promise<void> {
    state.busy = true;
    try {
      do {
        state.again = false;
        await this.#steps(state);
      } while (state.again && !state.gone);
    } catch (error) {
      this.#failed(state, error);
    } finally {
      state.busy = false;
      if (state.gone) this.#remove(state);
      for (const resolve of this.#idle) resolve();
      this.#idle.clear();
    }
  }

  async #steps(state: PlanState): Promise<void> {
    for (let step = 0; step < MAX_STEPS && !state.gone; step += 1) {
      const nowMs = this.#context.clock.nowMs();
      if (nowMs === undefined) return;
      if (state.pause.reason === 'failed' && state.pause.isOn(this.#context.monotonicMs())) return;
      if (state.recordDue && !(await recordProgress(this.#context, state, this.#record(state)))) return;
      state.recordDue = false;
      if (state.lookDue) await refreshOrders(this.#context, state);
      const { stage } = state.plan;
      const action = decideNext(viewOf(this.#context, state, nowMs));
      if (action.do === 'wait') return;
      await perform(this.#context, state, action, nowMs);
      if (state.plan.stage !== stage) this.#ranks = undefined;
    }
  }

  /** How far it is, to be told again. */
  #record({ plan: { stage }, pause }: PlanState): Progress {
    return { stage, pause: pause.toKeep(this.#context.monotonicMs()) };
  }

  #failed(state: PlanState, error: unknown): void {
    const { plan, attempt } = state;
    if (attempt.signal.aborted || this.#context.stopping.aborted) {
      this.#context.log.debug({ plan: plan.id, err: error }, `${plan.symbol}: given up`);
      state.attempt = new AbortController();
      if (!this.#context.stopping.aborted && !state.gone) setImmediate(() => this.nudge(state));
      return;
    }
    pauseFor(this.#context, state, 'failed');
    state.lookDue = true;
    this.#context.log.warn(
      { plan: plan.id, stage: plan.stage, err: error },
      `${plan.symbol}: a step failed, trying again`,
    );
  }

  /** While an entry waits for room it may expire or be withdrawn. */
  #giveUpUnwanted(state: PlanState): void {
    const nowMs = this.#context.clock.nowMs();
    if (nowMs === undefined || state.plan.stage !== 'waiting') return;
    if (unwanted({ plan: state.plan, nowMs })) state.attempt.abort();
  }

  /**
   * It was refused as too far to steal, and the price came near: no need to wait for the end of its pause.
   */
  #liftIfNear({ plan, pause }: PlanState): void {
    if (pause.reason !== 'not_close_enough' && pause.reason !== 'no_price') return;
    const price = this.#context.prices.price(plan.symbol);
    if (price === undefined || !pause.isOn(this.#context.monotonicMs())) return;
    if (isWithin(plan.side, price, plan.limit, this.#context.rules.gate)) pause.lift();
  }

  /** None before the other hosts were heard: nobody is forced in by a rank that may be another's. */
  #rank(symbol: string): number | null {
    if (this.#others === undefined) return null;
    this.#ranks ??= cryptoRanks([...this.#ownActive(), ...this.#others], this.#context.rules);
    return this.#ranks.get(symbol) ?? null;
  }

  #ownActive(): LeasedPlan[] {
    return [...this.#plans.values()].filter(isActive).map(({ plan }) => plan);
  }

  #remove(state: PlanState): void {
    const { id, symbol } = state.plan;
    letGo(state);
    if (this.#plans.get(id) !== state) return;
    this.#plans.delete(id);
    const siblings = this.#bySymbol.get(symbol);
    siblings?.delete(state);
    if (siblings?.size === 0) this.#bySymbol.delete(symbol);
    this.#ranks = undefined;
  }
}

function isSame(a: LeasedPlan, b: LeasedPlan): boolean {
  return a.stage === b.stage && a.attempt === b.attempt && a.exitAttempt === b.exitAttempt;
}
