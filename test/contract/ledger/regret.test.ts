/** What steals came to (docs/rules.md, 9.9; lua/include/watched.lua). */
import { describe, expect, it } from 'vitest';
import { fill } from '../../../src/ledger/commands/fill.ts';
import { mend } from '../../../src/ledger/commands/mend.ts';
import { release } from '../../../src/ledger/commands/release.ts';
import { sweep } from '../../../src/ledger/commands/sweep.ts';
import { key } from '../../../src/ledger/keys.ts';
import { readStatus } from '../../../src/mirror/rows.ts';
import { useLedgers } from '../../support/fixtures.ts';
import { anOrder, expectNoEffect, NOW_MS, type TestAccount } from '../../support/ledger.ts';

const ledgers = useLedgers();
const HOUR_MS = 3_600_000;

/** AAPL (PnL 5) and ORCL (PnL 3, a short sale) fill the book; MSFT (PnL 12) takes the room of AAPL. */
async function aSteal(env: Record<string, string> = {}): Promise<TestAccount> {
  const account = await ledgers.account({ env });
  await account.prices({ AAPL: '11', ORCL: '9', MSFT: '10' });
  await account.place(
    anOrder('a_1').of('AAPL').worth(500).pnl('5').plan('a'),
    anOrder('o_1').of('ORCL').worth(500).pnl('6').plan('o').selling(),
  );
  expect(await account.steal(anOrder('m').of('MSFT').worth(400).pnl('12'))).toMatchObject({
    outcome: 'stolen',
    victims: [{ id: 'a_1' }],
  });
  return account;
}

const regrets = ({ ledger, name }: TestAccount): Promise<Record<string, string>> =>
  ledger.redis.hgetall(key(name, 'regrets'));
const total = (account: TestAccount): Promise<string | null> => account.field('regrets', 'account');

describe('regret', () => {
  it('is the forecast of the victim once its limit trades, and stays when the price goes away', async () => {
    const account = await aSteal();
    await account.prices({ AAPL: '10.000000001' });
    expect(await regrets(account)).toEqual({});
    await account.prices({ AAPL: '10' });
    const fingerprint = await account.field('settings', 'fingerprint');
    const expected = { account: '5 0', 'pair MSFT>AAPL': '5 0', [`rules ${fingerprint}`]: '5 0' };
    expect(await regrets(account)).toEqual(expected);
    expect(await account.field('steal:m', 'regret')).toBe('5');
    expect(await account.field('steal:m', 'traded:a_1')).toBe(`${NOW_MS}`);
    await account.prices({ AAPL: '12' });
    await account.prices({ AAPL: '9' });
    expect(await regrets(account)).toEqual(expected);
    await account.expectSound();
  });

  it('is that of a sale when the price rises to its limit', async () => {
    const account = await aSteal();
    await account.prices({ NVDA: '10' });
    await account.end('a_1', 'cancelled');
    expect(await account.steal(anOrder('p').of('NVDA').worth(500).pnl('90'))).toMatchObject({
      victims: [{ id: 'o_1' }],
    });
    await account.prices({ ORCL: '9.99' });
    expect(await total(account)).toBeNull();
    await account.prices({ ORCL: '10.5' });
    expect(await total(account)).toBe('6 0');
    await account.expectSound();
  });

  it('counts a trade exactly at the end of the window, and none after it', async () => {
    for (const [lateMs, sum] of [
      [0, '5 0'],
      [1, null],
    ] as const) {
      const account = await aSteal();
      await account.advance(HOUR_MS + lateMs);
      await account.prices({ AAPL: '9' });
      expect(await total(account)).toBe(sum);
      await account.expectSound();
    }
  });

  it('leaves out what the victim filled while it was being cancelled', async () => {
    const account = await aSteal();
    await account.prices({ AAPL: '10' });
    await fill(account.ledger, 'a_1', '10', 100_000_000);
    expect(await total(account)).toBe('4 0');
    await account.end('a_1', 'filled', '50');
    expect(await total(account)).toBeNull();
    expect(await account.field('steal:m', 'regret')).toBe('0');
    await account.expectSound();
  });

  it('leaves out what the plan bought when it came back, before or after the trade', async () => {
    for (const isBefore of [true, false]) {
      const account = await aSteal();
      await account.end('a_1', 'cancelled');
      await account.sync('2000');
      await account.advanceHealth(1);
      await account.sync('2000');
      await account.place(anOrder('a_2').of('AAPL').worth(500).pnl('5').plan('a'));
      if (!isBefore) await account.prices({ AAPL: '10' });
      await fill(account.ledger, 'a_2', '20', 200_000_000);
      if (isBefore) await account.prices({ AAPL: '10' });
      expect(await total(account)).toBe('3 0');
      await expectNoEffect(account, () => fill(account.ledger, 'a_2', '20', 200_000_000));
      await account.expectSound();
    }
  });

  it('is none of an order whose plan has ended', async () => {
    const account = await aSteal();
    await account.ledger.redis.hset(key(account.name, 'plan:a'), 'ended_at_ms', NOW_MS);
    await account.prices({ AAPL: '9' });
    expect(await total(account)).toBeNull();
    await account.expectSound();
  });

  it('is watched for the settings in force, and not at all beyond the history', async () => {
    const env = { WORK_STEALING_REGRET_WINDOW: '60' };
    const account = await aSteal(env);
    expect(await account.field('steal:m', 'watch_until_ms')).toBe(`${NOW_MS + 60_000}`);
    const longer = await aSteal({ WORK_STEALING_REGRET_WINDOW: '9000' });
    expect(await longer.field('steal:m', 'watch_until_ms')).toBe(`${NOW_MS + HOUR_MS}`);
  });
});

