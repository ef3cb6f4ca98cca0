/**
 * From blocked to granted, in one process with a real Redis and a real queue (I1, I4, I5, I9;
 * docs/architecture.md, 5).
 */
import { afterEach, describe, expect, it, vi } from 'vitest';
import { Relay } from '../../src/cancels/relay.ts';
import { EventFeed } from '../../src/coordinator/event-feed.ts';
import { release } from '../../src/ledger/commands/release.ts';
import { key } from '../../src/ledger/keys.ts';
import { redlockMutex } from '../../src/mutex/redlock-mutex.ts';
import {
  betterOrders,
  type Coordination,
  type CoordinationOptions,
  coordinate,
  pricesFor,
  worseOrders,
} from '../support/coordination.ts';
import { useLedgers } from '../support/fixtures.ts';
import { type AccountOptions, anOrder } from '../support/ledger.ts';
import { freshAccount } from '../support/redis.ts';

const ledgers = useLedgers();
const closing: (() => Promise<void>)[] = [];

afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close();
});

const log = { info: () => {}, warn: () => {} };

/** An account with a cap of 1,000 dollars, and all that works on it. */
async function world(
  options: CoordinationOptions = {},
  accountOptions: AccountOptions = {},
): Promise<Coordination> {
  const account = await ledgers.account(accountOptions);
  const all = await coordinate(ledgers.url, account, options);
  closing.push(() => all.close());
  return all;
}

/** The cap is full with ten worse orders; one better order wants 300 dollars. */
async function full(
  options: CoordinationOptions = {},
  accountOptions: AccountOptions = {},
): Promise<Coordination> {
  const all = await world(options, accountOptions);
  await pricesFor(all.account, worseOrders(10, 100), betterOrders(1, 300));
  await all.live(...worseOrders(10, 100));
  return all;
}

const thief = (dollars: number) => betterOrders(1, dollars)[0] ?? anOrder('none');

describe('an entry', () => {
  it('in another unit is refused before the ledger is asked; its exit is not', async () => {
    const all = await world();
    const option = anOrder('option').of('AAPL240119C00100000').worth(100);
    await expect(all.enter(option)).rejects.toMatchObject({ code: 'invalid', details: { field: 'symbol' } });
    await expect(all.enter(option.exiting())).resolves.toBeDefined();
  });
});

