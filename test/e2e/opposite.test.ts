/** Two plans on opposite sides of one symbol, on a fleet of real processes: they take turns (decision 29). */
import { afterEach, expect, it } from 'vitest';
import { key } from '../../src/ledger/keys.ts';
import { useRedis } from '../support/fixtures.ts';
import { type Fleet, PATIENCE, startFleet } from '../support/fleet.ts';

const redis = useRedis();
let fleet: Fleet;

afterEach(async () => {
  await fleet.close();
});

/** How often the broker refused an order, as the events tell. */
async function rejected(): Promise<number> {
  const events = await fleet.ledger.redis.xrange(key(fleet.account, 'events'), '-', '+');
  return events.filter(([, fields]) => fields[1] === 'ended' && fields.includes('rejected')).length;
}

const stage = async (id: string) => (await fleet.plan(id)).stage;
const refusal = (id: string) => fleet.ledger.redis.hget(key(fleet.account, `refusal:${id}`), 'reason');

it('of two plans of opposite sides on two hosts one enters, and the other waits until its exit has ended', {
  timeout: 180_000,
}, async () => {
  fleet = await startFleet(redis.url);
  for (const role of ['keep', 'work'] as const) fleet.start(role);
  for (const host of ['w1', 'w2']) fleet.start('watch', host);
  await fleet.reconciled();
  fleet.price('V0', '100.2');
  await fleet.file({ id: 'long', symbol: 'V0', limit: '100', qty: '2', takeProfit: '101' });
  await expect.poll(async () => (await fleet.book()).orders, PATIENCE).toEqual(['long_1 working']);

  // Its entry works at the broker.
  await fleet.file({
    id: 'short',
    symbol: 'V0',
    side: 'sell',
    limit: '100.4',
    qty: '3',
    pnl: '50',
    takeProfit: '99',
  });
  await expect.poll(() => refusal('short'), PATIENCE).toBe('opposite');
  // It holds the position, and its exit works at the broker.
  fleet.price('V0', '100');
  await expect.poll(async () => (await fleet.order('long_x1'))?.state, PATIENCE).toBe('working');
  await fleet.ledger.redis.del(key(fleet.account, 'refusal:short'));
  await expect.poll(() => refusal('short'), PATIENCE).toBe('opposite');
  expect(await stage('short')).toBe('waiting');
  expect((await fleet.plan('short')).owner).not.toBe((await fleet.plan('long')).owner);
  expect((await fleet.plan('short')).attempt).toBe(1);

  // The symbol is free.
  fleet.price('V0', '101');
  await expect.poll(() => stage('long'), PATIENCE).toBe('done');
  await expect.poll(async () => (await fleet.order('short_x1'))?.state, PATIENCE).toBe('working');
  expect((await fleet.order('short_1'))?.state).toBe('filled');
  fleet.price('V0', '99');
  await expect.poll(() => stage('short'), PATIENCE).toBe('done');
  expect((await fleet.judge()).cancels).toBe(0);
  expect((await fleet.book()).positions).toEqual([]);
  expect(await rejected()).toBe(0);
  await fleet.expectSound();
});
