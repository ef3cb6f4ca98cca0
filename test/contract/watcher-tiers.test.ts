/**
 * How near its limit a plan must come, over time (docs/rules.md, 11): the same plans in one process across a
 * close, a holiday and an opening; ranks among all hosts; and the status.
 */
import { describe, expect, it } from 'vitest';
import { withdrawPlan } from '../../src/ledger/commands/plans.ts';
import { key } from '../../src/ledger/keys.ts';
import { runScript } from '../support/inspection.ts';
import type { Watching } from '../support/watching.ts';
import { watchingSuite } from '../support/watching-suite.ts';

const { world } = watchingSuite();

const PATIENCE = { timeout: 60_000, interval: 20 };

/** Moves the ledger's clock to an instant, which its watchers notice within a second. */
async function goTo({ account }: Watching, instant: string): Promise<void> {
  await account.advanceLedger(Date.parse(instant) - account.nowMs());
}

/** `forced 0 wide 1 normal 2 gate 0`, as a host told it last. */
async function tiers({ account }: Watching, host: string): Promise<string> {
  const told = (await account.field(`host:${host}`, 'tiers')) ?? '';
  return told.replaceAll(/ \S+ (\d+)/g, ' $1').replaceAll(';', ' ');
}

async function session({ account }: Watching): Promise<string | null> {
  return await account.field('host:one', 'session');
}

describe('a plan born on Friday noon', () => {
  it('widens its tolerance at the close to the millisecond, until the next open', async () => {
    const here = await world();
    await goTo(here, '2025-01-17T12:00:00-05:00');
    here.price('BTCUSD', '105');
    here.price('ETHUSD', '105');
    here.price('AAPL', '101');
    here.host('one');
    await here.file({ id: 'best', symbol: 'BTCUSD', pnl: '9' });
    await here.file({ id: 'second', symbol: 'ETHUSD', pnl: '5' });
    await here.file({ id: 'stock', pnl: '20' });
    const seen = () => tiers(here, 'one');
    await expect.poll(seen, PATIENCE).toBe('forced 0 wide 0 normal 3 gate 0');
    await goTo(here, '2025-01-17T15:59:59.999-05:00');
    await expect.poll(() => session(here), PATIENCE).toBe(`open ${Date.parse('2025-01-17T16:00:00-05:00')}`);
    expect([await seen(), (await here.plan('best')).stage]).toEqual([
      'forced 0 wide 0 normal 3 gate 0',
      'waiting',
    ]);

    await goTo(here, '2025-01-17T16:00:00-05:00');
    await here.order('best_1', 'working');
    await expect.poll(seen, PATIENCE).toBe('forced 1 wide 1 normal 1 gate 0');
    const status = JSON.parse(await runScript(here.account, 'status', ['json']));
    expect(status).toMatchObject({
      session: 'closed',
      sessionUntilMs: Date.parse('2025-01-21T09:30:00-05:00'), // Monday is Martin Luther King's
      tiers: [
        { tier: 'forced', tolerance: 'any', count: 1 },
        { tier: 'wide', tolerance: '0.016', count: 1 },
        { tier: 'normal', tolerance: '0.0066', count: 1 },
        { tier: 'gate', tolerance: '0.003', count: 0 },
      ],
    });
    expect(await runScript(here.account, 'status', [])).toMatch(
      /session +New York closed until 2025-01-21T14:30:00Z/,
    );

    await goTo(here, '2025-01-20T12:00:00-05:00');
    await goTo(here, '2025-01-21T09:29:59.999-05:00');
    expect(await seen()).toBe('forced 1 wide 1 normal 1 gate 0');
    await goTo(here, '2025-01-21T09:30:00-05:00');
    await expect.poll(seen, PATIENCE).toBe('forced 0 wide 0 normal 3 gate 0');

    // Where it would have entered a moment before, it waits now: the plan that was filed last has come in
    // meanwhile.
    here.price('ETHUSD', '101');
    here.price('MSFT', '100.3');
    await here.file({ id: 'fence', symbol: 'MSFT' });
    await here.order('fence_1', 'working');
    expect((await here.plan('second')).stage).toBe('waiting');
    here.price('ETHUSD', '100.6');
    await here.order('second_1', 'working');
  }, 180_000);

  it('turns aggressive at 13:00 where the exchange closes early', async () => {
    const here = await world();
    await goTo(here, '2025-07-03T12:59:59.999-04:00');
    here.price('ETHUSD', '101');
    here.host('one');
    await here.file({ id: 'p', symbol: 'ETHUSD' });
    await expect.poll(() => tiers(here, 'one'), PATIENCE).toBe('forced 0 wide 0 normal 1 gate 0');
    await goTo(here, '2025-07-03T13:00:00-04:00');
    await here.order('p_1', 'working');
  });
});

describe('ranks', () => {
  it('are among the cryptos of all hosts: the best of one host alone is not forced', async () => {
    const here = await world();
    await goTo(here, '2025-01-15T18:00:00-05:00');
    here.price('BTCUSD', '102');
    here.price('ETHUSD', '102');
    here.host('one', { maxPlans: 1 });
    await here.file({ id: 'best', symbol: 'BTCUSD', pnl: '9' });
    await here.order('best_1', 'working');
    here.host('two', { maxPlans: 1 });
    await here.file({ id: 'second', symbol: 'ETHUSD', pnl: '5' });
    await expect.poll(() => tiers(here, 'two'), PATIENCE).toBe('forced 0 wide 1 normal 0 gate 0');
    expect((await here.plan('second')).stage).toBe('waiting');

    await withdrawPlan(here.account.ledger, 'best', 'test');
    await here.order('second_1', 'working');
    expect(await here.account.ledger.redis.zcard(key(here.account.name, 'hosts'))).toBe(2);
  }, 180_000);
});
