/** Ids and symbols that a ledger knows, for a shell: few, at once, or none. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Redis } from 'ioredis';
import { key } from '../../ledger/keys.ts';
import { connect } from '../../redis/connect.ts';
import type { Env } from '../../rules/settings.ts';
import { readWhere, type WhereOptions } from '../inspect/connection.ts';

export type Kind = 'symbol' | 'order' | 'plan';

/** A name and what it is. */
export type Named = readonly [name: string, kind: Kind];

/** A person who presses Tab waits no longer than this. */
const LIMIT_MS = 300;
const MOST = 500;

const READERS: Readonly<Record<Kind, (redis: Redis, account: string) => Promise<string[]>>> = {
  plan: (redis, account) => redis.zrange(key(account, 'plans'), 0, `${MOST - 1}`),
  order: async (redis, account) => (await redis.sscan(key(account, 'live'), 0, 'COUNT', MOST))[1],
  symbol: async (redis, account) => {
    const quotes = key(account, 'quotes');
    return (await redis.hlen(quotes)) > 4 * MOST ? [] : await redis.hkeys(quotes);
  },
};

/**
 * Names of these kinds, from the ledger that the options name, by default that of the environment. Without a
 * Redis, or where it does not answer within 300 ms, there are none.
 */
export async function knownToLedger(
  options: WhereOptions,
  env: Env,
  kinds: readonly Kind[],
): Promise<Named[]> {
  let redis: Redis | undefined;
  const stopping = new AbortController();
  try {
    const { url, account } = readWhere(options, env);
    redis = connect(url, account, { lazyConnect: true, retryStrategy: () => null });
    redis.on('error', () => {}); // there are no names then
    const opened = redis;
    const read = async (kind: Kind): Promise<Named[]> =>
      (await READERS[kind](opened, account)).map((name) => [name, kind]);
    const names = opened.connect().then(() => Promise.all(kinds.map(read)));
    const late = sleep(LIMIT_MS, [], { signal: stopping.signal });
    return (await Promise.race([names, late])).flat();
  } catch {
    return [];
  } finally {
    stopping.abort();
    redis?.disconnect();
  }
}
