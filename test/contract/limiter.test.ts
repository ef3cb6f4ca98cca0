/** The account's shared request budget, on a real Redis. */

import { Redis } from 'ioredis';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Limiter, Priority, SharedLimiterSettings } from '../../src/broker/limiter.ts';
import { SharedLimiter, unlimited } from '../../src/broker/limiter.ts';
import { connect } from '../../src/redis/connect.ts';
import { nameInSlot, slotOf } from '../../src/redis/slot.ts';
import { useRedis } from '../support/fixtures.ts';
import { freshAccount } from '../support/redis.ts';

const server = useRedis();
let redis: Redis;
let second: Redis;
let account: string;
let key: string;

beforeEach(async () => {
  account = freshAccount('limiter');
  redis = connect(server.url, account);
  second = connect(server.url, account);
  await Promise.all([redis.ping(), second.ping()]);
  key = `ws:{${account}}:limiter`;
});

afterEach(() => {
  redis.disconnect();
  second.disconnect();
});

function aLimiter(settings: Partial<SharedLimiterSettings> = {}): SharedLimiter {
  return new SharedLimiter({ redis, account, requestsPerMinute: 20, maxWaitMs: 500, ...settings });
}

async function take(limiter: Limiter, priority: Priority, times: number): Promise<void> {
  for (let at = 0; at < times; at += 1) await limiter.take({ priority });
}

/** Makes every point that was taken older, as if time had passed. */
async function age(ms: number): Promise<void> {
  for (const member of await redis.zrange(key, 0, '-1')) await redis.zincrby(key, -ms, member);
}

const nothingToSpare = { code: 'timeout', retriable: true };

