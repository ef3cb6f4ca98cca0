/**
 * lua/include/positions.lua: by how much a fill reduces a position, and which orders' fills count (I1, I7).
 */
import { describe, expect, it } from 'vitest';
import type { Side } from '../../../src/domain/order.ts';
import { adopt } from '../../../src/ledger/commands/adopt.ts';
import type { SyncedPosition } from '../../../src/ledger/commands/sync.ts';
import { key } from '../../../src/ledger/keys.ts';
import { useLedgers } from '../../support/fixtures.ts';
import { anOrder, type TestAccount } from '../../support/ledger.ts';

const ledgers = useLedgers();

const held = (side: 'long' | 'short', qty: string, dollars: number): SyncedPosition => ({
  symbol: 'AAA',
  side,
  qty,
  costMicros: dollars * 1_000_000,
  pool: '',
});

/** An account that holds 10 AAA for 100 dollars, and an exit of `qty` that was sent. */
async function exiting(qty: string): Promise<TestAccount> {
  const account = await ledgers.account({ positions: [held('long', '10', 100)] });
  await account.place(anOrder('x').selling().exiting().at('11').qty(qty));
  await account.advance(1_000);
  return account;
}

/** A person places an order at the broker, which the ledger finds there. */
async function byHand(
  account: TestAccount,
  id: string,
  side: Side,
  qty: string,
  limit: string,
): Promise<void> {
  const order = {
    id,
    brokerId: `broker-${id}`,
    symbol: 'AAA',
    side,
    limit,
    qty,
    filledQty: '0',
    filledMicros: 0,
    pool: '',
    reducing: false,
  };
  expect(await adopt(account.ledger, order, account.healthMs())).toBe('adopted');
}

async function rebuilt(account: TestAccount, ...told: SyncedPosition[]): Promise<void> {
  await account.ledger.redis.hset(key(account.name, 'account'), 'synced_at_ms', 0);
  expect(await account.sync('1000', told)).toMatchObject({ rebuilt: true });
}

describe('an exit’s fill', () => {
  it('takes off the position what it sold', async () => {
    const account = await exiting('4');
    await account.end('x', 'filled', '4');
    expect(await account.used()).toBe(60_000_001);
    await account.expectSound();
  });

  it('does not reduce a position that was rebuilt since it was sent: it may be included', async () => {
    const account = await exiting('4');
    await rebuilt(account, held('long', '6', 60));
    await account.end('x', 'filled', '4');
    expect(await account.used()).toBe(60_000_000);
    expect(await account.order('x')).toMatchObject({ state: 'filled', filledQty: '4' });
    await account.expectSound();
  });

  it('is found by the next two reconciliations if it was not reported yet', async () => {
    const account = await exiting('4');
    await rebuilt(account, held('long', '10', 100));
    await account.end('x', 'filled', '4');
    expect(await account.used()).toBe(100_000_000);
    for (let i = 0; i < 2; i += 1) {
      await account.advance(1_000);
      await account.sync('1000', [held('long', '6', 60)]);
    }
    expect(await account.used()).toBe(60_000_000);
    await account.expectSound();
  });

  it('does not reduce what was bought since the broker reported that all was sold', async () => {
    const account = await exiting('10');
    await rebuilt(account);
    await byHand(account, 'b', 'buy', '10', '9');
    await account.end('b', 'filled', '10');
    await account.end('x', 'filled', '10');
    expect(await account.used()).toBe(90_000_000);
  });

  it('does not reduce a quantity corrected since it was sent; a corrected cost does not matter', async () => {
    const account = await exiting('4');
    const twice = async (told: SyncedPosition) => {
      for (let i = 0; i < 2; i += 1) {
        await account.advance(1_000);
        await account.sync('1000', [told]);
      }
    };
    await twice(held('long', '10', 101));
    await account.place(anOrder('y').selling().exiting().at('11').qty('1'));
    await account.end('y', 'filled', '1');
    expect(await account.used()).toBe(90_900_001);
    await twice(held('long', '5', 50));
    await account.end('x', 'filled', '4');
    expect(await account.used()).toBe(50_000_000);
    await account.expectSound();
  });

  it('counts the larger of both when an order older than the report turns the position around', async () => {
    const account = await ledgers.account({ positions: [held('long', '10', 100)] });
    await byHand(account, 's', 'sell', '15', '10');
    await byHand(account, 't', 'sell', '31', '10');
    await account.advance(1_000);
    await rebuilt(account, held('long', '10', 100));
    await account.end('s', 'filled', '15');
    expect((await account.keyspace())['position:AAA']).toMatchObject({
      side: 'long',
      cost_micros: '100000000',
    });
    await account.end('t', 'filled', '31');
    expect((await account.keyspace())['position:AAA']).toMatchObject({ side: 'short', qty: '21' });
    expect(await account.used()).toBe(210_000_001);
    await account.expectSound();
  });
});
