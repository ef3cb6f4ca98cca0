/** Steals as the product makes them, by each process's queue and the account's mutex, and without these. */
import { StealQueue } from '../src/coordinator/steal-queue.ts';
import { assert } from '../src/domain/errors.ts';
import type { OrderWish } from '../src/domain/order.ts';
import { type StealOutcome, steal } from '../src/ledger/commands/steal.ts';
import type { Ledger } from '../src/ledger/ledger.ts';
import type { Mutex } from '../src/mutex/mutex.ts';
import { redlockMutex } from '../src/mutex/redlock-mutex.ts';
import { aWish, type Book, LEASE_MS } from './book.ts';
import { perSecond } from './measure.ts';
import { type Steal, undoAll } from './steals.ts';

/** Thieves that wait at once. */
export const WATCHERS = 64;

/** How a thief of a process gets to its steal. */
export type Way = { attempt: (thief: OrderWish) => Promise<StealOutcome>; close: () => Promise<void> };

export function queued(ledger: Ledger): Way {
  return queuedUnder(redlockMutex([ledger.redis]), ledger);
}

/** The queue with a mutex that everybody has at any time. */
export function queuedAlone(ledger: Ledger): Way {
  const held = { value: '', extend: async () => true, release: async () => {} };
  return queuedUnder({ acquire: async () => held, tryAcquire: async () => held }, ledger);
}

function queuedUnder(mutex: Mutex, ledger: Ledger): Way {
  const queue = new StealQueue({ ledger, mutex, leaseMs: LEASE_MS, log: { warn: () => {} } });
  const { signal } = new AbortController();
  return { attempt: (thief) => queue.attempt(thief, signal), close: () => queue.close() };
}

/** All at once. */
export function unqueued(ledger: Ledger): Way {
  return { attempt: (thief) => steal(ledger, thief, LEASE_MS, ''), close: async () => {} };
}

/** So many thieves, `width` of them at a time, each of which takes one order; and how many did a second. */
export async function stealBy(
  { attempt }: Pick<Way, 'attempt'>,
  book: Book,
  steals: number,
  width: number,
): Promise<{ done: Steal[]; rate: number }> {
  const done: Steal[] = [];
  const thieves = Array.from({ length: steals }, () => aWish(book, { qty: '0.9', pnl: '1000' }));
  const rate = await perSecond(thieves, width, async (thief) => {
    const answer = await attempt(thief);
    assert(answer.outcome === 'stolen', `a steal answered ${answer.outcome}`);
    done.push({ thief: thief.id, victims: answer.victims });
  });
  return { done, rate };
}

/** How many of `steals` thieves are granted a second, WATCHERS at a time; the book is put back afterwards. */
export async function stealRate(book: Book, open: typeof unqueued, steals: number): Promise<number> {
  const way = open(book.ledger);
  const { done, rate } = await stealBy(way, book, steals, WATCHERS);
  await way.close();
  await undoAll(book, done);
  return rate;
}
