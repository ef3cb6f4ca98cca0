/**
 * lua/submit.lua, open, fill, release, cancel, renew: an order's life, driven by its watcher and the broker's
 * reports (I4, I6).
 */
import { describe, expect, it } from 'vitest';
import { cancel } from '../../../src/ledger/commands/cancel.ts';
import { fill } from '../../../src/ledger/commands/fill.ts';
import { halt } from '../../../src/ledger/commands/halt.ts';
import { open } from '../../../src/ledger/commands/open.ts';
import { release } from '../../../src/ledger/commands/release.ts';
import { renew } from '../../../src/ledger/commands/renew.ts';
import { submit } from '../../../src/ledger/commands/submit.ts';
import { sweep } from '../../../src/ledger/commands/sweep.ts';
import { key } from '../../../src/ledger/keys.ts';
import { useLedgers } from '../../support/fixtures.ts';
import { anOrder, expectNoEffect, failure, LEASE_MS, SYNC_MAX_AGE_MS } from '../../support/ledger.ts';

const ledgers = useLedgers();

describe('submit', () => {
  it('says `send` once, then that it may have been sent (I6)', async () => {
    const account = await ledgers.account();
    await account.admit(anOrder('a'));
    expect(await submit(account.ledger, 'a', LEASE_MS)).toEqual({ outcome: 'send' });
    expect(await expectNoEffect(account, () => submit(account.ledger, 'a', LEASE_MS))).toEqual(
      Array(2).fill({ outcome: 'exists', state: 'reserved' }),
    );
    await open(account.ledger, 'a', 'b1');
    expect(await submit(account.ledger, 'a', LEASE_MS)).toEqual({ outcome: 'exists', state: 'working' });
    await account.end('a', 'cancelled');
    expect(await submit(account.ledger, 'a', LEASE_MS)).toEqual({
      outcome: 'ended',
      state: 'cancelled',
      reason: 'broker',
    });
  });

  it('sends nothing that has no room, no account or no leave', async () => {
    const account = await ledgers.account({ equity: '200' });
    await account.prices({ AAA: '11', TTT: '10' });
    await account.place(anOrder('a').worth(100));
    await account.admit(anOrder('r').of('RRR').worth(100));
    await account.steal(anOrder('t').of('TTT').worth(100).pnl('10'));
    expect(await submit(account.ledger, 'x', LEASE_MS)).toEqual({ outcome: 'unknown' });
    expect(await submit(account.ledger, 't', LEASE_MS)).toEqual({ outcome: 'pending' });
    await account.sync('199');
    expect(await submit(account.ledger, 'r', LEASE_MS)).toEqual({ outcome: 'over_cap' });
    await account.sync('200');
    await account.advanceHealth(SYNC_MAX_AGE_MS);
    await account.sync('200');
    expect(await submit(account.ledger, 'r', LEASE_MS)).toEqual({
      outcome: 'ended',
      state: 'expired',
      reason: 'lease_ended',
    });
    await account.admit(anOrder('q').of('RRR').worth(50), SYNC_MAX_AGE_MS * 2);
    await account.advanceHealth(SYNC_MAX_AGE_MS + 1);
    expect(await submit(account.ledger, 'q', LEASE_MS)).toEqual({ outcome: 'unsynced' });
    await halt(account.ledger, 'test');
    expect(await submit(account.ledger, 'q', LEASE_MS)).toEqual({ outcome: 'halted' });
    expect((await account.order('q')).sentAtMs).toBe(0);
    expect(await submit(await ledgers.bare(), 'q', LEASE_MS)).toEqual({ outcome: 'unclear' });
  });

  it('lets an exit out though the cap is exceeded', async () => {
    const account = await ledgers.account();
    await account.place(anOrder('a').worth(1000));
    await account.end('a', 'filled', '100');
    await account.admit(anOrder('x').selling().exiting());
    await account.sync('1', [
      { symbol: 'AAA', side: 'long', qty: '100', costMicros: 1_000_000_000, pool: '' },
    ]);
    expect(await submit(account.ledger, 'x', LEASE_MS)).toEqual({ outcome: 'send' });
  });
});

