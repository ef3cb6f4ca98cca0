/**
 * lua/cash.lua, lua/include/cash.lua: crypto is bought with cash alone. A built-in pool holds the cash that
 * the broker reports.
 */
import { describe, expect, it } from 'vitest';
import { dollarsToMicros } from '../../../src/domain/money.ts';
import { adopt } from '../../../src/ledger/commands/adopt.ts';
import { amend } from '../../../src/ledger/commands/amend.ts';
import { tellCash } from '../../../src/ledger/commands/cash.ts';
import { claim } from '../../../src/ledger/commands/claim.ts';
import { fill } from '../../../src/ledger/commands/fill.ts';
import { filePlan } from '../../../src/ledger/commands/plans.ts';
import { release } from '../../../src/ledger/commands/release.ts';
import { submit } from '../../../src/ledger/commands/submit.ts';
import { useLedgers } from '../../support/fixtures.ts';
import { anOrder, LEASE_MS, type OrderBuilder, type TestAccount } from '../../support/ledger.ts';

const ledgers = useLedgers();

const APART_MS = 5_000;
const coin = (id: string, dollars: number, symbol = 'BTCUSD'): OrderBuilder =>
  anOrder(id).of(symbol).worth(dollars).pnl('50');

/** What the broker tells, `laterMs` after the last time. */
async function tell(account: TestAccount, dollars: number, laterMs = APART_MS): Promise<void> {
  await account.advanceHealth(laterMs);
  expect(
    await tellCash(account.ledger, dollarsToMicros(`${dollars}`, 'down'), account.healthMs(), APART_MS),
  ).toBe('told');
}

/** 2,000 dollars of room, and so much cash. */
async function withCash(dollars: number, env: Record<string, string> = {}): Promise<TestAccount> {
  const account = await ledgers.account({ equity: '2000', env });
  await account.prices({ BTCUSD: '10', ETHUSD: '11', SOLUSD: '11', AAA: '11', BBB: '11', TTT: '10' });
  await tell(account, dollars);
  return account;
}

const cashRoom = async (account: TestAccount): Promise<number> =>
  (Number(await account.field('account', 'cap_micros:cash')) -
    Number(await account.field('account', 'orders_micros:cash'))) /
  1e6;

