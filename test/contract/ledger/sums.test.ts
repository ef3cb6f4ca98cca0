/**
 * All sums stay below 2^53 micro-USD, where they are exact (I2): a command that would exceed it is refused
 * and changes nothing.
 */
import { expect, it } from 'vitest';
import { adopt, type FoundOrder } from '../../../src/ledger/commands/adopt.ts';
import { fill } from '../../../src/ledger/commands/fill.ts';
import { sync } from '../../../src/ledger/commands/sync.ts';
import { useLedgers } from '../../support/fixtures.ts';
import { anOrder, failure, type TestAccount } from '../../support/ledger.ts';

const MOST = Number.MAX_SAFE_INTEGER;

const ledgers = useLedgers();

/** What it throws; not a key is changed, and the sums are right. */
async function refused(account: TestAccount, attempt: () => Promise<unknown>): Promise<string> {
  const before = await account.keyspace();
  const { code } = await failure(attempt());
  expect(await account.keyspace()).toEqual(before);
  await account.expectSound();
  return code;
}

it('a fill that costs too much contradicts, so does the end of an order', async () => {
  const account = await ledgers.account();
  await account.place(anOrder('a').worth(100), anOrder('b').of('BBB').worth(100));
  expect(await refused(account, () => fill(account.ledger, 'a', '1', MOST))).toBe('contradiction');
  expect(await refused(account, () => account.end('a', 'filled', '10', MOST))).toBe('contradiction');
  // The rest of the two orders is counted as well.
  expect(await fill(account.ledger, 'a', '1', MOST - 200_000_000)).toBe('filled_so_far');
  await account.expectSound();
  expect(await refused(account, () => fill(account.ledger, 'b', '1', 30_000_000))).toBe('contradiction');
});

it('orders that are found at the broker are too much together', async () => {
  const account = await ledgers.account();
  const found = (id: string, qty: string): FoundOrder => ({
    ...{
      id,
      brokerId: id,
      symbol: 'AAA',
      side: 'buy',
      limit: '9000000',
      qty,
      filledQty: '0',
      filledMicros: 0,
      pool: '',
      reducing: false,
    },
  });
  expect(await adopt(account.ledger, found('a', '900'), 1)).toBe('adopted');
  expect(await refused(account, () => adopt(account.ledger, found('b', '900'), 1))).toBe('invalid');
  expect(await adopt(account.ledger, { ...found('c', '900'), reducing: true }, 1)).toBe('adopted');
  await account.expectSound();
});

it('positions are too much beside the orders, or beside what is doubted and stays', async () => {
  const account = await ledgers.account({
    positions: [{ symbol: 'BBB', side: 'long', qty: '1', costMicros: 5_000_000, pool: '' }],
  });
  await account.place(anOrder('a').worth(100));
  const told = (symbol: string, costMicros: number) => ({
    symbol,
    side: 'long' as const,
    qty: '1',
    costMicros,
    pool: '',
  });
  const at = () => account.healthMs();
  expect(await refused(account, () => sync(account.ledger, 1, at(), [told('AAA', MOST)]))).toBe('invalid');
  expect(await refused(account, () => sync(account.ledger, 1, at(), [told('AAA', MOST - 100_000_000)]))).toBe(
    'invalid',
  );
  expect(await sync(account.ledger, 1, at(), [told('AAA', MOST - 105_000_000)])).toMatchObject({
    outcome: 'synced',
  });
  await account.advance(1_000);
  expect(await sync(account.ledger, 1, at(), [told('AAA', MOST - 105_000_000)])).toMatchObject({
    outcome: 'synced',
  });
  await account.expectSound();
});
