/**
 * Runs the plans that this host holds. `nudge` lets a plan decide and act until it has nothing to do. A plan
 * performs one action at a time; a nudge during an action is remembered.
 */
import type { CryptoForecast, Watching } from '../../ledger/commands/hosts.ts';
import { leaveQueue } from '../../ledger/commands/plan-leave.ts';
import type { LeasedPlan } from '../../ledger/commands/plans.ts';
import { missingInQueue } from '../../ledger/waiting.ts';
import { poolOfSymbol } from '../../rules/pools.ts';
import { isActive, watchingOf } from '../tiers.ts';
import { pauseFor } from './apply-backoff.ts';
import { type PlanContext, viewOf } from './context.ts';
import { CryptoRanks } from './crypto-ranks.ts';
import { unwanted } from './decide-entry.ts';
import { decideNext } from './decide-next.ts';
import { endByPrice, endForSymbol } from './end-backoff.ts';
import { isExitId, planOf } from './order-ids.ts';
import { perform } from './perform.ts';
import { PlanSet } from './plan-set.ts';
import { letGo, type PlanState, planStateOf } from './plan-state.ts';
import { recordProgress } from './record-progress.ts';
import { refreshOrders } from './refresh-orders.ts';

/** Steps of one run; a plan with more to do continues at its next nudge. */
const MAX_STEPS = 12;

export class PlanRunner {
  readonly #context: PlanContext;
  readonly #plans = new PlanSet();
  readonly #ranks: CryptoRanks;
  readonly #idle = new Set<() => void>();
  /** Plans that were nudged since `hold`; undefined while they run at once. */
  #held: Set<PlanState> | undefined;

