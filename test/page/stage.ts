/**
 * A browser on the page of a test account. One browser serves all pages of a file; each page is a fresh
 * context: no cookies, no cache.
 */
import { existsSync } from 'node:fs';
import { type Browser, chromium, type Page } from 'playwright-core';
import { startTestApi, type TestApi, type TestApiOptions } from '../support/api.ts';
import { CHILD_ENV } from '../support/child-env.ts';
import type { TestAccount } from '../support/ledger.ts';

const PLACES = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'];

/** @throws Error where no browser is installed */
export async function openBrowser(): Promise<Browser> {
  const { FONTCONFIG_FILE } = process.env;
  const executablePath = process.env['CHROMIUM'] ?? PLACES.find((path) => existsSync(path));
  if (executablePath === undefined)
    throw new Error('no browser: install chromium, or name one in the variable CHROMIUM');
  return await chromium.launch({
    executablePath,
    // Which fonts there are decides what pictures look like.
    env: { ...CHILD_ENV, ...(FONTCONFIG_FILE !== undefined && { FONTCONFIG_FILE }) },
    // As root, and in containers, Chromium has no sandbox and little shared memory.
    args: ['--no-sandbox', '--disable-dev-shm-usage'],
  });
}

export type Scheme = 'light' | 'dark';
export type Look = { width: number; height?: number; scheme?: Scheme; reducedMotion?: boolean };

/** What a page did that it must not: exceptions, and breaches of the content security policy. */
export type Watched = { page: Page; faults: string[] };

export async function openPage(
  browser: Browser,
  url: string,
  { width, height = 900, scheme = 'light', reducedMotion = true }: Look = { width: 1440 },
): Promise<Watched> {
  const context = await browser.newContext({
    viewport: { width, height },
    colorScheme: scheme,
    reducedMotion: reducedMotion ? 'reduce' : 'no-preference',
  });
  // Shorter than a test may take, so that a failure names its step.
  context.setDefaultTimeout(20_000);
  const page = await context.newPage();
  const faults: string[] = [];
  page.on('pageerror', (error) => void faults.push(String(error)));
  page.on('console', (message) => {
    if (/Content Security Policy|TrustedHTML/i.test(message.text())) faults.push(message.text());
  });
  await page.goto(url);
  return { page, faults };
}

/** The API of the accounts with the page: what test/page/setup.ts built, else dist/page. */
export function serve(
  redisUrl: string,
  accounts: readonly [TestAccount, ...TestAccount[]],
  options: TestApiOptions = {},
): Promise<TestApi> {
  const page = process.env['WORKSTEAL_TEST_PAGE'];
  return startTestApi(redisUrl, accounts, { ...(page !== undefined && { page }), ...options });
}

/** The address with a token, as `npm start` prints it. */
export function addressOf({ url, token }: TestApi, scope: 'read' | 'trade' | 'admin' = 'admin'): string {
  return `${url}/#token=${token[scope]}`;
}
