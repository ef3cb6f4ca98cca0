/**
 * The account's request budget at the broker, shared by every process on every host through Redis: in no 60 s
 * are there more requests than the broker allows (Alpaca: 200 a minute and account). Cancels come before
 * submits, submits before queries: each class below `cancel` has to leave the last points to those above it,
 * so that a storm of queries never stands between a steal and its victim's cancellation (I9).
 */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Cluster, Redis } from 'ioredis';
import { RateLimiterRedis, RateLimiterRes } from 'rate-limiter-flexible';
import { WorkstealError } from '../domain/errors.ts';

export const PRIORITIES = ['cancel', 'submit', 'query'] as const;
export type Priority = (typeof PRIORITIES)[number];

/** How much of the budget a class may use up, in percent. */
const SHARE_PERCENT: Readonly<Record<Priority, number>> = { cancel: 100, submit: 95, query: 90 };

const WINDOW_SECONDS = 60;

export interface Limiter {
  /**
   * Resolves when one request may be sent now. The order among equals is first come, first served within a
   * process.
   * @throws WorkstealError `timeout` when no point came free within the limiter's longest wait, or the signal
   *   aborted; `unavailable` when Redis did not answer. In every case nothing may be sent.
   */
  take(options?: { priority?: Priority; signal?: AbortSignal | undefined }): Promise<void>;
}

/** Lets everything through: for a broker without a limit, such as a paper exchange of one's own. */
export const unlimited: Limiter = { take: async () => {} };

/**
 * A sliding log in place of the library's counter, for two reasons. A counter whose window starts at its
 * first request lets twice the budget through around its end. And the library counts refused requests too, so
 * that waiting queries would eat the points kept for cancels. KEYS[1] zset of points, score = when they were
 * taken (ms). ARGV[1] points wanted, ARGV[2] window (s), ARGV[3] the class's ceiling (points). Returns
 * {points used, with the wanted; ms until the wanted may be had}. Time is Redis's.
 */
const SLIDING_LOG = `
local time = redis.call('TIME')
local nowMs = tonumber(time[1]) * 1000 + math.floor(tonumber(time[2]) / 1000)
local wanted, windowMs, ceiling = tonumber(ARGV[1]), tonumber(ARGV[2]) * 1000, tonumber(ARGV[3])
redis.call('ZREMRANGEBYSCORE', KEYS[1], '-inf', nowMs - windowMs)
local used = redis.call('ZCARD', KEYS[1])
local over = used + wanted - ceiling
if over > 0 then
  local blocking = redis.call('ZRANGE', KEYS[1], over - 1, over - 1, 'WITHSCORES')
  return {used + wanted, math.max(1, tonumber(blocking[2]) + windowMs - nowMs + 1)}
end
for i = 1, wanted do
  redis.call('ZADD', KEYS[1], nowMs, time[1] .. '.' .. time[2] .. '#' .. used + i)
end
redis.call('PEXPIRE', KEYS[1], windowMs + 1000)
return {used + wanted, 0}
`;

export type SharedLimiterSettings = {
  redis: Redis | Cluster;
  account: string;
  /** Default 200, Alpaca's. */
  requestsPerMinute?: number;
  /** The longest wait for a point. Default 20 s. */
  maxWaitMs?: number;
  /** How many may wait in this process at once. Default 5,000. */
  maxWaiting?: number;
  /** A second budget of the same account, such as market data. Default none. */
  name?: string;
};

