/**
 * Admissions to a large book while nobody looks at it, and while many follow it live. Where the system has
 * `taskset`, Redis and its client have a core of their own, and `serve` and the viewers another one:
 * otherwise it is measured how the system shares its cores between them.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { assert } from '../../src/domain/errors.ts';
import { notionalMicros } from '../../src/domain/money.ts';
import { admit } from '../../src/ledger/commands/admit.ts';
import { release } from '../../src/ledger/commands/release.ts';
import { aWish, type Book, fill, LEASE_MS, openBook, putInto, setRoom, tickInPlace } from '../book.ts';
import { percentile } from '../bots.ts';
import { pin } from '../cores.ts';
import type { Measure } from '../measure-type.ts';
import { judge, micros, type Target } from '../report.ts';
import { follow, startServer } from './api.ts';

const ORDERS = 5_000;
const VIEWERS = 20;
const ROUND_MS = 3_000;
const ROUNDS = 9;
const TICK_MS = 250;
/** An admission every so many ms: Redis is busy, and not at its limit. */
const EVERY_MS = 1;
const LIMIT = 1.2;
const ROOM = notionalMicros('100', '100000');

export const viewers: Measure = {
  name: 'viewers',
  isQuick: false,
  isPinned: false,
  run: ({ url }) => viewersCost(url),
};

async function viewersCost(redisUrl: string): Promise<Target[]> {
  const book = await openBook(redisUrl, 'viewers');
  try {
    await fill(book, ORDERS, () => {});
    await setRoom(book, ROOM);
    await putInto(book, 'far');
    const arePinned = [process.pid, await serverPid(book)].every((pid) => pin(pid, 0));
    await admissions(book);
    // Of all rounds together: a round alone has too few of the slowest.
    const [looking, nobody]: [number[], number[]] = [[], []];
    for (let round = 0; round < ROUNDS; round += 1) {
      nobody.push(...(await admissions(book)));
      const api = await startServer(redisUrl, book.ledger.account);
      pin(api.pid, 1);
      const followers = await follow(api, 'live', VIEWERS);
      pin(followers.pid, 1);
      looking.push(...(await admissions(book)));
      await followers.close();
      await api.close();
    }
    const where = arePinned ? '' : ', on shared cores';
    return [0.5, 0.99, 0.999].map((share) => {
      const [a, b] = [percentile(looking, share), percentile(nobody, share)];
      const name = `admit with ${VIEWERS} viewers / without, ${ORDERS} orders, p${share * 100}${where}`;
      return judge({ name, target: LIMIT }, a / b, `${micros(a)} / ${micros(b)}`);
    });
  } finally {
    await book.ledger.close();
  }
}

async function serverPid({ ledger }: Book): Promise<number> {
  const [, pid] = /process_id:(\d+)/.exec(await ledger.redis.info('server')) ?? [];
  return Number(pid);
}

/** Admits and releases an order every EVERY_MS, while prices come; the waits in us. */
async function admissions(book: Book): Promise<number[]> {
  const waits: number[] = [];
  const until = performance.now() + ROUND_MS;
  let nextTick = 0;
  for (let nth = 0; performance.now() < until; nth += 1) {
    if (performance.now() >= nextTick) {
      await tickInPlace(book, nth);
      nextTick = performance.now() + TICK_MS;
    }
    const wish = aWish(book, {});
    const began = performance.now();
    const { outcome } = await admit(book.ledger, wish, LEASE_MS);
    waits.push((performance.now() - began) * 1_000);
    assert(outcome === 'fits', `an admission with enough room answered ${outcome}`);
    await release(book.ledger, wish.id, 'bench');
    await sleep(Math.max(0, EVERY_MS - (performance.now() - began)));
  }
  return waits;
}
