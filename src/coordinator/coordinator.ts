/**
 * Brings one order through its steps: admit -> (blocked) steal -> cancellations enqueued -> grant -> place.
 * Nothing else combines these steps.
 */
import type { Logger } from 'pino';
import type { Broker } from '../broker/port.ts';
import type { OrderWish } from '../domain/order.ts';
import { cancel } from '../ledger/commands/cancel.ts';
import type { Ledger } from '../ledger/ledger.ts';
import type { Mutex } from '../mutex/mutex.ts';
import type { PriceSteps } from '../rules/legal-price.ts';
import { BrokerRules } from './broker-rules.ts';
import { type Entered, type EnterParts, enter, type LatencyKind } from './enter.ts';
import type { EventFeed } from './event-feed.ts';
import { Grants } from './grants.ts';
import { type Placed, type PlaceOptions, place } from './place.ts';
import { StealQueue } from './steal-queue.ts';

export type { Entered, LatencyKind } from './enter.ts';
export type { Placed } from './place.ts';

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
   * Sends an order that has its room.
   * @throws WorkstealError `invalid`; the signal's reason when it aborts before the first step
   */
  place(wish: OrderWish, signal: AbortSignal): Promise<Placed>;
  /** Records an open order's cancellation and enqueues it (I9). `not_working`: a reservation; release it. */
  cancel(id: string, reason: string): Promise<'cancelling' | 'exists' | 'not_working' | 'unknown'>;
  /**
   * The price steps of a symbol, from the broker or its cached answer. Without an answer within 2 s, the
   * usual ones (src/rules/legal-price.ts).
   * @throws the signal's reason
   */
  priceSteps(symbol: string, signal: AbortSignal): Promise<PriceSteps>;
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
   * Must return soon.
   */
  enqueue: (steal: string, victims: readonly string[]) => Promise<void>;
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
  /** Steals per lock of the mutex; default 32. */
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
  readonly #options: PlaceOptions & Pick<CoordinatorOptions, 'enqueue'>;
  readonly #parts: EnterParts;

  constructor(options: CoordinatorOptions) {
    const { ledger, mutex, events, leaseMs, log, fingerprint = '', batch = 32 } = options;
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
      steals: new StealQueue({ ledger, mutex, leaseMs, log, fingerprint, batch }),
      grants: new Grants({ ledger, events, leaseMs, log }),
      enqueue: (steal, victims) => this.#enqueue(steal, victims),
    };
  }

  enter(wish: OrderWish, signal: AbortSignal): Promise<Entered> {
    return enter(this.#parts, wish, signal);
  }

  place(wish: OrderWish, signal: AbortSignal): Promise<Placed> {
    return place(this.#options, wish, signal);
  }

  async cancel(id: string, reason: string): Promise<'cancelling' | 'exists' | 'not_working' | 'unknown'> {
    const outcome = await cancel(this.#options.ledger, id, reason);
    if (outcome === 'cancelling') await this.#enqueue('cancel', [id]);
    return outcome;
  }

  priceSteps(symbol: string, signal: AbortSignal): Promise<PriceSteps> {
    return this.#parts.brokerRules.priceSteps(symbol, signal);
  }

  async close(): Promise<void> {
    this.#parts.grants.close();
    await this.#parts.steals.close();
  }

  async #enqueue(steal: string, victims: readonly string[]): Promise<void> {
    try {
      await this.#options.enqueue(steal, victims);
      this.#options.step('after_enqueue');
    } catch (error) {
      this.#options.log.warn(
        { err: error, steal, victims },
        'cancellations could not be enqueued; the recovery of the outbox enqueues them',
      );
    }
  }
}
