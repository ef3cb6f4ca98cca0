/**
 * A fleet with marked passwords and keys, at the most verbose log level, with a broker that shows the keys in
 * its error pages during a steal: no secret appears in a log, in Redis traffic, in the process list or in the
 * metrics.
 */
import { createHash } from 'node:crypto';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Redis } from 'ioredis';
import { afterAll, afterEach, beforeAll, expect, it } from 'vitest';
import type { EmbeddedRedis } from '../../src/redis/embedded.ts';
import { type EchoingProxy, startEchoingProxy } from '../support/echoing-proxy.ts';
import { type Fleet, type RoleName, startFleet, PATIENCE as USUAL } from '../support/fleet.ts';
import { MarkedSecrets } from '../support/marked-secrets.ts';
import { descendantsOf } from '../support/process-table.ts';
import { startPrivateRedis } from '../support/redis.ts';
import type { RoleProcess } from '../support/role-process.ts';

/** Four processes begin here, and the test hears and searches every command that they send. */
const PATIENCE = { ...USUAL, timeout: 2 * USUAL.timeout };
const secrets = new MarkedSecrets();
const PASSWORD = secrets.make('the password of Redis');
const KEYS = {
  APCA_API_KEY_ID: secrets.make('the key', 'PK', ''),
  APCA_API_SECRET_KEY: secrets.make('the secret', '<"', '&+/='),
};

let folder: string;
let redis: EmbeddedRedis;
let fleet: Fleet;
let proxy: EchoingProxy;
let commander: Redis;
let monitor: Redis;
const roles: RoleProcess[] = [];
/** What Redis was sent since the start, by anybody; it leaves the arguments of AUTH out itself. */
const sent: string[] = [];

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'worksteal-secrets-'));
  const users = join(folder, 'users.acl');
  const hash = createHash('sha256').update(PASSWORD).digest('hex');
  writeFileSync(users, `user default on nopass ~* &* +@all\nuser fleet on #${hash} ~* &* +@all\n`);
  redis = await startPrivateRedis({ args: ['--aclfile', users] });
  commander = new Redis(redis.url);
  // Commands that arrive with the answer to MONITOR would be taken for replies.
  await commander.ping();
  monitor = await commander.monitor();
  monitor.on('monitor', (_, args: string[]) => void sent.push(args.join(' ')));
  fleet = await startFleet(redis.url);
  proxy = await startEchoingProxy(fleet.exchange.url);
});
afterAll(async () => {
  monitor.disconnect();
  commander.disconnect();
  await fleet.close();
  await proxy.close();
  await redis.close();
  rmSync(folder, { recursive: true, force: true });
});

afterEach(({ task }) => {
  if (task.result?.state === 'fail') process.stderr.write(`${fleet.story()}\n`);
});

function start(role: RoleName, host: string): RoleProcess {
  const url = `redis://fleet:${encodeURIComponent(PASSWORD)}@127.0.0.1:${redis.port}`;
  const broker = { APCA_API_BASE_URL: proxy.url, APCA_API_DATA_URL: proxy.url, ...KEYS };
  const started = fleet.start(role, host, {
    REDIS_URL: url,
    ...broker,
    WORKSTEAL_LOG_LEVEL: 'trace',
    WORKSTEAL_METRICS_PORT: '0',
  });
  roles.push(started);
  return started;
}

it('no secret goes further than to whom it is for', { timeout: 180_000 }, async () => {
  const refusedReads = proxy.echo((method, path) => method === 'GET' && path.startsWith('/v2/account'), 500);
  start('keep', 'keeper');
  start('work', 'worker');
  start('watch', 'victims');
  await expect.poll(refusedReads, PATIENCE).toBeGreaterThan(0);
  const refusedOrders = proxy.echo((method, path) => method === 'POST' && path.startsWith('/v2/orders'), 403);
  fleet.price('ETH', '100.5');
  fleet.price('UNI', '100.2');
  await fleet.file({ id: 'worse', symbol: 'ETH', pnl: '1' });
  await expect.poll(refusedOrders, PATIENCE).toBeGreaterThan(0);
  proxy.echo(() => false, 403);
  await expect
    .poll(async () => (await fleet.book()).orders, PATIENCE)
    .toEqual([expect.stringMatching(/^worse_\d+ working$/)]);
  fleet.price('ETH', '110');
  await fleet.priceKnown('ETH', '110');
  const refusedCancels = proxy.echo(
    (method, path) => method === 'DELETE' || path.startsWith('/v2/orders:by_client'),
    500,
  );
  await fleet.file({ id: 'better', symbol: 'UNI', pnl: '2.5' });
  start('watch', 'thieves');
  await expect.poll(refusedCancels, PATIENCE).toBeGreaterThan(0);
  // The queue keeps why a cancellation failed.
  await expect
    .poll(
      () => sent.some((line) => line.includes('was answered') || line.includes('at the broker is unknown')),
      PATIENCE,
    )
    .toBe(true);
  proxy.echo(() => false, 403);
  await expect
    .poll(async () => (await fleet.book()).orders, PATIENCE)
    .toEqual([expect.stringMatching(/^better_\d+ working$/)]);

  const served = (role: RoleProcess) =>
    role.lines.flatMap(({ msg, url }) => (msg.startsWith('metrics:') ? [String(url)] : []));
  const metrics = await Promise.all(
    roles.flatMap(served).map(async (url) => await (await fetch(url)).text()),
  );
  expect(metrics).toHaveLength(roles.length);
  expect(secrets.foundIn(metrics.join('\n'))).toEqual([]);

  if (existsSync('/proc/self/cmdline')) {
    const pids = [...roles.map(({ pid }) => pid), redis.pid].flatMap((pid) => [pid, ...descendantsOf(pid)]);
    const titles = pids.map(
      (pid) => readFileSync(`/proc/${pid}/cmdline`, 'utf8') + readFileSync(`/proc/${pid}/comm`, 'utf8'),
    );
    expect(titles.join('\n')).toContain('worksteal watch');
    expect(secrets.foundIn(titles.join('\n'))).toEqual([]);
  }

  // A password that is refused from now on: reconnecting fails, again and again.
  const outages = (role: (typeof roles)[number]): number =>
    role.lines.filter(({ msg }) => /^Redis at .* is away/.test(msg)).length;
  const before = roles.map(outages);
  await fleet.ledger.redis.acl('SETUSER', 'fleet', 'resetpass', '>another');
  await fleet.ledger.redis.client('KILL', 'USER', 'fleet');
  for (const [at, role] of roles.entries())
    await role.until('it says that Redis is away', () => outages(role) > (before[at] ?? 0));
  await Promise.all(roles.map((role) => role.stop()));

  const lines = roles.flatMap(({ lines }) => lines.map((line) => JSON.stringify(line)));
  expect(lines.filter((line) => line.includes('[hidden]')).length).toBeGreaterThan(0);
  expect(lines.filter((line) => secrets.foundIn(line).length > 0)).toEqual([]);
  expect(sent.length).toBeGreaterThan(100);
  expect(sent.filter((line) => secrets.foundIn(line).length > 0)).toEqual([]);
});
