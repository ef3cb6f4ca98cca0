/** lua/settle.lua, lua/include/steals.lua: a steal after its commit (I4, I5, I6, I9). */
import { describe, expect, it } from 'vitest';
import { amend } from '../../../src/ledger/commands/amend.ts';
import { cancel } from '../../../src/ledger/commands/cancel.ts';
import { fill } from '../../../src/ledger/commands/fill.ts';
import { release } from '../../../src/ledger/commands/release.ts';
import { settle } from '../../../src/ledger/commands/settle.ts';
import { submit } from '../../../src/ledger/commands/submit.ts';
import { sweep } from '../../../src/ledger/commands/sweep.ts';
import { key } from '../../../src/ledger/keys.ts';
import { useLedgers } from '../../support/fixtures.ts';
import { anOrder, expectNoEffect, failure, LEASE_MS, type TestAccount } from '../../support/ledger.ts';

const ledgers = useLedgers();

/** Two victims of 300 dollars being cancelled for a thief of 600; nothing else, no room left. */
async function aSteal(): Promise<TestAccount> {
  const account = await ledgers.account({ equity: '600' });
  await account.prices({ AAA: '11', BBB: '11', TTT: '10', UUU: '10' });
  await account.place(anOrder('a').worth(300), anOrder('b').of('BBB').worth(300));
  expect(await account.steal(anOrder('t').of('TTT').worth(600).pnl('10').plan('plan-t'))).toMatchObject({
    outcome: 'stolen',
  });
  return account;
}

