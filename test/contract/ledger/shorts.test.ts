/** A sale that opens a short position counts at its possible market cost (lua/include/shorts.lua; I1, I2). */
import { describe, expect, it } from 'vitest';
import { adopt } from '../../../src/ledger/commands/adopt.ts';
import { amend } from '../../../src/ledger/commands/amend.ts';
import { fill } from '../../../src/ledger/commands/fill.ts';
import { submit } from '../../../src/ledger/commands/submit.ts';
import { useLedgers } from '../../support/fixtures.ts';
import { runCommand } from '../../support/inspection.ts';
import {
  type AccountOptions,
  anOrder,
  expectNoEffect,
  LEASE_MS,
  type TestAccount,
} from '../../support/ledger.ts';

const ledgers = useLedgers();

/** An account of 1,000 dollars with the margin of 3 %. */
const account = ({ env, ...options }: AccountOptions = {}): Promise<TestAccount> =>
  ledgers.account({ ...options, env: { WORK_STEALING_SHORT_MARGIN: '0.03', ...env } });
const short = (id: string, qty = '5', limit = '100') => anOrder(id).selling().at(limit).qty(qty);

describe('a short sale', () => {
  it('needs the last price and 3 % more, where its limit is below that', async () => {
    const one = await account();
    await one.prices({ AAA: '150' });
    expect(await one.admit(short('a', '9'))).toMatchObject({
      outcome: 'blocked',
      numbers: { need_micros: '1390500000' },
    });
    expect(await one.admit(short('b', '6'))).toEqual({
      outcome: 'fits',
      numbers: { need_micros: '927000000', room_micros: '73000000' },
    });
    await one.expectSound();
  });

  it('needs its limit where that is higher; a price with many decimals is rounded up', async () => {
    const one = await account();
    await one.prices({ AAA: '97', BBB: '0.333333333' });
    expect(await one.admit(short('a'))).toMatchObject({ numbers: { need_micros: '500000000' } });
    // 0.333333333 x 1.03 = 0.34333333299: a nano more
    expect(await one.admit(short('b', '1000000000', '0.000000001').of('BBB'))).toMatchObject({
      numbers: { need_micros: '343333333000000' },
    });
  });

  it('is refused without a fresh price, however much room there is', async () => {
    const one = await account();
    expect(await one.admit(short('a'))).toMatchObject({ outcome: 'no_price', numbers: { quote_age_ms: '' } });
    await one.prices({ AAA: '100' });
    await one.advanceHealth(15_001);
    const before = await one.book();
    expect(await one.admit(short('a'))).toMatchObject({
      outcome: 'no_price',
      numbers: { quote_age_ms: '15001' },
    });
    expect(await one.steal(short('a'))).toMatchObject({ outcome: 'no_price' });
    expect(await one.book()).toEqual(before);
  });

  it('is refused while a price above the last is in doubt, and not for one below (I1)', async () => {
    const one = await account({ env: { WORK_STEALING_QUOTE_MAX_JUMP: '0.2' } });
    await one.prices({ AAA: '100' });
    await one.admit(short('reserved', '2'));
    await one.prices({ AAA: '150' });
    expect(await one.admit(short('a', '6').plan('p'))).toMatchObject({
      outcome: 'no_price',
      numbers: { quote_age_ms: '0', doubted_price: '150' },
    });
    expect(await one.steal(short('a', '6'))).toMatchObject({ outcome: 'no_price' });
    expect(await submit(one.ledger, 'reserved', LEASE_MS)).toEqual({ outcome: 'no_price' });
    expect(await runCommand(ledgers.url, one.name, 'why', ['p'])).toContain(
      'a price of 150, above the last, was in doubt: it may be true',
    );
    await one.advanceHealth(1_000);
    await one.prices({ AAA: '151' });
    expect(await submit(one.ledger, 'reserved', LEASE_MS)).toEqual({ outcome: 'send' });
    expect((await one.order('reserved')).heldMicros).toBe(311_060_000);
    await one.prices({ AAA: '100' });
    expect(await one.admit(short('b', '1'))).toMatchObject({
      outcome: 'fits',
      numbers: { need_micros: '155530000' },
    });
    await one.expectSound();
  });

  it('that is found at the broker counts at a price that is in doubt', async () => {
    const one = await account({ env: { WORK_STEALING_QUOTE_MAX_JUMP: '0.2' } });
    await one.prices({ AAA: '100' });
    await one.prices({ AAA: '150' });
    const found = {
      id: 'found',
      brokerId: 'b',
      symbol: 'AAA',
      side: 'sell',
      limit: '100',
      qty: '2',
      filledQty: '0',
      filledMicros: 0,
      pool: '',
      reducing: false,
    } as const;
    await adopt(one.ledger, found, 1);
    expect(await one.used()).toBe(309_000_000);
    await one.expectSound();
  });

  it('counts what it cost as it is filled, and its rest as before', async () => {
    const one = await account({ env: { WORK_STEALING_POOLS: 'stock:1' } });
    await one.prices({ AAA: '150' });
    await one.place(short('a', '6').in('stock'));
    await fill(one.ledger, 'a', '2', 300_000_000);
    expect([await one.used(), await one.used('stock')]).toEqual([918_000_000, 918_000_000]);
    await one.expectSound();
    await fill(one.ledger, 'a', '4', 604_000_000);
    expect(await one.used()).toBe(913_000_000);
    expect(await one.end('a', 'cancelled', '4', 604_000_000)).toMatchObject({ freedMicros: 309_000_000 });
    expect([await one.used(), await one.used('stock')]).toEqual([604_000_000, 604_000_000]);
    await one.expectSound();
  });

  it('counts at its limit where the margin is 0', async () => {
    const one = await account({ env: { WORK_STEALING_SHORT_MARGIN: '0' } });
    await one.place(short('a'));
    expect(await one.used()).toBe(500_000_000);
  });

  it('is known again by its wish (I6), and a purchase has nothing to do with it', async () => {
    const one = await account();
    await one.prices({ AAA: '150' });
    await one.admit(short('a'));
    await one.prices({ AAA: '160' });
    expect(await expectNoEffect(one, () => one.admit(short('a')))).toMatchObject([
      { outcome: 'exists' },
      { outcome: 'exists' },
    ]);
    await one.admit(anOrder('b').of('BBB').worth(100));
    expect((await one.order('b')).heldMicros).toBe(100_000_000);
  });
});

