/**
 * Which Redis this process works on: the one that `REDIS_URL` names, else a server of its own. This folder
 * sits beside `ledger` in the layers: it finds or starts a Redis and hands out its address, it knows nothing
 * of what is stored there. A Redis that is not ours is only looked at: its version and its eviction policy
 * are read and may refuse it, nothing is ever changed.
 */
import { WorkstealError } from '../domain/errors.ts';
import { endpointsOf } from './address.ts';
import { adviceOn, infoField, requireNoEviction } from './advice.ts';
import { begin, connect } from './connect.ts';
import { connectionFault } from './connection-fault.ts';
import { type EmbeddedRedis, type Persistence, startEmbedded } from './embedded.ts';
import { installServer, type RedisLog } from './install.ts';
import { findServer, requireVersion, type ServerBinary } from './server-binary.ts';

export type OpenOptions = {
  env: Readonly<Record<string, string | undefined>>;
  log: RedisLog;
  /** Of a server of our own; default `none`. */
  persistence?: Persistence;
  /**
   * Of a server of our own: where its data stays; left out: a temporary folder that is removed at the end.
   */
  folder?: string;
};

export type OpenRedis = {
  url: string;
  /** True where the server is ours: started here, ended by `close`. */
  owned: boolean;
  /** Ends a server of ours; leaves any other alone. */
  close(): Promise<void>;
};

const ANSWER_LIMIT_MS = 5_000;

/**
 * Finds, or installs and starts, a Redis and answers when it takes commands. Throws `settings` for a
 * REDIS_URL that is none, names a database that is not there, or a server that evicts keys, `unavailable`
 * where nothing answers there, `missing` where the server is too old or where there is none and none could be
 * installed.
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

/** The server on the PATH, installed first where there is none and we may. Throws `missing`. */
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

/** Reads version and settings of a server that is not ours. */
async function inspect(url: string, account: string, log: RedisLog): Promise<void> {
  const limits = { commandTimeout: ANSWER_LIMIT_MS, maxRetriesPerRequest: 0, retryStrategy: null };
  const redis = connect(url, account, { ...limits, lazyConnect: true });
  const where = endpointsOf(url);
  // The reason of a failed connection comes here; the command's own error only says that it was closed.
  let reason: Error | undefined;
  redis.on('error', (error: Error) => {
    reason = error;
  });
  let info: string;
  try {
    await begin(redis, url);
    info = await redis.info();
  } catch (error) {
    if (error instanceof WorkstealError) throw error;
    const cause = reason ?? error;
    throw new WorkstealError(
      'unavailable',
      `REDIS_URL: no answer from ${where} (${connectionFault(url, cause)})`,
      { where },
      cause,
    );
  } finally {
    redis.disconnect();
  }
  requireVersion(infoField(info, 'redis_version') ?? 'unknown', where);
  requireNoEviction(info, where);
  for (const advice of adviceOn(info, where)) log.warn(advice);
}
