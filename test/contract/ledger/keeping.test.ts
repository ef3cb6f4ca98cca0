/**
 * What a steal's best victim keeps (docs/rules.md, 9.8): reserved in the step that settles the last victim,
 * of what was then really freed. The sums never disagree (I2), the thief's room is nobody else's (I5), and a
 * repeated settlement reserves nothing twice (I6).
 */
import { expect, it } from 'vitest';
import { claimPlans, filePlan, withdrawPlan } from '../../../src/ledger/commands/plans.ts';
import { renew } from '../../../src/ledger/commands/renew.ts';
import { useLedgers } from '../../support/fixtures.ts';
import { anOrder, LEASE_MS, type OrderBuilder, type TestAccount } from '../../support/ledger.ts';

const ledgers = useLedgers();
const PRICES = { AAA: '11', BBB: '11', TTT: '10' };
const thief = (dollars: number): OrderBuilder => anOrder('t').of('TTT').worth(dollars).pnl('50');

/** An account of $1,000 in which a plan's order of $800 works, and any others. */
async function aBook(env: Record<string, string> = {}, ...others: OrderBuilder[]): Promise<TestAccount> {
  const account = await ledgers.account({ env: { WORK_STEALING_PARTIAL: '1', ...env } });
  await account.prices(PRICES);
  await plan(account, 'p');
  await account.place(anOrder('p_1').worth(800).pnl('8').plan('p'), ...others);
  return account;
}

async function plan(account: TestAccount, id: string, host = 'host'): Promise<void> {
  await filePlan(account.ledger, {
    ...{ id, symbol: 'AAA', side: 'buy', mode: 'normal', limit: '10', qty: '80', pnl: '8', pool: '' },
    ...{ takeProfit: '', startsAtMs: 0, expiresAtMs: 0, holdMs: 0, strategy: 'test' },
  });
  await claimPlans(account.ledger, host, LEASE_MS, 10);
}

const kept = async (account: TestAccount, id = 'p_2') =>
  (await account.ledger.redis.exists(`ws:{${account.name}}:order:${id}`)) === 1;

it('the plan goes on with the rest, in the step in which the thief is granted', async () => {
  const account = await aBook();
  expect(await account.steal(thief(500))).toMatchObject({
    outcome: 'stolen',
    kept: { id: 'p_1', qty: '50', heldMicros: 500_000_000 },
  });
  expect(await kept(account)).toBe(false);
  await account.expectSound();
  await account.end('p_1', 'cancelled');
  expect(await account.order('t')).toMatchObject({ state: 'reserved', heldMicros: 500_000_000 });
  expect(await account.order('p_2')).toMatchObject({
    ...{ state: 'reserved', plan: 'p', owner: 'host', limit: '10', qty: '50', pnl: '5' },
    ...{ heldMicros: 500_000_000, keptOf: 'p_1', createdAtMs: account.nowMs() },
  });
  expect((await account.order('p_1')).keptAs).toBe('p_2');
  expect(await account.room()).toBe(0);
  await account.expectSound();
});

it('a settlement that is reported again reserves nothing more', async () => {
  const account = await aBook();
  await account.steal(thief(500));
  await account.end('p_1', 'cancelled');
  const before = await account.book();
  expect(await account.end('p_1', 'cancelled')).toMatchObject({ outcome: 'exists' });
  expect(await account.book()).toEqual(before);
});

it('of two victims the better one keeps it, when both have ended, in either order', async () => {
  for (const order of [
    ['b', 'p_1'],
    ['p_1', 'b'],
  ]) {
    const account = await aBook({}, anOrder('b').of('BBB').worth(200).pnl('1'));
    // $900: $200 of b and, of the $800, all but $100, which is too little to keep without a lower minimum.
    await account.configure({ WORK_STEALING_PARTIAL: '1', WORK_STEALING_PARTIAL_MIN: '0.1' });
    const stolen = await account.steal(thief(900));
    expect(stolen).toMatchObject({ victims: [{ id: 'b' }, { id: 'p_1' }], kept: { id: 'p_1', qty: '10' } });
    for (const id of order) {
      expect(await kept(account)).toBe(false);
      await account.end(id, 'cancelled');
      await account.expectSound();
    }
    expect(await account.order('p_2')).toMatchObject({ qty: '10', pnl: '1', heldMicros: 100_000_000 });
  }
});