describe('gain', () => {
  it('is the forecast of the thief, as far as it filled, rounded down', async () => {
    const account = await aSteal();
    await account.end('a_1', 'cancelled');
    await account.send('m');
    await fill(account.ledger, 'm', '1', 10_000_000);
    expect(await total(account)).toBe('0 0.3');
    await account.end('m', 'filled', '40');
    expect(await total(account)).toBe('0 12');
    expect(await account.field('steal:m', 'gain')).toBe('12');
    await account.expectSound();
  });

  it('is split among its victims by what they held', async () => {
    const account = await ledgers.account();
    await account.prices({ AAPL: '11', ORCL: '11', MSFT: '10' });
    await account.place(
      anOrder('a').of('AAPL').worth(300).pnl('1'),
      anOrder('o').of('ORCL').worth(700).pnl('2'),
    );
    await account.steal(anOrder('m').of('MSFT').worth(1000).pnl('10.000000001'));
    for (const id of ['a', 'o']) await account.end(id, 'cancelled');
    await account.send('m');
    await account.end('m', 'filled', '100');
    expect(await regrets(account)).toMatchObject({
      account: '0 10.000000001',
      'pair MSFT>AAPL': '0 3',
      'pair MSFT>ORCL': '0 7.000000001',
    });
    await account.expectSound();
  });
});

