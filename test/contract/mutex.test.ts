/**
 * The mutex on a real Redis, with the pinned versions of ioredis and redlock. It is a courtesy: no invariant
 * depends on it.
 */
import { Redis } from 'ioredis';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { hold } from '../../src/mutex/lease.ts';
import { redlockMutex } from '../../src/mutex/redlock-mutex.ts';
import { connect } from '../../src/redis/connect.ts';
import { useRedis } from '../support/fixtures.ts';
import { failure } from '../support/ledger.ts';
import { freshAccount } from '../support/redis.ts';

const ACCOUNT = freshAccount('mutex');

const server = useRedis();
let redis: Redis;
let other: Redis;

beforeAll(async () => {
  redis = connect(server.url, ACCOUNT);
  other = connect(server.url, ACCOUNT);
});
afterAll(async () => {
  redis.disconnect();
  other.disconnect();
});

let keys = 0;
const aKey = (): string => `ws:{${ACCOUNT}}:mutex-${++keys}`;

/** A promise with its resolver, for "until the test says so". */
function gate(): { open: () => void; opened: Promise<void> } {
  const { promise, resolve } = Promise.withResolvers<void>();
  return { open: () => resolve(), opened: promise };
}

describe('the mutex', () => {
  it('is held by the value in its key, and free again once released', async () => {
    const key = aKey();
    const held = await redlockMutex([redis]).acquire(key, 5_000);
    expect(await redis.get(key)).toBe(held.value);
    await held.release();
    expect(await redis.exists(key)).toBe(0);
  });

  it('goes to one at a time, whatever the process', async () => {
    const key = aKey();
    const [a, b] = [redlockMutex([redis]), redlockMutex([other])];
    let inside = 0;
    let most = 0;
    const turn = async (i: number): Promise<void> => {
      const held = await (i % 2 === 0 ? a : b).acquire(key, 5_000);
      inside += 1;
      most = Math.max(most, inside);
      await redis.ping();
      inside -= 1;
      await held.release();
    };
    await Promise.all(Array.from({ length: 10 }, (_, i) => turn(i)));
    expect(most).toBe(1);
  });

  it('is not waited for longer than the deadline', async () => {
    const key = aKey();
    const held = await redlockMutex([redis]).acquire(key, 5_000);
    const error = await failure(redlockMutex([other], { deadlineMs: 30 }).acquire(key, 5_000));
    expect(error.code).toBe('timeout');
    expect(error.message).toContain('others hold it');
    await held.release();
  });

  it('is waited for no longer once the signal aborts', async () => {
    const key = aKey();
    const held = await redlockMutex([redis]).acquire(key, 5_000);
    const giveUp = new AbortController();
    const waiting = redlockMutex([other]).acquire(key, 5_000, giveUp.signal);
    giveUp.abort();
    await expect(waiting).rejects.toThrow(/abort/i);
    await held.release();
  });

  it('of a dead holder lasts three ttls at most, though a clock that was ahead gave it more', async () => {
    const key = aKey();
    await redis.set(key, 'of a dead holder', 'PX', 3_600_000);
    const error = await failure(redlockMutex([other], { deadlineMs: 30 }).acquire(key, 50));
    expect(error.message).toContain('others hold it');
    const held = await redlockMutex([other]).acquire(key, 50);
    expect(await redis.get(key)).toBe(held.value);
  });

  it('can be released after it was lost, and leaves the next holder alone', async () => {
    const key = aKey();
    const held = await redlockMutex([redis]).acquire(key, 5_000);
    await redis.set(key, 'somebody else');
    await held.release();
    expect(await redis.get(key)).toBe('somebody else');
  });

  it('says whether it could be extended', async () => {
    const key = aKey();
    const held = await redlockMutex([redis]).acquire(key, 5_000);
    expect(await held.extend(60_000)).toBe(true);
    expect(await redis.pttl(key)).toBeGreaterThan(5_000);
    await redis.del(key);
    expect(await held.extend(60_000)).toBe(false);
  });

  it('cannot be taken from a server that does not answer, and the error says why', async () => {
    const nowhere = new Redis(1, '127.0.0.1', {
      lazyConnect: true,
      maxRetriesPerRequest: 0,
      retryStrategy: null,
    });
    nowhere.on('error', () => {});
    const error = await failure(redlockMutex([nowhere], { deadlineMs: 30 }).acquire(aKey(), 5_000));
    expect(error.code).toBe('timeout');
    expect(error.message).not.toContain('others hold it');
    nowhere.disconnect();
  });

  it('does not take an even number of servers: their votes could tie for ever', () => {
    expect(() => redlockMutex([redis, other])).toThrow(/odd number/);
  });

  it('cannot be taken from a minority of the servers, whose locks are released', async () => {
    const dead = new Redis(1, '127.0.0.1', {
      lazyConnect: true,
      maxRetriesPerRequest: 0,
      retryStrategy: null,
    });
    dead.on('error', () => {});
    const key = aKey();
    // Two connections to one server: only the first of them gets its vote.
    const error = await failure(redlockMutex([redis, dead, other], { deadlineMs: 30 }).acquire(key, 5_000));
    expect(error.code).toBe('timeout');
    expect(await redis.exists(key)).toBe(0);
    dead.disconnect();
  });
});

