/** lua/admit.lua: I1, I6, I8; docs/rules.md, 4. */
import { describe, expect, it } from 'vitest';
import { admit } from '../../../src/ledger/commands/admit.ts';
import { halt } from '../../../src/ledger/commands/halt.ts';
import { ledgerOn } from '../../../src/ledger/ledger.ts';
import { nameInSlot, slotOf } from '../../../src/redis/slot.ts';
import { useLedgers } from '../../support/fixtures.ts';
import { anOrder, expectNoEffect, failure, LEASE_MS, SYNC_MAX_AGE_MS } from '../../support/ledger.ts';

const ledgers = useLedgers();

describe('admission', () => {
  it('reserves room for an order that fits', async () => {
    const account = await ledgers.account();
    const answer = await account.admit(anOrder('a').worth(400));
    expect(answer).toEqual({
      outcome: 'fits',
      numbers: { need_micros: '400000000', room_micros: '600000000' },
    });
    expect(await account.order('a')).toMatchObject({
      state: 'reserved',
      heldMicros: 400_000_000,
      needMicros: 400_000_000,
      sentAtMs: 0,
    });
    expect(await account.used()).toBe(400_000_000);
    await account.expectSound();
  });

  it('takes an order that needs all the room there is, and none that needs a micro more', async () => {
    const account = await ledgers.account();
    await account.prices({ AAA: '10', BBB: '10' });
    expect(await account.admit(anOrder('over').at('10').worth(1000.000001))).toMatchObject({
      outcome: 'blocked',
      numbers: { need_micros: '1000000001', room_micros: '1000000000' },
    });
    expect(await account.admit(anOrder('even').of('BBB').at('10').worth(1000))).toMatchObject({
      outcome: 'fits',
    });
    expect(await account.room()).toBe(0);
  });

  it('rounds what an order needs up to the next micro', async () => {
    const account = await ledgers.account({ equity: '1001' });
    await account.admit(anOrder('a').of('AAA').at('0.333333333').qty('0.000000001'));
    await account.admit(anOrder('b').of('BBB').at('0.00002').qty('49999999.999999999'));
    await account.admit(anOrder('c').of('CCC').at('0.000000001').qty('1000.000000001'));
    expect((await account.order('a')).heldMicros).toBe(1);
    expect((await account.order('b')).heldMicros).toBe(1_000_000_000);
    expect((await account.order('c')).heldMicros).toBe(2);
  });

  it('counts 50000000 units at 0.00002 as exactly a thousand dollars', async () => {
    const account = await ledgers.account();
    expect(await account.admit(anOrder('a').at('0.00002').qty('50000000'))).toEqual({
      outcome: 'fits',
      numbers: { need_micros: '1000000000', room_micros: '0' },
    });
  });

  it('counts right up to the largest cap there is', async () => {
    const account = await ledgers.account({ equity: '9007199254.740991' });
    expect(await account.admit(anOrder('a').at('9007.199254740').qty('999999.999999999'))).toMatchObject({
      outcome: 'fits',
      numbers: { need_micros: '9007199254739991', room_micros: '1000' },
    });
    expect(await account.admit(anOrder('b').of('BBB').at('0.001').qty('1'))).toMatchObject({
      outcome: 'fits',
      numbers: { room_micros: '0' },
    });
    expect(await account.used()).toBe(9_007_199_254_740_991);
    expect((await failure(account.admit(anOrder('c').at('9007198').qty('1001')))).details).toMatchObject({
      field: 'qty',
    });
    await account.expectSound();
  });

  it('answers `exists` to the same wish, whatever became of it, and changes nothing (I6)', async () => {
    const account = await ledgers.account();
    await account.admit(anOrder('a'));
    expect(await expectNoEffect(account, () => account.admit(anOrder('a')))).toEqual([
      { outcome: 'exists', state: 'reserved' },
      { outcome: 'exists', state: 'reserved' },
    ]);
    await account.send('a');
    await account.end('a', 'cancelled');
    expect(await account.admit(anOrder('a'))).toEqual({ outcome: 'exists', state: 'cancelled' });
    expect(await account.used()).toBe(0);
  });

  it('refuses an id that stands for another wish', async () => {
    const account = await ledgers.account();
    await account.admit(anOrder('a'));
    const before = await account.keyspace();
    for (const other of [
      anOrder('a').of('BBB'),
      anOrder('a').selling(),
      anOrder('a').at('11'),
      anOrder('a').qty('9'),
      anOrder('a').exiting(),
    ]) {
      expect((await failure(account.admit(other))).code).toBe('contradiction');
    }
    expect(await account.keyspace()).toEqual(before);
  });

  it('knows a wish again however its decimals are written', async () => {
    const account = await ledgers.account();
    await account.admit(anOrder('a').at('10').qty('5'));
    expect(await account.admit(anOrder('a').at('10.00').qty('5.0'))).toMatchObject({ outcome: 'exists' });
  });

  it('counts an order in its own pool and in total, and asks for room in both', async () => {
    const account = await ledgers.account({ env: { WORK_STEALING_POOLS: 'crypto:0.5' } });
    await account.prices({ BTCUSD: '10', ETHUSD: '10' });
    await account.admit(anOrder('a').of('BTCUSD').in('crypto').worth(400));
    expect([await account.used(), await account.used('crypto')]).toEqual([400_000_000, 400_000_000]);
    expect(await account.admit(anOrder('b').of('ETHUSD').in('crypto').worth(101))).toMatchObject({
      outcome: 'blocked',
      numbers: { need_micros: '101000000', room_micros: '600000000', pool_room_micros: '100000000' },
    });
    expect(await account.admit(anOrder('c').of('ETHUSD').in('crypto').worth(100))).toMatchObject({
      outcome: 'fits',
    });
    expect(await account.admit(anOrder('d').worth(500))).toMatchObject({ outcome: 'fits' });
    expect([await account.room(), await account.room('crypto')]).toEqual([0, 0]);
    await account.expectSound();
  });

  it('refuses a pool that the account does not have', async () => {
    const account = await ledgers.account();
    const before = await account.keyspace();
    expect((await failure(account.admit(anOrder('a').in('bonds')))).details).toMatchObject({
      command: 'admit',
      field: 'pool',
      value: 'bonds',
    });
    expect(await account.keyspace()).toEqual(before);
  });

  it('admits an exit however full the book is, and counts nothing for it', async () => {
    const account = await ledgers.account({
      positions: [{ symbol: 'BBB', side: 'long', qty: '90', costMicros: 0, pool: '' }],
    });
    await account.admit(anOrder('a').worth(1000));
    expect(await account.admit(anOrder('x').of('BBB').selling().exiting().worth(900))).toMatchObject({
      outcome: 'fits',
    });
    expect(await account.order('x')).toMatchObject({ heldMicros: 0, needMicros: 0, kind: 'exit' });
    expect(await account.used()).toBe(1_000_000_000);
    await account.expectSound();
  });

  it('gives nothing out while the cap is exceeded, until it fits again (I1)', async () => {
    const account = await ledgers.account();
    await account.place(anOrder('a').worth(800));
    await account.sync('500');
    await account.prices({ BBB: '10' });
    expect(await account.admit(anOrder('b').of('BBB').worth(1))).toMatchObject({
      outcome: 'blocked',
      numbers: { room_micros: '-300000000' },
    });
    await account.sync('801');
    expect(await account.admit(anOrder('b').of('BBB').worth(1))).toMatchObject({ outcome: 'fits' });
  });
});