describe('what steals came to', () => {
  it('is told once when the watch ends, kept for as long as history, then forgotten', async () => {
    const account = await aSteal();
    const { ledger, name } = account;
    await account.prices({ AAPL: '10' });
    await account.end('a_1', 'cancelled');
    await account.advance(HOUR_MS + 1);
    await sweep(ledger, 100);
    await sweep(ledger, 100);
    const events = await ledger.redis.xrange(key(name, 'events'), '-', '+');
    const judged = events.map(([, fields]) => fields).filter((fields) => fields.includes('judged'));
    expect(judged).toHaveLength(1);
    expect(judged[0]).toEqual(
      expect.arrayContaining(['order', 'm', 'symbol', 'MSFT', 'regret', '5', 'gain', '0']),
    );
    expect(await total(account)).toBe('5 0');
    await account.expectSound();
    await account.advance(HOUR_MS);
    await sweep(ledger, 100);
    const left = Object.keys(await account.keyspace());
    expect(left.filter((at) => /^(steal|watch|judged|regrets)/.test(at))).toEqual([]);
    await account.expectSound();
  });

  it('of an id that steals again, after its order is forgotten, is that of the new steal', async () => {
    const account = await aSteal();
    const { ledger } = account;
    await account.prices({ AAPL: '10' });
    await account.end('a_1', 'cancelled');
    await release(ledger, 'm', 'test');
    await account.advance(HOUR_MS + 1);
    await sweep(ledger, 100);
    await sweep(ledger, 100);
    expect([await account.field('order:m', 'state'), await total(account)]).toEqual([null, '5 0']);
    await account.sync('1000');
    await account.prices({ NVDA: '11', MSFT: '10' });
    await account.place(anOrder('n_1').of('NVDA').worth(500).pnl('4').plan('n'));
    expect(await account.steal(anOrder('m').of('MSFT').worth(400).pnl('12'))).toMatchObject({
      victims: [{ id: 'n_1' }],
    });
    expect([await total(account), await account.field('steal:m', 'watch')]).toEqual([null, null]);
    await account.expectSound();
    await account.prices({ NVDA: '10' });
    expect(await regrets(account)).toMatchObject({ account: '4 0', 'pair MSFT>NVDA': '4 0' });
    await account.expectSound();
  });

  it('outlives a ledger that is emptied; what was watched is lost', async () => {
    const account = await aSteal();
    const { ledger, name } = account;
    await account.prices({ AAPL: '10' });
    await ledger.redis.hset(key(name, 'account'), 'damaged', '1');
    await mend(ledger);
    await account.sync('1000');
    await account.expectSound();
    expect(await total(account)).toBe('5 0');
    expect(await account.field('steal:m', 'watch')).toBe('lost');
    await account.advance(2 * HOUR_MS + 1);
    await sweep(ledger, 100);
    expect(await total(account)).toBeNull();
  });

  it('forgets a steal whose record is lost, and adds the sums up anew', async () => {
    const account = await aSteal();
    const { ledger, name } = account;
    await account.prices({ AAPL: '10' });
    await account.end('a_1', 'cancelled');
    await release(ledger, 'm', 'test');
    await account.prices({ NVDA: '10' });
    await account.steal(anOrder('n').of('NVDA').worth(1000).pnl('90'));
    await account.end('o_1', 'cancelled');
    for (const id of ['m', 'n']) await ledger.redis.del(key(name, `steal:${id}`));
    await account.expectSound();
    await account.advance(HOUR_MS + 1);
    await sweep(ledger, 100);
    const left = Object.keys(await account.keyspace());
    expect(left.filter((at) => /^(steal:|watch|judged|regrets)/.test(at))).toEqual([]);
    await account.expectSound();
  });

  it('is added up by the day on which the watch ends', async () => {
    const account = await aSteal();
    const { ledger } = account;
    await account.prices({ AAPL: '10' });
    await account.end('a_1', 'cancelled');
    await account.send('m');
    await fill(ledger, 'm', '10', 100_000_000);
    expect((await readStatus(ledger)).judgedToday).toEqual({ steals: 0, regret: '0', gain: '0' });
    await account.prices({ NVDA: '10' });
    await account.steal(anOrder('p').of('NVDA').worth(500).pnl('90'));
    for (let times = 0; times < 2; times += 1) {
      await account.advance(HOUR_MS + 1);
      await sweep(ledger, 100);
      expect((await readStatus(ledger)).judgedToday).toEqual({ steals: 2, regret: '5', gain: '3' });
    }
    await account.advance(24 * HOUR_MS);
    expect((await readStatus(ledger)).judgedToday).toEqual({ steals: 0, regret: '0', gain: '0' });
    await account.sync('1000');
    await account.prices({ MSFT: '11', TSLA: '10' });
    expect(await account.steal(anOrder('q').of('TSLA').worth(400).pnl('99'))).toMatchObject({
      victims: [{ id: 'm' }],
    });
    await account.prices({ MSFT: '9' });
    await account.advance(HOUR_MS + 1);
    await sweep(ledger, 100);
    expect((await readStatus(ledger)).judgedToday).toEqual({ steals: 1, regret: '9', gain: '0' });
    await account.expectSound();
    await ledger.redis.hset(key(account.name, 'account'), 'judged_today', 'odd');
    expect((await readStatus(ledger)).judgedToday).toEqual({ steals: 0, regret: '0', gain: '0' });
  });

  it('follows at most 64 orders of a symbol', async () => {
    const account = await ledgers.account({ env: { WORK_STEALING_COOLDOWN: '0' } });
    await account.prices({ AAPL: '11' });
    const thieves = Array.from({ length: 66 }, (_, at) => `T${at}`);
    await account.prices(Object.fromEntries(thieves.map((symbol) => [symbol, '10'])));
    for (const [at, symbol] of thieves.entries()) {
      await account.place(anOrder(`a${at}`).of('AAPL').worth(1000).pnl('1'));
      await account.steal(anOrder(symbol).of(symbol).worth(1000).pnl('9'));
      await account.end(`a${at}`, 'cancelled');
      await release(account.ledger, symbol, 'test');
    }
    expect(await account.ledger.redis.zcard(key(account.name, 'watches'))).toBe(64);
  });
});
