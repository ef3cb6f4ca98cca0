/** A script that does nothing: the floor under every command. */
import type { Redis } from 'ioredis';

type Nothing = { bench_noop(key: string, ...args: (string | number)[]): Promise<unknown> };

/** Runs it on this connection, sent as the ledger's scripts are: one key, these arguments. */
export function noop(redis: Redis): (args: readonly (string | number)[]) => Promise<unknown> {
  redis.defineCommand('bench_noop', { numberOfKeys: 1, lua: 'return 1' });
  const scripted = redis as unknown as Nothing;
  return async (args) => await scripted.bench_noop('ws:{bench}:noop', ...args);
}
