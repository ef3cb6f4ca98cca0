/** src/ledger/ledger.ts: errors that a process gets when Redis or a script fails (I6, I8). */
import { describe, expect, it } from 'vitest';
import { keepClientId, readClientIds } from '../../../src/ledger/client-ids.ts';
import { admit } from '../../../src/ledger/commands/admit.ts';
import { mend } from '../../../src/ledger/commands/mend.ts';
import { tick } from '../../../src/ledger/commands/tick.ts';
import { fileForecast, readFiledForecast } from '../../../src/ledger/filed-forecasts.ts';
import { key } from '../../../src/ledger/keys.ts';
import { openLedger } from '../../../src/ledger/ledger.ts';
import { useLedgers } from '../../support/fixtures.ts';
import { anOrder, failure, LEASE_MS } from '../../support/ledger.ts';
import { freshAccount, startPrivateRedis } from '../../support/redis.ts';

const ledgers = useLedgers();

describe('a ledger', () => {
  it('is damaged where a script fails over a key, and is not opened again before it was mended', async () => {
    const account = await ledgers.account();
    await account.ledger.redis.set(key(account.name, 'quotes'), 'no hash');
    const error = await failure(tick(account.ledger, [{ symbol: 'AAA', price: '1', ageMs: 0 }]));
    expect(error).toMatchObject({ code: 'damaged', retriable: true, details: { command: 'tick' } });
    expect(await account.admit(anOrder('a'))).toMatchObject({ outcome: 'unsynced' });
    expect(await mend(account.ledger)).toBeGreaterThan(0);
    await account.sync('1000');
    expect(await account.admit(anOrder('a'))).toMatchObject({ outcome: 'fits' });
  });

  it('keeps the forecasts of bots when a damaged book is emptied', async () => {
    const { name, ledger } = await ledgers.account();
    const series = { strategy: 'model', symbol: 'AAA', side: 'buy' } as const;
    await fileForecast(ledger, series, { pnl: '1', expiresAtMs: 0 });
    await ledger.redis.hset(key(name, 'account'), 'damaged', '1');
    await mend(ledger);
    expect(await readFiledForecast(ledger, series)).toMatchObject({ pnl: '1' });
  });

  it('keeps what bots call their orders when a damaged book is emptied: nobody else knows it', async () => {
    const { ledger, name } = await ledgers.account();
    await keepClientId(ledger, 'bot--h_0', 'my order #1');
    await ledger.redis.hset(key(name, 'account'), 'damaged', '1');
    await mend(ledger);
    expect(await readClientIds(ledger, ['bot--h_0'])).toEqual(['my order #1']);
  });

  it('is unavailable where nothing listens, and after its server is gone', async () => {
    const server = await startPrivateRedis();
    const ledger = await openLedger(server.url, freshAccount());
    const serverId = await ledger.serverId();
    expect(serverId).toMatch(/^[0-9a-f]{20}:[0-9a-f]{40}$/);
    await server.close();
    const error = await failure(admit(ledger, anOrder('a').wish, LEASE_MS));
    expect(error).toMatchObject({ code: 'unavailable', retriable: true });
    await ledger.close();
    expect((await failure(openLedger(server.url, freshAccount()))).code).toBe('unavailable');
  });

  it('takes no account name that could break out of a key', async () => {
    for (const name of ['', 'a b', 'a}', '{a', 'a:b', 'x'.repeat(65)]) {
      expect((await failure(openLedger(ledgers.url, name))).details).toMatchObject({ field: 'account' });
    }
  });
});
