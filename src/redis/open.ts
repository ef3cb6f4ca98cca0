/**
 * Which Redis this process uses: the one in `REDIS_URL`, or else an embedded server. This folder finds or
 * starts a Redis and returns its address; it knows nothing of what is stored there. Of a Redis in `REDIS_URL`
 * it only reads the version and the eviction policy, and refuses an unusable one. It never changes settings.
 */
import type { Redis } from 'ioredis';
import { WorkstealError } from '../domain/errors.ts';
import { endpointsOf } from './address.ts';
import { adviceOn, infoField, requireNoEviction } from './advice.ts';
import { begin, connect } from './connect.ts';
import { redisFault } from './connection-fault.ts';
import { type EmbeddedRedis, type Persistence, startEmbedded } from './embedded.ts';
import { installServer, type RedisLog } from './install.ts';
import { findServer, requireVersion, type ServerBinary } from './server-binary.ts';

export type OpenOptions = {
  env: Readonly<Record<string, string | undefined>>;
  log: RedisLog;
  /** Of an embedded server; default `none`. */
  persistence?: Persistence;
  /**
   * The data folder of an embedded server; default: a temporary folder that is removed at the end.
   */
  folder?: string;
};

export type OpenRedis = {
  url: string;
  /** True for an embedded server: started here, ended by `close`. */
  owned: boolean;
  /** Ends an embedded server; does nothing to any other. */
  close(): Promise<void>;
};

const ANSWER_LIMIT_MS = 5_000;
const GOODBYE_LIMIT_MS = 300;

/**
 * Finds a Redis, or installs and starts one. Resolves when it accepts commands.
 * @throws WorkstealError `settings` for an invalid REDIS_URL, a database that the server refuses, or a server
 *   that evicts keys; `unavailable` where nothing answers; `missing` where the server is too old, or none
 *   could be installed
 */
export async function openRedis({ env, log, persistence = 'none', folder }: OpenOptions): Promise<OpenRedis> {
  const url = env['REDIS_URL'];
  if (url !== undefined && url !== '') {
    await inspect(url, env['WORKSTEAL_ACCOUNT'] || 'main', log);
    return { url, owned: false, close: () => Promise.resolve() };
  }
  const { path } = await serverBinary(env, log);
  const server: EmbeddedRedis = await startEmbedded({
    binary: path,
    persistence,
    ...(folder === undefined ? {} : { folder }),
  });
  return { url: server.url, owned: true, close: () => server.close() };
}

/**
 * The server on the PATH. If there is none, tries to install one.
 * @throws WorkstealError `missing` where that fails, or the server is too old
 */
export async function serverBinary(env: OpenOptions['env'], log: RedisLog): Promise<ServerBinary> {
  const path = env['PATH'] ?? '';
  const found = await findServer(path);
  if (found !== null) return found;
  await installServer(path, log);
  const installed = await findServer(path);
  if (installed !== null) return installed;
  throw new WorkstealError(
    'missing',
    'the package was installed, but there is still no redis-server or valkey-server on the PATH',
  );
}

/** Checks version and settings of the server in REDIS_URL, and logs warnings. */
async function inspect(url: string, account: string, log: RedisLog): Promise<void> {
  const where = endpointsOf(url);
  const info = await withServer(url, account, async (_, text) => text);
  requireVersion(infoField(info, 'redis_version') ?? 'unknown', where);
  requireNoEviction(info, where);
  for (const advice of adviceOn(info, where)) log.warn(advice);
}

/**
 * Connects to the server, asks it for INFO, calls `use` with both, and disconnects.
 * @throws WorkstealError `settings` for an invalid address, or a database that the server refuses;
 *   `unavailable` where nothing answers; what `use` throws
 */
export async function withServer<T>(
  url: string,
  account: string,
  use: (redis: Redis, info: string) => Promise<T>,
): Promise<T> {
  const limits = {
    ...{ commandTimeout: ANSWER_LIMIT_MS, maxRetriesPerRequest: 0, retryStrategy: null },
    disconnectTimeout: GOODBYE_LIMIT_MS,
  };
  const redis = connect(url, account, { ...limits, lazyConnect: true });
  const where = endpointsOf(url);
  // The reason of a failed connection arrives here; the command's own error only says "closed".
  let reason: Error | undefined;
  redis.on('error', (error: Error) => {
    reason = error;
  });
  try {
    await begin(redis, url);
    const info = await redis.info();
    return await use(redis, info);
  } catch (error) {
    if (error instanceof WorkstealError) throw error;
    const cause = reason ?? error;
    const { words, next } = redisFault({ url }, cause);
    throw new WorkstealError(
      'unavailable',
      `REDIS_URL: no answer from ${where} (${words})`,
      { where },
      cause,
      next,
    );
  } finally {
    redis.disconnect();
  }
}
