/** Connections of a test that wait until the server answers, and are closed at the test's end. */
import type { Redis } from 'ioredis';
import { onTestFinished } from 'vitest';
import { connect } from '../../src/redis/connect.ts';

export const PATIENCE = { timeout: 60_000, interval: 20 };
const WAITING = { maxRetriesPerRequest: null, retryStrategy: () => 50 };

export function opened(url: string, account: string, options = {}): Redis {
  const redis = connect(url, account, { ...WAITING, ...options });
  redis.on('error', () => {});
  onTestFinished(() => redis.disconnect());
  return redis;
}

export async function failureOf(asked: Promise<unknown>): Promise<Error> {
  return await asked.then(
    (answer) => {
      throw new Error(`it was answered: ${String(answer)}`);
    },
    (error: unknown) => error as Error,
  );
}
