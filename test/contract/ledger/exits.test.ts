/**
 * Exits are checked against the actual holdings, whatever their caller says (lua/include/holdings.lua; I1,
 * I2, I8).
 */
import { describe, expect, it } from 'vitest';
import { adopt } from '../../../src/ledger/commands/adopt.ts';
import { amend } from '../../../src/ledger/commands/amend.ts';
import { audit } from '../../../src/ledger/commands/audit.ts';
import { close } from '../../../src/ledger/commands/closures.ts';
import { confirm, type Holding } from '../../../src/ledger/commands/confirm.ts';
import { fill } from '../../../src/ledger/commands/fill.ts';
import { halt } from '../../../src/ledger/commands/halt.ts';
import { release } from '../../../src/ledger/commands/release.ts';
import { submit } from '../../../src/ledger/commands/submit.ts';
import { type SyncedPosition, sync } from '../../../src/ledger/commands/sync.ts';
import { key } from '../../../src/ledger/keys.ts';
import { useLedgers } from '../../support/fixtures.ts';
import { anOrder, expectNoEffect, LEASE_MS, type TestAccount } from '../../support/ledger.ts';

const ledgers = useLedgers();

const held = (
  side: 'long' | 'short',
  qty: string,
  changes: Partial<SyncedPosition> = {},
): SyncedPosition => ({
  ...{ symbol: 'AAA', side, qty, costMicros: 100_000_000, pool: '' },
  ...changes,
});
const holding = (side: Holding['side'], qty: string, free = qty): Holding => ({
  symbol: 'AAA',
  side,
  qty,
  free,
});

/** An account that holds 10 AAA, long. */
const holder = (): Promise<TestAccount> => ledgers.account({ positions: [held('long', '10')] });
const exit = (id: string, qty: string) => anOrder(id).selling().exiting().at('11').qty(qty);

/** The broker was asked a millisecond ago, and this is its answer. */
async function answered(account: TestAccount, what: Holding): Promise<void> {
  await account.advanceHealth(1);
  expect(await confirm(account.ledger, what, account.healthMs())).toBe('confirmed');
}

