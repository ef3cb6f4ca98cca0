/**
 * Everything above the broker's port, in one process, on one test account: coordinator, queue, worker,
 * recovery.
 */
import { pino } from 'pino';
import type { Broker } from '../../src/broker/port.ts';
import type { Cancelled, CancelOptions } from '../../src/cancels/cancel-order.ts';
import { CancelQueue } from '../../src/cancels/queue.ts';
import { CancelWorker } from '../../src/cancels/worker.ts';
import {
  type Coordinator,
  type CoordinatorOptions,
  type Entered,
  startCoordinator,
} from '../../src/coordinator/coordinator.ts';
import { EventFeed } from '../../src/coordinator/event-feed.ts';
import { redlockMutex } from '../../src/mutex/redlock-mutex.ts';
import { InstantBroker } from './instant-broker.ts';
import { anOrder, LEASE_MS, type OrderBuilder, type TestAccount } from './ledger.ts';

export type LogLine = { level: number; msg: string; [field: string]: unknown };

export type Coordination<B extends Broker = InstantBroker> = {
  account: TestAccount;
  broker: B;
  coordinator: Coordinator;
  queue: CancelQueue;
  worker: CancelWorker | undefined;
  lines: LogLine[];
  /** Outcomes of the worker's jobs so far. */
  jobs: (Cancelled['outcome'] | 'failed')[];
  events: EventFeed;
  enter(order: OrderBuilder, signal?: AbortSignal): Promise<Entered>;
  /** enter and place: live at the broker, open in the ledger. */
  live(...orders: OrderBuilder[]): Promise<void>;
  close(): Promise<void>;
};

export type CoordinationOptions = Partial<Omit<CoordinatorOptions, 'ledger' | 'broker'>> & {
  /** False: nobody carries out cancellations. */
  working?: boolean;
  cancels?: Partial<Pick<CancelOptions, 'firstPauseMs' | 'longestPauseMs' | 'questions' | 'notFoundPauseMs'>>;
};

export async function coordinate(
  url: string,
  account: TestAccount,
  options: CoordinationOptions = {},
): Promise<Coordination> {
  return await coordinateWith(url, account, new InstantBroker(), options);
}

/** The same with another broker. */
export async function coordinateWith<B extends Broker>(
  url: string,
  account: TestAccount,
  broker: B,
  options: CoordinationOptions = {},
): Promise<Coordination<B>> {
  const { ledger, name } = account;
  const { working = true, cancels = {}, ...more } = options;
  const lines: LogLine[] = [];
  const log = pino(
    { level: 'info' },
    { write: (line: string) => void lines.push(JSON.parse(line) as LogLine) },
  );
  const events = options.events ?? new EventFeed(url, name, log);
  const queue = new CancelQueue(url, name);
  const mutex = redlockMutex([ledger.redis]);
  const enqueue = (steal: string, victims: readonly string[]): Promise<void> => queue.enqueue(steal, victims);
  const coordinator = startCoordinator({
    ledger,
    broker,
    mutex,
    enqueue,
    leaseMs: LEASE_MS,
    requestTimeoutMs: 1_000,
    log,
    ...more,
    events,
  });
  const jobs: Coordination['jobs'] = [];
  const onDone = (outcome: (typeof jobs)[number]): void => void jobs.push(outcome);
  const worker = working
    ? new CancelWorker({ url, ledger, broker, log, step: () => {}, onDone, ...cancels })
    : undefined;
  await worker?.ready();
  const never = new AbortController().signal;
  return {
    account,
    broker,
    coordinator,
    queue,
    worker,
    lines,
    jobs,
    events,
    enter: (order, signal = never) => coordinator.enter(order.wish, signal),
    async live(...orders) {
      for (const order of orders) {
        const entered = await coordinator.enter(order.wish, never);
        const placed = await coordinator.place(order.wish, never);
        if (placed.outcome !== 'working')
          throw new Error(`${order.wish.id}: ${JSON.stringify({ entered, placed })}`);
      }
    },
    async close() {
      await coordinator.close();
      await worker?.close();
      await queue.close();
      await events.close();
    },
  };
}

/**
 * `count` orders that fill the cap together, each of a symbol of its own, with PnL 1 and far from their limit
 * of 10.
 */
export function worseOrders(count: number, dollarsEach: number): OrderBuilder[] {
  return Array.from({ length: count }, (_, i) =>
    anOrder(`worse-${i}`).of(`W${i}`).worth(dollarsEach).pnl('1'),
  );
}

/** `count` orders with PnL 10 of symbols of their own. */
export function betterOrders(count: number, dollarsEach: number): OrderBuilder[] {
  return Array.from({ length: count }, (_, i) =>
    anOrder(`better-${i}`).of(`B${i}`).worth(dollarsEach).pnl('10'),
  );
}

/** Far prices for the worse (10 % above the limit of 10), close ones for the better. */
export async function pricesFor(
  account: TestAccount,
  worse: readonly OrderBuilder[],
  better: readonly OrderBuilder[],
): Promise<void> {
  const priced = (orders: readonly OrderBuilder[], price: string) =>
    orders.map(({ wish }) => [wish.symbol, price]);
  await account.prices(Object.fromEntries([...priced(worse, '11'), ...priced(better, '10.01')]));
}
