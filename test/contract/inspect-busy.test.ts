/** An inspection that Redis can't carry out now: it is unavailable, or the book is damaged; no bug. */
import { Redis } from 'ioredis';
import { expect, it, onTestFinished } from 'vitest';
import { readValues } from '../../src/inspection/reading.ts';
import { key } from '../../src/ledger/keys.ts';
import { openLedger } from '../../src/ledger/ledger.ts';
import { useLedgers } from '../support/fixtures.ts';
import { failure } from '../support/ledger.ts';
import { startPrivateRedis } from '../support/redis.ts';

const ledgers = useLedgers();

it('says that a long script runs, and what to do', async () => {
  const server = await startPrivateRedis();
  const [busy, other] = [new Redis(server.url), new Redis(server.url)];
  const ledger = await openLedger(server.url, 'main');
  onTestFinished(async () => {
    busy.disconnect();
    other.disconnect();
    await ledger.close();
    await server.close();
  });
  await other.config('SET', 'lua-time-limit', '10');
  const endless = busy.eval('while true do end', 0).catch(() => 'killed');
  await expect.poll(() => other.ping().catch((error: Error) => error.message)).toMatch(/^BUSY/);
  const error = await failure(readValues(ledger, { script: 'status', words: [] }));
  expect(error).toMatchObject({ code: 'unavailable', next: expect.stringContaining('SCRIPT KILL') });
  expect(error.message).toMatch(/a script of somebody else runs there/);
  await other.script('KILL');
  expect(await endless).toBe('killed');
});

it.each(['status', 'orders', 'plans', 'steals'] as const)(
  'says of %s that the book is damaged where a key has another type',
  async (script) => {
    const { ledger } = await ledgers.account();
    const settings = key(ledger.account, 'settings');
    await ledger.redis.del(settings);
    await ledger.redis.set(settings, 'of another type');
    const error = await failure(readValues(ledger, { script, words: [] }));
    expect(error).toMatchObject({ code: 'damaged', next: expect.stringContaining('keeper has rebuilt') });
  },
);