describe('an order that does not fit', () => {
  it('gets the first reason why it may not steal', async () => {
    const account = await ledgers.account({ equity: '10' });
    const full = anOrder('a').worth(100);
    expect(await account.admit(full)).toMatchObject({ outcome: 'no_price' });
    await account.prices({ AAA: '10.030000001' });
    expect(await account.admit(full)).toMatchObject({
      outcome: 'not_close_enough',
      numbers: { price: '10.030000001', gate_price: '10.03', distance: '0.003000000' },
    });
    await account.prices({ AAA: '10.03' });
    expect(await account.admit(full)).toMatchObject({ outcome: 'blocked' });
    await account.prices({ AAA: '0' });
    expect(await account.admit(full)).toMatchObject({ outcome: 'no_price' });
    await account.configure({ WORK_STEALING_ENABLED: '0' });
    expect(await account.admit(full)).toMatchObject({ outcome: 'disabled' });
    await account.advance(SYNC_MAX_AGE_MS + 1);
    expect(await account.admit(full)).toMatchObject({ outcome: 'unsynced' });
    await halt(account.ledger, 'test');
    expect(await account.admit(full)).toMatchObject({ outcome: 'halted' });
  });

  it('has a price for 15 s and not a millisecond longer', async () => {
    const account = await ledgers.account({ equity: '10' });
    await account.prices({ AAA: '10' });
    await account.advanceHealth(15_000);
    expect(await account.admit(anOrder('a'))).toMatchObject({ outcome: 'blocked' });
    await account.advanceHealth(1);
    expect(await account.admit(anOrder('a'))).toMatchObject({
      outcome: 'no_price',
      numbers: { quote_age_ms: '15001' },
    });
  });

  it('of a seller is close enough below its limit as far as a buyer is above', async () => {
    const account = await ledgers.account({ equity: '10' });
    await account.prices({ AAA: '9.97' });
    expect(await account.admit(anOrder('a').selling())).toMatchObject({ outcome: 'blocked' });
    await account.prices({ AAA: '9.969999999' });
    expect(await account.admit(anOrder('a').selling())).toMatchObject({ outcome: 'not_close_enough' });
    await account.prices({ AAA: '12' });
    expect(await account.admit(anOrder('a').selling())).toMatchObject({ outcome: 'blocked' });
  });
});