describe('before it is sent, a short sale', () => {
  it('takes more room where the price rose, in its own pool too', async () => {
    const one = await account({ env: { WORK_STEALING_POOLS: 'stock:0.8' } });
    await one.prices({ AAA: '100' });
    await one.admit(short('a').in('stock'));
    expect([await one.used(), await one.used('stock')]).toEqual([515_000_000, 515_000_000]);
    await one.prices({ AAA: '110' });
    expect(await submit(one.ledger, 'a', LEASE_MS)).toEqual({ outcome: 'send' });
    expect([await one.used(), await one.used('stock')]).toEqual([566_500_000, 566_500_000]);
    await one.expectSound();
  });

  it.each(['total', 'stock'])('is not sent where %s has no room for that', async (pool) => {
    const one = await account({ env: { WORK_STEALING_POOLS: `stock:${pool === 'stock' ? 0.52 : 1}` } });
    await one.prices({ AAA: '100' });
    if (pool === 'total') await one.admit(anOrder('other').of('BBB').worth(480));
    await one.admit(short('a').in('stock'));
    await one.prices({ AAA: '102' });
    const before = await one.book();
    expect(await submit(one.ledger, 'a', LEASE_MS)).toEqual({ outcome: 'over_cap' });
    expect(await one.book()).toEqual(before);
    await one.prices({ AAA: '100' });
    expect(await submit(one.ledger, 'a', LEASE_MS)).toEqual({ outcome: 'send' });
  });

  it('keeps what it holds if the price fell, and is not sent if the price is unknown', async () => {
    const one = await account();
    await one.prices({ AAA: '100' });
    await one.admit(short('a'));
    await one.advanceHealth(15_001);
    expect(await submit(one.ledger, 'a', LEASE_MS)).toEqual({ outcome: 'no_price' });
    await one.prices({ AAA: '90' });
    expect(await submit(one.ledger, 'a', LEASE_MS)).toEqual({ outcome: 'send' });
    expect(await one.used()).toBe(515_000_000);
    await one.expectSound();
  });
});

