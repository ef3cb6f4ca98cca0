/**
 * Pairs of an admission and its release, against what a user finds for a shared limit: a semaphore and a
 * rate limiter on Redis. Both only count; neither keeps a book, prices or a history.
 */
import Bottleneck from 'bottleneck';
import { Redis } from 'ioredis';
import { Semaphore } from 'redis-semaphore';
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
const LOCK_MS = 60_000;

type Peer = { pair: () => Promise<unknown>; close: () => Promise<unknown> };

async function semaphore(url: string): Promise<Peer> {
  const redis = new Redis(url);
  return {
    async pair() {
      // `refreshInterval: 0`: no timer, as a pair is over at once.
      const held = new Semaphore(redis, 'bench:semaphore', PLACES, {
        lockTimeout: LOCK_MS,
        refreshInterval: 0,
      });
      await held.acquire();
      await held.release();
    },
    close: () => redis.quit(),
  };
}

async function bottleneck(url: string): Promise<Peer> {
  const { hostname, port } = new URL(url);
  const limiter = new Bottleneck({
    id: 'bench',
    datastore: 'ioredis',
    clearDatastore: true,
    Redis,
    clientOptions: { host: hostname, port: Number(port) },
    maxConcurrent: PLACES,
  });
  await limiter.ready();
  return {
    pair: () => limiter.schedule(async () => {}),
    close: () => limiter.disconnect(),
  };
}

async function ourPairs(book: Book): Promise<number> {
  return perSecond(wishesOf(book, PAIRS), WIDTH, async (wish) => {
    await admitAs('fits', book, wish);
    await release(book.ledger, wish.id, 'bench');
  });
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
      const peer = await open(url);
      const { a, b, ratio } = await compare(
        rounds,
        () => ourPairs(book),
        () => perSecond(Array.from({ length: PAIRS }), WIDTH, peer.pair),
      );
      await peer.close();
      const measured = `${a.toFixed(0)} / ${b.toFixed(0)} pairs/s`;
      const what = `admit and release, ${WIDTH} under way / ${name}`;
      targets.push(judge({ name: what, target, bound: 'least' }, ratio, measured));
    }
    return targets;
  },
};
