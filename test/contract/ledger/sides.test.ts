/**
 * One side of a symbol at a time: the broker takes no order that could trade with an open one, and nets
 * holdings (lua/include/opposite.lua; I1).
 */
import { describe, expect, it } from 'vitest';
import type { OrderType } from '../../../src/domain/order.ts';
import { adopt } from '../../../src/ledger/commands/adopt.ts';
import { amend } from '../../../src/ledger/commands/amend.ts';
import { audit } from '../../../src/ledger/commands/audit.ts';
import { cancel } from '../../../src/ledger/commands/cancel.ts';
import { release } from '../../../src/ledger/commands/release.ts';
import { replace } from '../../../src/ledger/commands/replace.ts';
import { submit } from '../../../src/ledger/commands/submit.ts';
import type { SyncedPosition } from '../../../src/ledger/commands/sync.ts';
import { key } from '../../../src/ledger/keys.ts';
import { useLedgers } from '../../support/fixtures.ts';
import { anOrder, LEASE_MS, type TestAccount } from '../../support/ledger.ts';

const ledgers = useLedgers();

const POSITIONS_LAG_MS = 5_000;

const held = (side: 'long' | 'short', qty: string): SyncedPosition => ({
  symbol: 'AAA',
  side,
  qty,
  costMicros: 100_000_000,
  pool: '',
});
const buy = (id: string) => anOrder(id).plan(id.replace(/_.*/, ''));
const short = (id: string) => buy(id).selling().at('11').qty('1');
const sides = (account: TestAccount): Promise<string[]> =>
  account.ledger.redis.zrange(key(account.name, 'sides'), '0', '-1');

async function adopted(
  account: TestAccount,
  id: string,
  side: 'buy' | 'sell',
  reducing: boolean,
  type: OrderType = 'limit',
): Promise<void> {
  await account.advanceHealth(1);
  const order = {
    id,
    brokerId: `b-${id}`,
    symbol: 'AAA',
    side,
    limit: '12',
    qty: '1',
    filledQty: '0',
    filledMicros: 0,
    pool: '',
    reducing,
    type,
  };
  expect(await adopt(account.ledger, order, account.healthMs())).toBe('adopted');
}