describe('open', () => {
  it('makes a sent reservation working, and may be repeated (I6)', async () => {
    const account = await ledgers.account();
    await account.admit(anOrder('a'));
    await submit(account.ledger, 'a', LEASE_MS);
    expect(await open(account.ledger, 'a', 'b1')).toBe('working');
    expect(await expectNoEffect(account, () => open(account.ledger, 'a', 'b1'))).toEqual([
      'exists',
      'exists',
    ]);
    await account.expectSound();
  });

  it('refuses what was never sent, another broker id, and names what ended or is unknown', async () => {
    const account = await ledgers.account();
    await account.admit(anOrder('r'));
    await account.place(anOrder('a').of('BBB'));
    const before = await account.keyspace();
    expect((await failure(open(account.ledger, 'r', 'b1'))).code).toBe('contradiction');
    expect((await failure(open(account.ledger, 'a', 'b2'))).code).toBe('contradiction');
    expect(await open(account.ledger, 'x', 'b1')).toBe('unknown');
    expect(await account.keyspace()).toEqual(before);
    await account.end('a', 'cancelled');
    expect(await open(account.ledger, 'a', 'broker-a')).toBe('ended');
  });

  it('ends the doubt about an order whose lease ended after it was sent', async () => {
    const account = await ledgers.account();
    await account.admit(anOrder('a'));
    await submit(account.ledger, 'a', LEASE_MS);
    await account.advanceHealth(LEASE_MS);
    await sweep(account.ledger, 10);
    expect(await account.order('a')).toMatchObject({
      state: 'reserved',
      unclear: true,
      heldMicros: 100_000_000,
    });
    await account.expectSound();
    expect(await open(account.ledger, 'a', 'b1')).toBe('working');
    expect(await account.order('a')).toMatchObject({ state: 'working', unclear: false });
  });
});