describe('an account that cannot be trusted', () => {
  it('admits nothing when the ledger does not hold it (I8)', async () => {
    const ledger = await ledgers.bare();
    const account = await ledgers.account();
    expect(await admit(ledger, anOrder('a').wish, LEASE_MS)).toMatchObject({ outcome: 'unsynced' });
    expect(await ledger.redis.exists(`ws:{${ledger.account}}:account`)).toBe(0);
    await account.expectSound();
  });

  it('admits nothing when it was reconciled on another server (I8)', async () => {
    const account = await ledgers.account();
    const elsewhere = { ...account.ledger, serverId: () => Promise.resolve('another-server') };
    expect(await admit(elsewhere, anOrder('a').wish, LEASE_MS)).toMatchObject({ outcome: 'unsynced' });
    expect(await account.used()).toBe(0);
  });

  it('admits until the last reconciliation is too old, to the millisecond (I8)', async () => {
    const account = await ledgers.account();
    await account.advanceHealth(SYNC_MAX_AGE_MS);
    expect(await account.admit(anOrder('a'), SYNC_MAX_AGE_MS)).toMatchObject({ outcome: 'fits' });
    await account.advanceHealth(1);
    expect(await account.admit(anOrder('b'))).toMatchObject({ outcome: 'unsynced' });
    await account.sync('1000');
    expect(await account.admit(anOrder('b'))).toMatchObject({ outcome: 'fits' });
  });

  it('shares nothing with another account on the same connection', async () => {
    const account = await ledgers.account();
    const other = ledgerOn(account.ledger.redis, nameInSlot(slotOf(account.name), account.name));
    expect(await admit(other, anOrder('a').wish, LEASE_MS)).toMatchObject({ outcome: 'unsynced' });
    expect(await account.used()).toBe(0);
  });
});

describe('what the broker would not take', () => {
  const why = { why: 'price_step', words: 'limit 10.001 is not a multiple of 0.01' } as const;

  it('is refused with the reason, whatever room there is, and is on record for its plan', async () => {
    const account = await ledgers.account();
    const wish = anOrder('p_1').plan('p').at('10.001').wish;
    expect(await admit(account.ledger, wish, LEASE_MS, why)).toMatchObject({
      outcome: 'untakeable',
      numbers: { ...why, room_micros: '1000000000' },
    });
    expect(await account.field('refusal:p', 'words')).toBe(why.words);
    expect(await account.used()).toBe(0);
  });

  it('comes after the reasons that close the account, and never for a known order', async () => {
    const account = await ledgers.account();
    await account.admit(anOrder('a'));
    expect(await admit(account.ledger, anOrder('a').wish, LEASE_MS, why)).toEqual({
      outcome: 'exists',
      state: 'reserved',
    });
    await halt(account.ledger, 'test');
    expect(await admit(account.ledger, anOrder('b').wish, LEASE_MS, why)).toMatchObject({
      outcome: 'halted',
    });
  });
});
