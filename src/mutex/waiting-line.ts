/**
 * How many wait for a lock at this moment, so that each may try the less often the more they are. Beside the
 * lock's key a sorted set, `<key>_waiting`, has them with the time until which each is counted, on the
 * server's clock: who died is counted for LISTED_MS at most.
 */
import { randomUUID } from 'node:crypto';
import type { Redis } from 'ioredis';

/** Longer than the longest pause between two tries, and a slow answer. */
const LISTED_MS = 5_000;

// KEYS[1]: the sorted set. ARGV[1]: who waits. ARGV[2]: LISTED_MS. Reply: how many wait.
const WAIT = `
local time = redis.call('TIME')
local now_ms = time[1] * 1000 + math.floor(time[2] / 1000)
redis.call('ZREMRANGEBYSCORE', KEYS[1], '-inf', now_ms)
redis.call('ZADD', KEYS[1], now_ms + ARGV[2], ARGV[1])
redis.call('PEXPIRE', KEYS[1], ARGV[2])
return redis.call('ZCARD', KEYS[1])`;

export class WaitingLine {
  readonly #redis: Redis;
  readonly #key: string;
  readonly #name = randomUUID();
  #isListed = false;

  constructor(redis: Redis, lock: string) {
    this.#redis = redis;
    this.#key = `${lock}_waiting`;
  }

  /** This one waits, or still does. Resolves to how many do, it included; 1 where the server does not say. */
  async wait(): Promise<number> {
    this.#isListed = true;
    const count = await this.#redis.eval(WAIT, 1, this.#key, this.#name, LISTED_MS).catch(() => 1);
    return typeof count === 'number' ? count : 1;
  }

  /** It waits no longer. Never throws: it is counted for LISTED_MS otherwise. */
  leave(): void {
    if (this.#isListed) this.#redis.zrem(this.#key, this.#name).catch(() => {});
  }
}
