/** /readyz and /healthz of real processes, whose network to Redis and to the broker fails. */
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import { z } from 'zod';
import { useRedis } from '../support/fixtures.ts';
import { type Fleet, PATIENCE, type RoleName, startFleet } from '../support/fleet.ts';
import type { RoleProcess } from '../support/role-process.ts';
import { startProxy, type TcpProxy } from '../support/tcp-proxy.ts';

const ROLES: RoleName[] = ['keep', 'work', 'watch'];
const SERVED = /^metrics: served at (http:\S+)$/;
/** The broker's failures are believed after ten seconds. */
const LONG = { ...PATIENCE, timeout: 60_000 };

const readySchema = z.strictObject({
  schema: z.literal(1),
  role: z.string(),
  host: z.string(),
  account: z.string(),
  ready: z.boolean(),
  checks: z.array(z.strictObject({ check: z.string(), well: z.boolean(), words: z.string() })),
});

const redis = useRedis();
let fleet: Fleet;
let toRedis: TcpProxy;
let toBroker: TcpProxy;
const started = new Map<RoleName, RoleProcess>();

async function proxyTo(url: string): Promise<TcpProxy> {
  const { hostname, port } = new URL(url);
  return await startProxy({ host: hostname, port: Number(port) });
}

beforeAll(async () => {
  fleet = await startFleet(redis.url);
  toRedis = await proxyTo(redis.url);
  toBroker = await proxyTo(fleet.exchange.url);
  const env = {
    REDIS_URL: toRedis.url('redis'),
    APCA_API_BASE_URL: toBroker.url('http'),
    APCA_API_DATA_URL: toBroker.url('http'),
    WORKSTEAL_METRICS_PORT: '0',
    WORKSTEAL_REQUEST_TIMEOUT_MS: '700',
  };
  for (const role of ROLES) started.set(role, fleet.start(role, role, env));
}, 180_000);
afterAll(async () => {
  await fleet.close();
  await toRedis.close();
  await toBroker.close();
});
beforeEach(async () => {
  for (const role of ROLES) await expect.poll(() => failing(role), LONG).toEqual([]);
}, 180_000);

async function address(role: RoleName, path: string): Promise<URL> {
  const process = started.get(role) as RoleProcess;
  const found = () => process.lines.map(({ msg }) => SERVED.exec(msg)?.[1]).find((url) => url !== undefined);
  await process.until('it says where', () => found() !== undefined);
  return new URL(path, found());
}

/** The checks of a role that are not well; the status agrees with them. */
async function failing(role: RoleName): Promise<string[]> {
  const answer = await fetch(await address(role, '/readyz'), { signal: AbortSignal.timeout(5_000) });
  const { ready, checks, ...named } = readySchema.parse(await answer.json());
  expect(named).toMatchObject({ role, account: fleet.account });
  const names = checks.filter(({ well }) => !well).map(({ check }) => check);
  expect([answer.status, ready]).toEqual(names.length === 0 ? [200, true] : [503, false]);
  return names;
}

const all = async (): Promise<string[][]> => Promise.all(ROLES.map(failing));
const redisFails = ROLES.map(() => expect.arrayContaining(['redis']));
const noneFails = ROLES.map(() => []);

it.each([
  ['keep', 'keeper'],
  ['work', 'queue'],
  ['watch', 'leases'],
] as const)('worksteal %s says what it has checked', async (role, own) => {
  const answer = await fetch(await address(role, '/readyz'));
  const { checks } = readySchema.parse(await answer.json());
  expect(checks.map(({ check }) => check)).toEqual(['process', 'redis', 'broker', 'keys', own]);
});

it('no role is ready while nothing takes its connections to Redis, and each lives', async () => {
  toRedis.cut();
  await expect.poll(all, PATIENCE).toEqual(redisFails);
  for (const role of ROLES) expect((await fetch(await address(role, '/healthz'))).status).toBe(200);
  toRedis.heal();
  await expect.poll(all, LONG).toEqual(noneFails);
});

it('no role is ready while Redis takes connections and never answers', async () => {
  toRedis.stall();
  await expect.poll(all, PATIENCE).toEqual(redisFails);
  toRedis.heal();
  await expect.poll(all, LONG).toEqual(noneFails);
});

it('those that ask the broker all the time are not ready while it does not answer', async () => {
  // It waits for prices.
  await fleet.file({ id: 'waits', symbol: 'V0' });
  await expect.poll(() => fleet.plan('waits'), PATIENCE).toMatchObject({ owner: 'watch' });
  toBroker.stall();
  for (const role of ['keep', 'watch'] as const)
    await expect.poll(() => failing(role), LONG).toContain('broker');
  toBroker.heal();
});