  constructor(context: Omit<PlanContext, 'rank'>) {
    this.#ranks = new CryptoRanks(context.rules, () =>
      this.#plans
        .all()
        .filter(isActive)
        .map(({ plan }) => plan),
    );
    this.#context = { ...context, rank: (symbol) => this.#ranks.of(symbol) };
  }

  get size(): number {
    return this.#plans.size;
  }

  get ids(): string[] {
    return this.#plans.ids;
  }

  get symbols(): ReadonlySet<string> {
    return this.#plans.symbols;
  }

  find(id: string): PlanState | undefined {
    return this.#plans.find(id);
  }

  /**
   * Takes plans that were just leased. A plan that is here already (its lease had ended) continues unchanged,
   * unless another host moved it on in between. An invalid plan is logged and skipped.
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
    // It may have been filed before its symbol had a pool of its own.
    const plan =
      leased.pool === '' ? { ...leased, pool: poolOfSymbol(leased.symbol, this.#context.rules) } : leased;
    const before = this.#plans.find(plan.id);
    if (before !== undefined && isSame(before.plan, plan)) return;
    const state = planStateOf(plan, this.#context.monotonicMs());
    if (before !== undefined) this.#remove(before);
    this.#plans.add(state);
    this.#ranks.took(plan.symbol);
    if (plan.stage !== 'waiting')
      this.#context.log.debug(
        { plan: plan.id, stage: plan.stage },
        `${plan.symbol}: the plan continues on this host`,
      );
    this.nudge(state);
  }

  /** The keeper adopted an order that it found at the broker; it may belong to a plan of this host. */
  found(order: string): void {
    const state = this.#plans.find(planOf(order) ?? '');
    if (state === undefined) return;
    if (isExitId(order)) state.exit = undefined;
    else state.entry = undefined;
    this.nudge(state);
  }

  /**
   * The ledger was rebuilt and may have lost progress: this host's plans are recorded again. Those that wait
   * for room try again, since the queue is lost.
   */
  rebuilt(): void {
    for (const state of this.#plans.all()) {
      state.recordDue = state.plan.stage !== 'waiting' || state.plan.attempt > 1;
      if (state.queued) state.pause.lift();
    }
    this.nudgeAll();
  }

  /** Another host has it now. */
  drop(id: string): void {
    const state = this.#plans.find(id);
    if (state) this.#remove(state);
  }

  nudge(state: PlanState): void {
    if (state.busy) {
      state.again = true;
      this.#abortUnwanted(state);
      return;
    }
    if (state.gone) return;
    if (this.#held !== undefined) this.#held.add(state);
    else void this.#run(state);
  }

  /** Plans that have nothing under way begin nothing until `letRun`. */
  hold(): void {
    this.#held ??= new Set();
  }

  letRun(): void {
    const held = this.#held ?? [];
    this.#held = undefined;
    for (const state of held) this.nudge(state);
  }

  /** The symbol has a new price. */
  nudgeSymbol(symbol: string): void {
    for (const state of this.#plans.ofSymbol(symbol)) {
      endByPrice(this.#context, state);
      this.nudge(state);
    }
  }

  nudgeAll(): void {
    for (const state of this.#plans.all()) this.nudge(state);
  }

  /** This host took cryptos that it has not published: they have no rank until it does. */
  get isUnranked(): boolean {
    return this.#ranks.isUnknown;
  }

  /** @param publish publishes what this host watches, and returns the other hosts' active cryptos */
  async rank(
    nowMs: number,
    publish: (watching: Watching) => Promise<readonly CryptoForecast[]>,
  ): Promise<void> {
    await this.#ranks.exchange(() => publish(watchingOf(this.#context, this.#plans.all(), nowMs)));
  }

  /** Looks up the orders of plans whose events may have been lost. */
  pollOrders(): void {
    for (const state of this.#plans.all()) {
      const { stage } = state.plan;
      if (stage === 'entering' || stage === 'exiting') state.lookDue = true;
    }
    this.nudgeAll();
  }

  /** The ledger named these plans, of any host: it is their turn. Those that can't come leave the queue. */
  turn(ids: readonly string[]): void {
    const absent: PlanState[] = [];
    for (const state of this.#called(ids)) {
      const isHeld = state.pause.isHeld(this.#context.monotonicMs());
      if (this.#context.stopping.aborted || isHeld || (!state.queued && !state.busy)) absent.push(state);
    }
    if (absent.length > 0) void this.#leave(absent);
  }

  /** The ledger named these plans, of any host: they may find somebody to take room from. */
  chance(ids: readonly string[]): void {
    this.#called(ids);
  }

  /** Its queue may be another one: plans that are not in it try again. */
  async checkQueue(): Promise<void> {
    const queued = this.#plans.all().filter((state) => state.queued);
    const missing = await missingInQueue(
      this.#context.ledger,
      queued.map(({ plan }) => plan.id),
    );
    for (const id of missing) {
      const state = this.#plans.find(id);
      if (state?.queued === true && !state.busy) this.#retry(state);
    }
  }

  /** The settings have changed: so may the answer to those that were refused because of them. */
  configured(): void {
    for (const state of this.#plans.all()) if (state.pause.reason === 'disabled') this.#retry(state);
  }

  /** An order of the symbol ended other than by rejection, or the symbol's position changed. */
  wayIsFree(symbol: string): void {
    for (const state of this.#plans.ofSymbol(symbol)) {
      endForSymbol(state);
      this.nudge(state);
    }
  }

  /** Aborts entries that wait for room, and waits until no action is under way or the signal aborts. */
  async drain(signal: AbortSignal): Promise<void> {
    for (const state of this.#plans.all()) state.attempt.abort();
    this.nudgeAll();
    while (!signal.aborted && this.#plans.all().some(({ busy }) => busy)) {
      await new Promise<void>((resolve) => {
        this.#idle.add(resolve);
        signal.addEventListener('abort', () => resolve(), { once: true });
      });
    }
  }

  /** Of these plans those of this host; each may try at once. */
  #called(ids: readonly string[]): PlanState[] {
    const ours = ids.flatMap((id) => this.#plans.find(id) ?? []);
    for (const state of ours) {
      state.called = true;
      if (state.queued) this.#retry(state);
    }
    return ours;
  }

  #retry(state: PlanState): void {
    state.pause.lift();
    this.nudge(state);
  }

  async #leave(states: readonly PlanState[]): Promise<void> {
    const { ledger, host, log } = this.#context;
    for (const state of states) state.queued = false;
    try {
      await leaveQueue(
        ledger,
        host,
        states.map(({ plan }) => plan.id),
      );
    } catch (error) {
      log.debug({ err: error }, 'plans could not leave the queue; they are passed over');
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
      if (state.recordDue && !(await this.#recordAgain(state))) return;
      state.recordDue = false;
      if (state.lookDue) await refreshOrders(this.#context, state);
      const { stage } = state.plan;
      const action = decideNext(viewOf(this.#context, state, nowMs));
      if (action.do === 'wait') return;
      await perform(this.#context, state, action, nowMs);
      if (state.plan.stage !== stage) this.#ranks.changed();
    }
  }

  #recordAgain(state: PlanState): Promise<boolean> {
    const pause = state.pause.toKeep(this.#context.monotonicMs());
    return recordProgress(this.#context, state, { stage: state.plan.stage, pause });
  }

  #failed(state: PlanState, error: unknown): void {
    const { plan, attempt } = state;
    const { log, stopping } = this.#context;
    if (attempt.signal.aborted || stopping.aborted) {
      log.debug({ plan: plan.id, err: error }, `${plan.symbol}: the attempt was aborted`);
      state.attempt = new AbortController();
      if (!stopping.aborted && !state.gone) setImmediate(() => this.nudge(state));
      return;
    }
    pauseFor(this.#context, state, 'failed');
    state.lookDue = true;
    log.warn(
      { plan: plan.id, stage: plan.stage, err: error },
      `${plan.symbol}: a step of the plan failed; it is retried after a backoff`,
    );
  }

  /** A plan may expire or be withdrawn while its entry waits for room. */
  #abortUnwanted(state: PlanState): void {
    const nowMs = this.#context.clock.nowMs();
    if (nowMs === undefined || state.plan.stage !== 'waiting') return;
    if (unwanted({ plan: state.plan, nowMs })) state.attempt.abort();
  }

  #remove(state: PlanState): void {
    letGo(state);
    if (this.#plans.remove(state)) this.#ranks.changed();
  }
}

function isSame(a: LeasedPlan, b: LeasedPlan): boolean {
  return a.stage === b.stage && a.attempt === b.attempt && a.exitAttempt === b.exitAttempt;
}
