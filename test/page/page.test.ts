/**
 * The live page in a browser, on a real ledger. One browser for all of it; each test has a page of its own,
 * which must throw nothing and keep to its content security policy.
 */
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, expect, onTestFinished } from 'vitest';
import { useLedgers } from '../support/fixtures.ts';
import type { TestAccount } from '../support/ledger.ts';
import { accessCases } from './cases/access.ts';
import { faultCases } from './cases/faults.ts';
import { loadCases } from './cases/load.ts';
import { panelCases } from './cases/panels.ts';
import type { Opened, OpenOptions, Stage } from './cases/stage.ts';
import { addressOf, openBrowser, openPage, serve } from './stage.ts';

const ledgers = useLedgers();
let browser: Browser;

beforeAll(async () => {
  browser = await openBrowser();
});
afterAll(() => browser?.close());

async function open(account: TestAccount, options: OpenOptions = {}): Promise<Opened> {
  const { scope = 'admin', look, path = '', via } = options;
  const api = await serve(ledgers.url, [account]);
  const base = (await via?.(api)) ?? api.url;
  const address = addressOf({ ...api, url: `${base}${path}` }, scope);
  const { page, faults } = await openPage(browser, address, look);
  await page.locator('.live:not(.is-lost)').waitFor();
  onTestFinished(async () => {
    await page.context().close();
    await api.close();
    expect(faults).toEqual([]);
  });
  return { account, api, page, base };
}

const stage: Stage = { account: (options) => ledgers.account(options), open, browser: () => browser };

panelCases(stage);
faultCases(stage);
accessCases(stage);
loadCases(stage);