describe('in a steal, a short sale', () => {
  it('takes room for what it may cost, and uses what its victims free', async () => {
    const one = await account();
    await one.prices({ AAA: '11', BBB: '11', TTT: '100' });
    await one.place(anOrder('v').worth(700), anOrder('w').of('BBB').worth(200).pnl('1'));
    const thief = short('t', '2').of('TTT').pnl('10');
    expect(await one.steal(thief)).toMatchObject({
      outcome: 'stolen',
      victims: [{ id: 'v' }],
      numbers: { need_micros: '206000000', room_micros: '0' },
    });
    expect(await one.end('v', 'cancelled')).toMatchObject({ steal: { state: 'granted' } });
    await one.send('t');
    expect((await one.order('t')).heldMicros).toBe(206_000_000);
    await one.expectSound();
  });

  it('gives its thief all that it held', async () => {
    const one = await account();
    await one.prices({ AAA: '99.5', TTT: '10' });
    await one.place(short('v'));
    const held = (await one.order('v')).heldMicros;
    expect(held).toBe(512_425_000);
    const thief = anOrder('t').of('TTT').worth(1000).pnl('10');
    expect(await one.steal(thief)).toMatchObject({
      outcome: 'stolen',
      victims: [{ id: 'v', heldMicros: held }],
    });
    expect(await one.end('v', 'cancelled')).toMatchObject({ freedMicros: held, steal: { state: 'granted' } });
    expect(await one.used()).toBe(1_000_000_000);
    await one.expectSound();
  });
});

it('a short sale found at the broker counts the same, and at its limit without a price', async () => {
  const one = await account();
  const found = (id: string, symbol: string) =>
    ({
      id,
      brokerId: id,
      symbol,
      side: 'sell',
      limit: '100',
      qty: '3',
      filledQty: '1',
      filledMicros: 1,
      pool: '',
      reducing: false,
    }) as const;
  await one.prices({ AAA: '120' });
  await adopt(one.ledger, found('a', 'AAA'), 1);
  await adopt(one.ledger, found('b', 'BBB'), 1);
  expect([(await one.order('a')).heldMicros, (await one.order('b')).heldMicros]).toEqual([
    247_200_000, 200_000_000,
  ]);
  await fill(one.ledger, 'a', '2', 1);
  expect((await one.order('a')).heldMicros).toBe(123_600_000);
  await one.expectSound();
});

it('a short sale whose limit a person lowers keeps its count: it may fill at its old limit', async () => {
  const one = await account();
  await one.prices({ AAA: '90' });
  await one.place(short('a'));
  expect(await one.used()).toBe(500_000_000);
  const terms = { id: 'a', brokerId: 'b2', symbol: 'AAA', side: 'sell', qty: '5' } as const;
  const amendment = {
    was: 'broker-a',
    terms,
    limit: '80',
    before: { qty: '0', micros: 0 },
    takes: 'now',
  } as const;
  expect(await amend(one.ledger, amendment)).toBe('amended');
  expect(await one.used()).toBe(500_000_000);
  await fill(one.ledger, 'a', '2', 180_000_000);
  expect(await one.used()).toBe(480_000_000);
  await one.expectSound();
});