describe('an exit', () => {
  it('of nothing is refused, with what is held, what other exits close and what it asked for', async () => {
    const account = await ledgers.account();
    const before = await account.book();
    expect(await account.admit(exit('x', '50'))).toMatchObject({
      outcome: 'no_position',
      numbers: { held_qty: '0', exits_qty: '0', asked_qty: '50' },
    });
    expect(await account.steal(exit('x', '50'))).toMatchObject({ outcome: 'no_position' });
    expect(await account.book()).toEqual(before);
  });

  it('may close all that is held, and not a billionth more', async () => {
    const account = await holder();
    expect(await account.admit(exit('x', '10.000000001'))).toMatchObject({
      outcome: 'no_position',
      numbers: { held_qty: '10' },
    });
    expect(await account.admit(exit('x', '10'))).toMatchObject({ outcome: 'fits' });
    expect(await account.used()).toBe(100_000_000);
    await account.expectSound();
  });

  it('on the position’s own side is refused', async () => {
    const account = await holder();
    expect(await account.admit(anOrder('x').exiting().qty('1'))).toMatchObject({ outcome: 'no_position' });
  });

  it('buys at most the short position back', async () => {
    const account = await ledgers.account({ positions: [held('short', '4')] });
    expect(await account.admit(anOrder('x').exiting().qty('5'))).toMatchObject({
      outcome: 'no_position',
      numbers: { held_qty: '4' },
    });
    await account.place(anOrder('x').exiting().qty('4'));
    await account.end('x', 'filled', '4');
    expect(await account.used()).toBe(0);
    await account.expectSound();
  });

  it('that is filled but has not ended is not an audit fault', async () => {
    const account = await holder();
    await account.place(exit('x', '4'));
    await fill(account.ledger, 'x', '4', 44_000_000);
    await account.expectSound();
    await account.end('x', 'filled', '4');
    await account.expectSound();
  });

  it('shares the position with the other live exits of its symbol, of whatever plan and pool', async () => {
    const account = await ledgers.account({
      env: { WORK_STEALING_POOLS: 'stock:1' },
      positions: [held('long', '10', { pool: 'stock' })],
    });
    await account.place(exit('one_x1', '7.5').in('stock'));
    expect(await account.admit(exit('two_x1', '2.6'))).toMatchObject({
      outcome: 'no_position',
      numbers: { held_qty: '10', exits_qty: '7.5', asked_qty: '2.6' },
    });
    await account.place(exit('two_x1', '2.5'));
    expect(await account.admit(exit('three_x1', '0.000000001').in('stock'))).toMatchObject({
      outcome: 'no_position',
    });
    await account.expectSound();
  });

  it('that is filled in part leaves the rest of the position to others, and its own rest not', async () => {
    const account = await holder();
    await account.place(exit('x', '6'));
    await fill(account.ledger, 'x', '2.25', 24_750_000);
    expect(await account.field('exits', 'AAA sell')).toBe('3.75');
    expect(await account.admit(exit('y', '4.1'))).toMatchObject({
      outcome: 'no_position',
      numbers: { held_qty: '7.75', exits_qty: '3.75' },
    });
    await account.end('x', 'cancelled', '2.25', 24_750_000);
    expect(await account.field('exits', 'AAA sell')).toBeNull();
    expect(await account.admit(exit('y', '7.75'))).toMatchObject({ outcome: 'fits' });
    await account.expectSound();
  });

  it.each(['release', 'lease', 'rejected'])(
    'that ends without a fill (%s) gives back what it would have closed',
    async (how) => {
      const account = await holder();
      await account.admit(exit('x', '10'));
      if (how === 'release') await release(account.ledger, 'x', 'test');
      if (how === 'lease') await account.advanceHealth(LEASE_MS);
      if (how === 'rejected') {
        await submit(account.ledger, 'x', LEASE_MS);
        await account.end('x', 'rejected');
      }
      await account.advanceHealth(1);
      await account.sync('1000', [held('long', '10')]);
      expect(await account.admit(exit('y', '10'))).toMatchObject({ outcome: 'fits' });
      await account.expectSound();
    },
  );

  it('placed by hand and found at the broker counts among them', async () => {
    const account = await holder();
    const found = {
      id: 'hand',
      brokerId: 'b',
      symbol: 'AAA',
      side: 'sell',
      limit: '12',
      qty: '9',
      filledQty: '1',
      filledMicros: 1,
    } as const;
    expect(await adopt(account.ledger, { ...found, pool: '', reducing: true }, 1)).toBe('adopted');
    expect(await account.admit(exit('x', '3'))).toMatchObject({
      outcome: 'no_position',
      numbers: { held_qty: '10', exits_qty: '8' },
    });
    expect(await account.admit(exit('x', '2'))).toMatchObject({ outcome: 'fits' });
    await account.expectSound();
  });

  it('holds no units for a leg for which the broker holds none, live or ended (I2)', async () => {
    const account = await ledgers.account({ positions: [held('long', '20')] });
    const found = {
      symbol: 'AAA',
      side: 'sell',
      qty: '10',
      filledQty: '0',
      filledMicros: 0,
      pool: '',
      reducing: true,
    } as const;
    expect(await adopt(account.ledger, { ...found, id: 'profit', brokerId: 'b1', limit: '13' }, 1)).toBe(
      'adopted',
    );
    expect(
      await adopt(account.ledger, { ...found, id: 'stop', brokerId: 'b2', limit: '8', leg: true }, 1),
    ).toBe('adopted');
    expect(await account.field('exits', 'AAA sell')).toBe('10');
    await account.expectSound();
    const terms = { id: 'stop', brokerId: 'b3', symbol: 'AAA', side: 'sell', qty: '9' } as const;
    const amendment = {
      was: 'b2',
      terms,
      limit: '7',
      before: { qty: '0', micros: 0 },
      takes: 'now',
    } as const;
    expect(await amend(account.ledger, amendment)).toBe('amended');
    expect(await account.field('exits', 'AAA sell')).toBe('10');
    expect(await account.admit(exit('x', '10.1'))).toMatchObject({
      outcome: 'no_position',
      numbers: { exits_qty: '10' },
    });
    await account.place(exit('x', '10'));
    await fill(account.ledger, 'stop', '2', 14_000_000);
    await account.end('stop', 'cancelled', '2', 14_000_000);
    expect(await account.field('exits', 'AAA sell')).toBe('20');
    await account.expectSound();
  });

  it('is kept by no leg when the book was rebuilt either', async () => {
    const account = await holder();
    const found = {
      symbol: 'AAA',
      side: 'sell',
      qty: '10',
      filledQty: '0',
      filledMicros: 0,
      pool: '',
      reducing: true,
    } as const;
    await adopt(account.ledger, { ...found, id: 'stop', brokerId: 'b', limit: '8', leg: true }, 1);
    await account.ledger.redis.hset(key(account.name, 'account'), 'synced_at_ms', 0);
    expect(await account.sync('1000', [held('long', '10')])).toMatchObject({ rebuilt: true });
    await account.expectSound();
    expect(await account.admit(exit('x', '10'))).toMatchObject({ outcome: 'fits' });
  });

  it('is judged once more before it is sent: the position may have gone meanwhile', async () => {
    const account = await holder();
    await account.admit(exit('x', '6'));
    await account.admit(exit('y', '4'));
    for (let seen = 0; seen < 2; seen += 1) {
      await account.advanceHealth(1);
      await account.sync('1000', [held('long', '6')]);
    }
    expect(await submit(account.ledger, 'x', LEASE_MS)).toEqual({ outcome: 'no_position' });
    await release(account.ledger, 'y', 'no_position');
    expect(await submit(account.ledger, 'x', LEASE_MS)).toEqual({ outcome: 'send' });
    await account.expectSound();
  });
});