describe('who waits for the mutex', () => {
  /** How often somebody tries within half a second for a lock that is held: at most every half ms. */
  async function triesFor(key: string): Promise<number> {
    const held = await redlockMutex([redis]).acquire(key, 5_000);
    let tries = 0;
    const random = (): number => {
      tries += 1;
      return 0;
    };
    const waiting = redlockMutex([other], { retryMs: 1, deadlineMs: 500, random });
    expect((await failure(waiting.acquire(key, 5_000))).code).toBe('timeout');
    await held.release();
    return tries;
  }
  const line = (key: string): string => `${key}_waiting`;
  const others = (untilMs: number): (string | number)[] =>
    Array.from({ length: 1_600 }, (_, at) => [untilMs, `other-${at}`]).flat();
  const serverMs = async (): Promise<number> => Number((await redis.time())[0]) * 1_000;

  it('tries the less often the more wait, so that a thousand hosts leave Redis to others', async () => {
    const key = aKey();
    await redis.zadd(line(key), ...others((await serverMs()) + 4_000));
    expect(await triesFor(key)).toBeLessThan(15);
  });

  it('waits for no longer than the deadline, however many wait', async () => {
    const key = aKey();
    await redis.zadd(line(key), ...others((await serverMs()) + 4_000));
    const held = await redlockMutex([redis]).acquire(key, 5_000);
    const startedMs = performance.now();
    const waiting = redlockMutex([other], { retryMs: 20, deadlineMs: 300, random: () => 0.9 });
    expect((await failure(waiting.acquire(key, 5_000))).code).toBe('timeout');
    // A pause would be a second and a half.
    expect(performance.now() - startedMs).toBeLessThan(1_200);
    await held.release();
  });

  it('does not count those that have not said so for five seconds', async () => {
    const key = aKey();
    await redis.zadd(line(key), ...others((await serverMs()) - 2_000));
    expect(await triesFor(key)).toBeGreaterThan(15);
  });

  it('does not count those of a time when the clock of the server was ahead', async () => {
    const key = aKey();
    await redis.zadd(line(key), ...others((await serverMs()) + 3_600_000));
    expect(await triesFor(key)).toBeGreaterThan(15);
    expect(await redis.zcard(line(key))).toBe(0);
  });

  it('writes nothing where it gets the lock after few tries', async () => {
    const key = aKey();
    const held = await redlockMutex([redis]).acquire(key, 5_000);
    let pauses = 0;
    const random = (): number => {
      pauses += 1;
      if (pauses === 2) void held.release();
      return 0.5;
    };
    const next = await redlockMutex([other], { retryMs: 50, random }).acquire(key, 5_000);
    expect(pauses).toBe(2);
    expect(await redis.exists(line(key))).toBe(0);
    await next.release();
  });

  it('is counted no longer once it has the lock, or gives up', async () => {
    const key = aKey();
    await triesFor(key);
    expect(await redis.zcard(line(key))).toBe(0);
    const held = await redlockMutex([redis]).acquire(key, 5_000);
    const next = redlockMutex([other]).acquire(key, 5_000);
    await vi.waitFor(async () => expect(await redis.zcard(line(key))).toBe(1));
    expect(await redis.pttl(line(key))).toBeGreaterThan(0);
    await held.release();
    await (await next).release();
    expect(await redis.zcard(line(key))).toBe(0);
  });

  it('tries as ever where the server does not say how many wait', async () => {
    const key = aKey();
    await redis.set(line(key), 'no sorted set');
    expect(await triesFor(key)).toBeGreaterThan(15);
  });
});

