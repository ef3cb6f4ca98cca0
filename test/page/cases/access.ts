/** For every reader: by the keyboard alone, by a screen reader, on a phone, in light and dark. */
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import type { Page } from 'playwright-core';
import { describe, expect, it } from 'vitest';
import { anOrder } from '../../support/ledger.ts';
import { busyMarket, oneMoreSteal, SCENE } from '../scenes.ts';
import { LIMIT, type Stage } from './stage.ts';

const AXE = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
const MOST_TABS = 40;
const AXE_LIMIT = { timeout: 90_000 };

/** What axe objects to, as `rule: element`. */
async function objections(page: Page): Promise<string[]> {
  if ((await page.evaluate('typeof axe')) === 'undefined') await page.evaluate(AXE);
  return await page.evaluate(
    `axe.run().then(({ violations }) =>
      violations.flatMap(({ id, nodes }) => nodes.map(({ html }) => id + ': ' + html.slice(0, 200))))`,
  );
}

/** Presses Tab until the element has the focus. */
async function tabTo(page: Page, selector: string): Promise<void> {
  for (let tabs = 0; tabs < MOST_TABS; tabs += 1) {
    if (await page.evaluate(`document.activeElement?.matches('${selector}') === true`)) return;
    await page.keyboard.press('Tab');
  }
  throw new Error(`no Tab leads to ${selector}`);
}

