/** A script that does nothing: the minimum cost of any command. */
import type { Redis } from 'ioredis';

type Nothing = { bench_noop(key: string, ...args: (string | number)[]): Promise<unknown> };

/** Returns a function that runs it on this connection in the ledger's way: one key, and these arguments. */
export function noop(redis: Redis): (args: readonly (string | number)[]) => Promise<unknown> {
  redis.defineCommand('bench_noop', { numberOfKeys: 1, lua: 'return 1' });
  const scripted = redis as unknown as Nothing;
  return async (args) => await scripted.bench_noop('ws:{bench}:noop', ...args);
}
