/**
 * What a host does on each of the account's events. An event is a hint: who acts on it reads the ledger, and
 * periodic polls make up for events that were lost.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Logger } from 'pino';
import type { LedgerEvent } from '../ledger/events.ts';
import { listOf } from '../ledger/reply.ts';
import type { LiveOrders } from './live-orders.ts';
import { OverdueTurns } from './overdue-turns.ts';
import { entryId, exitId } from './plan/order-ids.ts';
import type { PlanRunner } from './plan/plan-runner.ts';

export type WatcherEventsOptions = {
  runner: PlanRunner;
  live: LiveOrders;
  /** Claims plans. */
  claim: () => Promise<void>;
  /** Makes the ledger pass over the plans that did not come when it was their turn. */
  passOver: () => Promise<unknown>;
  log: Pick<Logger, 'warn'>;
  random: () => number;
  signal: AbortSignal;
};

export class WatcherEvents {
  readonly #options: WatcherEventsOptions;
  #claimSoon = false;
  readonly #overdue: OverdueTurns;

  constructor(options: WatcherEventsOptions) {
    this.#options = options;
    this.#overdue = new OverdueTurns(options);
  }

  on(event: LedgerEvent): void {
    const { runner, live } = this.#options;
    live.note(event);
    this.#overdue.note(event);
    const { type, fields } = event;
    if (type === 'plan_filed') return this.#soonClaim();
    if (type === 'adopted') return runner.found(fields['order'] ?? '');
    if (type === 'rebuilt') return runner.rebuilt();
    if (type === 'turn') return runner.turn(listOf(fields, 'plans'));
    if (type === 'chance') return runner.chance(listOf(fields, 'plans'));
    if (type === 'configured') return runner.configured();
    const state = runner.find(fields['plan'] ?? '');
    if (type === 'plan_withdraw_asked') this.withdraw(fields['plan'] ?? '');
    if (type === 'plan_close_asked') this.close(fields['plan'] ?? '', Number(fields['since_ms'] ?? 0));
    if (state) {
      const { plan } = state;
      const order = fields['order'];
      const isCurrent = order === entryId(plan, plan.attempt) || order === exitId(plan, plan.exitAttempt);
      if (isCurrent && (plan.stage === 'entering' || plan.stage === 'exiting')) state.lookDue = true;
      runner.nudge(state);
    }
    if (type === 'corrected') runner.wayIsFree(fields['symbol'] ?? '');
    // A rejected order was in nobody's way. If it ended backoffs, two orders that cause each other's
    // rejection would retry without a pause.
    if (type !== 'ended' || fields['state'] === 'rejected') return;
    runner.wayIsFree(fields['symbol'] ?? '');
  }

  /** A person asked to close the plan; ledger ms. */
  close(id: string, askedMs: number): void {
    const state = this.#options.runner.find(id);
    if (state) state.plan = { ...state.plan, closeAskedMs: askedMs };
  }

  /** The plan's planner, or a person, asked to withdraw it. */
  withdraw(id: string): void {
    const state = this.#options.runner.find(id);
    if (state) state.plan = { ...state.plan, withdrawAsked: true };
  }

  /** The jitter spreads hosts that receive the same event. */
  #soonClaim(): void {
    if (this.#claimSoon) return;
    this.#claimSoon = true;
    this.#later(2 + 20 * this.#options.random(), async () => {
      this.#claimSoon = false;
      await this.#options.claim();
    });
  }

  #later(pauseMs: number, work: () => unknown): void {
    const { signal, log } = this.#options;
    sleep(pauseMs, undefined, { signal })
      .then(work)
      .catch((error: unknown) => {
        if (!signal.aborted) log.warn({ err: error }, 'watcher: an event could not be handled');
      });
  }
}