describe('The shared limiter', () => {
  it('lets through at most as many requests per minute as the broker allows', async () => {
    const limiter = aLimiter();
    await take(limiter, 'cancel', 20);
    await expect(limiter.take({ priority: 'cancel' })).rejects.toMatchObject(nothingToSpare);
    expect(await redis.zcard(key)).toBe(20);
  });

  it('is one for all processes of an account, and another for each account and name', async () => {
    await take(aLimiter(), 'cancel', 20);
    await expect(aLimiter({ redis: second }).take({ priority: 'cancel' })).rejects.toMatchObject(
      nothingToSpare,
    );
    const neighbour = nameInSlot(slotOf(account), account);
    await aLimiter({ account: neighbour }).take();
    await aLimiter({ name: 'data' }).take();
    expect(await redis.exists(`${key}:data`, `ws:{${neighbour}}:limiter`)).toBe(2);
  });

  it('keeps the last points for submits and cancels, the very last for cancels', async () => {
    const limiter = aLimiter();
    await take(limiter, 'query', 18);
    await expect(limiter.take({ priority: 'query' })).rejects.toMatchObject(nothingToSpare);
    await take(limiter, 'submit', 1);
    await expect(limiter.take({ priority: 'submit' })).rejects.toMatchObject(nothingToSpare);
    await take(limiter, 'cancel', 1);
  });

  it('queries that wait in vain do not eat the points kept for cancels', async () => {
    const limiter = aLimiter();
    await take(limiter, 'query', 18);
    await Promise.allSettled(Array.from({ length: 50 }, () => limiter.take({ priority: 'query' })));
    await take(limiter, 'cancel', 2);
  });

  it('counts the last 60 s at every instant: points come back one by one as they grow old', async () => {
    const limiter = aLimiter();
    await take(limiter, 'cancel', 10);
    await age(50_000);
    await take(limiter, 'cancel', 10);
    await expect(limiter.take({ priority: 'cancel' })).rejects.toMatchObject(nothingToSpare);
    await age(10_000);
    await take(limiter, 'cancel', 10);
    await expect(limiter.take({ priority: 'cancel' })).rejects.toMatchObject(nothingToSpare);
  });

  it('points of a clock that was an hour ahead count for a minute from now, no longer', async () => {
    const limiter = aLimiter();
    await take(limiter, 'cancel', 20);
    await age(-3_600_000);
    await expect(limiter.take({ priority: 'cancel' })).rejects.toMatchObject(nothingToSpare);
    await age(60_000);
    await take(limiter, 'cancel', 20);
  });

  it('a waiting request continues as soon as a point is free', async () => {
    const limiter = aLimiter({ maxWaitMs: 5_000 });
    await take(limiter, 'cancel', 20);
    await age(59_900);
    await limiter.take({ priority: 'cancel' });
  });

  it('ends a wait with its signal', async () => {
    const limiter = aLimiter({ maxWaitMs: 60_000 });
    await take(limiter, 'cancel', 20);
    const stop = new AbortController();
    const waiting = limiter.take({ priority: 'cancel', signal: stop.signal });
    stop.abort();
    await expect(waiting).rejects.toMatchObject({ code: 'timeout' });
    await expect(limiter.take({ signal: stop.signal })).rejects.toMatchObject({ code: 'timeout' });
  });

  it('serves equals in the order they came, also when one of them leaves', async () => {
    const limiter = aLimiter({ maxWaitMs: 5_000 });
    await take(limiter, 'cancel', 20);
    await age(59_800);
    const stop = new AbortController();
    const served: string[] = [];
    const waits = ['first', 'leaver', 'third'].map((name) =>
      limiter.take({ priority: 'cancel', ...(name === 'leaver' ? { signal: stop.signal } : {}) }).then(
        () => served.push(name),
        () => served.push(`${name} left`),
      ),
    );
    stop.abort();
    await Promise.all(waits);
    expect(served).toEqual(['leaver left', 'first', 'third']);
  });

  it('says how many requests all hosts share, and by which setting', async () => {
    const message = (name: string, limiter: Limiter) =>
      limiter.take().then(
        () => `${name}: free`,
        (error: Error) => error.message,
      );
    for (const [name, setting] of [
      [undefined, 'WORKSTEAL_REQUESTS_PER_MINUTE'],
      ['data', 'WORKSTEAL_DATA_REQUESTS_PER_MINUTE'],
    ] as const) {
      const limiter = aLimiter({ maxWaitMs: 100, ...(name === undefined ? {} : { name }) });
      await take(limiter, 'cancel', 20);
      expect(await message(setting, limiter)).toBe(
        `rate limiter: 0.1 s did not suffice for a query request (all hosts share 20 a minute, ${setting})`,
      );
    }
  });

  it('lets only so many wait', async () => {
    const limiter = aLimiter({ maxWaiting: 1 });
    await take(limiter, 'cancel', 20);
    const waiting = limiter.take({ priority: 'cancel' });
    await expect(limiter.take()).rejects.toThrow(/1 requests are waiting already/);
    await expect(waiting).rejects.toMatchObject(nothingToSpare);
  });

  it('survives that Redis forgets its scripts', async () => {
    const limiter = aLimiter();
    await limiter.take();
    await redis.script('FLUSH');
    await limiter.take();
  });

  it('forgets its key when the account falls quiet', async () => {
    await aLimiter().take();
    expect(await redis.pttl(key)).toBeGreaterThan(60_000);
    expect(await redis.pttl(key)).toBeLessThanOrEqual(61_000);
  });

  it('lets nothing through without Redis', async () => {
    const gone = new Redis({
      port: 1,
      lazyConnect: true,
      enableOfflineQueue: false,
      retryStrategy: () => null,
    });
    gone.on('error', () => {});
    await expect(aLimiter({ redis: gone }).take()).rejects.toMatchObject({ code: 'unavailable' });
    gone.disconnect();
  });

  it.each([0, 1.5, Number.NaN, 100_001])('refuses a budget of %s', (requestsPerMinute) =>
    expect(() => aLimiter({ requestsPerMinute })).toThrow(expect.objectContaining({ code: 'settings' })),
  );

  it('of a broker without a limit delays no request', () => take(unlimited, 'query', 1_000));
});
