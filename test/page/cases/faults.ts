/** Networks, tokens and texts that fail. */
import { describe, expect, it, onTestFinished } from 'vitest';
import { halt } from '../../../src/ledger/commands/halt.ts';
import { anOrder } from '../../support/ledger.ts';
import { startProxy, type TcpProxy } from '../../support/tcp-proxy.ts';
import { LIMIT, type Stage } from './stage.ts';

const MARKUP = '<img src=x onerror="window.hacked=1"><script>window.hacked=1</script>';

export function faultCases({ account: anAccount, open }: Stage): void {
  describe('When something fails the page', () => {
    it.each(['cut', 'stall'] as const)(
      'says after 3 s without news that it does not know, and comes back (%s)',
      async (how) => {
        const account = await anAccount({ equity: '1000' });
        let proxy: TcpProxy | undefined;
        const { page } = await open(account, {
          via: async ({ url }) => {
            const started = await startProxy({ host: '127.0.0.1', port: Number(new URL(url).port) });
            onTestFinished(() => started.close());
            proxy = started;
            return started.url('http');
          },
        });
        proxy?.[how]();
        const admission = page.locator('[data-part=admission]');
        await page.locator('.page.is-stale').waitFor(LIMIT);
        expect(await admission.textContent()).toBe('?unknown');
        expect(await page.locator('[data-part=live]').textContent()).toMatch(/^as of \d+ s ago, /);
        // As if the server had been started again: the page still has its token.
        await page.context().clearCookies();
        await account.place(anOrder('meanwhile').worth(400));
        proxy?.heal();
        await expect.poll(() => admission.textContent(), LIMIT).toBe('●admits');
        await page.locator('[data-id=meanwhile]').waitFor(LIMIT);
        expect(await page.locator('[data-part=room]').textContent()).toBe('room 600');
      },
    );

    it('asks for a token when its own was taken back, and takes no wrong one', async () => {
      const account = await anAccount();
      const { page, api } = await open(account);
      api.revoke('admin');
      const field = page.getByLabel('A token of this server');
      await field.waitFor(LIMIT);
      await field.fill('ws_wrong');
      await page.keyboard.press('Enter');
      await page.getByRole('alert').getByText('not valid').waitFor(LIMIT);
      await page.getByLabel('A token of this server').fill(api.token.read);
      await page.keyboard.press('Enter');
      await page.locator('.live:not(.is-lost)').waitFor(LIMIT);
    });

    it('shows hostile texts as texts', async () => {
      const account = await anAccount();
      await account.place(anOrder('a').worth(30));
      await halt(account.ledger, MARKUP, 'ann');
      const hostile = encodeURIComponent(`"><b>${MARKUP}`);
      const { page } = await open(account, {
        path: `/?filter=${hostile}&order=${hostile}&account=${hostile}`,
      });
      await page.getByText(MARKUP).first().waitFor(LIMIT);
      expect(await page.locator('img, #page script, #page b > script').count()).toBe(0);
      expect(await page.evaluate('window.hacked')).toBeUndefined();
      expect(new URL(page.url()).searchParams.get('account')).toBe(account.name);
    });
  });
}