export function accessCases({ account: anAccount, open, browser }: Stage): void {
  describe('For every reader', () => {
    it('an account is halted and resumed by the keyboard alone, with a reason', async () => {
      const account = await anAccount();
      const { page } = await open(account);
      const admission = page.locator('[data-part=admission]');
      await tabTo(page, '.act.is-halt');
      await page.keyboard.press('Enter');
      await page.getByText('No entry is admitted any more').waitFor(LIMIT);
      await page.keyboard.type('odd fills');
      await page.keyboard.press('Enter');
      await expect.poll(() => admission.textContent(), LIMIT).toBe('▲haltedby admin@api: odd fills');
      expect(await account.field('account', 'state')).toBe('halted');
      await expect
        .poll(() => page.locator('[data-part=announcer]').textContent(), LIMIT)
        .toBe('The account halted by admin@api: odd fills');
      await tabTo(page, '.act.is-resume');
      await page.keyboard.press('Enter');
      await page.keyboard.type('looked into');
      await page.keyboard.press('Enter');
      await expect.poll(() => admission.textContent(), LIMIT).toBe('●admits');
    });

    it('what is typed as soon as a dialog is asked for goes to its field', async () => {
      const { page } = await open(await anAccount());
      await page.locator('.act.is-halt').waitFor(LIMIT);
      const focused = page.evaluate(`new Promise((resolve) => {
        document.querySelector('.act.is-halt').click();
        setTimeout(() => resolve(document.activeElement?.id));
      })`);
      expect(await focused).toBe('reason');
    });

    it('the keys j, k, Enter, Escape, g and ? lead through the book', async () => {
      const account = await anAccount();
      await account.place(anOrder('a').worth(30).pnl('1'), anOrder('b').worth(20).pnl('2'));
      const { page } = await open(account);
      const focused = (): Promise<unknown> => page.evaluate('document.activeElement?.dataset.id ?? null');
      for (const [key, id] of [
        ['j', 'a'],
        ['j', 'b'],
        ['k', 'a'],
        ['j', 'b'],
        ['g', 'a'],
      ] as const) {
        await page.keyboard.press(key);
        await expect.poll(focused, LIMIT).toBe(id);
      }
      await page.keyboard.press('Enter');
      await page.locator('.drawer').getByText('works at the broker').first().waitFor(LIMIT);
      await page.keyboard.press('j');
      await page.locator('.drawer code').getByText('worksteal why b').waitFor(LIMIT);
      await page.keyboard.press('Escape');
      await expect.poll(() => page.locator('.drawer').count(), LIMIT).toBe(0);
      await page.keyboard.press('Escape');
      expect(await focused()).toBeNull();
      await page.keyboard.press('?');
      await page.getByRole('heading', { name: 'Keys and signs' }).waitFor(LIMIT);
      await page.keyboard.press('Escape');
      await expect.poll(() => page.locator('dialog').count(), LIMIT).toBe(0);
      // An admin gets to the queues with the cookie of the page.
      await page.keyboard.press('?');
      const link = page.getByRole('link', { name: 'the queues of cancellations' });
      const queues = await page.context().newPage();
      await queues.goto(new URL((await link.getAttribute('href')) ?? '', page.url()).href);
      await queues.getByText(`${account.name}.cancel`).first().waitFor(LIMIT);
      await queues.close();
    });

    it('on a phone the drawer takes the focus, covers the rest, and gives the focus back', async () => {
      const account = await anAccount({ equity: '1000' });
      await account.place(anOrder('old').of('OLD').worth(1000).pnl('1'));
      await account.prices({ OLD: '12', NEW: '10' });
      await account.steal(anOrder('new').of('NEW').worth(1000).pnl('9'));
      const { page } = await open(account, { look: { width: 390, height: 800 } });
      const focused = (): Promise<unknown> =>
        page.evaluate(`(({ tagName, className, dataset, textContent }) =>
          dataset.id ?? (className || tagName + ' ' + textContent))(document.activeElement)`);
      const closed = () => expect.poll(() => page.locator('.drawer').count(), LIMIT).toBe(0);
      // By a tap beside the button, by the button, by the keyboard.
      await page.locator('.steal-outcome').click();
      await expect.poll(focused, LIMIT).toBe('drawer');
      await page.keyboard.press('Tab');
      expect(await focused()).toBe('close');
      await page.keyboard.press('Shift+Tab');
      await page.keyboard.press('Shift+Tab');
      expect(await page.evaluate(`document.activeElement.closest('.regions')`)).toBeNull();
      await page.keyboard.press('Escape');
      await closed();
      await expect.poll(focused, LIMIT).toBe('row-link');
      await page.locator('[data-id=old]').focus();
      await page.keyboard.press('Enter');
      await expect.poll(focused, LIMIT).toBe('drawer');
      await page.getByRole('button', { name: 'Close' }).click();
      await closed();
      await expect.poll(focused, LIMIT).toBe('old');
    });

    // Ten pages are examined, each for a second or two; on a busy machine for three.
    it('axe objects to nothing, in light, dark and at 390 px, and nothing overflows', AXE_LIMIT, async () => {
      const account = await anAccount(SCENE);
      await busyMarket(account);
      await oneMoreSteal(account);
      const { page, api } = await open(account);
      for (const [width, colorScheme, states] of [
        [1440, 'light', ['drawer', 'dialog', 'plain']],
        [1440, 'dark', ['drawer', 'plain']],
        [1024, 'light', ['plain']],
        [390, 'dark', ['dialog', 'drawer', 'plain']],
      ] as const) {
        await page.setViewportSize({ width, height: 900 });
        await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' });
        for (const state of states) {
          if (state === 'drawer') {
            await page.locator('.steal').first().click();
            await page.locator('.timeline').waitFor(LIMIT);
          }
          if (state === 'dialog') await page.getByRole('button', { name: 'Halt…' }).click();
          expect(await objections(page), `${width} px, ${colorScheme}, ${state}`).toEqual([]);
          if (state !== 'plain') await page.keyboard.press('Escape');
        }
        expect(await page.evaluate('document.documentElement.scrollWidth')).toBeLessThanOrEqual(width);
      }
      const context = await browser().newContext({ colorScheme: 'dark' });
      const stranger = await context.newPage();
      await stranger.goto(api.url);
      await stranger.getByLabel('A token of this server').waitFor(LIMIT);
      expect(await objections(stranger)).toEqual([]);
      await context.close();
    });
  });
}
