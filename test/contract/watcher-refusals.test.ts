/**
 * Watchers when the broker refuses the account, or one of their orders (I6). Real exchange, real Redis, two
 * hosts.
 */
import { describe, expect, it } from 'vitest';
import { readClosures } from '../../src/ledger/commands/closures.ts';
import { key } from '../../src/ledger/keys.ts';
import { anOrder, type TestAccount } from '../support/ledger.ts';
import type { Watching } from '../support/watching.ts';
import { watchingSuite } from '../support/watching-suite.ts';

const PATIENCE = { timeout: 60_000, interval: 10 };
const PLANS = ['p1', 'p2', 'p3', 'p4', 'p5', 'p6'];
const PAIR = ['p1', 'p2'];
const SUSPENDED = { status: 403, code: 40310000, message: 'new orders are rejected by user request' };
const FIRST_PAUSE_MS = 5_000;
const HOUR_MS = 3_600_000;

const { world } = watchingSuite();
let watch: Watching;

/** A fault of the order's own, to the broker. */
const STRANGE = { status: 403, code: 40310000, message: 'something that nobody has seen yet' };

/** Orders that ended for this reason, as many as the events tell. */
async function ended({ ledger, name }: TestAccount, reason: string): Promise<number> {
  const events = await ledger.redis.xrange(key(name, 'events'), '-', '+');
  return events.filter(
    ([, fields]) => fields.includes('ended') && fields[fields.indexOf('reason') + 1] === reason,
  ).length;
}

/** Resolves when each plan was refused once more because the account is closed. */
async function allRefused({ ledger, name }: TestAccount): Promise<void> {
  const times = async (id: string): Promise<number> => {
    const [reason, count] = await ledger.redis.hmget(key(name, `refusal:${id}`), 'reason', 'times');
    return reason === 'closed' ? Number(count) : 0;
  };
  const before = await Promise.all(PLANS.map(times));
  for (const [at, id] of PLANS.entries())
    await expect.poll(() => times(id), PATIENCE).toBeGreaterThan(before[at] ?? 0);
}

describe('an account whose orders the broker does not take', () => {
  it('is tried by one plan of all hosts, after growing pauses; once it succeeds, all enter', async () => {
    watch = await world({}, { equity: '10000' });
    const { account } = watch;
    watch.price('AAPL', '100.5');
    await watch.faults({ refuseOrders: SUSPENDED });
    for (const id of PLANS) await watch.file({ id });
    watch.host('h1', { maxPlans: 3 });
    watch.host('h2', { maxPlans: 3 });

    await expect
      .poll(() => readClosures(account.ledger), PATIENCE)
      .toMatchObject([{ cause: 'broker', words: SUSPENDED.message }]);
    await allRefused(account);
    const atFirst = await ended(account, 'account');
    expect(atFirst).toBeLessThanOrEqual(PLANS.length);

    await account.advanceHealth(FIRST_PAUSE_MS);
    await expect.poll(() => ended(account, 'account'), PATIENCE).toBe(atFirst + 1);
    await account.advanceHealth(FIRST_PAUSE_MS);
    await allRefused(account);
    expect(await ended(account, 'account')).toBe(atFirst + 1);

    await watch.faults({ refuseOrders: null });
    await account.advanceHealth(FIRST_PAUSE_MS);
    for (const id of PLANS) await watch.reached(id, 'entering');
    expect(await readClosures(account.ledger)).toEqual([]);
    expect(await watch.judged()).toEqual([]);
    await account.expectSound();
  });
});

describe('a position while the broker takes no orders', () => {
  it('is closed as soon as it takes that order, though the account is closed for entries', async () => {
    watch = await world({}, { equity: '10000' });
    const { account } = watch;
    watch.price('AAPL', '100.5');
    await watch.file({ id: 'p1' });
    watch.host('h1');
    await watch.order('p1_1', 'working');
    await watch.faults({ refuseOrders: SUSPENDED });
    watch.price('AAPL', '100');
    // its exit, again and again
    await expect.poll(() => ended(account, 'account'), PATIENCE).toBeGreaterThan(1);
    await watch.faults({ refuseOrders: null });
    const exitState = async () => (await account.order(`p1_x${(await watch.plan('p1')).exitAttempt}`)).state;
    await expect.poll(exitState, PATIENCE).toBe('working');
    expect(await readClosures(account.ledger)).toMatchObject([{ cause: 'broker' }]);
    watch.price('AAPL', '101');
    await watch.reached('p1', 'done');
  });
});

