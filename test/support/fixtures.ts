/**
 * Resources of a test file. Call one of these at the top of the file: it is ready before the file's first
 * hook, and is closed after the last.
 */
import { afterAll, beforeAll } from 'vitest';
import { type TestLedgers, testLedgers } from './ledger.ts';
import { startRedis, type TestRedis } from './redis.ts';

/** The address may be read from the first hook on. */
export type RedisFixture = { readonly url: string };

/** One Redis for all tests of the file (test/support/redis.ts says which). */
export function useRedis(): RedisFixture {
  let redis: TestRedis | undefined;
  beforeAll(async () => {
    redis = await startRedis();
  });
  afterAll(() => redis?.close());
  return {
    get url() {
      if (redis === undefined) throw new Error('the Redis of a test file starts with its first hook');
      return redis.url;
    },
  };
}

/** Test accounts on one Redis for all tests of the file, whose address is `url`. */
export function useLedgers(): Omit<TestLedgers, 'close'> & RedisFixture {
  const redis = useRedis();
  let ledgers: TestLedgers | undefined;
  const opened = () => {
    ledgers ??= testLedgers(redis.url);
    return ledgers;
  };
  afterAll(() => ledgers?.close());
  return {
    account: (options) => opened().account(options),
    bare: () => opened().bare(),
    get url() {
      return redis.url;
    },
  };
}
