/**
 * Blocked thieves as a watcher has them, from the steal to the grant: coordinator, mutex, cancel queue,
 * worker and events, with a broker that answers at once.
 */
import { pino } from 'pino';
import { CancelQueue } from '../src/cancels/queue.ts';
import { CancelWorker } from '../src/cancels/worker.ts';
import { startCoordinator } from '../src/coordinator/coordinator.ts';
import { EventFeed } from '../src/coordinator/event-feed.ts';
import { assert } from '../src/domain/errors.ts';
import { release } from '../src/ledger/commands/release.ts';
import { key } from '../src/ledger/keys.ts';
import { redlockMutex } from '../src/mutex/redlock-mutex.ts';
import { aWish, type Book, fill, LEASE_MS, openBook, place, putInto, setRoom } from './book.ts';
import { instantBroker } from './instant-broker.ts';
import { sameAs } from './steals.ts';

const ORDERS = 100;

/** An account without room, all of whose orders may be taken. */
export async function openFullBook(url: string, account: string): Promise<Book> {
  const book = await openBook(url, account);
  await fill(book, ORDERS, () => {});
  await putInto(book, 'far');
  await setRoom(book, 0);
  return book;
}

export type Thieves = {
  /** One thief with one victim. Resolves to its time from blocked to granted, us; the book is as before. */
  steal: () => Promise<number>;
  close: () => Promise<void>;
};

export async function startThieves(url: string, book: Book): Promise<Thieves> {
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
  return {
    async steal() {
      const thief = aWish(book, { qty: '0.9', pnl: '1000' });
      const entered = await coordinator.enter(thief, never);
      assert(
        entered.outcome === 'reserved' && entered.blockedMs !== undefined,
        `a thief was answered ${JSON.stringify(entered)}`,
      );
      await release(ledger, thief.id, 'bench');
      await putBack(book, thief.id);
      return entered.blockedMs * 1_000;
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
  await place(book, [await sameAs(book, { id: victims?.split(' ')[0] ?? '' })]);
}
