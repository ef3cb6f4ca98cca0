/** What each region shows. */
import { describe, expect, it } from 'vitest';
import { fill } from '../../../src/ledger/commands/fill.ts';
import { halt } from '../../../src/ledger/commands/halt.ts';
import { sweep } from '../../../src/ledger/commands/sweep.ts';
import { key } from '../../../src/ledger/keys.ts';
import { anOrder } from '../../support/ledger.ts';
import { spreadEvents } from '../../support/spread-events.ts';
import { busyMarket, oneMoreSteal, SCENE } from '../scenes.ts';
import { LIMIT, type Stage } from './stage.ts';

const STEALS = 5;

export function panelCases({ account: anAccount, open }: Stage): void {
  describe('The page', () => {
    it('opens by the printed address, takes the token out of it, and shows room and book', async () => {
      const account = await anAccount({ equity: '1000' });
      await account.place(
        anOrder('a').of('AAA').worth(300).pnl('2'),
        anOrder('b').of('BBB').worth(200).pnl('1'),
      );
      await account.prices({ AAA: '12', BBB: '12' });
      const { page } = await open(account);
      expect(new URL(page.url()).hash).toBe('');
      expect(await page.locator('[data-part=admission]').textContent()).toMatch(/admits/);
      expect(await page.locator('[data-part=room]').textContent()).toBe('room 500');
      expect(await page.locator('.book-row .symbol').allTextContents()).toEqual(['BBB', 'AAA']);
      expect(await page.locator('.book-row .col-rank').allTextContents()).toEqual(['1', '2']);
    });

    it('shows a steal within 500 ms, as the median of five', async () => {
      const account = await anAccount({ equity: '1000' });
      await account.place(anOrder('steal-0').of('S0').worth(1000).pnl('1'));
      const { page } = await open(account);
      await page.evaluate(`
        window.seen = {};
        new MutationObserver(() => {
          for (const row of document.querySelectorAll('.book-row')) seen[row.dataset.id] ??= Date.now();
        }).observe(document.body, { subtree: true, childList: true });
      `);
      const delaysMs: number[] = [];
      for (let at = 1; at <= STEALS; at += 1) {
        await account.prices({ [`S${at - 1}`]: '12', [`S${at}`]: '10' });
        const [thief, stolenAt] = [`steal-${at}`, Date.now()];
        const stolen = await account.steal(
          anOrder(thief)
            .of(`S${at}`)
            .worth(1000)
            .pnl(String(2 ** at)),
        );
        expect(stolen).toMatchObject({ outcome: 'stolen' });
        await page.locator(`[data-id=${thief}]`).waitFor(LIMIT);
        await page.locator('.steal.is-new').first().waitFor(LIMIT);
        delaysMs.push(Number(await page.evaluate(`seen['${thief}']`)) - stolenAt);
        await account.end(`steal-${at - 1}`, 'cancelled');
        await account.send(thief);
      }
      await page.locator('.matrix h2').getByText(String(STEALS)).waitFor(LIMIT);
      expect(delaysMs.sort((a, b) => a - b)[Math.floor(STEALS / 2)]).toBeLessThan(500);
    });

    it('shows steals, waiting plans, what is stuck and what is protected; links lead on', async () => {
      const account = await anAccount(SCENE);
      await busyMarket(account);
      await oneMoreSteal(account);
      await account.ledger.redis.zadd(key(account.name, 'fights'), account.nowMs() + 900_000, 'KO|TSLA');
      // What happened before the server was started is known from the events.
      await spreadEvents(account, account.healthMs());
      const { page, base } = await open(account);
      const text = (selector: string): Promise<string[]> => page.locator(selector).allTextContents();
      expect(await text('.steal')).toEqual([
        expect.stringMatching(/AVGO 188\.30▸KO 57\.90.*pending$/),
        expect.stringMatching(/META 213\.50▸XRPUSD 52\.60.*granted$/),
        expect.stringMatching(/TSLA 241\.20▸SOLUSD 48\.10.*granted$/),
        expect.stringMatching(/NYT 163\.70▸LINKUSD 31\.75.*granted$/),
        expect.stringMatching(/UNIUSD 128\.10▸DOGEUSD 14\.20.*granted$/),
      ]);
      expect(await page.locator('.steal.is-new').count()).toBe(0);
      expect(await text('.waiting-group .row-link')).toEqual([
        '▸not close enough',
        '▸PnL not better',
        '▸not tried yet',
      ]);
      expect(await text('.stuck-cells li')).toEqual([
        'outbox 1',
        'pending steals 1',
        'unclear 0',
        'no price 0',
        'settings differ 0',
        'barred 0',
        'hosts 7/7',
      ]);
      expect(await page.locator('.stuck-problems').count()).toBe(0);
      expect((await text('.protected li')).join()).toMatch(/XRPUSD cooldown \d:\d\d.*KO cooldown/);
      expect(await text('.standing.is-busy')).toEqual(['◌waits for room', '◌cancelling']);

      expect(await page.locator('.chart figcaption').textContent()).toMatch(/% of the cap used in 1\d min/);
      expect(await text('.matrix-table thead th')).toEqual([
        ...['thief ▸', 'KO', 'XRPUSD', 'SOLUSD', 'LINKUSD', 'DOGEUSD'],
      ]);
      expect(await text('.matrix-table tbody tr')).toEqual([
        'AVGO1',
        'META1',
        'TSLA0 ⚔\uFE0E a fight1',
        'NYT1',
        'UNIUSD1',
      ]);
      expect(await text('.fights li')).toEqual([expect.stringMatching(/KO and TSLA fight, 1\d:\d\d left/)]);
      expect(await text('.refusals-table tr')).toEqual([
        ...['reasonover timerefusals'],
        expect.stringMatching(/^not close enough.*4$/),
        expect.stringMatching(/^PnL not better.*2$/),
      ]);
      expect(await text('.cancels-facts div')).toEqual(['p502.0 s', 'p992.0 s', 'last2.0 s']);
      expect(await text('.matrix-more')).toEqual(['1 not confirmed yet']);

      await page.getByRole('button', { name: /not close enough/ }).click();
      expect(await text('.waiting-plan .symbol')).toEqual(['JPM', 'CRM', 'ORCL', 'DIS']);
      await page.getByRole('button', { name: 'JPM' }).click();
      await page.locator('.drawer').getByText('It needed $9,700.00').waitFor(LIMIT);
      expect(page.url()).toBe(`${base}/?account=${account.name}&plan=wait-2`);

      await page.keyboard.press('Escape');
      await page.locator('.steal').nth(1).click();
      await page.locator('.drawer').getByRole('button', { name: 'XRPUSD open-3_1' }).first().click();
      await page.getByRole('heading', { name: 'Its room was taken by' }).waitFor(LIMIT);
      expect(await text('.timeline .label')).toEqual(['reserved', 'working', 'stolen', 'ended']);
      expect(await page.locator('.copy-line code').allTextContents()).toEqual([
        'open-3_1',
        'worksteal why open-3_1',
      ]);
      // The address holds it, and the session outlives the page.
      await page.reload();
      await page.getByRole('heading', { name: 'Its room was taken by' }).waitFor(LIMIT);
      expect(new URL(page.url()).searchParams.get('order')).toBe('open-3_1');
    });

    it('shows what a steal came to while it is watched, and the sums of the day', async () => {
      const account = await anAccount({ equity: '1000', env: { WORK_STEALING_REGRET_WINDOW: '600' } });
      await account.prices({ AAA: '12', TTT: '10' });
      await account.place(anOrder('victim').of('AAA').worth(1_000).pnl('5'));
      await account.steal(anOrder('thief').of('TTT').worth(1_000).pnl('12'));
      await account.end('victim', 'cancelled');
      const { page } = await open(account);
      const came = page.locator('.steal-came-to');
      expect(await page.locator('.steal-outcome').first().textContent()).toBe('✓granted');
      // Neither a fill nor a limit that trades is an event of the steal.
      await account.send('thief');
      await fill(account.ledger, 'thief', '50', 500_000_000);
      await came.getByText('+6.00', { exact: true }).waitFor(LIMIT);
      await account.prices({ AAA: '10' });
      await came.getByText('+6.00 −5.00', { exact: true }).waitFor(LIMIT);
      await page.locator('.steal').click();
      const words = page.locator('.drawer .came-to');
      await words.getByText('So far it came to gain 6.00, regret 5.00').waitFor(LIMIT);
      expect(await page.locator('.steals-today').count()).toBe(0);
      await account.advance(600_001);
      await sweep(account.ledger, 10);
      await words.getByText('It came to gain 6.00, regret 5.00.').waitFor(LIMIT);
      expect(await page.locator('.steals-today').textContent()).toBe(
        'known today (UTC) gain 6.00 · regret 5.00 of 1 steal',
      );
    });

    it('filters the book; the address keeps the filter', async () => {
      const account = await anAccount();
      await account.place(anOrder('a').of('AAA').worth(30), anOrder('b').of('BBB').worth(20));
      const { page } = await open(account);
      await page.keyboard.press('/');
      await page.keyboard.type('bb');
      await expect.poll(() => page.locator('.book-row').count(), LIMIT).toBe(1);
      expect(new URL(page.url()).searchParams.get('filter')).toBe('bb');
      await page.keyboard.press('Escape');
      await expect.poll(() => page.locator('.book-row').count(), LIMIT).toBe(2);
    });

    it('finds the orders of a symbol beyond those that a long book shows', async () => {
      const account = await anAccount({ equity: '10000' });
      const many = Array.from({ length: 310 }, (_, at) =>
        anOrder(`o${at}`)
          .of(at === 309 ? 'LAST' : 'AAA')
          .worth(5)
          .pnl(String(at)),
      );
      for (let at = 0; at < many.length; at += 62) await account.place(...many.slice(at, at + 62));
      const { page } = await open(account, { path: '/?filter=last' });
      await page.locator('[data-id=o309]').waitFor(LIMIT);
      expect(await page.locator('.book-row').count()).toBe(1);
    });

    it('moves no row under the pointer, and says how many would have moved', async () => {
      const account = await anAccount();
      await account.place(
        anOrder('a').of('AAA').worth(30).pnl('1'),
        anOrder('b').of('BBB').worth(20).pnl('2'),
      );
      await account.prices({ AAA: '12', BBB: '12' });
      const { page } = await open(account);
      const order = (): Promise<string[]> => page.locator('.book-row .symbol').allTextContents();
      await page.locator('[data-id=a]').hover();
      await account.prices({ AAA: '10' });
      await page.getByText('2 moved').waitFor(LIMIT);
      expect(await order()).toEqual(['AAA', 'BBB']);
      await account.end('a', 'cancelled');
      await page.locator('[data-id=a].is-gone').waitFor(LIMIT);
      await page.mouse.move(5, 5);
      await expect.poll(order, LIMIT).toEqual(['BBB']);
    });

    it('says why it does not admit, with who and what, and marks a cell with its remedy', async () => {
      const account = await anAccount();
      await halt(account.ledger, 'odd fills', 'ann@ops');
      const { page } = await open(account, { scope: 'read' });
      await page.getByText('by ann@ops: odd fills').first().waitFor(LIMIT);
      expect(await page.locator('[data-problem=keeper] code').textContent()).toBe('worksteal keep');
      await page.locator('[data-problem=work]').waitFor();
      expect(await page.getByRole('button', { name: /Resume|Halt/ }).count()).toBe(0);
    });

    it('keeps only the rows in sight of a long book in the document', async () => {
      const account = await anAccount();
      await account.place(
        ...Array.from({ length: 120 }, (_, at) => anOrder(`o${at}`).worth(5).pnl(String(at))),
      );
      const { page } = await open(account);
      await page.locator('[data-id=o0]').waitFor(LIMIT);
      expect(await page.locator('.book-row').count()).toBeLessThan(60);
      expect(await page.locator('.book-table').getAttribute('aria-rowcount')).toBe('121');
      await page.evaluate('document.querySelector(".book-box").scrollTo(0, 100_000)');
      await page.locator('[data-id=o119]').waitFor(LIMIT);
      expect(await page.locator('[data-id=o119]').getAttribute('aria-rowindex')).toBe('121');
      expect(await page.locator('[data-id=o0]').count()).toBe(0);
    });
  });
}