describe('a steal after its commit', () => {
  it('is granted when the last victim’s cancellation is confirmed', async () => {
    const account = await aSteal();
    expect(await account.end('a', 'cancelled')).toEqual({
      outcome: 'settled',
      freedMicros: 300_000_000,
      steal: { id: 't', state: 'pending' },
    });
    expect(await account.order('t')).toMatchObject({ state: 'pending', heldMicros: 300_000_000 });
    expect(await account.outbox()).toEqual([{ id: 't', victims: ['a', 'b'] }]);
    expect(await account.end('b', 'cancelled')).toEqual({
      outcome: 'settled',
      freedMicros: 300_000_000,
      steal: { id: 't', state: 'granted' },
    });
    expect(await account.order('t')).toMatchObject({ state: 'reserved', heldMicros: 600_000_000 });
    expect(await account.outbox()).toEqual([]);
    await account.send('t');
    expect(await account.used()).toBe(600_000_000);
    await account.expectSound();
  });

  it('keeps the freed room for its thief alone (I5)', async () => {
    const account = await aSteal();
    await account.end('a', 'cancelled');
    expect(await account.admit(anOrder('u').of('UUU').worth(1))).toMatchObject({
      outcome: 'blocked',
      numbers: { room_micros: '0' },
    });
    await account.end('b', 'cancelled');
    expect(await account.admit(anOrder('u').of('UUU').worth(1))).toMatchObject({
      outcome: 'blocked',
      numbers: { room_micros: '0' },
    });
    expect(await release(account.ledger, 't', 'refused')).toBe('released');
    expect(await account.admit(anOrder('u').of('UUU').worth(600))).toMatchObject({ outcome: 'fits' });
    await account.expectSound();
  });

  it('is granted as soon as it is covered, though a victim is still being cancelled', async () => {
    const account = await aSteal();
    await account.sync('900');
    await account.place(anOrder('x').of('XXX').worth(300));
    await account.end('x', 'cancelled');
    expect(await account.end('a', 'cancelled')).toMatchObject({ steal: { state: 'pending' } });
    await account.sync('600');
    expect(await account.end('b', 'cancelled')).toMatchObject({ steal: { state: 'granted' } });
    await account.expectSound();
  });

  it('covers a thief that lacked little by its first victim, and frees the second for all', async () => {
    const account = await ledgers.account({ equity: '600' });
    await account.prices({ AAA: '11', BBB: '11', TTT: '10' });
    await account.place(anOrder('a').worth(300).pnl('1'), anOrder('b').of('BBB').worth(300).pnl('1'));
    await account.steal(anOrder('t').of('TTT').worth(301).pnl('10'));
    await account.end('a', 'cancelled');
    expect(await account.order('t')).toMatchObject({ state: 'pending', heldMicros: 300_000_000 });
    expect(await account.end('b', 'cancelled')).toMatchObject({ steal: { state: 'granted' } });
    expect(await account.room()).toBe(299_000_000);
    expect(await account.outbox()).toEqual([]);
  });

  it('fails when a victim filled while being cancelled; its thief holds nothing and learns it', async () => {
    const account = await aSteal();
    await account.end('a', 'cancelled');
    expect(await account.end('b', 'filled', '30')).toEqual({
      outcome: 'settled',
      freedMicros: 0,
      steal: { id: 't', state: 'failed' },
    });
    expect(await account.order('t')).toMatchObject({
      state: 'rejected',
      reason: 'steal_failed',
      heldMicros: 0,
    });
    expect(await account.room()).toBe(300_000_000);
    expect(await account.outbox()).toEqual([]);
    await account.expectSound();
  });

  it('stays as it is in an older copy of the book, where it may have been granted and sent', async () => {
    const account = await aSteal();
    // The other server's id begins as this one's does.
    const id = (await account.field('account', 'server_id')) as string;
    await account.ledger.redis.hset(key(account.name, 'account'), 'server_id', id.slice(0, -1));
    await account.end('a', 'cancelled');
    expect(await account.end('b', 'filled', '30')).toMatchObject({ steal: { state: 'pending' } });
    expect(await account.order('t')).toMatchObject({ state: 'pending', heldMicros: 300_000_000 });
    await account.expectSound();
  });

  it('is still granted when room becomes free elsewhere', async () => {
    const account = await aSteal();
    await account.end('a', 'cancelled');
    await account.sync('900');
    expect(await account.end('b', 'filled', '30')).toMatchObject({ steal: { state: 'granted' } });
    expect([await account.used(), await account.room()]).toEqual([900_000_000, 0]);
    await account.expectSound();
  });

  it('gets the rest of a victim that was filled in part and then cancelled', async () => {
    const account = await aSteal();
    expect(await fill(account.ledger, 'a', '10', 100_000_000)).toBe('filled_so_far');
    expect(await account.order('a')).toMatchObject({
      state: 'cancelling',
      heldMicros: 200_000_000,
      filledQty: '10',
    });
    expect(await account.end('a', 'cancelled', '10')).toMatchObject({
      freedMicros: 200_000_000,
      steal: { state: 'pending' },
    });
    expect(await account.order('t')).toMatchObject({ heldMicros: 200_000_000 });
    expect(await account.end('b', 'cancelled')).toMatchObject({ steal: { state: 'failed' } });
    expect([await account.used(), await account.room()]).toEqual([100_000_000, 500_000_000]);
    await account.expectSound();
  });

  it('makes good a lowered cap first (I1)', async () => {
    const account = await aSteal();
    await account.sync('400');
    await account.end('a', 'cancelled');
    expect(await account.order('t')).toMatchObject({ state: 'pending', heldMicros: 100_000_000 });
    expect(await account.room()).toBe(0);
    expect(await account.end('b', 'cancelled')).toMatchObject({ steal: { state: 'failed' } });
    expect(await account.room()).toBe(400_000_000);
    await account.expectSound();
  });

  it('is granted when a cap that was lowered comes back in time', async () => {
    const account = await aSteal();
    await account.sync('100');
    await account.end('a', 'cancelled');
    expect(await account.order('t')).toMatchObject({ state: 'pending', heldMicros: 0 });
    await account.sync('600');
    expect(await account.end('b', 'cancelled')).toMatchObject({ steal: { state: 'granted' } });
    expect(await account.order('t')).toMatchObject({ heldMicros: 600_000_000 });
    await account.expectSound();
  });

  it('whose thief gave up frees its victims’ room for all; its record stays until they end', async () => {
    const account = await aSteal();
    expect(await release(account.ledger, 't', 'moved_away')).toBe('released');
    expect(await account.outbox()).toEqual([{ id: 't', victims: ['a', 'b'] }]);
    expect(await account.end('a', 'cancelled')).toMatchObject({
      freedMicros: 300_000_000,
      steal: { state: 'failed' },
    });
    expect(await account.room()).toBe(300_000_000);
    await account.end('b', 'cancelled');
    expect(await account.outbox()).toEqual([]);
    expect(await account.room()).toBe(600_000_000);
    await account.expectSound();
  });

  it('whose thief’s lease ended is over as well', async () => {
    const account = await aSteal();
    await account.end('a', 'cancelled');
    await account.advanceHealth(LEASE_MS);
    expect(await account.end('b', 'cancelled')).toMatchObject({ steal: { state: 'failed' } });
    expect(await account.order('t')).toMatchObject({
      state: 'expired',
      reason: 'lease_ended',
      heldMicros: 0,
    });
    expect(await account.room()).toBe(600_000_000);
    await account.expectSound();
  });

  it('keeps its cancellations on record however long they take, swept or not (I9)', async () => {
    const account = await aSteal();
    await release(account.ledger, 't', 'moved_away');
    await account.advance(4 * 3_600_000);
    await sweep(account.ledger, 100);
    await account.expectSound();
    expect(await account.outbox()).toEqual([{ id: 't', victims: ['a', 'b'] }]);
    await account.end('a', 'cancelled');
    await account.end('b', 'cancelled');
    expect(await account.outbox()).toEqual([]);
    await sweep(account.ledger, 100);
    expect((await account.keyspace())['steal:t']).toBeUndefined();
  });

  it('of two thieves gives each what its own victims free', async () => {
    const account = await ledgers.account({ equity: '600' });
    await account.prices({ AAA: '11', BBB: '11', TTT: '10', UUU: '10' });
    await account.place(anOrder('a').worth(300).pnl('1'), anOrder('b').of('BBB').worth(300).pnl('2'));
    expect(await account.steal(anOrder('t').of('TTT').worth(300).pnl('10'))).toMatchObject({
      victims: [{ id: 'a' }],
    });
    expect(await account.steal(anOrder('u').of('UUU').worth(300).pnl('10'))).toMatchObject({
      victims: [{ id: 'b' }],
    });
    expect(await account.end('b', 'cancelled')).toMatchObject({ steal: { id: 'u', state: 'granted' } });
    expect(await account.order('t')).toMatchObject({ state: 'pending', heldMicros: 0 });
    expect(await account.end('a', 'expired')).toMatchObject({ steal: { id: 't', state: 'granted' } });
    expect(await account.room()).toBe(0);
    await account.expectSound();
  });

  it('chooses neither a victim twice nor one whose own watcher is cancelling it', async () => {
    const account = await ledgers.account({ equity: '400' });
    await account.prices({ AAA: '11', BBB: '11', TTT: '10', UUU: '10' });
    await account.place(anOrder('a').worth(200), anOrder('b').of('BBB').worth(200));
    await cancel(account.ledger, 'b', 'expired');
    expect(await account.steal(anOrder('t').of('TTT').worth(400).pnl('10'))).toMatchObject({
      outcome: 'insufficient_freed',
    });
    expect(await account.steal(anOrder('t').of('TTT').worth(200).pnl('10'))).toMatchObject({
      victims: [{ id: 'a' }],
    });
    expect(await account.steal(anOrder('u').of('UUU').worth(200).pnl('10'))).toMatchObject({
      outcome: 'no_candidates',
    });
  });
});