describe('a lease', () => {
  it('ends nothing in a book that lost the name of its server, which is not damaged for that', async () => {
    const account = await ledgers.account();
    await account.admit(anOrder('a'));
    const fields = key(account.name, 'account');
    await account.ledger.redis.hdel(fields, 'server_id');
    await account.advanceHealth(LEASE_MS + 1);
    expect(await renew(account.ledger, 'host', LEASE_MS, ['nobodys'])).toEqual(['nobodys']);
    expect(await account.order('a')).toMatchObject({ state: 'reserved' });
    expect(await account.ledger.redis.hget(fields, 'damaged')).not.toBe('1');
  });

  it.each([
    ['an older copy of the book, which may lack marks, before the next sync', {}],
    ['such a copy that a lost record has closed', { synced_at_ms: '0' }],
  ])('ends nothing in %s', async (_, also) => {
    const account = await ledgers.account();
    await account.admit(anOrder('a'));
    const fields = key(account.name, 'account');
    const other = `${'a'.repeat(40)}:${'b'.repeat(40)}`;
    await account.ledger.redis.hset(fields, { server_id: other, ...also });
    await account.advanceHealth(LEASE_MS + 1);
    expect(await renew(account.ledger, 'host', LEASE_MS, ['nobodys'])).toEqual(['nobodys']);
    expect(await account.order('a')).toMatchObject({ state: 'reserved' });
    await account.sync('1000');
    await account.advanceHealth(1);
    expect(await account.order('a')).toMatchObject({ state: 'expired', reason: 'lease_ended' });
    await account.expectSound();
  });

  it('that ends gives back a reservation that was never sent, at its very millisecond', async () => {
    const account = await ledgers.account();
    await account.admit(anOrder('a'));
    await account.advanceHealth(LEASE_MS - 1);
    expect((await account.order('a')).state).toBe('reserved');
    await account.advanceHealth(1);
    expect(await account.order('a')).toMatchObject({ state: 'expired', reason: 'lease_ended' });
    expect(await account.used()).toBe(0);
    await account.expectSound();
  });

  it('does not run on the rules’ clock', async () => {
    const account = await ledgers.account();
    await account.admit(anOrder('a'));
    await account.advanceLedger(10 * LEASE_MS);
    expect((await account.order('a')).state).toBe('reserved');
  });

  it('is renewed by its owner alone, while the order waits', async () => {
    const account = await ledgers.account();
    await account.admit(anOrder('mine').of('AAA'));
    await account.admit(anOrder('theirs').of('BBB').by('other'));
    await account.place(anOrder('sent').of('CCC'));
    await account.advanceHealth(LEASE_MS - 1);
    expect(await renew(account.ledger, 'host', LEASE_MS, ['mine', 'theirs', 'sent', 'unknown'])).toEqual([
      'theirs',
      'sent',
      'unknown',
    ]);
    await account.advanceHealth(1);
    expect((await account.order('mine')).state).toBe('reserved');
    expect((await account.order('theirs')).state).toBe('expired');
    await account.advanceHealth(LEASE_MS - 1);
    expect(await renew(account.ledger, 'host', LEASE_MS, ['mine'])).toEqual(['mine']);
    expect(await renew(await ledgers.bare(), 'host', LEASE_MS, ['mine'])).toEqual(['mine']);
    await account.expectSound();
  });

  it('ends for many at once over several calls, none forgotten', async () => {
    const account = await ledgers.account();
    const ids = Array.from({ length: 300 }, (_, i) => `a${i}`);
    await Promise.all(ids.map((id) => account.admit(anOrder(id).worth(1))));
    await account.admit(anOrder('late').worth(1), 2 * LEASE_MS);
    await account.advanceHealth(LEASE_MS);
    expect(await account.used()).toBe((301 - 128) * 1_000_000);
    await sweep(account.ledger, 1);
    await sweep(account.ledger, 1);
    expect(await account.used()).toBe(1_000_000);
    await account.advanceHealth(LEASE_MS);
    expect(await account.used()).toBe(0);
    expect(await account.field('account', 'lease_due_ms')).toBe('0');
    await account.expectSound();
  });
});

describe('fill', () => {
  it('moves room from the order to the position; older and equal news change nothing (I2, I6)', async () => {
    const account = await ledgers.account();
    await account.place(anOrder('a').qty('10'));
    expect(await fill(account.ledger, 'a', '4', 38_000_000)).toBe('filled_so_far');
    expect(await account.used()).toBe(98_000_000);
    expect(await expectNoEffect(account, () => fill(account.ledger, 'a', '4.0', 38_000_000))).toEqual([
      'exists',
      'exists',
    ]);
    expect(await expectNoEffect(account, () => fill(account.ledger, 'a', '3', 30_000_000))).toEqual([
      'exists',
      'exists',
    ]);
    expect(await fill(account.ledger, 'a', '10', 98_000_000)).toBe('filled_so_far');
    expect(await account.order('a')).toMatchObject({ state: 'working', heldMicros: 0, filledQty: '10' });
    expect(await account.end('a', 'filled', '10', 98_000_000)).toMatchObject({
      outcome: 'settled',
      freedMicros: 0,
    });
    expect(await fill(account.ledger, 'a', '10', 98_000_000)).toBe('ended');
    await account.expectSound();
  });

  it('refuses more than the quantity, and what was never sent', async () => {
    const account = await ledgers.account();
    await account.place(anOrder('a').qty('10'));
    await account.admit(anOrder('r').of('BBB'));
    const before = await account.keyspace();
    expect((await failure(fill(account.ledger, 'a', '10.000000001', 1))).code).toBe('contradiction');
    expect((await failure(fill(account.ledger, 'r', '1', 1))).code).toBe('contradiction');
    expect(await fill(account.ledger, 'x', '1', 1)).toBe('unknown');
    expect(await account.keyspace()).toEqual(before);
  });

  it('may come before `open`: the broker is quicker than its answer', async () => {
    const account = await ledgers.account();
    await account.admit(anOrder('a').qty('10'));
    await submit(account.ledger, 'a', LEASE_MS);
    expect(await fill(account.ledger, 'a', '4', 40_000_000)).toBe('filled_so_far');
    expect(await open(account.ledger, 'a', 'b1')).toBe('working');
    expect(await account.order('a')).toMatchObject({ state: 'working', heldMicros: 60_000_000 });
    await account.expectSound();
  });

  it('of a part leaves the rest as a possible victim, for what it still counts', async () => {
    const account = await ledgers.account({ equity: '100' });
    await account.prices({ AAA: '11', TTT: '10' });
    await account.place(anOrder('a').qty('10'));
    await fill(account.ledger, 'a', '4', 40_000_000);
    expect(await account.steal(anOrder('t').of('TTT').worth(61).pnl('10'))).toMatchObject({
      outcome: 'insufficient_freed',
    });
    expect(await account.steal(anOrder('t').of('TTT').worth(60).pnl('10'))).toMatchObject({
      victims: [{ id: 'a', heldMicros: 60_000_000 }],
    });
    await account.end('a', 'cancelled', '4');
    expect((await account.order('t')).state).toBe('reserved');
  });
});

