/**
 * lua/include/faults.lua: an order without a record is removed from the book, and the sums are correct again
 * (I2, I8).
 */
import { expect, it } from 'vitest';
import { readClosures } from '../../../src/ledger/commands/closures.ts';
import { snapshot } from '../../../src/ledger/commands/snapshot.ts';
import { key } from '../../../src/ledger/keys.ts';
import { useLedgers } from '../../support/fixtures.ts';
import { anOrder } from '../../support/ledger.ts';

const ledgers = useLedgers();

it('an order without a record leaves the sums of total, pools and cash, and closes the account', async () => {
  const account = await ledgers.account({ env: { WORK_STEALING_POOLS: 'crypto:1,stock:1' } });
  await account.place(
    anOrder('lost').of('BTCUSD').in('crypto').worth(100),
    anOrder('coin').of('ETHUSD').in('crypto').worth(200),
    anOrder('stock').in('stock').worth(300),
  );
  await account.ledger.redis.del(key(account.name, 'order:lost'));
  expect((await snapshot(account.ledger))?.orders.map(({ id }) => id).sort()).toEqual(['coin', 'stock']);
  expect([await account.used(), await account.used('crypto'), await account.used('stock')]).toEqual([
    500e6, 200e6, 300e6,
  ]);
  expect(await account.field('account', 'orders_micros:cash')).toBe('200000000');
  expect(await readClosures(account.ledger)).toMatchObject([
    { cause: 'fault', words: 'order lost is listed and has no record' },
  ]);
  expect(await account.admit(anOrder('next'))).toMatchObject({ outcome: 'closed' });
});
