/**
 * Crypto is bought with cash alone, on a fleet of real processes at an exchange that lends nothing for crypto
 * (decision 26).
 */
import { afterEach, expect, it } from 'vitest';
import { key } from '../../src/ledger/keys.ts';
import { useRedis } from '../support/fixtures.ts';
import { type Fleet, PATIENCE, startFleet } from '../support/fleet.ts';

const redis = useRedis();
let fleet: Fleet;
afterEach(async () => {
  await fleet.close();
});

const field = (name: string, of: string) => fleet.ledger.redis.hget(key(fleet.account, name), of);

it('a crypto plan takes no stock order when the cash is spent, and enters when it is back', async () => {
  fleet = await startFleet(redis.url, { leverage: '2', cryptoCash: true, buyingPower: true });
  const env = { WORK_STEALING_LEVERAGE: '2', WORKSTEAL_MAX_PLANS: '100' };
  fleet.start('keep', 'k', env);
  fleet.start('work', 'w', env);
  fleet.start('watch', 'h', env);
  await fleet.reconciled();
  fleet.price('V20', '99');
  await fleet.file({ id: 'held', symbol: 'V20', qty: '10', pnl: '5' }); // 990 of stock: 10 of cash are left
  await expect.poll(async () => (await fleet.plan('held')).stage, PATIENCE).toBe('done');
  for (let i = 0; i < 9; i += 1) {
    fleet.price(`V${i}`, '100.6');
    await fleet.file({ id: `good${i}`, symbol: `V${i}`, qty: '1', pnl: '5' });
  }
  await expect.poll(async () => (await fleet.book()).live.length, PATIENCE).toBe(9);

  fleet.price('BTCUSD', '100.1');
  await fleet.file({ id: 'crypto', symbol: 'BTCUSD', qty: '0.5', pnl: '50' });
  await expect.poll(() => field('refusal:crypto', 'times'), PATIENCE).not.toBeNull();
  expect(await field('refusal:crypto', 'reason')).toBe('no_candidates');
  expect(Number(await field('refusal:crypto', 'cash_room_micros'))).toBeLessThanOrEqual(10_000_000);
  expect((await fleet.judge()).cancels).toBe(0);
  expect((await fleet.plan('crypto')).attempt).toBe(1);

  await fleet.faults({ depositUsd: '1000' });
  await expect.poll(async () => (await fleet.book()).live, PATIENCE).toContain('crypto_1');
  expect((await fleet.judge()).cancels).toBe(0);
  await fleet.expectSound();
});
