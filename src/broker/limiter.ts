/**
 * The account's request budget at the broker, shared by all processes on all hosts through Redis: no 60 s
 * have more requests than the broker allows (200 per minute and account, unless it is set otherwise). Cancels
 * come before submits, and submits before queries: each lower class leaves the last points of the budget to
 * the classes above it, so that many queries never delay the cancellation of a victim (I9).
 */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Cluster, Redis } from 'ioredis';
import { RateLimiterRedis, RateLimiterRes } from 'rate-limiter-flexible';
import { WorkstealError } from '../domain/errors.ts';
import type { Limiter, Priority } from './budget.ts';

export type { Limiter, Priority } from './budget.ts';
export { PRIORITIES } from './budget.ts';

/** The share of the budget that a class may use, in percent. */
const SHARE_PERCENT: Readonly<Record<Priority, number>> = { cancel: 100, submit: 95, query: 90 };

const WINDOW_SECONDS = 60;

/** Never waits: for a broker without a limit, such as a private paper exchange. */
export const unlimited: Limiter = { take: async () => {} };

/**
 * A sliding log instead of the library's counter, for two reasons. A fixed window lets twice the budget
 * through around its end. And the library counts refused requests too, so that waiting queries would use up
 * the points that are kept for cancels. KEYS[1] sorted set of points, score = time of use (ms). ARGV[1]
 * points wanted, ARGV[2] window (s), ARGV[3] the ceiling of the class (points). Returns {points used, the
 * wanted ones included; ms until the wanted ones are free}. The clock is that of Redis; points of a time when
 * it was ahead count from now on, or the account could ask nothing until that time has come.
 */
const SLIDING_LOG = `
local time = redis.call('TIME')
local nowMs = tonumber(time[1]) * 1000 + math.floor(tonumber(time[2]) / 1000)
local wanted, windowMs, ceiling = tonumber(ARGV[1]), tonumber(ARGV[2]) * 1000, tonumber(ARGV[3])
redis.call('ZREMRANGEBYSCORE', KEYS[1], '-inf', nowMs - windowMs)
local last = redis.call('ZRANGE', KEYS[1], -1, -1, 'WITHSCORES')
if last[2] and tonumber(last[2]) > nowMs then
  local points = redis.call('ZRANGE', KEYS[1], 0, -1, 'WITHSCORES')
  for i = 1, #points, 2 do
    if tonumber(points[i + 1]) > nowMs then redis.call('ZADD', KEYS[1], nowMs, points[i]) end
  end
end
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
  /** Default 200. */
  requestsPerMinute?: number;
  /** The longest wait for a point; default 20 s. */
  maxWaitMs?: number;
  /** How many requests may wait in this process at once; default 5,000. */
  maxWaiting?: number;
  /** Names a further budget of the same account, such as market data; default: no name. */
  name?: string;
};

/** The limiter of an account. Its key is `ws:{account}:limiter`, or `ws:{account}:limiter:<name>`. */
export class SharedLimiter implements Limiter {
  readonly #key: string;
  /** What it is, for messages. */
  readonly #share: string;
  readonly #maxWaitMs: number;
  readonly #maxWaiting: number;
  readonly #budgets: Readonly<Record<Priority, RateLimiterRedis>>;
  /**
   * The last waiting request of each class. A new one waits for it, so that a process asks Redis for one
   * request at a time.
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
    const setting = `WORKSTEAL_${name === 'data' ? 'DATA_' : ''}REQUESTS_PER_MINUTE`;
    this.#share = `all hosts share ${requestsPerMinute} a minute, ${setting}`;
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
      throw new WorkstealError('timeout', `rate limiter: ${this.#waiting} requests are waiting already`, {
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
        ? `${this.#maxWaitMs / 1000} s did not suffice`
        : 'the caller gave up waiting';
      const message = `rate limiter: ${why} for a ${priority} request (${this.#share})`;
      throw new WorkstealError('timeout', message, { priority }, error);
    } finally {
      this.#waiting -= 1;
      void before.then(resolve); // a request that gives up early does not let the next one overtake
    }
  }

  /** Takes a point and returns 0, or returns the time until one may be free (ms). */
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

/** Waits for the promise until the signal aborts, and then throws the signal's reason. */
async function abortable<T>(promise: Promise<T>, signal: AbortSignal): Promise<T> {
  if (signal.aborted) {
    promise.catch(() => {}); // its result is not used
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
