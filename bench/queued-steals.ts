/** Steals of one process as the product makes them: its queue, and the account's mutex. */
import { StealQueue } from '../src/coordinator/steal-queue.ts';
import { assert } from '../src/domain/errors.ts';
import { redlockMutex } from '../src/mutex/redlock-mutex.ts';
import { aWish, type Book, LEASE_MS } from './book.ts';
import { perSecond } from './measure.ts';
import { type Steal, undoAll } from './steals.ts';

/** Thieves that wait at once. */
export const WATCHERS = 64;

/** How many of `steals` thieves are granted a second; the book is as before afterwards. */
export async function queuedRate(book: Book, steals: number): Promise<number> {
  const queue = new StealQueue({
    ledger: book.ledger,
    mutex: redlockMutex([book.ledger.redis]),
    leaseMs: LEASE_MS,
    log: { warn: () => {} },
  });
  const done: Steal[] = [];
  const wishes = Array.from({ length: steals }, () => aWish(book, { qty: '0.9', pnl: '1000' }));
  const { signal } = new AbortController();
  const rate = await perSecond(wishes, WATCHERS, async (wish) => {
    const answer = await queue.attempt(wish, signal);
    assert(answer.outcome === 'stolen', `a steal answered ${answer.outcome}`);
    done.push({ thief: wish.id, victims: answer.victims });
  });
  await queue.close();
  await undoAll(book, done);
  return rate;
}
