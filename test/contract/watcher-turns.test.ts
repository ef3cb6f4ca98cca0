/** Watchers whose plans lack room wait for their turn (docs/rules.md, 4.9), and do not ask meanwhile. */
import { describe, expect, it } from 'vitest';
import { withdrawPlan } from '../../src/ledger/commands/plans.ts';
import { key } from '../../src/ledger/keys.ts';
import type { Watching, WatchingHost } from '../support/watching.ts';
import { watchingSuite } from '../support/watching-suite.ts';

const { world } = watchingSuite();

/** How often the host was refused room for a symbol. */
const refusals = ({ lines }: WatchingHost, symbol = 'MSFT'): number =>
  lines.filter(({ msg }) => msg.startsWith(`${symbol}: refused`)).length;

async function waiting({ account }: Watching): Promise<string[]> {
  const members = await account.ledger.redis.zrange(key(account.name, 'waiting'), 0, '-1');
  return members.map((member) => member.slice(16));
}

/** AAPL's plan `first` has all the room; it is too near to be taken. */
async function aFullWorld(): Promise<Watching> {
  const made = await world();
  made.price('AAPL', '100.3');
  made.price('MSFT', '100.3');
  const first = made.host('holder', { maxPlans: 1 });
  await made.file({ id: 'first', qty: '10', pnl: '5', takeProfit: '' });
  await made.order('first_1', 'working');
  void first;
  return made;
}

describe('a plan that lacks room', () => {
  it('is refused once, waits, and enters when its turn comes', async () => {
    const made = await aFullWorld();
    const { account, file, host, order, price } = made;
    const watcher = host('one', { quotesMs: 10 });
    await file({ id: 'second', symbol: 'MSFT', qty: '10' });
    await expect.poll(() => waiting(made)).toEqual(['second']);
    // A hundred prices, and none of them makes it ask.
    for (let at = 0; at < 100; at += 1) price('MSFT', at % 2 === 0 ? '100.29' : '100.3');
    await expect.poll(() => watcher.reports.length, { timeout: 10_000 }).toBeGreaterThan(2);
    expect(refusals(watcher)).toBe(1);
    await withdrawPlan(account.ledger, 'first', 'test');
    await order('second_1', 'working');
    expect(await waiting(made)).toEqual([]);
    expect(refusals(watcher)).toBe(1);
    await account.expectSound();
  });

  it('the best of all hosts enters, and the others do not even ask', async () => {
    const made = await aFullWorld();
    const { account, file, host, order } = made;
    const hosts = [
      host('one', { maxPlans: 1 }),
      host('two', { maxPlans: 1 }),
      host('three', { maxPlans: 1 }),
    ];
    for (const [id, pnl] of [
      ['low', '1'],
      ['best', '3'],
      ['middle', '2'],
    ] as const)
      await file({ id, symbol: 'MSFT', qty: '10', pnl });
    await expect.poll(() => waiting(made), { timeout: 5_000 }).toEqual(['best', 'middle', 'low']);
    await withdrawPlan(account.ledger, 'first', 'test');
    await order('best_1', 'working');
    expect(await waiting(made)).toEqual(['middle', 'low']);
    expect(hosts.map((one) => refusals(one))).toEqual([1, 1, 1]);
  });

  it('leaves the queue when its price leaves the tolerance, and is in it again when it is back', async () => {
    const made = await aFullWorld();
    const { file, host, price, account } = made;
    const watcher = host('one', { quotesMs: 10 });
    await file({ id: 'second', symbol: 'MSFT', qty: '10' });
    await expect.poll(() => waiting(made)).toEqual(['second']);
    price('MSFT', '101');
    await expect.poll(() => waiting(made)).toEqual([]);
    price('MSFT', '100.5');
    await expect.poll(() => waiting(made)).toEqual(['second']);
    expect(refusals(watcher)).toBe(2);
    await account.expectSound();
  });

  it('is passed over when its host hangs, and the next one enters', async () => {
    const made = await aFullWorld();
    const { account, file, host, order } = made;
    const hung = host('hung', { maxPlans: 1 });
    await file({ id: 'best', symbol: 'MSFT', qty: '10', pnl: '3' });
    await expect.poll(() => waiting(made)).toEqual(['best']);
    await hung.stop();
    // As if it had stopped without giving its plan back.
    const { redis } = account.ledger;
    const member = `${'0'.repeat(15)}:best`;
    await redis.hset(key(account.name, 'plan:best'), 'owner', 'hung');
    await redis.zadd(key(account.name, 'plans'), account.healthMs() + 60_000, 'best');
    await redis.hset(key(account.name, 'waits'), 'best', '1000000000 - 0 hung 0 0 0');
    await redis.zadd(key(account.name, 'waiting'), -3e9, member);
    await redis.zadd(key(account.name, 'waits_by_need'), 1_000_000_000, 'best');
    await redis.hset(key(account.name, 'account'), 'waiting', '1');

    host('one', { maxPlans: 1 });
    await file({ id: 'next', symbol: 'MSFT', qty: '10', pnl: '1' });
    await expect.poll(() => waiting(made)).toEqual(['best', 'next']);
    await withdrawPlan(account.ledger, 'first', 'test');
    await expect.poll(async () => await account.room()).toBeGreaterThan(0);
    await account.advanceHealth(150); // the clock of this account stands still
    await order('next_1', 'working');
    expect(await account.field('account', 'silent')).toBe('hung');
  });

  it('tries again when the queue was lost', async () => {
    const made = await aFullWorld();
    const { account, file, host } = made;
    const watcher = host('one');
    await file({ id: 'second', symbol: 'MSFT', qty: '10' });
    await expect.poll(() => waiting(made)).toEqual(['second']);
    await account.ledger.redis.hset(key(account.name, 'account'), 'synced_at_ms', '0');
    await account.sync('1000');
    await expect.poll(() => refusals(watcher)).toBe(2);
    await expect.poll(() => waiting(made)).toEqual(['second']);
    await account.expectSound();
  });
});
