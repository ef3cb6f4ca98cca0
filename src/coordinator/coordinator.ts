/**
 * Brings one order through its steps: admit -> (blocked) steal -> cancellations enqueued -> grant -> place.
 * Nothing else combines these steps.
 */
import type { Logger } from 'pino';
import type { Broker, OrderForm } from '../broker/port.ts';
import { WorkstealError } from '../domain/errors.ts';
import type { OrderWish } from '../domain/order.ts';
import { cancel } from '../ledger/commands/cancel.ts';
import type { Ledger } from '../ledger/ledger.ts';
import { ofSteal } from '../ledger/traces.ts';
import type { Mutex } from '../mutex/mutex.ts';
import type { PriceSteps } from '../rules/legal-price.ts';
import type { Asset } from '../rules/takeable.ts';
import { answerFacts, wishFacts } from '../tracing/facts.ts';
import { traced } from '../tracing/tracing.ts';
import type { Entered, Placed } from './answers.ts';
import { BrokerRules } from './broker-rules.ts';
import { type EnterParts, enter, type LatencyKind } from './enter.ts';
import type { EventFeed } from './event-feed.ts';
import { Grants } from './grants.ts';
import { type PlaceOptions, place } from './place.ts';
import { canReplace, type Replaced, type ReplaceWish, replaceOrder } from './replace.ts';
import { StealQueue } from './steal-queue.ts';

export type { Entered, Placed } from './answers.ts';
export type { LatencyKind } from './enter.ts';

export interface Coordinator {
  /** The account's events, for other listeners of this process. */
  readonly events: EventFeed;
  /**
   * Gets room for an order. Takes at most the mutex's deadline and grantTimeoutMs. It may be called again
   * with the same wish (I6).
   * @throws WorkstealError `invalid`, `contradiction`, `unavailable` (call again); the signal's reason when
   *   it aborts: a thief that waited for its grant is released then
   */
  enter(wish: OrderWish, signal: AbortSignal): Promise<Entered>;
  /**
   * Sends an order that has its room, in this form (default: a plain limit order).
   * @throws WorkstealError `invalid`; the signal's reason when it aborts before the first step
   */
  place(wish: OrderWish, signal: AbortSignal, form?: OrderForm): Promise<Placed>;
  /**
   * Asks the broker for another order in the place of a live one.
   * @throws WorkstealError `unavailable`, `unclear`: nothing was asked; `settings` at a broker without that;
   *   the signal's reason when it aborts before the broker is asked
   */
  replace(wish: ReplaceWish, signal: AbortSignal): Promise<Replaced>;
  /**
   * Records an open order's cancellation and enqueues it (I9). `not_working`: a reservation; release it.
   * @param by who asks, such as `NAME@api`, or the exit or the plan that it makes way for; left out: the
   *   watcher of its plan
   */
  cancel(
    id: string,
    reason: string,
    by?: string,
  ): Promise<'cancelling' | 'exists' | 'not_working' | 'unknown'>;
  /**
   * The price steps of a symbol, from the broker or its cached answer. Without an answer within 2 s, the
   * usual ones (src/rules/legal-price.ts).
   * @throws the signal's reason
   */
  priceSteps(symbol: string, signal: AbortSignal): Promise<PriceSteps>;
  /**
   * What the broker takes of a symbol, or its cached answer; undefined without an answer within 2 s.
   * @throws the signal's reason
   */
  asset(symbol: string, signal: AbortSignal): Promise<Asset | undefined>;
  /** Ends its timers and its queue; calls that wait fail. Their owner closes ledger, mutex and events. */
  close(): Promise<void>;
}