describe('settle', () => {
  it('gives back what an order held, or makes a position of it', async () => {
    const account = await ledgers.account();
    await account.place(
      anOrder('a').worth(300),
      anOrder('b').of('BBB').worth(300),
      anOrder('c').of('CCC').worth(300),
    );
    expect(await account.end('a', 'cancelled')).toEqual({ outcome: 'settled', freedMicros: 300_000_000 });
    expect(await account.end('b', 'filled', '30', 290_000_000)).toEqual({
      outcome: 'settled',
      freedMicros: 10_000_000,
    });
    expect(await account.end('c', 'expired', '12.5')).toEqual({
      outcome: 'settled',
      freedMicros: 175_000_000,
    });
    expect(await account.used()).toBe(290_000_000 + 125_000_000);
    expect((await account.keyspace())['position:CCC']).toMatchObject({
      side: 'long',
      qty: '12.5',
      cost_micros: '125000000',
    });
    await account.expectSound();
  });

  it('accepts the same report any number of times, but never a different one (I6)', async () => {
    const account = await aSteal();
    await account.end('a', 'cancelled', '10');
    expect(await expectNoEffect(account, () => account.end('a', 'cancelled', '10.0'))).toEqual(
      Array(2).fill({ outcome: 'exists' }),
    );
    const before = await account.keyspace();
    for (const again of [
      () => account.end('a', 'cancelled'),
      () => account.end('a', 'filled', '30'),
      () => account.end('a', 'expired', '10'),
    ]) {
      expect((await failure(again())).code).toBe('contradiction');
    }
    expect(await account.keyspace()).toEqual(before);
  });

  it('refuses a report that cannot be true', async () => {
    const account = await ledgers.account();
    await account.place(anOrder('a').qty('10'));
    await fill(account.ledger, 'a', '5', 50_000_000);
    await account.admit(anOrder('r').of('RRR').worth(10));
    const before = await account.keyspace();
    const words: [string, Parameters<typeof settle>[2]][] = [
      ['a', { state: 'filled', filledQty: '9', costMicros: 1, reason: '' }],
      ['a', { state: 'cancelled', filledQty: '10', costMicros: 1, reason: '' }],
      ['a', { state: 'cancelled', filledQty: '4', costMicros: 1, reason: '' }],
      ['a', { state: 'cancelled', filledQty: '11', costMicros: 1, reason: '' }],
      ['r', { state: 'cancelled', filledQty: '0', costMicros: 0, reason: '' }],
    ];
    for (const [id, word] of words)
      expect((await failure(settle(account.ledger, id, word))).code).toBe('contradiction');
    expect(await account.keyspace()).toEqual(before);
  });

  it('refuses an unknown order', async () => {
    const account = await ledgers.account();
    expect(
      await settle(account.ledger, 'x', { state: 'cancelled', filledQty: '0', costMicros: 0, reason: '' }),
    ).toEqual({
      outcome: 'unknown',
    });
  });

  it('ends an order that was sent and never confirmed', async () => {
    const account = await ledgers.account();
    await account.place(anOrder('a'));
    await account.admit(anOrder('b').of('BBB'));
    await submit(account.ledger, 'b', LEASE_MS);
    expect(await account.end('b', 'rejected')).toMatchObject({
      outcome: 'settled',
      freedMicros: 100_000_000,
    });
    await account.expectSound();
  });

  it('takes the order off the record of its own cancellation', async () => {
    const account = await ledgers.account();
    await account.place(anOrder('a'));
    await cancel(account.ledger, 'a', 'expired');
    expect(await account.outbox()).toEqual([{ id: 'a', victims: ['a'] }]);
    await account.end('a', 'cancelled');
    expect(await account.outbox()).toEqual([]);
  });
});