describe('a steal', () => {
  it('reads the events without a pause for as long as it waits for its grant', async () => {
    const all = await full();
    const over = vi.fn();
    const hurry = vi.spyOn(all.events, 'hurry').mockReturnValue(over);
    expect((await all.enter(thief(300))).outcome).toBe('reserved');
    expect(hurry).toHaveBeenCalledTimes(1);
    expect(over).toHaveBeenCalledTimes(1);
  });

  it('cancels its victims at the broker, then gets their room and goes live', async () => {
    const latencies: string[] = [];
    const steps: string[] = [];
    const all = await full({ onLatency: (kind) => latencies.push(kind), step: (name) => steps.push(name) });
    latencies.length = 0;
    steps.length = 0;
    const entered = await all.enter(thief(300));
    expect(entered).toMatchObject({ outcome: 'reserved', how: 'stolen', blockedMs: expect.any(Number) });
    expect(all.broker.cancelled.sort()).toEqual(['broker-worse-0', 'broker-worse-1', 'broker-worse-2']);
    expect(await all.coordinator.place(thief(300).wish, new AbortController().signal)).toEqual({
      outcome: 'working',
    });
    expect((await all.account.order('better-0')).state).toBe('working');
    expect((await all.account.order('worse-0')).state).toBe('cancelled');
    expect(await all.account.outbox()).toEqual([]);
    expect(all.broker.highestMicros).toBeLessThanOrEqual(1_000_000_000);
    expect(latencies).toEqual(['admit', 'lockWait', 'blockedToGranted']);
    expect(steps.filter((name) => name !== 'after_enqueue')).toEqual([
      'before_admit',
      'after_admit',
      'after_steal',
      'after_grant',
      'after_submit',
      'after_post',
      'after_open',
    ]);
    await all.account.expectSound();
  });

  it('is logged in the sentences of the rules', async () => {
    const all = await full();
    await all.enter(anOrder('uni').of('UNIUSD').worth(100).pnl('2.5'));
    await all.account.prices({ UNIUSD: '10' });
    await all.enter(anOrder('uni').of('UNIUSD').worth(100).pnl('2.5'));
    const said = all.lines.filter((line) => line.msg.startsWith('Work steal'));
    expect(said.map((line) => line.msg)).toEqual([
      'Work steal: UNIUSD (PnL=2.50) stealing from W0 (PnL=1.00)',
    ]);
    expect(said[0]).toMatchObject({ level: 30, steal: 'uni', victim: 'worse-0', heldMicros: 100_000_000 });
  });

  it('warns of each fight that it avoids', async () => {
    const all = await world({}, { env: { WORK_STEALING_FIGHT_THRESHOLD: '1' } });
    await all.account.prices({ MSFT: '11', AAPL: '10' });
    await all.live(anOrder('m').of('MSFT').worth(1_000).pnl('1'));
    const entered = await all.enter(anOrder('a').of('AAPL').worth(500).pnl('5'));
    expect(entered).toMatchObject({ outcome: 'refused', reason: 'fighting', wouldFight: ['MSFT'] });
    expect(all.lines).toContainEqual(
      expect.objectContaining({
        level: 40,
        msg: 'AAPL: Would cause fighting with MSFT, aborting steal',
        other: 'MSFT',
      }),
    );
  });

  it('changes nothing in a dry run, and says what it would do', async () => {
    const all = await full({}, { env: { WORK_STEALING_DRY_RUN: '1' } });
    const entered = await all.enter(thief(100));
    expect(entered).toMatchObject({ outcome: 'refused', reason: 'dry_run' });
    expect(all.lines.map((line) => line.msg)).toContain('[DRY RUN] Would cancel order worse-0 (W0) for B0');
    expect(all.broker.cancelled).toEqual([]);
    expect(await all.account.room()).toBe(0);
  });

  it('is refused with its numbers if no order is worse', async () => {
    const all = await full();
    const entered = await all.enter(anOrder('poor').of('B0').worth(100).pnl('0.5'));
    expect(entered).toMatchObject({
      outcome: 'refused',
      reason: 'pnl_not_better',
      numbers: { need_micros: '100000000', room_micros: '0' },
    });
  });

  it('fails when the victim fills first, and the thief gets the failure', async () => {
    const all = await full();
    all.broker.nextCancels('fill_first');
    const entered = await all.enter(thief(100));
    expect(entered).toMatchObject({
      outcome: 'refused',
      reason: 'steal_failed',
      numbers: { state: 'rejected' },
    });
    expect((await all.account.order('worse-0')).state).toBe('filled');
    expect(await all.account.room()).toBe(0);
    await all.account.expectSound();
  });

  it('is granted from other room when the victim fills but another order ends', async () => {
    const all = await full({ working: false });
    const stop = new AbortController();
    const entering = all.enter(thief(100), stop.signal);
    await until(() => all.account.order('worse-0').then((order) => order.state === 'cancelling'));
    all.broker.turn('worse-5', 'cancelled');
    await all.account.end('worse-5', 'cancelled');
    await all.account.end('worse-0', 'filled', '10');
    expect(await entering).toMatchObject({ outcome: 'reserved', how: 'stolen' });
    await all.account.expectSound();
  });

  it('continues where it was when it is requested again', async () => {
    const all = await full();
    const twice = await Promise.all([all.enter(thief(100)), all.enter(thief(100))]);
    expect(twice.map((entered) => entered.outcome)).toEqual(['reserved', 'reserved']);
    expect(all.broker.cancelled).toEqual(['broker-worse-0']);
    expect(await all.enter(thief(100))).toEqual({ outcome: 'reserved', how: 'fits' });
    await all.coordinator.place(thief(100).wish, new AbortController().signal);
    expect(await all.enter(thief(100))).toEqual({ outcome: 'known', state: 'working' });
  });

  it('gives its grant back when the watcher gives up', async () => {
    const all = await full({ working: false });
    const stop = new AbortController();
    const entering = all.enter(thief(100), stop.signal);
    await until(() =>
      all.account
        .order('better-0')
        .then((order) => order.state === 'pending')
        .catch(() => false),
    );
    stop.abort(new Error('withdrawn'));
    await expect(entering).rejects.toThrow('withdrawn');
    expect(await all.account.order('better-0')).toMatchObject({ state: 'cancelled', reason: 'gave_up' });
    await all.account.end('worse-0', 'cancelled');
    expect(await all.account.room()).toBe(100_000_000);
  });

  it('does not wait for its victims for ever', async () => {
    const all = await full({ working: false, grantTimeoutMs: 50 });
    expect(await all.enter(thief(100))).toMatchObject({
      outcome: 'refused',
      reason: 'steal_failed',
      numbers: { reason: 'late' },
    });
    expect((await all.account.order('better-0')).state).toBe('cancelled');
  });

  it('is unclear, not failed, behind a failover: it may have been granted and sent (I6, I8)', async () => {
    const all = await full({ working: false, grantTimeoutMs: 1_000 });
    const { ledger, name } = all.account;
    const entering = all.enter(thief(100));
    await until(() =>
      all.account
        .order('better-0')
        .then((order) => order.state === 'pending')
        .catch(() => false),
    );
    await ledger.redis.hset(key(name, 'account'), 'server_id', 'another:0');
    await expect(entering).rejects.toMatchObject({ code: 'unclear' });
    expect((await all.account.order('better-0')).state).toBe('pending');
  });
});

