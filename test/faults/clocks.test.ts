/**
 * Hosts whose clocks are minutes off, each by a different amount: no effect. Times come from the ledger and
 * the broker; hosts measure only durations (docs/architecture.md, 4).
 */
import { afterAll, afterEach, beforeEach, expect, it } from 'vitest';
import { key } from '../../src/ledger/keys.ts';
import { useRedis } from '../support/fixtures.ts';
import { PATIENCE } from '../support/fleet.ts';
import type { RoleProcess } from '../support/role-process.ts';
import { clockOff } from '../support/shifted-clock.ts';
import { type Part, StealScene } from '../support/steal-scene.ts';

const MINUTE_MS = 60_000;
/** How far the clock of each part's host is ahead. */
const MINUTES: Record<Part, number> = { keeper: 7, worker: 9, victim: 9, thief: -9 };
const PARTS = Object.keys(MINUTES) as Part[];
/** Of the fleet's plans and of its orders, and a bit. */
const LEASES_MS = 2_500;
const COOLDOWN_MS = 300_000;
const QUOTE_MAX_AGE_MS = 2_000;

const redis = useRedis();
let scene: StealScene | undefined;

function at(): StealScene {
  if (scene === undefined) throw new Error('a scene is there only while a test runs');
  return scene;
}

afterAll(async () => {
  await scene?.close();
});
beforeEach(async () => {
  if (scene !== undefined) return;
  const rules = { WORK_STEALING_QUOTE_MAX_AGE: `${QUOTE_MAX_AGE_MS / 1_000}` };
  const env = (part: Part) => ({ ...clockOff(MINUTES[part]), ...rules, WORKSTEAL_MAX_PLANS: '2' });
  const envs = Object.fromEntries(PARTS.map((part) => [part, env(part)]));
  scene = await StealScene.open(redis.url, {}, async () => envs);
  scene.start('thief');
}, 180_000);
afterEach(async ({ task }) => {
  if (task.result?.state !== 'fail') return;
  process.stderr.write(`${scene?.fleet.story() ?? ''}\n`);
  await scene?.close();
  scene = undefined;
});

/** Ms by which a process's own log says that its clock is ahead of this one's. */
function aheadMs({ lines }: RoleProcess): number {
  return Number(lines.at(-1)?.['time']) - Date.now();
}

/** The real time that a span of a monotonic clock takes, waited for by what a role reports each second. */
async function reports(part: Part, count: number): Promise<void> {
  const role = at().part(part);
  let seen = 0;
  let last = role.report;
  await role.until(`it has reported ${count} times`, ({ report }) => {
    if (report !== last) seen += 1;
    last = report;
    return seen >= count;
  });
}

/** Of the symbol that was stolen from, by the server's time. */
async function cooldownLeftMs(): Promise<number> {
  const { fleet, victimSymbol } = at();
  const [seconds] = await fleet.ledger.redis.time();
  const untilMs = await fleet.ledger.redis.zscore(key(fleet.account, 'cooldowns'), victimSymbol);
  return Number(untilMs) - Number(seconds) * 1_000;
}

it('the clocks are off indeed', async () => {
  for (const part of PARTS) {
    const role = at().part(part);
    await role.until('it logs', ({ lines }) => lines.length > 0);
    const lateMs = MINUTE_MS; // of the line that is looked at
    expect(aheadMs(role)).toBeGreaterThan(MINUTES[part] * MINUTE_MS - lateMs);
    expect(aheadMs(role)).toBeLessThan(MINUTES[part] * MINUTE_MS + lateMs);
  }
});

it('a steal between a fast and a slow host works; leases and cooldown keep their length', async () => {
  await at().fileWorse();
  await at().worseIsFar();
  await at().fleet.faults({ stickCancels: 1 });
  await at().fileBetter();
  await at().cancelRequested();
  const { fleet, worse, better } = at();
  const owners = async () => [(await fleet.plan(worse)).owner, (await fleet.plan(better)).owner];
  const before = await owners();
  const startedMs = performance.now();
  while (performance.now() - startedMs < LEASES_MS) await reports('victim', 1);
  expect(await owners()).toEqual(before);
  expect(await fleet.order(`${better}_1`)).toMatchObject({ state: 'pending' });
  expect(await fleet.order(`${worse}_1`)).toMatchObject({ state: 'cancelling' });
  await fleet.faults({ stickCancels: 0 });
  await at().expectRight();
  expect((await fleet.plan(better)).attempt).toBe(1);
  const leftMs = await cooldownLeftMs();
  expect(leftMs).toBeGreaterThan(COOLDOWN_MS - MINUTE_MS);
  expect(leftMs).toBeLessThanOrEqual(COOLDOWN_MS + 1_000);
  await at().withdraw();
});

it("plans begin and expire by the ledger's time", async () => {
  const { fleet } = at();
  const [seconds] = await fleet.ledger.redis.time();
  const soonMs = Number(seconds) * 1_000 + 3 * MINUTE_MS;
  for (const symbol of ['V30', 'V31']) fleet.price(symbol, '100.5');
  await fleet.file({ id: 'later', symbol: 'V30', qty: '1', startsAtMs: soonMs });
  await fleet.file({ id: 'until', symbol: 'V31', qty: '1', expiresAtMs: soonMs });
  await expect.poll(() => fleet.order('until_1'), PATIENCE).toMatchObject({ state: 'working' });
  await Promise.all([reports('victim', 2), reports('thief', 2)]);
  expect(await fleet.plan('until')).toMatchObject({ stage: 'entering', attempt: 1 });
  expect(await fleet.plan('later')).toMatchObject({
    stage: 'waiting',
    attempt: 1,
    owner: expect.stringMatching(/./),
  });
  await fleet.withdraw('later', 'until');
  await expect.poll(async () => (await fleet.book()).orders, PATIENCE).toEqual([]);
});

it('a price is as old as the broker says: a stale one enters nothing, a fresh one does', async () => {
  const { fleet } = at();
  fleet.price('V32', '100.5');
  fleet.freeze('V32');
  const frozenAtMs = performance.now();
  while (performance.now() - frozenAtMs < QUOTE_MAX_AGE_MS + 1_000) await reports('victim', 1);
  fleet.price('V33', '100.5');
  await fleet.file({ id: 'stale', symbol: 'V32', qty: '1' });
  await fleet.file({ id: 'fresh', symbol: 'V33', qty: '1' });
  await expect.poll(() => fleet.order('fresh_1'), PATIENCE).toMatchObject({ state: 'working' });
  await Promise.all([reports('victim', 2), reports('thief', 2)]);
  expect(await fleet.plan('stale')).toMatchObject({
    stage: 'waiting',
    attempt: 1,
    owner: expect.stringMatching(/./),
  });
  await fleet.withdraw('stale', 'fresh');
  await expect.poll(async () => (await fleet.book()).orders, PATIENCE).toEqual([]);
});

it('a cancellation that a fast host delayed and left behind is carried out by a slow one', async () => {
  await at().fileWorse();
  await at().worseIsFar();
  await at().fleet.faults({ rejectCancels: 1_000 });
  const fast = at().part('worker');
  const putOff = () => fast.lines.filter(({ msg }) => msg === 'a cancellation will be retried').length;
  await at().fileBetter();
  await fast.until('it put the cancellation off for the third time', () => putOff() >= 3);
  fast.signal('SIGKILL');
  await fast.ended();
  await at().fleet.faults({ rejectCancels: 0 });
  at().start('worker', {}, clockOff(-9));
  await at().expectRight();
  await at().withdraw();
});
