/**
 * Three watcher hosts on networks of their own, each cut off from Redis, from the broker and from both, and
 * healed: nobody waits for them, what they had is carried on, and the book is right (I1, I2, I6, I7, I9).
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { type Hosts, startHosts } from './hosts.ts';

const PATIENCE = { interval: 250, timeout: 45_000 };
/** Longer than leases, plan leases and a request's timeout together. */
const CUT_MS = 7_000;

const status = z.object({ steals: z.object({ granted: z.number() }) });

let hosts: Hosts;
beforeAll(async () => {
  hosts = await startHosts();
});
afterEach(async ({ task }) => {
  if (task.result?.state === 'fail') process.stderr.write(await hosts.logs());
});
afterAll(() => hosts?.close());

async function granted(): Promise<number> {
  const key = `ws:{${hosts.account}}:account`;
  const text = await hosts.inside(
    'redis',
    'redis-cli',
    '--raw',
    '--eval',
    '/lua/redis-cli/status.lua',
    key,
    ',',
    'json',
  );
  return status.parse(JSON.parse(text)).steals.granted;
}

/** The watchers that hold a plan now. */
async function holders(): Promise<string[]> {
  const script = `local owners = {}
    for _, id in ipairs(redis.call('ZRANGE', 'ws:{${hosts.account}}:plans', 0, -1)) do
      owners[redis.call('HGET', 'ws:{${hosts.account}}:plan:' .. id, 'owner') or ''] = true
    end
    local names = {}
    for name in pairs(owners) do names[#names + 1] = name end
    return names`;
  const lines = await hosts.inside('redis', 'redis-cli', '--raw', 'EVAL', script, '0');
  return lines.split('\n').filter((name) => name !== '');
}

describe('three watcher hosts on networks of their own', () => {
  it('share the plans and steal', async () => {
    await expect.poll(async () => (await holders()).sort(), PATIENCE).toEqual([...hosts.watchers]);
    await expect.poll(() => granted().catch(() => 0), PATIENCE).toBeGreaterThan(0);
  }, 100_000);

  it('go on without a host that is cut off from Redis, and with it when it is back', async () => {
    const [first = ''] = hosts.watchers;
    await hosts.cut(first, 'redis');
    await expect.poll(holders, PATIENCE).not.toContain(first);
    await hosts.heal(first, 'redis');
    await expect.poll(holders, PATIENCE).toContain(first);
  }, 100_000);

  it('stand it to be cut off in turn, from the broker and from both, while the others go on', async () => {
    const [first = '', second = '', third = ''] = hosts.watchers;
    const before = await granted();
    await hosts.cut(second, 'exchange');
    await hosts.cut(third, 'redis');
    await hosts.cut(third, 'exchange');
    await sleep(CUT_MS);
    await hosts.heal(second, 'exchange');
    await hosts.cut(first, 'exchange');
    await hosts.heal(third, 'exchange');
    await sleep(CUT_MS);
    await hosts.heal(third, 'redis');
    await hosts.heal(first, 'exchange');
    await expect.poll(async () => (await holders()).sort(), PATIENCE).toEqual([...hosts.watchers]);
    await expect.poll(granted, PATIENCE).toBeGreaterThan(before);
  }, 150_000);

  it('have kept the cap, lost nothing, and add up', async () => {
    await hosts.stop('plan', ...hosts.watchers);
    const closed: unknown = JSON.parse(
      await hosts.inside('keep', 'node', '/app/test/containers/close-book.ts'),
    );
    expect(closed).toEqual({
      violationCount: 0,
      doubleOrders: 0,
      acceptances: expect.toSatisfy((count: number) => count > 0),
      leaksMicros: 0,
      lostPlans: 0,
      unexplainedCancels: 0,
      openSteals: 0,
      auditFaults: [],
    });
  });
});
