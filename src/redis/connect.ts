/**
 * The one way to open a connection to Redis, whatever its address names (src/redis/address.ts;
 * docs/decisions/0011). On Sentinel it is one to the master; on a Cluster, one to the master of the account's
 * slot. So it is a plain connection to one server at a time, and everything that is built on one works: the
 * scripts, BullMQ, Redlock, the limiter, a server's id (docs/decisions/0004).
 *
 * A server that says that it is not the one to talk to is hung up on, and asked for anew. What was sent is
 * never sent again by that: its sender is told.
 */
import { Redis, type RedisOptions } from 'ioredis';
import { WorkstealError } from '../domain/errors.ts';
import { type Address, accessOptions, databaseOf, endpointsOf, readAddress } from './address.ts';
import { ClusterNodes } from './cluster-nodes.ts';
import { MasterConnector, slotConnector } from './connectors.ts';
import { slotOf } from './slot.ts';

/**
 * The server is a replica now, or was cut off from its own; is not this slot's any more; or is not ready.
 * Before Redis 7 the error of a command within a script stands behind what the script says of itself.
 */
const NOT_THE_SERVER = /(?:^|\s-)(READONLY|NOREPLICAS|UNBLOCKED|MOVED|CLUSTERDOWN|LOADING|MASTERDOWN) /;

/** Does the error say that another server is to be talked to, or the same one later? */
export function isNotTheServer(error: { message: string }): boolean {
  return NOT_THE_SERVER.test(error.message);
}

type Many = Exclude<Address, { kind: 'server' }>;

const CONNECT_LIMIT_MS = 5_000;
/**
 * Longer than a command may take (5 s, in the ledger): a connection on which an answer is waited for and
 * nothing comes is dead, as to a server that hangs or behind a cut cable. Who waits longer in a blocking
 * command says so.
 */
const SILENCE_LIMIT_MS = 6_000;

/**
 * Between two looks at a server that loads. What it says of the time that it needs is a guess, ten seconds
 * and more after a short load.
 */
const LOADING_LOOK_MS = 200;

/** Of ioredis. Replies keep their legacy shapes: everything here reads those. */
export type ConnectOptions = Omit<RedisOptions, 'replyMapping'>;

/** 1: reconnect. The command that was refused is not sent again. */
const reconnectOnError = (error: Error): boolean | 1 => (isNotTheServer(error) ? 1 : false);

/**
 * Where the address names a database and the server has none of this number, or may not be asked for it,
 * ioredis goes on in database 0. This connection ends instead, and so do those that are made of it
 * (BullMQ's); `begin` tells it in time.
 */
class OfOneDatabase extends Redis {
  /** Why the server did not give the database. */
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
    // the types of replies differ, the options do not
    return new OfOneDatabase({ ...this.options, ...override } as never);
  }
}

/**
 * Connects a connection that was made with `lazyConnect`, and asks for its database before anything is
 * written.
 * @throws WorkstealError `settings` where the server does not give the database of the address; whatever
 *   ioredis throws
 */
export async function begin(redis: Redis, url: string): Promise<void> {
  const database = databaseOf(readAddress(url));
  try {
    await redis.connect();
    if (database !== 0) await redis.select(database);
  } catch (error) {
    // ioredis itself asked before, and the connection ended then.
    const refused = redis instanceof OfOneDatabase ? redis.refusedWith : undefined;
    if (refused === undefined || !/^(ERR|NOPERM)\b/.test(refused.message)) throw error;
    const where = endpointsOf(url);
    const message = `REDIS_URL: ${where} does not give database ${database} (${refused.message}): name one that it has, or leave the number out for database 0`;
    throw new WorkstealError('settings', message, { where, database: String(database) }, refused);
  }
}

/**
 * @param account whose keys are used: on a Cluster, the connection is good for those of its slot alone
 * @param options win over what is said here. Where it listens to no `error`, ioredis prints them.
 * @throws WorkstealError `settings` for an address that is none
 */
export function connect(url: string, account: string, options: ConnectOptions = {}): Redis {
  const limits = {
    connectTimeout: CONNECT_LIMIT_MS,
    socketTimeout: SILENCE_LIMIT_MS,
    maxLoadingRetryTime: LOADING_LOOK_MS,
  };
  const usual: ConnectOptions = { ...limits, reconnectOnError };
  const address = readAddress(url);
  if (address.kind === 'server') return new OfOneDatabase(address.url, { ...usual, ...options });
  return new Redis({ ...usual, ...accessOptions(address), ...seekOf(address, account), ...options });
}

const SENTINEL_LIMIT_MS = 1_000;

function seekOf(address: Many, account: string): ConnectOptions {
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
