/**
 * What the routes need of one account: its ledger to read, and the coordinator, the only way in for orders.
 */
import type { Queue } from 'bullmq';
import type { Logger } from 'pino';
import type { Broker } from '../broker/port.ts';
import { CancelQueue } from '../cancels/queue.ts';
import { type Coordinator, startCoordinator } from '../coordinator/coordinator.ts';
import { enterConfirmed } from '../coordinator/enter-exit.ts';
import { EventFeed } from '../coordinator/event-feed.ts';
import { HeldAtBroker } from '../coordinator/held-at-broker.ts';
import { WorkstealError } from '../domain/errors.ts';
import type { Ledger } from '../ledger/ledger.ts';
import { type Mirror, openMirror } from '../mirror/mirror.ts';
import { redlockMutex } from '../mutex/redlock-mutex.ts';
import type { EntryMetrics } from '../ops/metrics/entries.ts';
import type { EventMetrics } from '../ops/metrics/events.ts';
import { poolRule } from '../rules/pools.ts';
import { fingerprint, type Settings } from '../rules/settings.ts';
import { type Book, readBook } from './book.ts';
import { countedEntries } from './counted-entries.ts';
import { Entering } from './entering.ts';
import { mirroredBook } from './mirrored-book.ts';

export type AccountDoor = {
  readonly account: string;
  readonly ledger: Ledger;
  readonly redisUrl: string;
  readonly rules: Settings;
  /** How long a reservation is kept without renewal, ms. */
  readonly leaseMs: number;
  readonly log: Logger;
  /** What the read routes answer. */
  readonly book: Book;
  readonly coordinator: Coordinator;
  /** Wishes under way. */
  readonly entering: Entering;
  /** The account's events, one connection for all listeners. */
  readonly events: EventFeed;
  /**
   * The account's mirror, opened when it is first asked for.
   * @throws WorkstealError `unavailable`
   */
  mirror(): Promise<Mirror>;
  /** The queue of cancellations, to look at. */
  readonly queue: Queue;
  /** Enqueues a recorded cancellation at once; if that fails, the recovery of the outbox does (I9). */
  enqueueCancel(order: string): Promise<void>;
  /** Why orders can't be placed now, such as refused keys; '' if they can. */
  trouble: string;
  /** @throws WorkstealError `unavailable` while `trouble` says why */
  requireTrading(): void;
  close(): Promise<void>;
};

export type DoorParts = {
  ledger: Ledger;
  redisUrl: string;
  broker: Broker;
  rules: Settings;
  leaseMs: number;
  requestTimeoutMs: number;
  log: Logger;
  step?: (name: string) => void;
  /** What is counted; default: nothing. */
  metrics?: { entries: EntryMetrics; events: EventMetrics };
};

/** Opens an account's door. The ledger and the broker stay their owner's. */
export function openDoor(parts: DoorParts): AccountDoor {
  const { ledger, redisUrl, broker, rules, leaseMs, requestTimeoutMs, log, step = () => {}, metrics } = parts;
  const { account } = ledger;
  const events = new EventFeed(redisUrl, account, log);
  const queue = new CancelQueue(redisUrl, account);
  const started = startCoordinator({
    ledger,
    broker,
    mutex: redlockMutex([ledger.redis]),
    events,
    enqueue: (...cancellations) => queue.enqueue(...cancellations),
    leaseMs,
    requestTimeoutMs,
    log,
    fingerprint: fingerprint(rules),
    poolRule: poolRule(rules),
    step,
    onLatency: (kind, ms) => metrics?.entries.took(kind, ms),
  });
  const coordinator = metrics === undefined ? started : countedEntries(started, metrics.entries);
  const held = new HeldAtBroker(ledger, broker);
  const entering = new Entering({
    enter: (wish, signal) => enterConfirmed(coordinator, held, wish, signal),
  });
  let mirror: Promise<Mirror> | undefined;
  const openedMirror = (): Promise<Mirror> => {
    const onLag = (ms: number): void => metrics?.events.arrived(ms);
    mirror ??= openMirror({ ledger, redisUrl, log, onLag }).catch((error: unknown) => {
      mirror = undefined;
      throw error;
    });
    return mirror;
  };
  const door: AccountDoor = {
    account,
    ledger,
    redisUrl,
    rules,
    leaseMs,
    log,
    book: mirroredBook(readBook(ledger), openedMirror),
    coordinator,
    entering,
    events,
    mirror: openedMirror,
    queue: queue.queue,
    async enqueueCancel(order) {
      await queue.enqueue('cancel', [order], ledger.tracing.traceparent).catch((error: unknown) => {
        log.warn(
          { err: error, order },
          'api: a cancellation could not be enqueued; the recovery enqueues it',
        );
      });
    },
    trouble: '',
    requireTrading() {
      const { trouble } = door;
      if (trouble !== '')
        throw new WorkstealError('unavailable', `orders of ${account} can't be placed now: ${trouble}`);
    },
    async close() {
      entering.close();
      await mirror?.then((opened) => opened.close()).catch(() => {});
      await coordinator.close();
      await queue.close();
      await events.close();
    },
  };
  return door;
}