describe('an entry is refused, opposite,', () => {
  it('while an order of the other side is reserved, works or is being cancelled; names it', async () => {
    const account = await ledgers.account();
    const expectOpposite = async (): Promise<void> => {
      const refused = { outcome: 'opposite', numbers: { by: 'long_1', by_plan: 'long', held_qty: '0' } };
      expect(await account.admit(short('short_1'))).toMatchObject(refused);
      expect(await account.steal(short('short_1'))).toMatchObject(refused);
    };
    await account.admit(buy('long_1'));
    await expectOpposite();
    await account.send('long_1');
    await expectOpposite();
    expect(await cancel(account.ledger, 'long_1', 'test')).toBe('cancelling');
    await expectOpposite();
    await account.end('long_1', 'cancelled');
    expect(await account.admit(short('short_1'))).toMatchObject({ outcome: 'fits' });
    expect(await account.admit(buy('long_2'))).toMatchObject({
      outcome: 'opposite',
      numbers: { by: 'short_1', by_plan: 'short' },
    });
    await account.expectSound();
  });

  it('before any order is cancelled for it, however much better it is', async () => {
    const account = await ledgers.account({ equity: '100' });
    await account.place(buy('long_1'));
    await account.prices({ AAA: '11' });
    expect(await account.admit(short('short_1').pnl('1000'))).toMatchObject({ outcome: 'opposite' });
    expect(await account.steal(short('short_1').pnl('1000'))).toMatchObject({ outcome: 'opposite' });
    expect((await account.order('long_1')).state).toBe('working');
  });

  it('while a thief of the other side waits for its room', async () => {
    const account = await ledgers.account({ equity: '100' });
    await account.place(anOrder('victim').of('VVV'));
    await account.prices({ VVV: '11', AAA: '10' });
    expect(await account.steal(buy('long_1').pnl('5'))).toMatchObject({ outcome: 'stolen' });
    expect(await account.admit(short('short_1'))).toMatchObject({
      outcome: 'opposite',
      numbers: { by: 'long_1' },
    });
    await account.end('victim', 'cancelled');
    await account.expectSound();
  });

  it('while the position is on the other side, from the entry to the end of the exit', async () => {
    const account = await ledgers.account();
    await account.place(buy('long_1'));
    await account.end('long_1', 'filled', '10');
    const refused = { outcome: 'opposite', numbers: { by: '', by_plan: 'long', held_qty: '10' } };
    expect(await account.admit(short('short_1'))).toMatchObject(refused);
    await account.place(anOrder('long_x1').plan('long').selling().exiting().at('11').qty('10'));
    expect(await account.admit(short('short_1'))).toMatchObject(refused);
    await account.end('long_x1', 'filled', '10');
    expect(await account.admit(short('short_1'))).toMatchObject({ outcome: 'fits' });
    await account.expectSound();
  });

  it('against a short position, whose units are reported as negative', async () => {
    const account = await ledgers.account({ positions: [held('short', '2.5')] });
    expect(await account.admit(buy('long_1'))).toMatchObject({
      outcome: 'opposite',
      numbers: { by: '', by_plan: '', held_qty: '-2.5' },
    });
    expect(await account.admit(short('short_1'))).toMatchObject({ outcome: 'fits' });
  });

  it('against an exit that it could trade with, also one placed by hand, as at the broker', async () => {
    const account = await ledgers.account({ positions: [held('long', '3')] });
    await account.place(anOrder('one_x1').selling().exiting().at('12').qty('1'));
    for (const limit of ['12', '13'])
      expect(await account.admit(buy('two_1').at(limit).qty('1'))).toMatchObject({
        outcome: 'opposite',
        numbers: { by: 'one_x1', held_qty: '0' },
      });
    await account.end('one_x1', 'cancelled');
    await adopted(account, 'by-hand', 'sell', true);
    expect(await account.admit(buy('two_1').at('12').qty('1'))).toMatchObject({
      outcome: 'opposite',
      numbers: { by: 'by-hand', by_plan: '' },
    });
    await account.expectSound();
  });

  it.each(['market', 'stop'] as const)('against an exit of the type %s, whatever its limit', async (type) => {
    const account = await ledgers.account({ positions: [held('long', '3')] });
    await account.place(anOrder('one_x1').selling().exiting(type).at('12').qty('1'));
    expect(await account.admit(buy('two_1'))).toMatchObject({ outcome: 'opposite' });
  });

  it('against an exit found at the broker whose type is not known', async () => {
    const account = await ledgers.account({ positions: [held('long', '3')] });
    await adopted(account, 'by-hand', 'sell', true, 'market');
    expect(await account.admit(buy('two_1'))).toMatchObject({ outcome: 'opposite' });
  });

  it('against exits that close more than the position: one of them would sell what it buys', async () => {
    const account = await ledgers.account({ positions: [held('long', '3')] });
    await account.place(anOrder('one_x1').selling().exiting().at('12').qty('3'));
    await account.advanceHealth(POSITIONS_LAG_MS);
    await account.sync('1000', [held('long', '2')]);
    await account.advanceHealth(POSITIONS_LAG_MS);
    await account.sync('1000', [held('long', '2')]);
    expect(await account.admit(buy('two_1'))).toMatchObject({
      outcome: 'opposite',
      numbers: { by: 'one_x1', held_qty: '0' },
    });
  });

  it('beside more exits than are looked at', async () => {
    const account = await ledgers.account({ positions: [held('long', '65')] });
    const exit = (at: number) => anOrder(`x_${at}`).selling().exiting().at('12').qty('1');
    for (let at = 0; at < 64; at += 1) await account.place(exit(at));
    expect(await account.admit(buy('two_1').qty('1'))).toMatchObject({ outcome: 'fits' });
    await account.place(exit(64));
    expect(await account.admit(buy('two_2').qty('1'))).toMatchObject({ outcome: 'opposite' });
  });

  it('after an order of the other side was moved to its symbol by hand, until it is moved away', async () => {
    const account = await ledgers.account();
    await account.place(anOrder('moved').of('BBB'));
    const { brokerId: was } = await account.order('moved');
    const terms = { id: 'moved', brokerId: 'another', symbol: 'AAA', side: 'sell', qty: '10' } as const;
    expect(
      await amend(account.ledger, { was, terms, limit: '10', before: { qty: '0', micros: 0 }, takes: 'now' }),
    ).toBe('amended');
    expect(await account.admit(buy('long_1'))).toMatchObject({
      outcome: 'opposite',
      numbers: { by: 'moved' },
    });
    expect(await account.admit(anOrder('short_2').of('BBB').selling())).toMatchObject({ outcome: 'fits' });
    await account.expectSound();
  });
});

describe('an entry that is reserved already', () => {
  it('is not sent once an exit that it could trade with came before it, and is to be released', async () => {
    const account = await ledgers.account({ positions: [held('long', '3')] });
    await account.admit(buy('two_1'));
    await account.place(anOrder('one_x1').plan('one').selling().exiting().at('10').qty('3'));
    expect(await submit(account.ledger, 'two_1', LEASE_MS)).toEqual({ outcome: 'opposite' });
    expect((await account.order('two_1')).state).toBe('reserved');
    await release(account.ledger, 'two_1', 'opposite');
    await account.expectSound();
  });

  it('is sent beside an exit that came before it, whose limit is apart', async () => {
    const account = await ledgers.account({ positions: [held('long', '3')] });
    await account.admit(buy('two_1'));
    await account.place(anOrder('one_x1').plan('one').selling().exiting().at('10.01').qty('3'));
    expect(await submit(account.ledger, 'two_1', LEASE_MS)).toEqual({ outcome: 'send' });
    await account.expectSound();
  });
});

