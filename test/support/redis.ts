/**
 * A Redis for a test file. By default its own server: own process, port and folder, nothing on disk. With
 * WORKSTEAL_TEST_REDIS_URL (set by the container tests) or REDIS_URL the files share that server. So each
 * test uses its own account name (`freshAccount`), and no test sends FLUSHALL, FLUSHDB or CONFIG SET.
 */
import { randomUUID } from 'node:crypto';
import type { Redis } from 'ioredis';
import { readAddress } from '../../src/redis/address.ts';
import { connect } from '../../src/redis/connect.ts';
import { type EmbeddedOptions, type EmbeddedRedis, startEmbedded } from '../../src/redis/embedded.ts';
import { openRedis, serverBinary } from '../../src/redis/open.ts';

export type TestRedis = { url: string; close(): Promise<void> };

const log = {
  info: (message: string): void => void process.stderr.write(`${message}\n`),
  warn: (): void => {},
};

/** A Redis to test on, for whoever closes it. */
export async function startRedis(): Promise<TestRedis> {
  const env = process.env;
  const shared = env['WORKSTEAL_TEST_REDIS_URL'] ?? env['REDIS_URL'];
  return await openRedis({ env: { ...env, REDIS_URL: shared }, log });
}

/** A server that no one else uses whatever the environment says: for tests that stop, wipe or restart it. */
export async function startPrivateRedis(
  options: Partial<Omit<EmbeddedOptions, 'binary'>> = {},
): Promise<EmbeddedRedis> {
  const { path } = await serverBinary(process.env, log);
  return await startEmbedded({ binary: path, persistence: 'none', ...options });
}

/** An account name that no other test, run or machine uses: all keys of a test lie under it. */
export function freshAccount(label = 'test'): string {
  return `${label}-${randomUUID().slice(0, 8)}`;
}

/** The port of the server that the connection has at the other end now. */
export function portOf(redis: Redis): number {
  return (redis as unknown as { stream: { remotePort: number } }).stream.remotePort;
}

/**
 * The one server that holds the account now: for redis-cli, which knows neither Sentinels nor a script's
 * slot.
 */
export async function serverUrl(url: string, account: string): Promise<string> {
  if (readAddress(url).kind === 'server') return url;
  const redis = connect(url, account);
  try {
    await redis.ping();
    return `redis://127.0.0.1:${portOf(redis)}`;
  } finally {
    redis.disconnect();
  }
}