describe('a buy of crypto', () => {
  it('fits in the cash that there is, to the last micro, whatever room there is else', async () => {
    const account = await withCash(100);
    expect(await account.admit(coin('a', 100.000001))).toMatchObject({
      outcome: 'blocked',
      numbers: { cash_room_micros: '100000000' },
    });
    expect(await account.admit(coin('b', 100))).toMatchObject({
      outcome: 'fits',
      numbers: { cash_room_micros: '0' },
    });
    expect(await account.admit(coin('c', 1, 'ETHUSD').at('11'))).not.toMatchObject({ outcome: 'fits' });
    await account.expectSound();
  });

  it('needs no cash if none was reported, to sell, or to close a position', async () => {
    const untold = await ledgers.account({ equity: '2000' });
    expect(await untold.admit(coin('a', 500))).toMatchObject({ outcome: 'fits' });
    const account = await withCash(0);
    expect(await account.admit(coin('b', 500).selling())).toMatchObject({ outcome: 'fits' });
    expect(await account.admit(anOrder('c').worth(500))).toMatchObject({ outcome: 'fits' });
    await account.expectSound();
  });

  it('that lacks only cash takes no stock', async () => {
    const account = await withCash(10);
    await account.place(anOrder('stock').worth(500).pnl('1'), anOrder('other').of('BBB').worth(500).pnl('1'));
    expect(await account.admit(coin('thief', 100))).toMatchObject({ outcome: 'blocked' });
    const refused = await account.steal(coin('thief', 100));
    expect(refused).toMatchObject({
      outcome: 'no_candidates',
      numbers: { room_micros: '1000000000', cash_room_micros: '10000000' },
    });
    expect(refused).toMatchObject({ numbers: { passed_over: expect.stringContaining('no_cash 2') } });
    expect(await account.outbox()).toEqual([]);
  });

  it('that lacks only cash takes no sale of crypto, and begins no fight over one', async () => {
    const account = await withCash(10, { WORK_STEALING_FIGHT_THRESHOLD: '1' });
    await account.place(coin('sale', 500, 'ETHUSD').selling().at('12').pnl('1'));
    const refused = await account.steal(coin('thief', 100));
    expect(refused).toMatchObject({ outcome: 'no_candidates', wouldFight: [] });
    expect(refused).toMatchObject({ numbers: { passed_over: expect.stringContaining('no_cash 1') } });
    await account.expectSound();
  });

  it('that lacks cash takes it from crypto, worst first, past stocks that are worse still', async () => {
    const account = await withCash(300);
    await account.place(
      anOrder('stock').worth(500).pnl('0'),
      anOrder('eth').of('ETHUSD').worth(200).pnl('2'),
      anOrder('sol').of('SOLUSD').worth(100).pnl('1'),
    );
    const stolen = await account.steal(coin('thief', 250));
    expect(stolen).toMatchObject({ outcome: 'stolen', victims: [{ id: 'sol' }, { id: 'eth' }] });
    expect(await account.used()).toBe(1_050_000_000);
    expect(await account.end('sol', 'cancelled')).toMatchObject({ steal: { state: 'pending' } });
    // What was freed is the thief's (I5).
    expect(await account.admit(coin('late', 1).of('ETHUSD'))).not.toMatchObject({ outcome: 'fits' });
    expect(await account.end('eth', 'cancelled')).toMatchObject({ steal: { state: 'granted' } });
    expect(await cashRoom(account)).toBe(50);
    await account.send('thief');
    await account.expectSound();
  });

  it('that lacks cash and room takes only orders that free what is needed', async () => {
    const account = await withCash(300);
    await account.place(
      anOrder('s1').worth(900).pnl('0'),
      anOrder('s2').of('BBB').worth(800).pnl('0.5'),
      anOrder('eth').of('ETHUSD').worth(300).pnl('1'),
    );
    const stolen = await account.steal(coin('thief', 300));
    expect(stolen).toMatchObject({ outcome: 'stolen', victims: [{ id: 'eth' }] });
    await account.end('eth', 'cancelled');
    await account.send('thief');
    expect(await account.used()).toBe(2_000_000_000);
    await account.expectSound();
  });

  it('gives its cash back with its room', async () => {
    const account = await withCash(100);
    await account.admit(coin('a', 100));
    await release(account.ledger, 'a', 'price_moved');
    expect(await cashRoom(account)).toBe(100);
  });

  it('goes on counting in a pool of its own beside', async () => {
    const account = await withCash(500, { WORK_STEALING_POOLS: 'crypto:0.1' });
    expect(await account.admit(coin('a', 201).in('crypto'))).toMatchObject({
      outcome: 'blocked',
      numbers: { pool_room_micros: '200000000' },
    });
    expect(await account.admit(coin('b', 200).in('crypto'))).toMatchObject({ outcome: 'fits' });
    await account.expectSound();
  });

  it('is not sent when the cash was taken meanwhile', async () => {
    const account = await withCash(100);
    await account.admit(coin('a', 100));
    await tell(account, 50, 1);
    expect(await submit(account.ledger, 'a', LEASE_MS)).toEqual({ outcome: 'over_cap' });
  });
});

