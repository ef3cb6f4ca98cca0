/**
 * A plan's orders from entry to exit at odd prices and quantities: all their room returns, exact to the micro
 * (I2, I4).
 */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { fromNanos } from '../../../src/domain/decimal.ts';
import { notionalMicros } from '../../../src/domain/money.ts';
import { cancel } from '../../../src/ledger/commands/cancel.ts';
import { fill } from '../../../src/ledger/commands/fill.ts';
import { useLedgers } from '../../support/fixtures.ts';
import { anOrder, type OrderBuilder, type TestAccount } from '../../support/ledger.ts';

const ledgers = useLedgers();

const POOL = { WORK_STEALING_POOLS: 'crypto:0.9' };
const used = async (account: TestAccount) => [await account.used(), await account.used('crypto')];

describe('a round trip', () => {
  it('entry, partial fill, expiry, exit in parts: every micro-dollar is back in total and pool', async () => {
    const account = await ledgers.account({ env: POOL });
    await account.prices({ AAA: '34' });
    await account.place(anOrder('p_1').at('33.333333333').qty('7.000000007').in('crypto'));
    const need = notionalMicros('33.333333333', '7.000000007');
    expect(await used(account)).toEqual([need, need]);
    await fill(account.ledger, 'p_1', '2.123456789', notionalMicros('33.333333331', '2.123456789'));
    const part = notionalMicros('33.333333331', '2.123456789');
    const rest = notionalMicros('33.333333333', '4.876543218');
    expect(await used(account)).toEqual([part + rest, part + rest]);
    // Its lease has ended: it is withdrawn, and only the broker's answer frees the room.
    expect(await cancel(account.ledger, 'p_1', 'expired')).toBe('cancelling');
    expect(await used(account)).toEqual([part + rest, part + rest]);
    expect(await account.end('p_1', 'cancelled', '2.123456789', part)).toMatchObject({ freedMicros: rest });
    expect(await used(account)).toEqual([part, part]);
    await account.place(anOrder('p_x1').at('33.7').qty('2.123456789').selling().exiting().in('crypto'));
    expect(await used(account)).toEqual([part, part]);
    await fill(account.ledger, 'p_x1', '0.000000001', 1);
    await fill(account.ledger, 'p_x1', '1.999999999', notionalMicros('33.7', '1.999999999'));
    const [left = 0, leftOfPool = 0] = await used(account);
    const exact = (part * 0.12345679) / 2.123456789;
    // never less than what it cost
    expect([left >= exact, left - exact < 3, left === leftOfPool]).toEqual([true, true, true]);
    await account.end('p_x1', 'filled', '2.123456789', notionalMicros('33.7', '2.123456789'));
    expect(await used(account)).toEqual([0, 0]);
    expect(await account.keyspace()).not.toHaveProperty('position:AAA');
    await account.expectSound();
  });

  it('a short one as well: sold at the entry, bought at the exit', async () => {
    const account = await ledgers.account({ env: POOL });
    await account.place(anOrder('p_1').at('0.000777').qty('1000.5').selling().in('crypto'));
    await account.end('p_1', 'filled', '1000.5');
    await account.place(anOrder('p_x1').at('0.000776').qty('1000.5').exiting().in('crypto'));
    await account.end('p_x1', 'filled', '1000.5');
    expect(await used(account)).toEqual([0, 0]);
    await account.expectSound();
  });

  it('an entry that expires or is rejected untouched leaves nothing', async () => {
    const account = await ledgers.account({ env: POOL });
    for (const [at, state] of (['expired', 'rejected', 'cancelled'] as const).entries()) {
      await account.place(anOrder(`p${at}`).at('99.999999999').qty('8.123456789').in('crypto'));
      await account.end(`p${at}`, state);
      expect(await used(account)).toEqual([0, 0]);
    }
    await account.expectSound();
  });

  it('an exit is placed when the book is full or over the cap, and its fill makes room', async () => {
    const account = await ledgers.account({ env: POOL });
    await account.place(anOrder('p_1').worth(600), anOrder('other').of('BBB').worth(400));
    await account.end('p_1', 'filled', '60');
    await account.sync('500', [
      { symbol: 'AAA', side: 'long', qty: '60', costMicros: 600_000_000, pool: '' },
    ]);
    expect(await account.room()).toBe(-500_000_000);
    await account.place(anOrder('p_x1').at('11').qty('60').selling().exiting());
    await account.prices({ AAA: '20', BBB: '10', TTT: '10' });
    expect(await account.steal(anOrder('t').of('TTT').worth(100).pnl('50'))).toMatchObject({
      outcome: 'no_candidates',
    });
    await account.end('p_x1', 'filled', '60');
    expect([await account.used(), await account.room()]).toEqual([400_000_000, 100_000_000]);
    await account.expectSound();
  });
});

type Leg = { qty: bigint; limit: string; parts: readonly number[] };

/**
 * An order sent and filled in growing parts (thousandths of its quantity); answers what is filled when no
 * more parts come.
 */
async function fillInParts(
  account: TestAccount,
  order: OrderBuilder,
  { qty, limit, parts }: Leg,
): Promise<bigint> {
  await account.place(order.at(limit).qty(fromNanos(qty)).in('crypto'));
  let filled = 0n;
  for (const part of [...parts].sort((a, b) => a - b)) {
    filled = (qty * BigInt(part)) / 1_000n;
    if (filled === 0n) continue;
    await fill(account.ledger, order.wish.id, fromNanos(filled), notionalMicros(limit, fromNanos(filled)));
  }
  return filled;
}

it('round trips of a symbol, in parts of any size and at any price, end at exactly zero', async () => {
  const account = await ledgers.account({ equity: '100000000', env: { WORK_STEALING_POOLS: 'crypto:1' } });
  let made = 0;
  const qty = fc.bigInt({ min: 1n, max: 5_000_000_000_000n });
  const price = fc.bigInt({ min: 1_000_000n, max: 90_000_000_000n }).map(fromNanos);
  const trip = fc.record({
    qty,
    entry: price,
    exit: price,
    parts: fc.array(fc.nat({ max: 999 }), { maxLength: 4 }),
    ends: fc.boolean(),
  });
  const property = fc.asyncProperty(fc.array(trip, { minLength: 1, maxLength: 3 }), async (trips) => {
    const exits: Leg[] = [];
    for (const { entry, exit, ends, ...leg } of trips) {
      const order = anOrder(`e${made++}`);
      const part = await fillInParts(account, order, { ...leg, limit: entry });
      const held = ends ? leg.qty : part;
      await account.end(order.wish.id, ends ? 'filled' : 'cancelled', fromNanos(held));
      if (held > 0n) exits.push({ qty: held, limit: exit, parts: leg.parts });
    }
    for (const leg of exits) {
      const order = anOrder(`x${made++}`).selling().exiting();
      await fillInParts(account, order, leg);
      await account.end(order.wish.id, 'filled', fromNanos(leg.qty));
    }
    expect(await used(account)).toEqual([0, 0]);
    await account.expectSound();
  });
  await fc.assert(property, { numRuns: 60 });
});
