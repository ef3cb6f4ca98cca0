/** What the cases of the page get. */
import type { Browser, Page } from 'playwright-core';
import type { TestApi } from '../../support/api.ts';
import type { AccountOptions, TestAccount } from '../../support/ledger.ts';
import type { Look } from '../stage.ts';

export type OpenOptions = {
  /** Of the token; default admin. */
  scope?: 'read' | 'admin';
  look?: Look;
  /** Of the address, before the fragment; default none. */
  path?: string;
  /** What stands between browser and server: its address. */
  via?: (api: TestApi) => Promise<string>;
};

/** `base`: where the browser finds the server. */
export type Opened = { account: TestAccount; api: TestApi; page: Page; base: string };

export type Stage = {
  account(options?: AccountOptions): Promise<TestAccount>;
  /** A page that is live. Closed after the test. */
  open(account: TestAccount, options?: OpenOptions): Promise<Opened>;
  browser(): Browser;
};

/** How long a page may take on a busy machine; waits end with what they wait for. */
export const LIMIT = { timeout: 60_000 };
