/**
 * TLS and passwords, to Redis and to the broker: every role and command with a private certificate authority
 * and a password with special characters; and the error messages, within seconds, for a wrong password,
 * certificate or scheme.
 */
import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { EmbeddedRedis } from '../../src/redis/embedded.ts';
import { type Certificates, makeCertificates } from '../support/certificates.ts';
import { CHILD_ENV } from '../support/child-env.ts';
import { type Fleet, PATIENCE, startFleet } from '../support/fleet.ts';
import { freePort } from '../support/free-port.ts';
import { PROGRAM } from '../support/program.ts';
import { startPrivateRedis } from '../support/redis.ts';
import type { RoleProcess } from '../support/role-process.ts';
import { startTlsProxy } from '../support/tls-proxy.ts';

const PASSWORD = 'p@ss:w/o rd%41?#é&+=-secret';

let folder: string;
let certificates: Certificates;
let redis: EmbeddedRedis;
let tlsPort: number;
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'worksteal-tls-'));
  certificates = makeCertificates(folder);
  const users = join(folder, 'users.acl');
  const hash = createHash('sha256').update(PASSWORD).digest('hex');
  writeFileSync(users, `user default off\nuser fleet on #${hash} ~* &* +@all\n`);
  tlsPort = await freePort();
  const { authority, certificate, key } = certificates;
  const tls = [
    '--tls-port',
    `${tlsPort}`,
    '--tls-cert-file',
    certificate,
    '--tls-key-file',
    key,
    '--tls-ca-cert-file',
    authority,
  ];
  redis = await startPrivateRedis({ args: [...tls, '--tls-auth-clients', 'no', '--aclfile', users] });
});
afterAll(async () => {
  await redis.close();
  rmSync(folder, { recursive: true, force: true });
});

function address(scheme: 'redis' | 'rediss', port: number, password = PASSWORD): string {
  return `${scheme}://fleet:${encodeURIComponent(password)}@127.0.0.1:${port}`;
}

type Told = { code: number; text: string; tookMs: number };

/** A command's exit code, both its outputs, and how long it took. */
function command(args: readonly string[], env: Record<string, string>): Promise<Told> {
  const beganMs = performance.now();
  return new Promise((resolve) => {
    const options = {
      env: { ...CHILD_ENV, APCA_API_KEY_ID: 'k', APCA_API_SECRET_KEY: 's', ...env },
      timeout: 60_000,
    };
    execFile(process.execPath, [PROGRAM, ...args], options, (error, stdout, stderr) =>
      resolve({
        code: error === null ? 0 : Number(error.code),
        text: stdout + stderr,
        tookMs: performance.now() - beganMs,
      }),
    );
  });
}

describe("over TLS, with a password of odd characters and an authority of one's own", () => {
  let fleet: Fleet;
  const closing: (() => Promise<void>)[] = [];
  afterEach(async ({ task }) => {
    if (task.result?.state === 'fail') process.stderr.write(`${fleet.story()}\n`);
    for (const close of closing.splice(0).reverse()) await close();
  });

  it('a fleet steals, its broker behind TLS too, and the commands answer', { timeout: 180_000 }, async () => {
    fleet = await startFleet(address('redis', redis.port));
    closing.push(() => fleet.close());
    const broker = await startTlsProxy(fleet.exchange.url, certificates);
    closing.push(() => broker.close());
    const env = {
      REDIS_URL: address('rediss', tlsPort),
      APCA_API_BASE_URL: broker.url,
      APCA_API_DATA_URL: broker.url,
      NODE_EXTRA_CA_CERTS: certificates.authority,
    };
    const keeper = fleet.start('keep', 'keeper', env);
    fleet.start('work', 'worker', env);
    fleet.start('watch', 'victims', env);
    fleet.price('ETH', '100.5');
    fleet.price('UNI', '100.2');
    await fleet.file({ id: 'worse', symbol: 'ETH', pnl: '1' });
    await expect.poll(() => fleet.order('worse_1'), PATIENCE).toMatchObject({ state: 'working' });
    fleet.price('ETH', '110');
    await fleet.priceKnown('ETH', '110');
    await fleet.file({ id: 'better', symbol: 'UNI', pnl: '2.5' });
    fleet.start('watch', 'thieves', env);
    await expect.poll(async () => (await fleet.book()).orders, PATIENCE).toEqual(['better_1 working']);
    await fleet.expectSound();
    expect(said(keeper)).toContain('trade updates: connected');
    const one = { ...env, WORKSTEAL_ACCOUNT: fleet.account };
    const answers = await Promise.all(
      [['status'], ['audit'], ['config'], ['halt']].map((args) => command(args, one)),
    );
    expect(answers.map(({ code }) => code)).toEqual(answers.map(() => 0));
  });

  it('a broker with an untrusted certificate opens no account, and the keeper logs why', {
    timeout: 60_000,
  }, async () => {
    fleet = await startFleet(address('redis', redis.port));
    closing.push(() => fleet.close());
    const broker = await startTlsProxy(fleet.exchange.url, certificates);
    closing.push(() => broker.close());
    const keeper = fleet.start('keep', 'keeper', {
      APCA_API_BASE_URL: broker.url,
      APCA_API_DATA_URL: broker.url,
    });
    await keeper.until('it tells why', () =>
      keeper.lines.some(
        (line) => /reconciling failed/.test(line.msg) && /certificate/.test(JSON.stringify(line)),
      ),
    );
    expect(await fleet.ledger.redis.hget(`ws:{${fleet.account}}:account`, 'synced_at_ms')).toBeNull();
  });

  const said = (role: RoleProcess) => role.lines.map(({ msg }) => msg);
});

describe('an impossible connection is reported within seconds, with its reason, without the password', () => {
  const CASES: [string, () => Record<string, string>, RegExp][] = [
    [
      'the password is wrong',
      () => ({ REDIS_URL: address('redis', redis.port, 'wrong-secret') }),
      /user or the password in its URL is wrong/,
    ],
    ['the password is missing', () => ({ REDIS_URL: `redis://127.0.0.1:${redis.port}` }), /user or password/],
    [
      'the certificate is not trusted',
      () => ({ REDIS_URL: address('rediss', tlsPort) }),
      /certificate is not trusted\n.*NODE_EXTRA_CA_CERTS/,
    ],
    [
      'the certificate is of another host',
      () => ({
        REDIS_URL: address('rediss', tlsPort).replace('127.0.0.1', 'localhost'),
        NODE_EXTRA_CA_CERTS: certificates.authority,
      }),
      /localhost.*not.*cert/,
    ],
    [
      'TLS is spoken to a port without it',
      () => ({ REDIS_URL: address('rediss', redis.port) }),
      /does this port use TLS/,
    ],
    [
      'TLS is wanted and not spoken',
      () => ({ REDIS_URL: address('redis', tlsPort) }),
      /does it need TLS \(rediss:\/\/\)/,
    ],
    ['nothing listens there', () => ({ REDIS_URL: address('redis', 1) }), /ECONNREFUSED/],
  ];

  it.concurrent.each(CASES)('%s', { timeout: 180_000 }, async (_, env, reason) => {
    const at = CASES.findIndex(([, , one]) => one === reason);
    // An inspection or a role: both begin with the same connection.
    const { code, text, tookMs } = await command([at % 2 === 0 ? 'status' : 'keep'], env());
    expect(text).toMatch(reason);
    expect(text).not.toMatch(/secret/);
    expect(code).toBe(4);
    expect(tookMs).toBeLessThan(45_000);
  });
});