it('what was bought meanwhile, be it a part, leaves nothing to keep', async () => {
  for (const filled of ['80', '10']) {
    const account = await aBook();
    await account.steal(thief(500));
    await account.end('p_1', filled === '80' ? 'filled' : 'cancelled', filled);
    expect(await kept(account)).toBe(false);
    await account.expectSound();
  }
});

it('a thief that gave up leaves nothing to keep: the room is free for all', async () => {
  const account = await aBook();
  await account.steal(thief(500));
  await account.advanceHealth(LEASE_MS);
  await account.end('p_1', 'cancelled');
  expect(await kept(account)).toBe(false);
  expect(await account.room()).toBe(1_000_000_000);
  await account.expectSound();
});

it('a lowered cap takes the rest first', async () => {
  const account = await aBook();
  await account.steal(thief(500));
  await account.sync('700');
  await account.sync('700');
  await account.end('p_1', 'cancelled');
  expect(await account.order('t')).toMatchObject({ state: 'reserved' });
  expect(await account.order('p_2')).toMatchObject({ qty: '20', heldMicros: 200_000_000 });
  await account.expectSound();
});

it('a plan that was withdrawn meanwhile keeps nothing', async () => {
  const account = await aBook();
  await account.steal(thief(500));
  await withdrawPlan(account.ledger, 'p', 'test');
  await account.end('p_1', 'cancelled');
  expect(await kept(account)).toBe(false);
});

it("an order that is not its plan's attempt keeps nothing, and the steal says so", async () => {
  const account = await ledgers.account({ env: { WORK_STEALING_PARTIAL: '1' } });
  await account.prices(PRICES);
  await account.place(anOrder('bot').worth(800).pnl('8').plan('p'));
  expect(await account.steal(thief(500))).not.toHaveProperty('kept');
  await account.end('bot', 'cancelled');
  expect(await account.room()).toBe(500_000_000);
  await account.expectSound();
});

it('its lease ends it like any other reservation', async () => {
  const account = await aBook();
  await account.steal(thief(500));
  await account.end('p_1', 'cancelled');
  await account.send('t');
  await account.advanceHealth(LEASE_MS);
  await account.prices(PRICES);
  expect(await account.order('p_2')).toMatchObject({ state: 'expired', reason: 'lease_ended' });
  expect(await account.room()).toBe(500_000_000);
  await account.expectSound();
});

it("it works under its symbol's cooldown, and is a victim after it", async () => {
  const account = await aBook();
  await account.steal(thief(500));
  await account.end('p_1', 'cancelled');
  await account.send('t');
  await account.send('p_2');
  await account.prices({ ...PRICES, CCC: '10' });
  const other = anOrder('u').of('CCC').worth(500).pnl('60');
  expect(await account.steal(other)).toMatchObject({ outcome: 'no_candidates' });
  await account.advance(300_000);
  await account.prices({ ...PRICES, CCC: '10' });
  expect(await account.steal(other)).toMatchObject({ outcome: 'stolen', victims: [{ id: 'p_2' }] });
  await account.expectSound();
});

it('another host that took over the plan takes over its lease, and no other host does', async () => {
  const account = await aBook();
  await account.steal(thief(500));
  await account.end('p_1', 'cancelled');
  expect(await renew(account.ledger, 'other', LEASE_MS, ['p_2'])).toEqual(['p_2']);
  await account.advanceHealth(LEASE_MS - 1);
  await account.ledger.redis.zadd(`ws:{${account.name}}:plans`, 0, 'p');
  await claimPlans(account.ledger, 'other', LEASE_MS, 10);
  expect(await renew(account.ledger, 'other', LEASE_MS, ['p_2'])).toEqual([]);
  expect((await account.order('p_2')).owner).toBe('other');
  expect(await renew(account.ledger, 'host', LEASE_MS, ['p_2'])).toEqual(['p_2']);
});
