/**
 * Pictures of the page in all its states, for whoever changes it; those of the README in docs/pictures:
 *
 *   npm run screenshots                  the README's
 *   npm run screenshots -- FOLDER        all of them; FOLDER NAME: of one state
 *
 * Needs Chromium (test/page/stage.ts says where it looks) and the built page (npm run prepare).
 */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Browser, Page } from 'playwright-core';
import { setClock } from '../../src/ledger/commands/clock.ts';
import { halt } from '../../src/ledger/commands/halt.ts';
import { ledgerOn, openLedger } from '../../src/ledger/ledger.ts';
import { packageRoot } from '../../src/package-root.ts';
import { NOW_MS, openAccount, type TestAccount } from '../support/ledger.ts';
import { startPrivateRedis } from '../support/redis.ts';
import { spreadEvents } from '../support/spread-events.ts';
import { keepFresh } from './keep-fresh.ts';
import { rivals } from './rivals.ts';
import { busyMarket, manyOrders, oneMoreSteal, quietMarket, SCENE } from './scenes.ts';
import { addressOf, type Look, openBrowser, openPage, type Scheme, serve } from './stage.ts';

type Scene = { name: string; make: (account: TestAccount) => Promise<void> };
type Shot = { file: string; scene: string; look: Look; act?: (page: Page) => Promise<void> };

const WEBP_QUALITY = 0.9;
/** More than any scene lasts. */
const PAST_MS = 3_600_000;
const SCENES: readonly Scene[] = [
  {
    name: 'busy',
    make: async (account) => {
      await rivals(account, await busyMarket(account));
    },
  },
  { name: 'quiet', make: quietMarket },
  {
    name: 'halted',
    make: async (account) => {
      await quietMarket(account);
      await halt(account.ledger, 'broker reports odd fills since 14:52, looking into it', 'ann@ops');
    },
  },
  { name: 'unsynced', make: quietMarket },
  { name: 'many', make: (account) => manyOrders(account) },
  { name: 'empty', make: async () => {} },
];

const openFirstSteal = async (page: Page): Promise<void> => {
  await page.locator('.steal').nth(1).click();
  await page.locator('.timeline').waitFor();
};
const seePast = (page: Page): Promise<void> => page.locator('.past').scrollIntoViewIfNeeded();
const README: readonly Shot[] = [
  { file: 'page-dark', scene: 'busy', look: { width: 1440, height: 860, scheme: 'dark' } },
  { file: 'page-why', scene: 'busy', look: { width: 1440, height: 860 }, act: openFirstSteal },
  { file: 'page-phone', scene: 'halted', look: { width: 390, height: 780, scheme: 'dark' } },
];

function allShots(): Shot[] {
  const schemes: readonly Scheme[] = ['light', 'dark'];
  const looks = [1440, 1024, 390].flatMap((width) =>
    schemes.map((scheme) => ({ width, height: width < 720 ? 844 : 900, scheme })),
  );
  const plain = SCENES.flatMap(({ name: scene }) =>
    looks.map((look) => ({ file: `${scene}-${look.width}-${look.scheme}`, scene, look })),
  );
  const drawer = looks.map((look) => ({
    file: `drawer-${look.width}-${look.scheme}`,
    scene: 'busy',
    look,
    act: openFirstSteal,
  }));
  const past = looks.filter(({ width }) => width < 720);
  return [
    ...plain,
    ...drawer,
    ...past.map((look) => ({ file: `past-${look.width}-${look.scheme}`, scene: 'busy', look, act: seePast })),
  ];
}

async function shoot(
  browser: Browser,
  url: string,
  folder: string,
  { file, look, act }: Shot,
): Promise<void> {
  const { page, faults } = await openPage(browser, url, look);
  await page.locator('.live:not(.is-lost)').waitFor();
  await page.locator('.admission:not(.is-unknown), .note').first().waitFor();
  await act?.(page);
  const png = await page.screenshot();
  writeFileSync(join(folder, `${file}.webp`), await asWebp(page, png));
  for (const fault of faults) process.stderr.write(`${file}: ${fault}\n`);
  await page.context().close();
}

/** A third of the bytes; the browser does it. */
async function asWebp(page: Page, png: Buffer): Promise<Buffer> {
  await page.goto('about:blank');
  const url: string = await page.evaluate(`(async () => {
    const image = new Image();
    image.src = 'data:image/png;base64,${png.toString('base64')}';
    await image.decode();
    const canvas = document.createElement('canvas');
    [canvas.width, canvas.height] = [image.width, image.height];
    canvas.getContext('2d').drawImage(image, 0, 0);
    return canvas.toDataURL('image/webp', ${WEBP_QUALITY});
  })()`);
  return Buffer.from(url.slice(url.indexOf(',') + 1), 'base64');
}

const [given, only] = process.argv.slice(2);
const folder = given ?? join(packageRoot(), 'docs', 'pictures');
mkdirSync(folder, { recursive: true });
const shots = given === undefined ? README : allShots();

const redis = await startPrivateRedis();
const connection = await openLedger(redis.url, 'demo');
const browser = await openBrowser();
for (const { name, make } of SCENES) {
  const wanted = shots.filter(({ scene, file }) => scene === name && (!only || file.startsWith(only)));
  if (wanted.length === 0) continue;
  const account = await openAccount(ledgerOn(connection.redis, 'demo'), { ...SCENE, equity: SCENE.equity });
  // The past is made at once; then the clock runs, sixty times as fast as real time.
  await account.advanceHealth(Date.now() - PAST_MS - NOW_MS);
  await account.sync(SCENE.equity);
  await make(account);
  await spreadEvents(account, Date.now());
  await setClock(account.ledger, { mode: 'scaled', nowMs: account.nowMs(), scale: '1' });
  const stop = await keepFresh(account.ledger, { synced: name !== 'unsynced' });
  const api = await serve(redis.url, [account]);
  const mirror = await api.doors[0]?.mirror();
  await mirror?.settled(AbortSignal.timeout(30_000));
  await setClock(account.ledger, { mode: 'scaled', nowMs: account.nowMs(), scale: '60' });
  if (name === 'busy') await oneMoreSteal(account);
  for (const shot of wanted) await shoot(browser, addressOf(api), folder, shot);
  await stop();
  await api.close();
  await connection.redis.flushall();
}
await browser.close();
await connection.close();
await redis.close();