export type CoordinatorOptions = {
  ledger: Ledger;
  broker: Broker;
  mutex: Mutex;
  events: EventFeed;
  /**
   * Enqueues committed cancellations at once. If it fails, the recovery of the outbox enqueues them (I9).
   * Must return soon. `traceparent`: the span that goes on with them; '' where nothing is traced.
   */
  enqueue: (steal: string, victims: readonly string[], traceparent: string) => Promise<void>;
  /** How long a reservation, a pending thief or a submission lasts without renewal. */
  leaseMs: number;
  requestTimeoutMs: number;
  log: Logger;
  /** Of this host's settings: if the account's differ, nothing is stolen. Default '': not compared. */
  fingerprint?: string;
  /**
   * Of this host's settings (src/rules/pools.ts): if the account's differ, nothing is entered. Default '':
   * not compared.
   */
  poolRule?: string;
  /** How long a thief waits for its victims; default 60 s. */
  grantTimeoutMs?: number;
  /** Steals under way at once; default 32. */
  stealsAtOnce?: number;
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
  readonly #options: PlaceOptions & Pick<CoordinatorOptions, 'enqueue'>;
  readonly #parts: EnterParts;

  constructor(options: CoordinatorOptions) {
    const { ledger, mutex, events, leaseMs, log, fingerprint = '', stealsAtOnce = 32 } = options;
    const nothing = (): void => {};
    const defaults = {
      poolRule: '',
      grantTimeoutMs: GRANT_TIMEOUT_MS,
      step: nothing,
      onLatency: nothing,
      onBuyingPower: nothing,
      monotonicMs: () => performance.now(),
    };
    const all = { ...defaults, ...options };
    const brokerRules = new BrokerRules(all);
    this.events = events;
    this.#options = { ...all, onRefused: (symbol) => brokerRules.refused(symbol) };
    this.#parts = {
      ...all,
      brokerRules,
      steals: new StealQueue({
        ...{ ledger, mutex, leaseMs, log, fingerprint, atOnce: stealsAtOnce },
        onLockWait: (ms) => all.onLatency('lockWait', ms),
      }),
      grants: new Grants({ ledger, events, leaseMs, log }),
      enqueue: (...all) => this.#enqueue(...all),
    };
  }

  enter(wish: OrderWish, signal: AbortSignal): Promise<Entered> {
    return enter(this.#parts, wish, signal);
  }

  async place(wish: OrderWish, signal: AbortSignal, form?: OrderForm): Promise<Placed> {
    const { ledger } = this.#options;
    const options = { ...(await ofSteal(ledger, wish.id)), facts: wishFacts(ledger.account, wish) };
    return await traced(ledger.tracing, 'place', options, async (span) => {
      const placed = await place(this.#options, wish, signal, form);
      span.note(answerFacts(placed));
      return placed;
    });
  }

  async replace(wish: ReplaceWish, signal: AbortSignal): Promise<Replaced> {
    const { broker } = this.#options;
    if (!canReplace(broker)) throw new WorkstealError('settings', 'the broker replaces no orders');
    return await replaceOrder({ ...this.#options, broker }, wish, signal);
  }

  async cancel(
    id: string,
    reason: string,
    by = '',
  ): Promise<'cancelling' | 'exists' | 'not_working' | 'unknown'> {
    const { ledger, step } = this.#options;
    const facts = { 'worksteal.account': ledger.account, 'worksteal.order': id, 'worksteal.reason': reason };
    return await traced(ledger.tracing, 'cancel-recorded', { facts }, async ({ traceparent, note }) => {
      const outcome = await cancel(ledger, id, reason, by, traceparent);
      note({ 'worksteal.outcome': outcome });
      if (outcome !== 'cancelling') return outcome;
      step('after_cancelling');
      await this.#enqueue('cancel', [id], traceparent);
      return outcome;
    });
  }

  priceSteps(symbol: string, signal: AbortSignal): Promise<PriceSteps> {
    return this.#parts.brokerRules.priceSteps(symbol, signal);
  }

  asset(symbol: string, signal: AbortSignal): Promise<Asset | undefined> {
    return this.#parts.brokerRules.asset(symbol, signal);
  }

  async close(): Promise<void> {
    this.#parts.grants.close();
    await this.#parts.steals.close();
  }

  async #enqueue(steal: string, victims: readonly string[], traceparent: string): Promise<void> {
    try {
      await this.#options.enqueue(steal, victims, traceparent);
      this.#options.step('after_enqueue');
    } catch (error) {
      this.#options.log.warn(
        { err: error, steal, victims },
        'cancellations could not be enqueued; the recovery of the outbox enqueues them',
      );
    }
  }
}
