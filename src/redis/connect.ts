/**
 * The one way to open a connection to Redis, for every kind of address (src/redis/address.ts;
 * docs/decisions/0011). With Sentinel it connects to the master; with a Cluster, to the master of the
 * account's slot. So it is always a plain connection to one server, as the scripts, BullMQ, Redlock, the
 * limiter and the server's id (docs/decisions/0004) need it.
 *
 * When a server answers that it is the wrong one, the connection is closed and the right one is looked up
 * again. A command is never sent twice by that: the sender gets its error.
 */
import { Redis, type RedisOptions } from 'ioredis';
import { WorkstealError } from '../domain/errors.ts';
import { type Address, accessOptions, databaseOf, endpointsOf, readAddress } from './address.ts';
import { ClusterNodes } from './cluster-nodes.ts';
import { MasterConnector, slotConnector } from './connectors.ts';
import { slotOf } from './slot.ts';

/**
 * The server has become a replica, has lost its replicas, no longer serves the slot, or is not ready. Before
 * Redis 7 the error of a command within a script comes after the script's own message.
 */
const NOT_THE_SERVER = /(?:^|\s-)(READONLY|NOREPLICAS|UNBLOCKED|MOVED|CLUSTERDOWN|LOADING|MASTERDOWN) /;

/** Does the error mean: ask another server, or this one later? */
export function isNotTheServer(error: { message: string }): boolean {
  return NOT_THE_SERVER.test(error.message);
}

type ManyServers = Exclude<Address, { kind: 'server' }>;

const CONNECT_LIMIT_MS = 5_000;
/**
 * Without an answer for this long the connection counts as dead: the server hangs, or the cable is cut. It is
 * longer than a command of the ledger may take (5 s). A blocking command that waits longer sets its own
 * limit.
 */
const SILENCE_LIMIT_MS = 6_000;

/**
 * How often a server that is loading its data is asked again. Its own estimate is too long: ten seconds and
 * more after a short load.
 */
const LOADING_RETRY_MS = 200;

/** Options of ioredis. `replyMapping` is left out: this project reads replies in their legacy shapes. */
export type ConnectOptions = Omit<RedisOptions, 'replyMapping'>;

/** 1: reconnect, and do not send the refused command again. */
const reconnectOnError = (error: Error): boolean | 1 => (isNotTheServer(error) ? 1 : false);

/**
 * When a server refuses to select the address's database, ioredis silently stays in database 0. This class
 * closes the connection instead, and so do its duplicates (BullMQ's). `begin` reports it as an error.
 */
class OfOneDatabase extends Redis {
  /** The server's answer when it refused to select the database. */
  refusedWith: Error | undefined;

  override select(...args: Parameters<Redis['select']>): ReturnType<Redis['select']> {
    const selected = super.select(...args);
    selected.catch((error: Error) => {
      this.refusedWith ??= error;
      this.disconnect();
    });
    return selected;
  }

  override duplicate(override: Partial<RedisOptions> = {}): Redis {
    // The types differ in their replies only; the options are the same.
    return new OfOneDatabase({ ...this.options, ...override } as never);
  }
}

/**
 * Connects a connection that was made with `lazyConnect`, and selects its database before any write.
 * @throws WorkstealError `settings` where the server refuses the database of the address; errors of ioredis
 *   where it can't connect
 */
export async function begin(redis: Redis, url: string): Promise<void> {
  const database = databaseOf(readAddress(url));
  try {
    await redis.connect();
    if (database !== 0) await redis.select(database);
  } catch (error) {
    // ioredis selects it too, earlier; a refusal then has closed the connection.
    const refused = redis instanceof OfOneDatabase ? redis.refusedWith : undefined;
    if (refused === undefined || !/^(ERR|NOPERM)\b/.test(refused.message)) throw error;
    const where = endpointsOf(url);
    const message =
      `REDIS_URL: ${where} refuses database ${database} (${refused.message});` +
      ' use a database that it has, or leave the number out for database 0';
    throw new WorkstealError('settings', message, { where, database: String(database) }, refused);
  }
}

/**
 * Opens a connection to the server, to the Sentinels' master, or to the master of the account's slot. Add an
 * `error` listener: without one ioredis prints errors itself.
 * @param account on a Cluster, the connection can use the keys of this account's slot only
 * @param options take precedence over the defaults here
 * @throws WorkstealError `settings` for an invalid address
 */
export function connect(url: string, account: string, options: ConnectOptions = {}): Redis {
  const limits = {
    connectTimeout: CONNECT_LIMIT_MS,
    socketTimeout: SILENCE_LIMIT_MS,
    maxLoadingRetryTime: LOADING_RETRY_MS,
  };
  const usual: ConnectOptions = { ...limits, reconnectOnError };
  const address = readAddress(url);
  if (address.kind === 'server') return new OfOneDatabase(address.url, { ...usual, ...options });
  return new Redis({ ...usual, ...accessOptions(address), ...discoveryOf(address, account), ...options });
}

const SENTINEL_LIMIT_MS = 1_000;

/** The options that make ioredis find the master. */
function discoveryOf(address: ManyServers, account: string): ConnectOptions {
  if (address.kind === 'cluster') {
    return { Connector: slotConnector(new ClusterNodes(address.nodes, address), slotOf(account)) };
  }
  const { nodes: sentinels, master: name, sentinelAuth, username, password, tls } = address;
  return {
    sentinels,
    name,
    Connector: MasterConnector,
    sentinelRetryStrategy: () => null,
    sentinelCommandTimeout: SENTINEL_LIMIT_MS,
    ...(tls ? { enableTLSForSentinelMode: true, sentinelTLS: {} } : {}),
    ...(sentinelAuth && username !== undefined ? { sentinelUsername: username } : {}),
    ...(sentinelAuth && password !== undefined ? { sentinelPassword: password } : {}),
  };
}