describe('release', () => {
  it('gives back a reservation, once (I6)', async () => {
    const account = await ledgers.account();
    await account.admit(anOrder('a'));
    expect(await release(account.ledger, 'a', 'moved')).toBe('released');
    expect(await expectNoEffect(account, () => release(account.ledger, 'a', 'moved'))).toEqual([
      'exists',
      'exists',
    ]);
    expect(await account.order('a')).toMatchObject({ state: 'cancelled', reason: 'moved' });
    expect(await account.used()).toBe(0);
  });

  it('never of what may be at the broker (I4)', async () => {
    const account = await ledgers.account();
    await account.admit(anOrder('a'));
    await submit(account.ledger, 'a', LEASE_MS);
    expect(await release(account.ledger, 'a', 'moved')).toBe('sent');
    await open(account.ledger, 'a', 'b1');
    expect(await release(account.ledger, 'a', 'moved')).toBe('sent');
    expect(await release(account.ledger, 'x', 'moved')).toBe('unknown');
    expect(await account.used()).toBe(100_000_000);
  });
});

describe('cancel', () => {
  it('puts the cancellation on record in the same step; the order goes on counting (I4, I9)', async () => {
    const account = await ledgers.account();
    await account.prices({ AAA: '11' });
    await account.place(anOrder('a'));
    expect(await cancel(account.ledger, 'a', 'expired')).toBe('cancelling');
    expect(await account.outbox()).toEqual([{ id: 'a', victims: ['a'] }]);
    expect(await account.used()).toBe(100_000_000);
    expect(await expectNoEffect(account, () => cancel(account.ledger, 'a', 'expired'))).toEqual([
      'exists',
      'exists',
    ]);
    await account.expectSound();
    await account.end('a', 'filled', '10');
    expect(await cancel(account.ledger, 'a', 'expired')).toBe('exists');
    expect(await account.outbox()).toEqual([]);
    await account.expectSound();
  });

  it('is for orders that work', async () => {
    const account = await ledgers.account();
    await account.admit(anOrder('a'));
    expect(await cancel(account.ledger, 'a', 'expired')).toBe('not_working');
    expect(await cancel(account.ledger, 'x', 'expired')).toBe('unknown');
    expect(await account.outbox()).toEqual([]);
  });

  it('after a thief took the order adds no second record', async () => {
    const account = await ledgers.account({ equity: '100' });
    await account.prices({ AAA: '11', TTT: '10' });
    await account.place(anOrder('a'));
    await account.steal(anOrder('t').of('TTT').pnl('10'));
    expect(await expectNoEffect(account, () => cancel(account.ledger, 'a', 'expired'))).toEqual([
      'exists',
      'exists',
    ]);
  });
});
