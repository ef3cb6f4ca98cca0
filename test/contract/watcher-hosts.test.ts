/**
 * Several hosts share an account's plans. A host that stops returns its plans; a host that dies loses them
 * when its leases expire (I6, I7).
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { describe, expect, it } from 'vitest';
import { notePlan } from '../../src/ledger/commands/plans.ts';
import { CHILD_ENV } from '../support/child-env.ts';
import { PROGRAM } from '../support/program.ts';
import type { Watching } from '../support/watching.ts';
import { watchingSuite } from '../support/watching-suite.ts';

const { world, redisUrl, after } = watchingSuite();

const PLAN_LEASE_MS = 3_000;
const ORDER_LEASE_MS = 10_000;
const HOLD_MS = 3_600_000;

/** A host as a process of its own, which kills itself right after this step, if one is named. */
function mortal(
  made: Watching,
  host: string,
  dieAfter?: string,
): { child: ChildProcess; died: Promise<unknown> } {
  const child = spawn(process.execPath, [PROGRAM, 'watch'], {
    stdio: 'ignore',
    env: {
      ...CHILD_ENV,
      REDIS_URL: redisUrl(),
      WORKSTEAL_ACCOUNT: made.account.name,
      WORKSTEAL_HOST: host,
      ...(dieAfter === undefined ? {} : { WORKSTEAL_DIE_AFTER: dieAfter }),
      WORKSTEAL_QUOTES_MS: '20',
      WORKSTEAL_PLAN_LEASE_MS: String(PLAN_LEASE_MS),
      WORKSTEAL_LEASE_MS: String(ORDER_LEASE_MS),
      APCA_API_BASE_URL: made.exchange.url,
      APCA_API_DATA_URL: made.exchange.url,
      APCA_API_KEY_ID: 'k',
      APCA_API_SECRET_KEY: 's',
    },
  });
  const died = once(child, 'exit');
  after(async () => {
    if (child.exitCode === null && child.signalCode === null) child.kill('SIGKILL');
    await died;
  });
  return { child, died };
}

describe('a host that stops', () => {
  it('hands its plans back at once: another goes on without waiting for a lease to end', async () => {
    const { price, file, host, plan, order, reached, account } = await world();
    price('AAPL', '100.3');
    price('MSFT', '500');
    const first = host('first');
    await file({ id: 'works' });
    await file({ id: 'waits', symbol: 'MSFT', limit: '400' });
    await order('works_1', 'working');
    await expect.poll(async () => (await plan('waits')).owner).toBe('first');
    await first.stop();
    expect(await plan('works')).toMatchObject({ owner: '', stage: 'entering' });
    expect(await plan('waits')).toMatchObject({ owner: '', stage: 'waiting' });
    expect((await account.order('works_1')).state).toBe('working');

    host('second');
    await expect.poll(async () => (await plan('waits')).owner, { timeout: 60_000 }).toBe('second');
    price('AAPL', '100');
    await order('works_x1', 'working');
    price('AAPL', '101');
    await reached('works', 'done');
    await account.expectSound();
  });

  it('hands on how long a position is held: it is closed on time, also after a rebuild', async () => {
    const { price, file, host, plan, order, reached, account } = await world();
    price('AAPL', '100.3');
    const first = host('first');
    await file({ id: 'p', takeProfit: '', holdMs: HOLD_MS });
    await order('p_1', 'working');
    price('AAPL', '100');
    await reached('p', 'holding');
    await account.advanceLedger(HOLD_MS - 1);
    await notePlan(account.ledger, 'first', { id: 'p', stage: 'holding', attempt: 1, exitAttempt: 0 });
    await first.stop();
    host('second');
    await expect.poll(async () => (await plan('p')).owner, { timeout: 60_000 }).toBe('second');
    expect((await plan('p')).stage).toBe('holding');
    await account.advanceLedger(1);
    await reached('p', 'done');
    await account.expectSound();
  });

  it('counts the holding time from the fill, even if no host ran the plan then', async () => {
    const { price, file, host, order, reached, account } = await world();
    price('AAPL', '100.3');
    const first = host('first');
    await file({ id: 'p', takeProfit: '', holdMs: HOLD_MS });
    await order('p_1', 'working');
    await first.stop();
    price('AAPL', '100');
    await order('p_1', 'filled');
    await account.advanceLedger(HOLD_MS);
    host('second');
    await reached('p', 'done');
    await account.expectSound();
  });

  it('as a process: SIGTERM ends it in order, and soon', async () => {
    const made = await world();
    made.price('AAPL', '100.3');
    await made.file({ id: 'p' });
    const { child, died } = mortal(made, 'process');
    await made.order('p_1', 'working');
    child.kill('SIGTERM');
    expect(await died).toEqual([0, null]);
    expect(await made.plan('p')).toMatchObject({ owner: '', stage: 'entering' });
  }, 180_000);

  it('leaves no reservation behind', async () => {
    const { price, file, host, account, order, all } = await world();
    price('AAPL', '100.3');
    price('MSFT', '100.1');
    const { worker } = all;
    const watcher = host('first');
    await file({ id: 'full', qty: '10' });
    await order('full_1', 'working');
    price('AAPL', '101'); // far from its limit: a victim
    await worker?.close(); // nobody cancels: the thief waits for its grant
    await file({ id: 'thief', symbol: 'MSFT', pnl: '9' });
    await order('thief_1', 'pending');
    await watcher.stop();
    expect((await account.order('thief_1')).state).toBe('cancelled');
    await account.expectSound();
  });
});

