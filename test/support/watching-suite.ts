/** Setup for watcher tests: one Redis per file; a separate account, exchange and hosts per test. */
import { afterEach } from 'vitest';
import type { ExchangeSettingsInput } from '../../src/exchange/options.ts';
import { useLedgers } from './fixtures.ts';
import type { AccountOptions, TestAccount } from './ledger.ts';
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
  const ledgers = useLedgers();
  const closing: (() => Promise<void>)[] = [];
  afterEach(async () => {
    for (const close of closing.splice(0).reverse()) await close();
  });
  const suite: WatchingSuite = {
    redisUrl: () => ledgers.url,
    account: (options) => ledgers.account(options),
    async worldOf(account, settings = {}) {
      const made = await watching(ledgers.url, account, settings);
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
