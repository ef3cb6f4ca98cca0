/**
 * Pairs of an admission and its release, against what a user finds for a shared limit: a semaphore and a
 * rate limiter on Redis. Both only count; neither keeps a book, prices or a history. Whether they keep their
 * limit is looked at besides, where more want a place than there are.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import Bottleneck from 'bottleneck';
import { Redis } from 'ioredis';
import { Semaphore } from 'redis-semaphore';
import { assert } from '../../src/domain/errors.ts';
import { release } from '../../src/ledger/commands/release.ts';
import { admitAs, ROOM, wishesOf } from '../admissions.ts';
import { type Book, putInto, setRoom } from '../book.ts';
import { compare, perSecond } from '../measure.ts';
import type { Measure } from '../measure-type.ts';
import { judge, type Target } from '../report.ts';

const PAIRS = 1_000;
const WIDTH = 64;
/** More than are under way: nobody has to wait for a free place. */
const PLACES = 1_000;
const FEW_PLACES = 16;
const CONTENDED_PAIRS = 500;
const HELD_MS = 20;
const LOCK_MS = 60_000;

/** `pair` takes a place, calls `whileHeld`, and gives the place back. */
type Peer = { pair: (whileHeld: () => Promise<void>) => Promise<unknown>; close: () => Promise<unknown> };

async function semaphore(url: string, places: number): Promise<Peer> {
  const redis = new Redis(url);
  return {
    async pair(whileHeld) {
      // `refreshInterval: 0`: no timer, as a pair is over at once.
      const held = new Semaphore(redis, `bench:semaphore-${places}`, places, {
        lockTimeout: LOCK_MS,
        refreshInterval: 0,
      });
      await held.acquire();
      await whileHeld();
      await held.release();
    },
    close: () => redis.quit(),
  };
}

async function bottleneck(url: string, places: number): Promise<Peer> {
  const { hostname, port } = new URL(url);
  const limiter = new Bottleneck({
    id: `bench-${places}`,
    datastore: 'ioredis',
    clearDatastore: true,
    Redis,
    clientOptions: { host: hostname, port: Number(port) },
    maxConcurrent: places,
  });
  await limiter.ready();
  return {
    pair: (whileHeld) => limiter.schedule(whileHeld),
    close: () => limiter.disconnect(),
  };
}

async function ourPairs(book: Book): Promise<number> {
  return perSecond(wishesOf(book, PAIRS), WIDTH, async (wish) => {
    await admitAs('fits', book, wish);
    await release(book.ledger, wish.id, 'bench');
  });
}

/** By how many places it exceeds its limit at most, while many want one. */
async function excess(open: (url: string, places: number) => Promise<Peer>, url: string): Promise<number> {
  const peer = await open(url, FEW_PLACES);
  let [held, most] = [0, 0];
  await perSecond(Array.from({ length: CONTENDED_PAIRS }), WIDTH, () =>
    peer.pair(async () => {
      held += 1;
      most = Math.max(most, held);
      await sleep(HELD_MS);
      held -= 1;
    }),
  );
  await peer.close();
  assert(most > FEW_PLACES / 2, `only ${most} places were taken at once`);
  return Math.max(0, most - FEW_PLACES);
}

export const peers: Measure = {
  name: 'peers',
  isQuick: false,
  async run({ small, url, rounds }) {
    const book = await small();
    await putInto(book, 'far');
    await setRoom(book, ROOM);
    const targets: Target[] = [];
    for (const [name, target, open] of [
      ['redis-semaphore', 0.8, semaphore],
      ['bottleneck', 6, bottleneck],
    ] as const) {
      const violations = await excess(open, url);
      const peer = await open(url, PLACES);
      const { a, b, ratio } = await compare(
        rounds,
        () => ourPairs(book),
        () => perSecond(Array.from({ length: PAIRS }), WIDTH, () => peer.pair(async () => {})),
      );
      await peer.close();
      const measured = `${a.toFixed(0)} / ${b.toFixed(0)} pairs/s, its violations: ${violations}`;
      const what = `admit and release, ${WIDTH} under way / ${name}`;
      targets.push(judge({ name: what, target, bound: 'least' }, ratio, measured));
    }
    return targets;
  },
};
