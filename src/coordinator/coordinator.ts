/**
 * The only place where the steps of one order meet: admit -> (blocked) steal -> cancellations on their way ->
 * grant -> place. It decides nothing: the ledger does (docs/architecture.md, 4 and 5).
 */
import type { Logger } from 'pino';
import type { Broker } from '../broker/port.ts';
import { assert, WorkstealError } from '../domain/errors.ts';
import type { OrderState, OrderWish } from '../domain/order.ts';
import type { Refusal } from '../domain/outcome.ts';
import { assertTraded } from '../domain/traded.ts';
import { admit } from '../ledger/commands/admit.ts';
import { cancel } from '../ledger/commands/cancel.ts';
import { release } from '../ledger/commands/release.ts';
import { renew } from '../ledger/commands/renew.ts';
import { readLedgerOrder } from '../ledger/commands/snapshot.ts';
import type { StealOutcome } from '../ledger/commands/steal.ts';
import type { Ledger } from '../ledger/ledger.ts';
import type { Fields } from '../ledger/reply.ts';
import type { Mutex } from '../mutex/mutex.ts';
import type { PriceSteps } from '../rules/legal-price.ts';
import { BrokerRules } from './broker-rules.ts';
import type { EventFeed } from './event-feed.ts';
import { Grants } from './grants.ts';
import { type Placed, place } from './place.ts';
import { logSteal, orderLog } from './steal-log.ts';
import { Thieves } from './thieves.ts';

export type { Placed } from './place.ts';

export type Entered =
  /**
   * Room is reserved under the wish's id: renew or place it within the lease. `blockedMs`: from blocked to
   * granted.
   */
  | { outcome: 'reserved'; how: 'fits' | 'stolen'; blockedMs?: number }
  /** The id is known already and is past its reservation. */
  | { outcome: 'known'; state: OrderState }
  /** A later order of the plan, `by`, is known to the broker: go on with that one. */
  | { outcome: 'superseded'; by: string }
  /** `steal_failed`: it was committed, but a victim filled, or nobody was granted in time. */
  | {
      outcome: 'refused';
      reason: Refusal | 'dry_run' | 'steal_failed';
      numbers: Fields;
      wouldFight: string[];
    };

export type LatencyKind = 'admit' | 'blockedToGranted';

export interface Coordinator {
  /** The account's events, for others of this process who wait. */
  readonly events: EventFeed;
  /**
   * Gets room for an order: bounded by the mutex's deadline and grantTimeoutMs. May be called again with the
   * same wish (I6).
   * @throws WorkstealError `invalid`, `contradiction`, `unavailable` (call again); the signal's reason when
   *   it aborts: a thief that waited for its grant is released then
   */
  enter(wish: OrderWish, signal: AbortSignal): Promise<Entered>;
  /**
   * Sends an order that has its room.
   * @throws WorkstealError `invalid`; the signal's reason when it aborts before anything was done
   */
  place(wish: OrderWish, signal: AbortSignal): Promise<Placed>;
  /**
   * Puts an open order's cancellation on record and on its way (I9); `not_working`: a reservation, release
   * it.
   */
  cancel(id: string, reason: string): Promise<'cancelling' | 'exists' | 'not_working' | 'unknown'>;
  /**
   * The price steps of a symbol: the broker's, which is asked at most once in a while, or else the usual ones
   * (src/rules/legal-price.ts). Takes 2 s at most.
   * @throws the signal's reason
   */
  priceSteps(symbol: string, signal: AbortSignal): Promise<PriceSteps>;
  /**
   * Ends its timers and its queue; what waits is told so. The ledger, the mutex and the events are their
   * owner's.
   */
  close(): Promise<void>;
}

export type CoordinatorOptions = {
  ledger: Ledger;
  broker: Broker;
  mutex: Mutex;
  events: EventFeed;
  /**
   * Sends committed cancellations on their way at once; what it fails to send, recovery does (I9). Must not
   * take long.
   */
  enqueue: (steal: string, victims: readonly string[]) => Promise<void>;
  /** A reservation, a pending thief, a submission: how long without a sign of life. */
  leaseMs: number;
  requestTimeoutMs: number;
  log: Logger;
  /**
   * Of this host's settings: where they are not the account's nothing is stolen; default '': not compared.
   */
  fingerprint?: string;
  /**
   * Of this host's settings (src/rules/pools.ts): where it is not the account's nothing is entered; default
   * '': not compared.
   */
  poolRule?: string;
  /** How long a thief waits for its victims; default 60 s. */
  grantTimeoutMs?: number;
  /** Thieves of one mutex; default 32. */
  batch?: number;
  step?: (name: string) => void;
  onLatency?: (kind: LatencyKind, ms: number) => void;
  onBuyingPower?: () => void;
  monotonicMs?: () => number;
};