describe('what goes wrong on the way', () => {
  it('a committer that dies before it enqueued: recovery does it within 2 s', async () => {
    const all = await full({ enqueue: () => Promise.reject(new Error('died here')) });
    const stop = new AbortController();
    const { ledger } = all.account;
    const relaying = new Relay({ ledger, queue: all.queue, log }).run(stop.signal);
    const entered = await all.enter(thief(300));
    expect(entered).toMatchObject({ outcome: 'reserved', how: 'stolen' });
    if (entered.outcome === 'reserved') expect(entered.blockedMs).toBeLessThan(2_000);
    stop.abort();
    await relaying;
  });

  it('a lost event: the grant is found by asking', async () => {
    // Events of an account where nothing happens.
    const events = new EventFeed(ledgers.url, freshAccount('silent'), log);
    const all = await full({ events });
    expect(await all.enter(thief(100))).toMatchObject({ outcome: 'reserved', how: 'stolen' });
  });

  it('a lost mutex: the thief is tried again, then refused', async () => {
    const { ledger } = await ledgers.account();
    const real = redlockMutex([ledger.redis]);
    let locks = 0;
    const losing: typeof real = {
      tryAcquire: real.tryAcquire,
      async acquire(key, ttlMs, signal) {
        locks += 1;
        const held = await real.acquire(key, ttlMs, signal);
        return { ...held, value: 'of another' };
      },
    };
    const all = await full({ mutex: losing });
    expect(await all.enter(thief(100))).toMatchObject({ outcome: 'refused', reason: 'lock_lost' });
    expect(locks).toBe(3);
    expect(all.broker.cancelled).toEqual([]);
  });

  it('an account that is halted, or not reconciled on this server: refused', async () => {
    const all = await world();
    await all.account.advanceHealth(600_001);
    expect(await all.enter(thief(100))).toMatchObject({ outcome: 'refused', reason: 'unsynced' });
  });
});

describe('many thieves of one account', () => {
  it('are all decided, each victim is cancelled once, and the cap always holds at the broker', async () => {
    const all = await world({}, { equity: '6400' });
    const [worse, better] = [worseOrders(64, 100), betterOrders(64, 100)];
    await pricesFor(all.account, worse, better);
    await all.live(...worse);
    const stop = new AbortController();
    const outcomes = await Promise.all(
      better.map(async ({ wish }) => {
        const entered = await all.coordinator.enter(wish, stop.signal);
        return entered.outcome === 'reserved' ? await all.coordinator.place(wish, stop.signal) : entered;
      }),
    );
    expect(outcomes.filter(({ outcome }) => outcome !== 'working')).toEqual([]);
    expect(new Set(all.broker.cancelled).size).toBe(64);
    expect(all.broker.cancelled).toHaveLength(64);
    expect(all.broker.highestMicros).toBe(6_400_000_000);
    expect(await all.account.room()).toBe(0);
    await all.account.expectSound();
  });

  it('of several processes share the mutex without starvation', async () => {
    const account = await ledgers.account({ equity: '3200' });
    const a = await coordinate(ledgers.url, account);
    const b = await coordinate(ledgers.url, account, { working: false });
    closing.push(
      () => a.close(),
      () => b.close(),
    );
    const [worse, better] = [worseOrders(32, 100), betterOrders(32, 100)];
    await pricesFor(account, worse, better);
    await a.live(...worse);
    const entered = await Promise.all(better.map((order, i) => (i % 2 === 0 ? a : b).enter(order)));
    expect(entered.filter(({ outcome }) => outcome !== 'reserved')).toEqual([]);
    await account.expectSound();
  });
});

describe("an order's own watcher", () => {
  it('has it cancelled on record and at the broker', async () => {
    const all = await full();
    expect(await all.coordinator.cancel('worse-3', 'withdrawn')).toBe('cancelling');
    await until(() => all.account.order('worse-3').then((order) => order.state === 'cancelled'));
    expect(await all.account.order('worse-3')).toMatchObject({ reason: 'withdrawn' });
    expect(await all.account.outbox()).toEqual([]);
    expect(await all.coordinator.cancel('worse-3', 'withdrawn')).toBe('exists');
    expect(await all.coordinator.cancel('nobody', 'withdrawn')).toBe('unknown');
  });

  it('releases a reservation instead', async () => {
    const all = await world();
    await all.enter(thief(100));
    expect(await all.coordinator.cancel('better-0', 'withdrawn')).toBe('not_working');
    expect(await release(all.account.ledger, 'better-0', 'withdrawn')).toBe('released');
  });
});

/** Asks until it is so. */
async function until(so: () => Promise<boolean>): Promise<void> {
  await expect.poll(so, { timeout: 60_000, interval: 5 }).toBe(true);
}