describe('a host that dies', () => {
  it('loses its plans when their lease ends, and the next goes on with the order that is there', async () => {
    const made = await world();
    const { price, file, host, plan, order, reached, account, all } = made;
    price('AAPL', '100.3');
    await file({ id: 'p' });
    const { died } = mortal(made, 'mortal', 'after_open');
    await died;
    expect(await plan('p')).toMatchObject({ owner: 'mortal', stage: 'entering', attempt: 1 });
    expect((await account.order('p_1')).state).toBe('working');

    host('heir');
    await account.advanceHealth(PLAN_LEASE_MS);
    await expect.poll(async () => (await plan('p')).owner, { timeout: 60_000 }).toBe('heir');
    price('AAPL', '100');
    await order('p_x1', 'working');
    price('AAPL', '101');
    await reached('p', 'done');
    expect(await all.broker.order('p_2')).toEqual({ kind: 'not_found' });
    await account.expectSound();
  });

  it('leaves a reservation that ends with its own lease; the next host enters once', async () => {
    const made = await world();
    const { price, file, host, plan, order, account, all } = made;
    price('AAPL', '100.3');
    await file({ id: 'p' });
    const { died } = mortal(made, 'mortal', 'after_admit');
    await died;
    expect(await plan('p')).toMatchObject({ owner: 'mortal', stage: 'waiting', attempt: 1 });
    expect((await account.order('p_1')).state).toBe('reserved');

    host('heir');
    await account.advanceHealth(ORDER_LEASE_MS);
    await order('p_2', 'working');
    expect(await account.order('p_1')).toMatchObject({ state: 'expired', reason: 'lease_ended' });
    expect(await all.broker.openOrders()).toHaveLength(1);
    await account.expectSound();
  });

  it('in the middle of an exit: the next host finds the exit and places no second one', async () => {
    const made = await world();
    const { price, file, host, plan, order, reached, account, all } = made;
    price('AAPL', '100.3');
    await file({ id: 'p' });
    const { died } = mortal(made, 'mortal', 'after_post:2');
    await order('p_1', 'working');
    price('AAPL', '100');
    await died;
    expect(await plan('p')).toMatchObject({ stage: 'exiting', exitAttempt: 1 });

    host('heir');
    await account.advanceHealth(PLAN_LEASE_MS);
    await expect.poll(async () => (await plan('p')).owner, { timeout: 60_000 }).toBe('heir');
    price('AAPL', '101');
    await reached('p', 'done');
    expect(await all.broker.order('p_x2')).toEqual({ kind: 'not_found' });
    expect(await all.broker.positions()).toEqual([]);
    await account.expectSound();
  });
});

describe('hosts that share', () => {
  it('carry every plan once, each at most as many as it may', async () => {
    const { price, file, host, plan } = await world();
    price('AAPL', '500');
    const ids = Array.from({ length: 8 }, (_, i) => `p${i}`);
    for (const id of ids) await file({ id });
    host('one', { maxPlans: 5 });
    host('two', { maxPlans: 5 });
    await expect
      .poll(async () => (await Promise.all(ids.map(plan))).filter(({ owner }) => owner === '').length, {
        timeout: 60_000,
      })
      .toBe(0);
    const owners = (await Promise.all(ids.map(plan))).map(({ owner }) => owner);
    for (const name of ['one', 'two'])
      expect(owners.filter((owner) => owner === name).length).toBeLessThanOrEqual(5);
  });
});
