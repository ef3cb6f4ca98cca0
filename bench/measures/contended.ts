/** Steals a second of 64 watchers that all need room at once, against the plain way's. */

import { StealQueue } from '../../src/coordinator/steal-queue.ts';
import { assert } from '../../src/domain/errors.ts';
import { redlockMutex } from '../../src/mutex/redlock-mutex.ts';
import { aWish, type Book, fill, LEASE_MS, openBook, putInto, setRoom } from '../book.ts';
import { perSecond, sampleOf } from '../measure.ts';
import type { Measure } from '../measure-type.ts';
import { openPlainWay } from '../plain-way.ts';
import { judge, type Target } from '../report.ts';
import type { Stage } from '../stage.ts';
import { type Steal, undoAll } from '../steals.ts';

const WATCHERS = 64;
const OURS = 256;
const SIZES = [
  [100, 16, 128],
  [1_000, 30, 32],
  [10_000, 150, 8],
] as const;

/** The product's own way: the process's queue, the mutex once for a batch. */
async function ourRate(book: Book): Promise<number> {
  const queue = new StealQueue({
    ledger: book.ledger,
    mutex: redlockMutex([book.ledger.redis]),
    leaseMs: LEASE_MS,
    log: { warn: () => {} },
  });
  const done: Steal[] = [];
  const wishes = Array.from({ length: Math.min(OURS, book.orders / 2) }, () =>
    aWish(book, { qty: '0.9', pnl: '1000' }),
  );
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

async function ofSize(
  { url, rounds }: Stage,
  orders: number,
  target: number,
  steals: number,
): Promise<Target> {
  const book = await openBook(url, `contended-${orders}`);
  await fill(book, orders, () => {});
  await putInto(book, 'far');
  await setRoom(book, 0);
  const plain = await openPlainWay(url, `contended-${orders}`, orders);
  const ratios: number[] = [];
  let [a, b] = [0, 0];
  for (let round = 0; round < Math.min(5, rounds); round += 1) {
    a = await ourRate(book);
    const thieves = Array.from({ length: steals }, (_, nth) => `t${round}-${nth}`);
    b = await perSecond(thieves, WATCHERS, (thief) => plain.steal(thief));
    ratios.push(a / b);
  }
  const excess = await plain.excess();
  await plain.close();
  await book.ledger.close();
  const measured = `${a.toFixed(0)} / ${b.toFixed(0)} steals/s, the plain way's violations: ${excess}`;
  const name = `${WATCHERS} watchers, ${orders} orders / plain way`;
  return judge({ name, target, bound: 'least' }, sampleOf(ratios), measured);
}

export const contended: Measure = {
  name: 'contended',
  isQuick: false,
  async run(stage) {
    const targets: Target[] = [];
    for (const [orders, target, steals] of SIZES) targets.push(await ofSize(stage, orders, target, steals));
    return targets;
  },
};