const GRANT_TIMEOUT_MS = 60_000;

export function startCoordinator(options: CoordinatorOptions): Coordinator {
  return new TheCoordinator(options);
}

class TheCoordinator implements Coordinator {
  readonly events: EventFeed;
  readonly #options: Required<Omit<CoordinatorOptions, 'batch' | 'fingerprint'>> & {
    onRefused: (symbol: string) => void;
  };
  readonly #thieves: Thieves;
  readonly #grants: Grants;
  readonly #brokerRules: BrokerRules;

  constructor(options: CoordinatorOptions) {
    const { ledger, mutex, events, leaseMs, log, fingerprint = '', batch = 32 } = options;
    const nothing = (): void => {};
    const defaults = {
      poolRule: '',
      grantTimeoutMs: GRANT_TIMEOUT_MS,
      step: nothing,
      onLatency: nothing,
      onBuyingPower: nothing,
    };
    const onRefused = (symbol: string): void => this.#brokerRules.refused(symbol);
    this.#options = { ...defaults, monotonicMs: () => performance.now(), ...options, onRefused };
    this.#brokerRules = new BrokerRules(this.#options);
    this.events = events;
    this.#thieves = new Thieves({ ledger, mutex, leaseMs, log, fingerprint, batch });
    this.#grants = new Grants({ ledger, events, leaseMs, log });
  }

  async enter(wish: OrderWish, signal: AbortSignal): Promise<Entered> {
    signal.throwIfAborted();
    if (wish.kind === 'entry') assertTraded(wish.symbol);
    const { ledger, leaseMs, poolRule, step, onLatency, monotonicMs } = this.#options;
    const startedMs = monotonicMs();
    const ahead = await this.#brokerRules.ahead(wish, signal);
    const admission = await admit(ledger, wish, leaseMs, ahead, poolRule);
    const blockedAtMs = monotonicMs();
    onLatency('admit', blockedAtMs - startedMs);
    step('after_admit');
    switch (admission.outcome) {
      case 'fits':
        return { outcome: 'reserved', how: 'fits' };
      case 'exists':
        return await this.#known(wish, admission.state, blockedAtMs, signal);
      case 'superseded':
        return admission;
      case 'blocked':
        return await this.#stealIfTakeable(wish, blockedAtMs, signal);
      default:
        return { outcome: 'refused', reason: admission.outcome, numbers: admission.numbers, wouldFight: [] };
    }
  }

  place(wish: OrderWish, signal: AbortSignal): Promise<Placed> {
    return place(this.#options, wish, signal);
  }

  async cancel(id: string, reason: string): Promise<'cancelling' | 'exists' | 'not_working' | 'unknown'> {
    const outcome = await cancel(this.#options.ledger, id, reason);
    if (outcome === 'cancelling') await this.#enqueue('cancel', [id]);
    return outcome;
  }

  async close(): Promise<void> {
    this.#grants.close();
    await this.#thieves.close();
  }

  /** Nobody is cancelled for an order that the broker would not take. */
  async #stealIfTakeable(wish: OrderWish, blockedAtMs: number, signal: AbortSignal): Promise<Entered> {
    const why = await this.#brokerRules.ask(wish, signal);
    if (why === undefined) return await this.#steal(wish, blockedAtMs, signal);
    const { ledger, leaseMs, poolRule } = this.#options;
    const answer = await admit(ledger, wish, leaseMs, why, poolRule);
    if (answer.outcome === 'exists') return await this.#known(wish, answer.state, blockedAtMs, signal);
    if (answer.outcome === 'superseded') return answer;
    assert(
      answer.outcome !== 'fits' && answer.outcome !== 'blocked',
      `admit answered ${answer.outcome} to what can not be placed`,
    );
    return { outcome: 'refused', reason: answer.outcome, numbers: answer.numbers, wouldFight: [] };
  }

  async #steal(wish: OrderWish, blockedAtMs: number, signal: AbortSignal): Promise<Entered> {
    const { step } = this.#options;
    const outcome: StealOutcome = await this.#thieves.attempt(wish, signal);
    if (outcome.outcome === 'stolen') step('after_steal');
    logSteal(this.#options.log, wish, outcome);
    switch (outcome.outcome) {
      case 'fits':
        return { outcome: 'reserved', how: 'fits' };
      case 'exists':
        return await this.#known(wish, outcome.state, blockedAtMs, signal);
      case 'superseded':
        return outcome;
      case 'stolen': {
        const victims = outcome.victims.map((victim) => victim.id);
        const [entered] = await Promise.all([
          this.#granted(wish, blockedAtMs, signal),
          this.#enqueue(wish.id, victims),
        ]);
        return entered;
      }
      default:
        return {
          outcome: 'refused',
          reason: outcome.outcome,
          numbers: outcome.numbers,
          wouldFight: outcome.wouldFight,
        };
    }
  }

  async #enqueue(steal: string, victims: readonly string[]): Promise<void> {
    try {
      await this.#options.enqueue(steal, victims);
      this.#options.step('after_enqueue');
    } catch (error) {
      this.#options.log.warn(
        { err: error, steal, victims },
        'cancellations were not enqueued; recovery does it from the outbox',
      );
    }
  }

  /** A retry, of this process or of one that died: goes on where the ledger is. */
  async #known(
    wish: OrderWish,
    state: OrderState,
    blockedAtMs: number,
    signal: AbortSignal,
  ): Promise<Entered> {
    if (state === 'pending') return await this.#granted(wish, blockedAtMs, signal);
    if (state !== 'reserved') return { outcome: 'known', state };
    const { ledger, leaseMs } = this.#options;
    if ((await renew(ledger, wish.owner, leaseMs, [wish.id])).length === 0)
      return { outcome: 'reserved', how: 'fits' };
    // Sent already, or another host's, or ended since.
    return { outcome: 'known', state: (await readLedgerOrder(ledger, wish.id))?.state ?? state };
  }

  async #granted(wish: OrderWish, blockedAtMs: number, signal: AbortSignal): Promise<Entered> {
    const { ledger, grantTimeoutMs, onLatency, step, log, monotonicMs } = this.#options;
    const waited = await this.#grants.wait(wish, grantTimeoutMs, signal).catch(async (error: unknown) => {
      // It refuses its grant; what its victims free later is free for all (I5).
      await release(ledger, wish.id, 'gave_up').catch(() => {});
      if (signal.aborted || !(error instanceof WorkstealError && error.code === 'timeout')) throw error;
      return 'late' as const;
    });
    const blockedMs = monotonicMs() - blockedAtMs;
    if (waited === 'late')
      return this.#stealFailed(wish, { reason: 'late', blocked_ms: String(Math.round(blockedMs)) });
    if (waited === undefined)
      throw new WorkstealError('unknown', `${wish.id}: the ledger lost it while it waited`, {
        order: wish.id,
      });
    if (waited.state === 'reserved' && waited.sentAtMs === 0) {
      step('after_grant');
      onLatency('blockedToGranted', blockedMs);
      orderLog(log, wish, wish.id).info({ blockedMs: Math.round(blockedMs) }, `${wish.symbol}: granted`);
      return { outcome: 'reserved', how: 'stolen', blockedMs };
    }
    if (waited.state === 'rejected' || waited.state === 'expired') {
      return this.#stealFailed(wish, {
        state: waited.state,
        reason: waited.reason,
        need_micros: String(waited.needMicros),
      });
    }
    return { outcome: 'known', state: waited.state };
  }

  priceSteps(symbol: string, signal: AbortSignal): Promise<PriceSteps> {
    return this.#brokerRules.priceSteps(symbol, signal);
  }

  #stealFailed(wish: OrderWish, numbers: Fields): Entered {
    orderLog(this.#options.log, wish, wish.id).info(numbers, `${wish.symbol}: its steal failed`);
    return { outcome: 'refused', reason: 'steal_failed', numbers, wouldFight: [] };
  }
}