describe('an order that the broker refuses', () => {
  it('is tried again under a new id after growing pauses, and the account stays open', async () => {
    watch = await world({}, { equity: '10000' });
    const { account } = watch;
    watch.price('AAPL', '100.5');
    await watch.faults({ refuseOrders: STRANGE });
    await watch.file({ id: 'p1' });
    const startedMs = performance.now();
    watch.host('h1');
    await watch.reached('p1', 'waiting', 3);
    expect(performance.now() - startedMs).toBeGreaterThanOrEqual(750);
    expect(await readClosures(account.ledger)).toEqual([]);
    expect(await ended(account, 'order')).toBe(2);
  });
});

describe('exits that the broker refuses', () => {
  it('end no pause: each plan waits for its own pause, or for an order of the symbol to end', async () => {
    watch = await world({}, { equity: '10000' });
    const { account } = watch;
    watch.price('AAPL', '100.5');
    // Its clock stands still: no backoff ends by itself.
    watch.host('h1', { monotonicMs: () => 1_000_000 });
    for (const [at, id] of PAIR.entries())
      await watch.file({ id, takeProfit: '', holdMs: (at + 1) * HOUR_MS });
    for (const id of PAIR) await watch.order(`${id}_1`, 'working');
    watch.price('AAPL', '100');
    for (const id of PAIR) await watch.reached(id, 'holding');
    await watch.faults({ refuseOrders: STRANGE });
    for (const id of PAIR) {
      await account.advanceLedger(HOUR_MS);
      await expect.poll(() => account.field(`plan:${id}`, 'paused_for'), PATIENCE).toBe('exit_rejected');
    }
    await watch.faults({ refuseOrders: null });
    await account.place(anOrder('other').of('AAPL').at('50').qty('1'));
    await account.end('other', 'cancelled');
    for (const id of PAIR) await watch.reached(id, 'done');
    expect(await ended(account, 'order')).toBe(2);
    for (const id of PAIR) expect((await watch.plan(id)).exitAttempt).toBe(2);
  });
});

describe('a plan whose orders the broker refuses', () => {
  it('goes on pausing under the next host', async () => {
    watch = await world({}, { equity: '10000' });
    const { account } = watch;
    watch.price('AAPL', '100.5');
    await watch.faults({ refuseOrders: STRANGE });
    const first = watch.host('h1');
    await watch.file({ id: 'refused' });
    await expect.poll(() => account.field('plan:refused', 'paused_for'), PATIENCE).toBe('order');
    await first.stop();
    const attempts = (await watch.plan('refused')).attempt;
    await watch.faults({ refuseOrders: null });

    let hostMs = 1_000_000;
    watch.host('h2', { monotonicMs: () => hostMs });
    await expect.poll(async () => (await watch.plan('refused')).owner, PATIENCE).toBe('h2');
    await watch.file({ id: 'fine' });
    await watch.order('fine_1', 'working');
    expect(await watch.plan('refused')).toMatchObject({ stage: 'waiting', attempt: attempts });
    hostMs += 10_000;
    await watch.order(`refused_${attempts}`, 'working');
  });

  it('begins no more than ten attempts at once, though its host’s clock runs fast', async () => {
    watch = await world({}, { equity: '10000' });
    watch.price('AAPL', '100.5');
    await watch.faults({ refuseOrders: STRANGE });
    const { lines } = watch.host('h1', { monotonicMs: () => 1_000 * performance.now() });
    await watch.file({ id: 'p1' });
    await expect
      .poll(() => lines.find(({ msg }) => msg.includes('too many attempts')), PATIENCE)
      .toMatchObject({ attempt: 11, waitMs: 6_000 });
  });
});