describe('fills and positions', () => {
  it('a sell reduces a long position by its share of the cost, or turns it into a short one', async () => {
    const account = await ledgers.account({
      positions: [{ symbol: 'AAA', side: 'long', qty: '30', costMicros: 300_000_000, pool: '' }],
    });
    await account.place(anOrder('x').qty('10').selling().exiting());
    await account.end('x', 'filled', '10', 120_000_000);
    const left = Number(await account.field('position:AAA', 'cost_micros'));
    expect(left - 200_000_000).toBeGreaterThanOrEqual(0);
    expect(left - 200_000_000).toBeLessThanOrEqual(1);
    await account.place(anOrder('y').qty('10').selling().exiting());
    const { brokerId: was } = await account.order('y');
    const terms = { id: 'y', brokerId: 'larger', symbol: 'AAA', side: 'sell', qty: '50' } as const;
    expect(
      await amend(account.ledger, { was, terms, limit: '10', before: { qty: '0', micros: 0 }, takes: 'now' }),
    ).toBe('amended');
    await account.end('y', 'filled', '50', 500_000_000);
    expect((await account.keyspace())['position:AAA']).toMatchObject({ side: 'short', qty: '30' });
    const short = Number(await account.field('position:AAA', 'cost_micros'));
    expect(short - 300_000_000).toBeGreaterThanOrEqual(0);
    expect(short - 300_000_000).toBeLessThanOrEqual(1);
    await account.expectSound();
  });

  it('an exit that closes the position exactly leaves nothing behind', async () => {
    const account = await ledgers.account({
      positions: [{ symbol: 'AAA', side: 'short', qty: '0.3', costMicros: 100, pool: '' }],
    });
    await account.place(anOrder('x').qty('0.3').exiting());
    await fill(account.ledger, 'x', '0.1', 30);
    await fill(account.ledger, 'x', '0.299999999', 90);
    expect((await account.keyspace())['position:AAA']).toMatchObject({ qty: '0.000000001' });
    await account.end('x', 'filled', '0.3', 101);
    expect((await account.keyspace())['position:AAA']).toBeUndefined();
    expect(await account.used()).toBe(0);
    await account.expectSound();
  });

  it('an order in a pool makes a position in that pool', async () => {
    const account = await ledgers.account({ env: { WORK_STEALING_POOLS: 'crypto:0.5' } });
    await account.place(anOrder('a').in('crypto').worth(100));
    await fill(account.ledger, 'a', '4', 39_000_000);
    expect([await account.used(), await account.used('crypto')]).toEqual([99_000_000, 99_000_000]);
    await account.end('a', 'filled', '10', 99_000_000);
    expect([await account.used(), await account.used('crypto')]).toEqual([99_000_000, 99_000_000]);
    await account.expectSound();
  });
});
