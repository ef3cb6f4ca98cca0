/**
 * How many wait for a lock at this moment, so that each may try the less often the more they are. Beside the
 * lock's key a sorted set, `<key>_waiting`, has them with the time until which each is counted, on the
 * server's clock: who died is counted for LISTED_MS at most.
 */
import { randomUUID } from 'node:crypto';
import type { Redis } from 'ioredis';

/** Longer than the longest pause between two tries, and a slow answer. */
const LISTED_MS = 5_000;
/** Tries before one waits in earnest: most get the lock by then, and nothing is written for them. */
const FIRST_TRIES = 2;
/** Within this time a count is not asked for again. */
const FRESH_MS = 50;

// KEYS[1]: the sorted set. ARGV[1]: who waits. ARGV[2]: LISTED_MS. Reply: how many wait. After the clock was
// ahead some would be counted for too long: nobody's time is further away than LISTED_MS.
const WAIT = `
local time = redis.call('TIME')
local now_ms = time[1] * 1000 + math.floor(time[2] / 1000)
local until_ms = now_ms + ARGV[2]
redis.call('ZREMRANGEBYSCORE', KEYS[1], '-inf', now_ms)
redis.call('ZREMRANGEBYSCORE', KEYS[1], '(' .. string.format('%.0f', until_ms), '+inf')
redis.call('ZADD', KEYS[1], string.format('%.0f', until_ms), ARGV[1])
redis.call('PEXPIRE', KEYS[1], ARGV[2])
return redis.call('ZCARD', KEYS[1])`;

export class WaitingLine {
  readonly #redis: Redis;
  readonly #key: string;
  readonly #monotonicMs: () => number;
  readonly #name = randomUUID();
  #tries = 0;
  #count = 1;
  #askedAtMs = Number.NEGATIVE_INFINITY;

  constructor(redis: Redis, lock: string, monotonicMs: () => number) {
    this.#redis = redis;
    this.#key = `${lock}_waiting`;
    this.#monotonicMs = monotonicMs;
  }

  /** Another try failed. Returns how many wait, by the last answer; at times it asks again. */
  wait(): number {
    this.#tries += 1;
    const nowMs = this.#monotonicMs();
    if (this.#tries > FIRST_TRIES && nowMs - this.#askedAtMs >= FRESH_MS) {
      this.#askedAtMs = nowMs;
      this.#redis.eval(WAIT, 1, this.#key, this.#name, LISTED_MS).then(
        (count) => {
          this.#count = typeof count === 'number' ? count : 1;
        },
        // It may not write there, or its memory is full: tries are as often as for one.
        () => {
          this.#count = 1;
        },
      );
    }
    return this.#count;
  }

  /** It waits no longer. Never throws: it is counted for LISTED_MS otherwise. */
  leave(): void {
    if (this.#tries > FIRST_TRIES) this.#redis.zrem(this.#key, this.#name).catch(() => {});
  }
}