describe('holding a lease', () => {
  it('makes one of two the holder, and the other its successor when the first returns', async () => {
    const key = aKey();
    const [stop, stopFirst] = [new AbortController(), new AbortController()];
    const held: string[] = [];
    const [first, firstMayGo, second] = [gate(), gate(), gate()];
    const common = { key, ttlMs: 300, signal: stop.signal };
    const a = hold({ ...common, signal: stopFirst.signal, mutex: redlockMutex([redis]) }, async () => {
      held.push('a');
      first.open();
      await firstMayGo.opened;
      stopFirst.abort();
    });
    await first.opened;
    const b = hold({ ...common, mutex: redlockMutex([other]) }, async (lost) => {
      held.push('b');
      second.open();
      await untilAborted(lost);
    });
    await redis.ping();
    expect(held).toEqual(['a']);
    firstMayGo.open();
    await second.opened;
    expect(held).toEqual(['a', 'b']);
    stop.abort();
    await Promise.all([a, b]);
    expect(await redis.exists(key)).toBe(0);
  });

  it('is taken from a dead holder, though a clock that was ahead gave the lock an hour', async () => {
    const key = aKey();
    await redis.set(key, 'of a dead holder', 'PX', 3_600_000);
    const stopping = new AbortController();
    const held = gate();
    const running = hold(
      { mutex: redlockMutex([redis]), key, ttlMs: 200, signal: stopping.signal },
      async () => {
        held.open();
      },
    );
    await held.opened;
    stopping.abort();
    await running;
  });

  it('is kept beyond the ttl as long as it is held', async () => {
    const key = aKey();
    const stop = new AbortController();
    let value: string | null = null;
    await hold({ key, ttlMs: 90, signal: stop.signal, mutex: redlockMutex([redis]) }, async (lost) => {
      value = await redis.get(key);
      const until = performance.now() + 250;
      while (performance.now() < until) await redis.ping();
      expect(lost.aborted).toBe(false);
      expect(await redis.get(key)).toBe(value);
      stop.abort();
    });
    expect(value).not.toBeNull();
    expect(await redis.exists(key)).toBe(0);
  });

  it('notifies its holder when the lock is lost, and competes again', async () => {
    const key = aKey();
    const stop = new AbortController();
    let reigns = 0;
    await hold({ key, ttlMs: 90, signal: stop.signal, mutex: redlockMutex([redis]) }, async (lost) => {
      reigns += 1;
      if (reigns === 2) return stop.abort();
      await other.del(key);
      await untilAborted(lost);
    });
    expect(reigns).toBe(2);
  });

  it('goes on after a run that failed, and says so', async () => {
    const stop = new AbortController();
    const errors: unknown[] = [];
    let runs = 0;
    const onError = (error: unknown): void => void errors.push(error);
    await hold(
      { key: aKey(), ttlMs: 60, signal: stop.signal, mutex: redlockMutex([redis]), onError },
      async () => {
        runs += 1;
        if (runs === 2) return stop.abort();
        throw new Error('the first run fails');
      },
    );
    expect(errors).toEqual([new Error('the first run fails')]);
  });
});

async function untilAborted(signal: AbortSignal): Promise<void> {
  if (!signal.aborted)
    await new Promise<void>((resolve) => signal.addEventListener('abort', () => resolve(), { once: true }));
}
