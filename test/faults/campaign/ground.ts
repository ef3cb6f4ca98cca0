/** The Redis that a campaign stands on: where it is, how roles reach it, and what can be done to it. */
import { serverBinary } from '../../../src/redis/open.ts';
import { startFaultyRedis } from '../../support/faulty-redis.ts';
import { KINDS, type Kind } from './kinds.ts';
import type { Address } from './roles.ts';
import { redisStrikes } from './strikes/redis.ts';
import type { Strike } from './strikes/strike.ts';

export type Ground = {
  /** REDIS_URL, past all proxies. */
  url: string;
  /** Where a role's proxy leads; undefined where the roles find their server by themselves, without a proxy. */
  address: Address | undefined;
  /** The faults of Redis that there are here, in the place of KINDS' own, and what they do. */
  kinds: readonly Kind[];
  strikes: Readonly<Record<string, Strike>>;
  close(): Promise<void>;
};

/** One server of our own with an append-only file, which can be hurt in every way. */
export async function ownServer(say: (line: string) => void): Promise<Ground> {
  const { path: binary } = await serverBinary(process.env, { info: say, warn: say });
  const redis = await startFaultyRedis({ binary });
  return {
    url: redis.url,
    address: { host: '127.0.0.1', port: redis.port },
    kinds: KINDS.filter(({ group }) => group === 'redis'),
    strikes: redisStrikes(redis),
    close: () => redis.close(),
  };
}
