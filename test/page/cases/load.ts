/** What the page costs: bytes to get it, and work to keep it up to date. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { anOrder } from '../../support/ledger.ts';
import { LIMIT, type Stage } from './stage.ts';

const MAX_BYTES = 60_000;
const MAX_TASK_MS = 50;
const ORDERS = 125;
const ROUNDS = 12;

type TraceEvent = { name: string; pid: number; tid: number; tdur?: number; args?: { name?: string } };

export function loadCases({ account: anAccount, open, browser }: Stage): void {
  describe('The page costs', () => {
    it('at most 60 kB to load, compressed; nothing of it is inline', async () => {
      const folder = process.env['WORKSTEAL_TEST_PAGE'] ?? '';
      const files = readdirSync(folder, { recursive: true, withFileTypes: true })
        .filter((entry) => entry.isFile())
        .map(({ parentPath, name }) => join(parentPath, name));
      const bytes = files.map((file) => gzipSync(readFileSync(file), { level: 9 }).length);
      expect(files.length).toBeGreaterThan(2);
      expect(bytes.reduce((sum, each) => sum + each)).toBeLessThan(MAX_BYTES);
      const { api } = await open(await anAccount());
      const answer = await fetch(`${api.url}/`);
      const policy = answer.headers.get('content-security-policy') ?? '';
      expect(policy).toMatch(/default-src 'none'.*script-src 'self'/);
      expect(policy).not.toMatch(/unsafe|\*|data:/);
      expect(answer.headers.get('cache-control')).toBe('no-store');
      const [script = ''] = /\/assets\/[\w-]+\.js/.exec(await answer.text()) ?? [];
      const asset = await fetch(`${api.url}${script}`);
      expect(asset.headers.get('cache-control')).toMatch(/immutable/);
      const missing = await fetch(`${api.url}/assets/none.js`);
      expect([missing.status, missing.headers.get('cache-control')]).toEqual([404, 'no-store']);
      expect((await fetch(`${api.url}/assets/..%2findex.html`)).status).toBe(422);
    });

    it('no task above 50 ms of processor time with 500 changes a second', async () => {
      const account = await anAccount();
      const symbols = Array.from({ length: ORDERS }, (_, at) => `S${at}`);
      await account.place(
        ...symbols.map((symbol, at) => anOrder(`o${at}`).of(symbol).worth(5).pnl(String(at))),
      );
      const { page } = await open(account);
      const prices = (price: string) =>
        account.prices(Object.fromEntries(symbols.map((symbol) => [symbol, price])));
      const price = page.locator('[data-id=o0] .col-price');
      await prices('12');
      await expect.poll(() => price.textContent(), LIMIT).toBe('12');
      await browser().startTracing(page, { categories: ['toplevel', '__metadata'] });
      // Each round is on the page before the next: four beats a second, 125 rows each.
      for (let round = 1; round <= ROUNDS; round += 1) {
        const next = round % 2 === 0 ? `10.${round}` : `12.${round}`;
        await prices(next);
        await expect.poll(() => price.textContent(), { ...LIMIT, interval: 20 }).toBe(next);
      }
      const trace = JSON.parse((await browser().stopTracing()).toString()) as { traceEvents: TraceEvent[] };
      const mains = trace.traceEvents.filter(
        ({ name, args }) => name === 'thread_name' && args?.name === 'CrRendererMain',
      );
      const tasks = trace.traceEvents.filter(
        ({ name, pid, tid }) =>
          /RunTask/.test(name) && mains.some((main) => main.pid === pid && main.tid === tid),
      );
      expect(tasks.length).toBeGreaterThan(ROUNDS);
      const longestMs = Math.max(...tasks.map(({ tdur = 0 }) => tdur / 1_000));
      expect(longestMs).toBeGreaterThan(1);
      expect(longestMs).toBeLessThan(MAX_TASK_MS);
    });
  });
}
