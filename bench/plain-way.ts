/**
 * What a user would write without worksteal: a lock, every order read as a hash, the victims computed here,
 * the changes written, the lock given back. It keeps no queue, no history and no other rule than the least
 * PnL and the improvement.
 */
import { Redis } from 'ioredis';
import Redlock from 'redlock';
import { assert } from '../src/domain/errors.ts';

const LOCK_MS = 5_000;

export type PlainWay = {
  /** One thief takes the room of the worst order. */
  steal: (thief: string) => Promise<void>;
  /** By how much what is held exceeds the cap, in orders; more than 0 is a violation. */
  excess: () => Promise<number>;
  close: () => Promise<void>;
};

export async function openPlainWay(url: string, name: string, orders: number): Promise<PlainWay> {
  const redis = new Redis(url);
  const redlock = new Redlock([redis], { retryCount: -1, retryDelay: 5, retryJitter: 5 });
  const key = (id: string): string => `plain:{${name}}:${id}`;
  const all = key('orders');
  for (let from = 0; from < orders; from += 1_000) {
    const pipeline = redis.pipeline();
    for (let nth = from; nth < Math.min(orders, from + 1_000); nth += 1) {
      const pnl = ((nth * 7919) % 100_003) / 1_000 - 50;
      pipeline.hset(key(`o${nth}`), {
        id: `o${nth}`,
        held: 100,
        pnl,
        state: 'working',
        symbol: `S${nth % 1_000}`,
      });
      pipeline.sadd(all, `o${nth}`);
    }
    await pipeline.exec();
  }

  async function decide(thief: string): Promise<void> {
    const ids = await redis.smembers(all);
    const pipeline = redis.pipeline();
    for (const id of ids) pipeline.hgetall(key(id));
    const read = ((await pipeline.exec()) ?? []).map(([, hash]) => hash as Record<string, string>);
    const [victim] = read
      .filter(({ state }) => state === 'working')
      .sort((a, b) => Number(a['pnl']) - Number(b['pnl']));
    assert(victim !== undefined, 'the plain way found no victim');
    await redis
      .multi()
      .del(key(victim['id'] ?? ''))
      .srem(all, victim['id'] ?? '')
      .hset(key(thief), {
        id: thief,
        held: 100,
        pnl: victim['pnl'] ?? '0',
        state: 'working',
        symbol: 'THIEF',
      })
      .sadd(all, thief)
      .exec();
  }

  return {
    async steal(thief) {
      const lock = await redlock.acquire([key('lock')], LOCK_MS);
      try {
        await decide(thief);
      } finally {
        await redlock.release(lock);
      }
    },
    excess: async () => (await redis.scard(all)) - orders,
    async close() {
      await redis.quit();
    },
  };
}