describe('nothing is in the way of', () => {
  it('an entry of the same side, or of another symbol, whatever its name begins with', async () => {
    const account = await ledgers.account();
    await account.place(buy('long_1').worth(10), buy('more_1').worth(10));
    expect(await account.admit(anOrder('short_1').of('AAAA').selling())).toMatchObject({ outcome: 'fits' });
    expect(await account.admit(anOrder('short_2').of('AA').selling())).toMatchObject({ outcome: 'fits' });
  });

  it.each([
    ['limit', '10.000000001'],
    ['stop_limit', '12'],
    ['trailing_stop', '9'],
  ] as const)('an entry below an exit of the position that it adds to (%s)', async (type, limit) => {
    const account = await ledgers.account({ positions: [held('long', '3')] });
    await account.place(anOrder('one_x1').selling().exiting(type).at(limit).qty('3'));
    expect(await account.admit(buy('two_1'))).toMatchObject({ outcome: 'fits' });
    expect(await submit(account.ledger, 'two_1', LEASE_MS)).toEqual({ outcome: 'send' });
    await account.expectSound();
  });

  it('a short sale above an exit of the short position that it adds to; one at its limit is', async () => {
    const account = await ledgers.account({ positions: [held('short', '3')] });
    await account.place(anOrder('one_x1').exiting().at('8').qty('3'));
    expect(await account.admit(short('two_1').at('8.01').qty('1'))).toMatchObject({ outcome: 'fits' });
    expect(await account.admit(short('two_2').at('8').qty('1'))).toMatchObject({
      outcome: 'opposite',
      numbers: { by: 'one_x1', held_qty: '0' },
    });
  });

  it('a thief below an exit', async () => {
    const account = await ledgers.account({ equity: '130', positions: [held('long', '3')] });
    await account.place(anOrder('one_x1').selling().exiting().at('12').qty('3'));
    await account.place(anOrder('victim').of('VVV').worth(30));
    await account.prices({ VVV: '11', AAA: '10' });
    expect(await account.steal(buy('two_1').worth(30).pnl('5'))).toMatchObject({ outcome: 'stolen' });
    await account.end('victim', 'cancelled');
    await account.send('two_1');
    await account.expectSound();
  });

  it('an entry while an exit is being replaced, as long as both versions are apart', async () => {
    const account = await ledgers.account({ positions: [held('long', '3')] });
    await account.place(anOrder('one_x1').selling().exiting().at('12').qty('3'));
    const { brokerId: was } = await account.order('one_x1');
    const next = { id: 'one_x1', was, nextId: 'next', qty: '3' };
    expect(await replace(account.ledger, { ...next, limit: '11' }, LEASE_MS)).toEqual({ outcome: 'send' });
    expect(await account.admit(buy('two_1').at('10.99').qty('1'))).toMatchObject({ outcome: 'fits' });
    expect(await account.admit(buy('two_2').at('11').qty('1'))).toMatchObject({ outcome: 'opposite' });
    await account.expectSound();
  });

  it('an exit: closing what is held comes first', async () => {
    const account = await ledgers.account({ positions: [held('long', '3')] });
    await account.place(buy('more_1').worth(10));
    expect(await account.admit(anOrder('one_x1').selling().exiting().at('12').qty('3'))).toMatchObject({
      outcome: 'fits',
    });
    expect(await submit(account.ledger, 'one_x1', LEASE_MS)).toEqual({ outcome: 'send' });
  });
});

describe('the index of sides', () => {
  it('holds each live order once, and none that ended', async () => {
    const account = await ledgers.account();
    await account.place(buy('one_1').worth(10), buy('two_1').worth(10).of('BBB'));
    await account.admit(short('three_1').of('CCC'));
    expect(await sides(account)).toEqual(['AAA buy one_1', 'BBB buy two_1', 'CCC sell three_1']);
    await account.end('one_1', 'cancelled');
    await release(account.ledger, 'three_1', 'test');
    expect(await sides(account)).toEqual(['BBB buy two_1']);
  });

  it('is rebuilt by the next reconciliation after an audit has found that it is wrong', async () => {
    const account = await ledgers.account();
    await account.place(buy('one_1').worth(10));
    await account.ledger.redis.del(key(account.name, 'sides'));
    expect((await audit(account.ledger))?.faults).toContain('one_1 is missing in sides');
    await account.advanceHealth(1);
    await account.sync('1000');
    expect(await sides(account)).toEqual(['AAA buy one_1']);
    await account.expectSound();
  });
});