it('a crypto buy found at the broker takes its cash, for its plan and after a change too', async () => {
  const account = await withCash(500);
  const terms = { symbol: 'BTCUSD', side: 'buy', qty: '20' } as const;
  const found = {
    ...terms,
    id: 'p_1',
    brokerId: 'b1',
    limit: '10',
    filledQty: '0',
    filledMicros: 0,
    pool: '',
    reducing: false,
  };
  expect(await adopt(account.ledger, found, account.healthMs())).toBe('adopted');
  expect(await cashRoom(account)).toBe(300);
  await account.expectSound();
  await filePlan(account.ledger, {
    ...{
      id: 'p',
      mode: 'normal',
      limit: '10',
      pnl: '1',
      pool: '',
      takeProfit: '11',
      startsAtMs: 0,
      expiresAtMs: 0,
      holdMs: 0,
    },
    ...{ ...terms, strategy: 'test' },
  });
  expect(await claim(account.ledger, 'p', 'p_1')).toBe('claimed');
  expect(await cashRoom(account)).toBe(300);
  await account.expectSound();
  const changed = { ...terms, id: 'p_1', brokerId: 'b2', qty: '30' };
  await amend(account.ledger, {
    was: 'b1',
    terms: changed,
    limit: '10',
    before: { qty: '0', micros: 0 },
    takes: 'now',
  });
  expect(await cashRoom(account)).toBe(200);
  await account.expectSound();
});

describe("the broker's report", () => {
  it('has the orders that work there taken off already: they come on top', async () => {
    const account = await withCash(100);
    await account.place(coin('a', 60));
    await tell(account, 40);
    expect(await cashRoom(account)).toBe(40);
  });

  it('has no order taken off that was sent after it was asked', async () => {
    const account = await withCash(100);
    for (const [order, told] of [
      [coin('a', 60), '100'],
      [coin('b', 40, 'ETHUSD'), '40'],
    ] as const) {
      await account.advanceHealth(APART_MS);
      const askedMs = account.healthMs();
      await account.advanceHealth(1);
      await account.place(order);
      expect(await tellCash(account.ledger, dollarsToMicros(told, 'down'), askedMs, APART_MS)).toBe('told');
    }
    expect(await cashRoom(account)).toBe(0);
  });

  it('falls at once, and rises after two reports, far enough apart', async () => {
    const account = await withCash(100);
    await tell(account, 70, 1);
    expect(await cashRoom(account)).toBe(70);
    await tell(account, 500);
    expect(await cashRoom(account)).toBe(70);
    await tell(account, 400, 1);
    expect(await cashRoom(account)).toBe(70);
    await tell(account, 500);
    expect(await cashRoom(account)).toBe(400);
  });

  it('counts an order twice for a moment rather than not at all: an unseen end frees nothing', async () => {
    const account = await withCash(100);
    await account.place(coin('a', 60));
    await tell(account, 40);
    await tell(account, 100); // `a` is gone at the broker, and works in the ledger
    await account.end('a', 'cancelled');
    expect(await cashRoom(account)).toBe(100);
    await account.expectSound();
  });

  it('is spent by fills until the next report, also of stocks', async () => {
    const account = await withCash(500);
    await account.place(coin('a', 100), anOrder('s').worth(200));
    await fill(account.ledger, 'a', '5', 45_000_000);
    expect(await cashRoom(account)).toBe(405);
    await account.end('s', 'filled', '20');
    expect(await cashRoom(account)).toBe(205);
    await tell(account, 205);
    expect(await cashRoom(account)).toBe(205);
    await account.expectSound();
  });

  it("is not changed by sales, whose proceeds wait for the broker's report", async () => {
    const account = await withCash(500);
    await account.place(anOrder('s').worth(200).selling());
    await account.end('s', 'filled', '20');
    expect(await cashRoom(account)).toBe(500);
  });

  it('limits nothing once switched off; an older report changes nothing', async () => {
    const account = await withCash(100);
    expect(await tellCash(account.ledger, 0, account.healthMs() - 1, APART_MS)).toBe('exists');
    expect(await tellCash(account.ledger, undefined, account.healthMs(), APART_MS)).toBe('told');
    expect(await account.admit(coin('a', 1_000))).toMatchObject({ outcome: 'fits' });
  });
});