describe('what nobody confirmed lately', () => {
  it('is not sold before the broker was asked', async () => {
    const account = await holder();
    await account.advanceHealth(3_001);
    expect(await account.admit(exit('x', '10'))).toMatchObject({ outcome: 'unconfirmed' });
    await answered(account, holding('long', '10'));
    expect(await account.admit(exit('x', '10'))).toMatchObject({ outcome: 'fits' });
    await account.advanceHealth(3_001);
    expect(await submit(account.ledger, 'x', LEASE_MS)).toEqual({ outcome: 'unconfirmed' });
    await answered(account, holding('long', '10'));
    expect(await submit(account.ledger, 'x', LEASE_MS)).toEqual({ outcome: 'send' });
  });

  it('is sold as far as the broker says that it is there, and that no other order holds it', async () => {
    const account = await holder();
    await account.advanceHealth(3_001);
    await answered(account, holding('long', '6', '4'));
    expect(await account.admit(exit('x', '7'))).toMatchObject({
      outcome: 'no_position',
      numbers: { held_qty: '6' },
    });
    expect(await account.admit(exit('x', '5'))).toMatchObject({
      outcome: 'no_position',
      numbers: { held_qty: '4' },
    });
    expect(await account.admit(exit('x', '4'))).toMatchObject({ outcome: 'fits' });
    expect(await account.admit(exit('y', '3'))).toMatchObject({
      outcome: 'no_position',
      numbers: { exits_qty: '4' },
    });
  });

  it('relies on the broker’s word when the ledger’s own is older than the positions’ lag', async () => {
    const account = await ledgers.account();
    await account.place(anOrder('a').qty('10'));
    await account.end('a', 'filled', '10');
    await account.place(exit('x', '6'));
    await account.end('x', 'filled', '6');
    await answered(account, holding('long', '10'));
    expect(await account.admit(exit('y', '5'))).toMatchObject({
      outcome: 'no_position',
      numbers: { held_qty: '4' },
    });
    await account.advanceHealth(5_000);
    await answered(account, holding('long', '10'));
    expect(await account.admit(exit('y', '10'))).toMatchObject({ outcome: 'fits' });
  });

  it('is judged by the lag that the keeper sent at its last reconciliation', async () => {
    const account = await ledgers.account();
    await account.advanceHealth(1);
    await sync(account.ledger, 1_000_000_000, account.healthMs(), [], '', {
      apartMs: 60_000,
      raiseMs: 0,
      jump: '0',
    });
    await account.place(anOrder('a').qty('10'));
    await account.end('a', 'filled', '10');
    await account.place(exit('x', '6'));
    await account.end('x', 'filled', '6');
    await account.advanceHealth(59_999);
    await answered(account, holding('long', '10'));
    expect(await account.admit(exit('y', '5'))).toMatchObject({
      outcome: 'no_position',
      numbers: { held_qty: '4' },
    });
    await account.advanceHealth(2);
    await answered(account, holding('long', '10'));
    expect(await account.admit(exit('y', '10'))).toMatchObject({ outcome: 'fits' });
  });

  it('is not sold by an answer that is older than a fill', async () => {
    const account = await holder();
    await account.place(exit('x', '4'));
    await account.advanceHealth(1);
    const startedMs = account.healthMs();
    await account.advanceHealth(3_001);
    await account.end('x', 'filled', '4');
    expect(await confirm(account.ledger, holding('long', '10'), startedMs)).toBe('confirmed');
    expect(await account.admit(exit('y', '6'))).toMatchObject({ outcome: 'unconfirmed' });
  });

  it('is not sold by an answer that was kept on another server', async () => {
    const account = await holder();
    await account.advanceHealth(3_001);
    await answered(account, holding('long', '10'));
    const at = key(account.name, 'confirmed');
    const answer = await account.ledger.redis.hget(at, 'AAA');
    await account.ledger.redis.hset(at, 'AAA', `${answer?.split(' ').slice(0, -1).join(' ')} another:abc`);
    expect(await account.admit(exit('x', '10'))).toMatchObject({ outcome: 'unconfirmed' });
    await account.ledger.redis.hset(at, 'AAA', answer ?? '');
    expect(await account.admit(exit('x', '10'))).toMatchObject({ outcome: 'fits' });
  });

  it('keeps the later question’s answer, and an answer twice changes nothing (I6)', async () => {
    const account = await holder();
    await account.advanceHealth(10);
    const at = account.healthMs();
    expect(await confirm(account.ledger, holding('long', '6'), at)).toBe('confirmed');
    const again = () => confirm(account.ledger, holding('long', '6'), at);
    expect(await expectNoEffect(account, again)).toEqual(['exists', 'exists']);
    expect(await confirm(account.ledger, holding('long', '10'), at - 1)).toBe('exists');
    expect(await account.admit(exit('x', '7'))).toMatchObject({
      outcome: 'no_position',
      numbers: { held_qty: '6' },
    });
    expect(await confirm(await ledgers.bare(), holding('none', '0'), at)).toBe('unknown');
  });

  it('is confirmed by the fill that opened it, and not by one that added to it', async () => {
    const account = await ledgers.account();
    await account.place(anOrder('a').qty('10'), anOrder('b').qty('5'));
    await account.advanceHealth(5_000);
    await account.end('a', 'filled', '10');
    expect(await account.admit(exit('x', '4'))).toMatchObject({ outcome: 'fits' });
    await account.advanceHealth(5_000);
    await account.end('b', 'filled', '5');
    expect(await account.admit(exit('y', '4'))).toMatchObject({ outcome: 'unconfirmed' });
  });

  it('is verified if a fill did not reduce it, since it may be included already', async () => {
    const account = await holder();
    await account.place(exit('x', '10'));
    await account.advanceHealth(1);
    await account.ledger.redis.hset(key(account.name, 'account'), 'synced_at_ms', 0);
    await account.sync('1000', [held('long', '10')]);
    await account.end('x', 'filled', '10');
    expect(await account.used()).toBe(100_000_000);
    expect(await account.admit(exit('y', '10'))).toMatchObject({ outcome: 'unconfirmed' });
    // The broker's positions may lag behind the fill.
    await answered(account, holding('long', '10'));
    expect(await account.admit(exit('y', '10'))).toMatchObject({ outcome: 'unconfirmed' });
    await account.advanceHealth(5_000);
    await answered(account, holding('none', '0'));
    expect(await account.admit(exit('y', '10'))).toMatchObject({ outcome: 'no_position' });
    await account.advanceHealth(3_001);
    await account.sync('1000', []);
    await account.advanceHealth(1);
    await account.sync('1000', []);
    expect(await account.used()).toBe(0);
  });

  it('is not confirmed by a reconciliation that saw it differently', async () => {
    const account = await holder();
    await account.advanceHealth(3_001);
    await account.sync('1000', [held('long', '3')]);
    expect(await account.admit(exit('x', '10'))).toMatchObject({ outcome: 'unconfirmed' });
  });
});

