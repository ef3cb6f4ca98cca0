/** A bot of the library needs no more rights in Redis than the API's server: the user ws-serve. */
import { afterAll, beforeAll, expect, it } from 'vitest';
import { configure } from '../../src/ledger/commands/configure.ts';
import { sync } from '../../src/ledger/commands/sync.ts';
import { type Ledger, openLedger } from '../../src/ledger/ledger.ts';
import { connect, type Order } from '../../src/library/index.ts';
import { readSettings } from '../../src/rules/settings.ts';
import { type GuardedRedis, startGuardedRedis } from '../support/guarded-redis.ts';
import { InstantBroker } from '../support/instant-broker.ts';
import { SYNC_MAX_AGE_MS, TEST_RULES } from '../support/ledger.ts';

let redis: GuardedRedis;
let admin: Ledger;

beforeAll(async () => {
  redis = await startGuardedRedis();
  admin = await openLedger(redis.url('admin'), redis.account);
  await configure(admin, readSettings(TEST_RULES).settings, SYNC_MAX_AGE_MS);
  await sync(admin, 1_000_000_000, 1, []);
});
afterAll(async () => {
  await admin.close();
  await redis.close();
});

it('enters, places, cancels, files plans, reads, decides, follows and halts as ws-serve', async () => {
  const broker = new InstantBroker();
  const bot = await connect({
    redis: redis.url('serve'),
    account: redis.account,
    bot: 'bot-1',
    broker: () => broker,
    env: TEST_RULES,
  });
  const order: Order = { id: 'one', symbol: 'AAPL', side: 'buy', limit: '10', qty: '9', pnl: '1' };
  const events = await bot.events();
  expect(await bot.decide(order)).toMatchObject({ admitted: true });
  expect(await bot.enter(order)).toMatchObject({ outcome: 'reserved' });
  expect((await events.next()).value).toMatchObject({ type: 'reserved' });
  expect(await bot.place(order)).toEqual({ outcome: 'working' });
  const blocked = await bot.enter({ ...order, id: 'two', symbol: 'MSFT', qty: '99' });
  expect(blocked).toMatchObject({ outcome: 'refused' });
  expect(await bot.cancel('one')).toBe('cancelling');
  const plan = { id: 'plan-1', symbol: 'AAPL', side: 'buy', limit: '9', qty: '1' } as const;
  expect(await bot.filePlan(plan)).toBe('filed');
  expect(await bot.withdrawPlan('plan-1')).toBe('withdrawn');
  expect(await bot.fileForecast({ symbol: 'AAPL', side: 'buy', pnl: '1' })).toBe('filed');
  expect(await bot.removeForecast({ symbol: 'AAPL', side: 'buy' })).toBe('removed');
  expect(await bot.halt('why')).toBe('halted');
  expect(await bot.status()).toMatchObject({ admits: 'halted' });
  expect(await bot.resume('why')).toBe('resumed');
  await bot.close();
  expect(await redis.refused()).toEqual([]);
});
