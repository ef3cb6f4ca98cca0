/** Faults of the campaign's Redis. */
import type { Random } from '../../../../src/prices/random.ts';
import type { FaultyRedis } from '../../../support/faulty-redis.ts';
import { over, type Strike } from './strike.ts';

const LOST_MS = 3_000;
/** More than a step that the ledger takes for jitter; less than what plans of a few seconds live through. */
const CLOCK_BACK_S = [4, 30] as const;
const CLOCK_FORWARD_S = [4, 120] as const;

export function redisStrikes(redis: FaultyRedis): Readonly<Record<string, Strike>> {
  /** One that lasts as long as it takes, and is over then. */
  const lasting =
    (hurt: (lastsMs: number) => Promise<void>): Strike =>
    async (_arena, _chance, lastsMs) => {
      await hurt(lastsMs);
      return over;
    };
  return {
    redis_restart: lasting(() => redis.restart()),
    redis_restart_losing: async (_arena, chance) => {
      await redis.restartLosing(500 + Math.round(LOST_MS * chance.next()));
      return over;
    },
    redis_flushall: lasting(() => redis.flushAll()),
    redis_full: lasting((lastsMs) => redis.full(lastsMs)),
    redis_disk_full: lasting((lastsMs) => redis.diskFull(lastsMs)),
    redis_loading: lasting((lastsMs) => redis.loading(lastsMs)),
    redis_read_only: lasting((lastsMs) => redis.readOnly(lastsMs)),
    redis_busy: lasting((lastsMs) => redis.busy(lastsMs)),
    redis_slow: lasting((lastsMs) => redis.slow(lastsMs)),
    redis_stop: lasting((lastsMs) => redis.stop(lastsMs)),
    redis_script_flush: lasting(() => redis.scriptFlush()),
    redis_clock_back: async (_arena, chance, lastsMs) => {
      await redis.clockOff(-between(CLOCK_BACK_S, chance), lastsMs);
      return over;
    },
    redis_clock_forward: async (_arena, chance, lastsMs) => {
      await redis.clockOff(between(CLOCK_FORWARD_S, chance), lastsMs);
      return over;
    },
  };
}

function between([least, most]: readonly [number, number], chance: Random): number {
  return Math.round(least + (most - least) * chance.next());
}

/** @param fail takes the master of an account away, and comes back when all is whole again */
export function failoverStrikes(
  fail: (account: string, lagging: boolean) => Promise<void>,
): Readonly<Record<string, Strike>> {
  const failover =
    (lagging: boolean): Strike =>
    async ({ ledger }) => {
      await fail(ledger.account, lagging);
      return over;
    };
  return { redis_failover: failover(false), redis_failover_lagging: failover(true) };
}