describe('an account that admits no entries', () => {
  it.each(['halted', 'closed'])('lets a held position be closed while it is %s', async (why) => {
    const account = await ledgers.account();
    await account.place(anOrder('e').worth(500));
    await account.end('e', 'filled', '50');
    if (why === 'halted') await halt(account.ledger, 'operator');
    else await close(account.ledger, 'broker', 'trading is blocked');
    expect(await account.admit(anOrder('f').of('BBB'))).toMatchObject({ outcome: why });
    await account.place(exit('e_x1', '50'));
    expect(await account.admit(exit('e_x2', '1'))).toMatchObject({ outcome: 'no_position' });
  });

  it('lets it be closed while it is unsynced, as far as the broker confirmed it just now', async () => {
    const account = await holder();
    await account.advanceHealth(700_000);
    expect(await account.admit(anOrder('f').of('BBB'))).toMatchObject({ outcome: 'unsynced' });
    expect(await account.admit(exit('x', '6'))).toMatchObject({ outcome: 'unconfirmed' });
    await answered(account, holding('long', '6'));
    expect(await account.admit(exit('x', '7'))).toMatchObject({ outcome: 'no_position' });
    await account.place(exit('x', '6'));
  });

  it('goes by the broker alone where its book may be an older copy of another server', async () => {
    const account = await holder();
    await account.ledger.redis.hset(key(account.name, 'account'), 'server_id', 'another:abc');
    expect(await account.admit(exit('x', '12'))).toMatchObject({ outcome: 'unconfirmed' });
    await answered(account, holding('long', '12', '9'));
    expect(await account.admit(exit('x', '12'))).toMatchObject({
      outcome: 'no_position',
      numbers: { held_qty: '9' },
    });
    await account.place(exit('x', '9'));
    expect(await account.admit(exit('y', '4'))).toMatchObject({
      outcome: 'no_position',
      numbers: { held_qty: '12', exits_qty: '9' },
    });
  });
});

it('the sum of live exits is audited, and recomputed when the book is rebuilt (I2)', async () => {
  const account = await holder();
  await account.place(exit('x', '6'));
  await account.ledger.redis.hset(key(account.name, 'exits'), 'AAA sell', '7', 'BBB buy', '1');
  expect((await audit(account.ledger))?.faults).toEqual([
    'exits: AAA sell is 7, the exits add up to 6',
    'exits: BBB buy is 1, there are no such exits',
  ]);
  await account.ledger.redis.hset(key(account.name, 'account'), 'synced_at_ms', 0);
  expect(await account.sync('1000', [held('long', '10')])).toMatchObject({ rebuilt: true });
  await account.expectSound();
});
