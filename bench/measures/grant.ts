/**
 * Time from blocked to granted: steal under the mutex, outbox, cancel queue, worker, settlement, event, with
 * a broker that answers at once. It is compared with the minimum that a queue costs: a bare BullMQ job, from
 * adding it to its completion.
 */
import { Queue, Worker } from 'bullmq';
import { Redis } from 'ioredis';
import { pino } from 'pino';
import { CancelQueue } from '../../src/cancels/queue.ts';
import { CancelWorker } from '../../src/cancels/worker.ts';
import { startCoordinator } from '../../src/coordinator/coordinator.ts';
import { EventFeed } from '../../src/coordinator/event-feed.ts';
import { assert } from '../../src/domain/errors.ts';
import { release } from '../../src/ledger/commands/release.ts';
import { readLedgerOrder } from '../../src/ledger/commands/snapshot.ts';
import { key } from '../../src/ledger/keys.ts';
import { redlockMutex } from '../../src/mutex/redlock-mutex.ts';
import { aWish, type Book, fill, forget, LEASE_MS, openBook, place, putInto, setRoom } from '../book.ts';
import { instantBroker } from '../instant-broker.ts';
import { compare, median, serialMicros } from '../measure.ts';
import type { Measure } from '../measure-type.ts';
import { judge, micros, type Target } from '../report.ts';

const ORDERS = 100;
const CALLS_PER_ROUND = 20;

/** Measures one thief with one victim at a time. */
export const grant: Measure = {
  name: 'grant',
  isQuick: true,
  run: async ({ url, rounds }) => [await blockedToGranted(url, rounds)],
};

async function blockedToGranted(url: string, rounds: number): Promise<Target> {
  const book = await openBook(url, 'grants');
  await fill(book, ORDERS, () => {});
  await putInto(book, 'far');
  await setRoom(book, 0);
  const thieves = await startThieves(url, book);
  const jobs = await startJobs(url);
  try {
    const { a, b, ratio } = await compare(rounds, thieves.round, jobs.round);
    return judge(
      { name: 'blocked to granted / bare BullMQ job, p50', target: 3.2 },
      ratio,
      `${micros(a)} / ${micros(b)}`,
    );
  } finally {
    await thieves.close();
    await jobs.close();
    await book.ledger.close();
  }
}

type Runner = { round: () => Promise<number>; close: () => Promise<void> };

async function startThieves(url: string, book: Book): Promise<Runner> {
  const { ledger } = book;
  const log = pino({ level: 'silent' });
  const events = new EventFeed(url, ledger.account, log);
  const queue = new CancelQueue(url, ledger.account);
  const worker = new CancelWorker({ url, ledger, broker: instantBroker, log, step: () => {} });
  const coordinator = startCoordinator({
    ledger,
    broker: instantBroker,
    mutex: redlockMutex([ledger.redis]),
    events,
    enqueue: (steal, victims) => queue.enqueue(steal, victims),
    leaseMs: LEASE_MS,
    requestTimeoutMs: 5_000,
    log,
  });
  await worker.ready();
  const never = new AbortController().signal;

  async function steal(): Promise<number> {
    const thief = aWish(book, { qty: '0.9', pnl: '1000' });
    const entered = await coordinator.enter(thief, never);
    assert(
      entered.outcome === 'reserved' && entered.blockedMs !== undefined,
      `a thief was answered ${JSON.stringify(entered)}`,
    );
    await release(ledger, thief.id, 'bench');
    await putBack(book, thief.id);
    return entered.blockedMs * 1_000;
  }
  return {
    async round() {
      const waits: number[] = [];
      for (let nth = 0; nth < CALLS_PER_ROUND; nth += 1) waits.push(await steal());
      await forget(book);
      return median(waits);
    },
    async close() {
      await coordinator.close();
      await worker.close();
      await queue.close();
      await events.close();
    },
  };
}

/** Opens an order like the victim of this steal. */
async function putBack(book: Book, steal: string): Promise<void> {
  const victims = await book.ledger.redis.hget(key(book.ledger.account, `steal:${steal}`), 'victims');
  const victim = await readLedgerOrder(book.ledger, victims?.split(' ')[0] ?? '');
  assert(victim !== undefined, `the victim of ${steal} is in the ledger`);
  const { symbol, limit, qty, pnl } = victim;
  await place(book, [aWish(book, { symbol, limit, qty, pnl })]);
}

async function startJobs(url: string): Promise<Runner> {
  const adder = new Redis(url, { maxRetriesPerRequest: 1 });
  const taker = new Redis(url, { maxRetriesPerRequest: null });
  const options = { prefix: 'bench:{jobs}' };
  const queue = new Queue('bare', {
    ...options,
    connection: adder,
    defaultJobOptions: { removeOnComplete: true },
  });
  const worker = new Worker('bare', async () => 1, { ...options, connection: taker, concurrency: 50 });
  worker.on('error', () => {});
  const completed = new Map<string, () => void>();
  worker.on('completed', ({ id = '' }) => completed.get(id)?.());
  await worker.waitUntilReady();
  let made = 0;

  async function job(): Promise<void> {
    made += 1;
    const jobId = `job-${made}`;
    const done = new Promise<void>((resolve) => completed.set(jobId, resolve));
    await queue.add('bare', { made }, { jobId });
    await done;
    completed.delete(jobId);
  }
  return {
    round: () => serialMicros(Array.from({ length: CALLS_PER_ROUND }), job),
    async close() {
      await worker.close();
      await queue.close();
      adder.disconnect();
      taker.disconnect();
    },
  };
}