/** The limiter of an account. Its key is `ws:{account}:limiter`, or `ws:{account}:limiter:<name>`. */
export class SharedLimiter implements Limiter {
  readonly #key: string;
  readonly #maxWaitMs: number;
  readonly #maxWaiting: number;
  readonly #budgets: Readonly<Record<Priority, RateLimiterRedis>>;
  /**
   * The last to wait in each class: who comes waits for the one before, so that a process asks Redis for one
   * at a time.
   */
  readonly #tails: Record<Priority, Promise<void>> = {
    cancel: Promise.resolve(),
    submit: Promise.resolve(),
    query: Promise.resolve(),
  };
  #waiting = 0;

  constructor(settings: SharedLimiterSettings) {
    const {
      redis,
      account,
      requestsPerMinute = 200,
      maxWaitMs = 20_000,
      maxWaiting = 5_000,
      name,
    } = settings;
    if (!Number.isInteger(requestsPerMinute) || requestsPerMinute < 1 || requestsPerMinute > 100_000) {
      throw new WorkstealError(
        'settings',
        `requestsPerMinute: ${requestsPerMinute} is not an integer from 1 to 100000`,
        {
          field: 'requestsPerMinute',
          value: String(requestsPerMinute),
        },
      );
    }
    this.#key = `ws:{${account}}:limiter${name === undefined ? '' : `:${name}`}`;
    this.#maxWaitMs = maxWaitMs;
    this.#maxWaiting = maxWaiting;
    const budget = (priority: Priority): RateLimiterRedis =>
      new RateLimiterRedis({
        storeClient: redis,
        keyPrefix: '',
        points: Math.max(1, Math.floor((requestsPerMinute * SHARE_PERCENT[priority]) / 100)),
        duration: WINDOW_SECONDS,
        customIncrTtlLuaScript: SLIDING_LOG,
      });
    this.#budgets = { cancel: budget('cancel'), submit: budget('submit'), query: budget('query') };
  }

  async take({
    priority = 'query',
    signal,
  }: {
    priority?: Priority;
    signal?: AbortSignal | undefined;
  } = {}): Promise<void> {
    if (this.#waiting >= this.#maxWaiting) {
      throw new WorkstealError('timeout', `rate limiter: ${this.#waiting} requests wait already`, {
        priority,
      });
    }
    const deadline = AbortSignal.timeout(this.#maxWaitMs);
    const bound = signal === undefined ? deadline : AbortSignal.any([signal, deadline]);
    const before = this.#tails[priority];
    const { promise: done, resolve } = Promise.withResolvers<void>();
    this.#tails[priority] = done;
    this.#waiting += 1;
    try {
      await abortable(before, bound);
      while (true) {
        const waitMs = await abortable(this.#ask(priority), bound);
        if (waitMs === 0) return;
        await sleep(waitMs, undefined, { signal: bound });
      }
    } catch (error) {
      if (!bound.aborted) throw error;
      const why = deadline.aborted
        ? `no request to spare within ${this.#maxWaitMs} ms`
        : 'the wait was given up';
      throw new WorkstealError('timeout', `rate limiter: ${why} (${priority})`, { priority }, error);
    } finally {
      this.#waiting -= 1;
      void before.then(resolve); // who leaves early does not let the next one overtake
    }
  }

  /** Takes a point and returns 0, or returns how long until one may be free (ms). */
  async #ask(priority: Priority): Promise<number> {
    try {
      await this.#budgets[priority].consume(this.#key);
      return 0;
    } catch (refusal) {
      if (refusal instanceof RateLimiterRes) return Math.max(1, refusal.msBeforeNext);
      throw new WorkstealError('unavailable', 'rate limiter: Redis did not answer', { priority }, refusal);
    }
  }
}

/** Waits for the promise no longer than until the signal aborts; then throws the signal's reason. */
async function abortable<T>(promise: Promise<T>, signal: AbortSignal): Promise<T> {
  if (signal.aborted) {
    promise.catch(() => {}); // nobody waits for it any more
    throw signal.reason;
  }
  const { promise: aborted, reject } = Promise.withResolvers<never>();
  const onAbort = (): void => reject(signal.reason);
  signal.addEventListener('abort', onAbort, { once: true });
  try {
    return await Promise.race([promise, aborted]);
  } finally {
    signal.removeEventListener('abort', onAbort);
  }
}
