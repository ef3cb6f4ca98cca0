/** The Redis of a campaign: its address, how roles reach it, and which faults it supports. */
import { serverBinary } from '../../../src/redis/open.ts';
import { startFaultyRedis } from '../../support/faulty-redis.ts';
import { ClusterTopology } from '../../support/topology/cluster.ts';
import { SentinelTopology } from '../../support/topology/sentinel.ts';
import { FAILOVERS, KINDS, type Kind } from './kinds.ts';
import type { Address } from './roles.ts';
import { failoverStrikes, redisStrikes } from './strikes/redis.ts';
import type { Strike } from './strikes/strike.ts';

export type Ground = {
  /** REDIS_URL, past all proxies. */
  url: string;
  /**
   * Where a role's proxy leads; undefined where the roles find their server by themselves, without a proxy.
   */
  address: Address | undefined;
  /** Names of the accounts that trade on it. */
  accounts: readonly string[];
  /** The faults of Redis that there are here, in the place of KINDS' own, and what they do. */
  kinds: readonly Kind[];
  strikes: Readonly<Record<string, Strike>>;
  close(): Promise<void>;
};

export const GROUNDS = { server: ownServer, sentinel, cluster } as const;

/** One server of our own with an append-only file, which can be hurt in every way. */
export async function ownServer(say: (line: string) => void): Promise<Ground> {
  const { path: binary } = await serverBinary(process.env, { info: say, warn: say });
  const redis = await startFaultyRedis({ binary, hasOwnClock: true });
  if (!redis.hasOwnClock) say('there is no C compiler: the clock of Redis is left alone');
  return {
    url: redis.url,
    address: { host: '127.0.0.1', port: redis.port },
    accounts: ['campaign'],
    kinds: KINDS.filter(
      ({ name, group }) => group === 'redis' && (redis.hasOwnClock || !name.startsWith('redis_clock')),
    ),
    strikes: redisStrikes(redis),
    close: () => redis.close(),
  };
}

/**
 * A master, two replicas and three Sentinels: masters die, and replicas that lack the last writes take their
 * place.
 */
async function sentinel(): Promise<Ground> {
  const topology = await SentinelTopology.start();
  const fail = async (_account: string, lagging: boolean): Promise<void> => {
    await topology.failover(lagging);
    await topology.heal();
  };
  const { url } = topology;
  return {
    url,
    address: undefined,
    accounts: ['campaign'],
    kinds: FAILOVERS,
    strikes: failoverStrikes(fail),
    close: () => topology.close(),
  };
}

export const CLUSTER_ACCOUNTS = 6;

/** Three masters with a replica each, and accounts spread over their slots: an account's master dies. */
async function cluster(_say: (line: string) => void, accounts = CLUSTER_ACCOUNTS): Promise<Ground> {
  const topology = await ClusterTopology.start({ replicas: 1 });
  const fail = async (account: string, lagging: boolean): Promise<void> => {
    await topology.kill(account, lagging);
    await topology.heal();
  };
  return {
    url: topology.url,
    address: undefined,
    accounts: topology.accountsSpread(accounts),
    kinds: FAILOVERS,
    strikes: failoverStrikes(fail),
    close: () => topology.close(),
  };
}
