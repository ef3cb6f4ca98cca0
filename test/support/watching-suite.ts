/**
 * The ground of a file of watcher tests: one Redis for all of them; an account, an exchange and hosts of its
 * own for each.
 */
import { afterAll, afterEach, beforeAll } from 'vitest';
import type { ExchangeSettingsInput } from '../../src/exchange/options.ts';
import { type AccountOptions, type TestAccount, type TestLedgers, testLedgers } from './ledger.ts';
import { startRedis, type TestRedis } from './redis.ts';
import { type Watching, watching } from './watching.ts';

export type WatchingSuite = {
  redisUrl(): string;
  /**
   * An account with a cap of 1,000 dollars, or of the equity of the options, which the exchange knows too.
   * Closed after the test.
   */
  world(settings?: ExchangeSettingsInput, options?: AccountOptions): Promise<Watching>;
  /** The same on an account that the test has made. */
  worldOf(account: TestAccount, settings?: ExchangeSettingsInput): Promise<Watching>;
  account(options?: AccountOptions): Promise<TestAccount>;
  /** Done after the test, what was named last first. */
  after(close: () => Promise<void>): void;
};

/** Call it at the top of a test file: it registers what comes before and after the tests. */
export function watchingSuite(): WatchingSuite {
  let redis: TestRedis;
  let ledgers: TestLedgers;
  const closing: (() => Promise<void>)[] = [];
  beforeAll(async () => {
    redis = await startRedis();
    ledgers = testLedgers(redis.url);
  });
  afterEach(async () => {
    for (const close of closing.splice(0).reverse()) await close();
  });
  afterAll(async () => {
    await ledgers.close();
    await redis.close();
  });
  const suite: WatchingSuite = {
    redisUrl: () => redis.url,
    account: (options) => ledgers.account(options),
    async worldOf(account, settings = {}) {
      const made = await watching(redis.url, account, settings);
      closing.push(() => made.close());
      return made;
    },
    async world(settings = {}, options = {}) {
      const { equity } = options;
      return await suite.worldOf(await ledgers.account(options), {
        ...(equity !== undefined && { equity }),
        ...settings,
      });
    },
    after: (close) => void closing.push(close),
  };
  return suite;
}
