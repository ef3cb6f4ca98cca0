/** TLS, user and password with Sentinel and with a Cluster: used for discovery and for the server itself. */
import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { Redis } from 'ioredis';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { configure } from '../../src/ledger/commands/configure.ts';
import { openLedger } from '../../src/ledger/ledger.ts';
import { readSettings } from '../../src/rules/settings.ts';
import { makeCertificates } from '../support/certificates.ts';
import { CHILD_ENV } from '../support/child-env.ts';
import { freePort } from '../support/free-port.ts';
import { PROGRAM } from '../support/program.ts';
import { RedisNode, until } from '../support/topology/node.ts';

const PASSWORD = 'p@ss:w/rd%41-secret';
const ACCESS = `fleet:${encodeURIComponent(PASSWORD)}`;

let folder: string;
let authority: string;
let tls: string[];
const nodes: RedisNode[] = [];
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'worksteal-tls-'));
  const files = makeCertificates(folder);
  authority = files.authority;
  const users = join(folder, 'users.acl');
  const hash = createHash('sha256').update(PASSWORD).digest('hex');
  // Without a password a client may see that a server is there.
  writeFileSync(users, `user default on nopass -@all +ping +hello\nuser fleet on #${hash} ~* &* +@all\n`);
  const certificate = [
    '--tls-cert-file',
    files.certificate,
    '--tls-key-file',
    files.key,
    '--tls-ca-cert-file',
    authority,
  ];
  tls = [...certificate, '--tls-auth-clients', 'no', '--aclfile', users];
});
afterAll(async () => {
  for (const node of nodes) await node.close();
  rmSync(folder, { recursive: true, force: true });
});

/** A server that speaks TLS at another port besides. */
async function start(
  args: readonly string[],
  sentinel?: string,
): Promise<{ node: RedisNode; tlsPort: number; admin: Redis }> {
  const tlsPort = await freePort();
  const node = await RedisNode.start({
    args: [...tls, '--tls-port', `${tlsPort}`, ...args],
    ...(sentinel === undefined ? {} : { sentinel }),
  });
  nodes.push(node);
  const admin = new Redis(node.port, '127.0.0.1', {
    username: 'fleet',
    password: PASSWORD,
    enableReadyCheck: false,
  });
  return { node, tlsPort, admin };
}

/** The account is there, and the command finds it over TLS; with another password, or none, it does not. */
async function isFound(address: string, plain: string): Promise<void> {
  const ledger = await openLedger(plain, 'main');
  await configure(ledger, readSettings({}).settings, 1_000);
  await ledger.close();
  const status = (url: string) => {
    const env = { ...CHILD_ENV, REDIS_URL: url, NODE_EXTRA_CA_CERTS: authority };
    return promisify(execFile)(process.execPath, [PROGRAM, 'status', '--json'], { env, timeout: 60_000 });
  };
  expect(JSON.parse((await status(address)).stdout)).toMatchObject({ account: 'main' });
  for (const wrong of [address.replace(ACCESS, 'fleet:wrong-secret'), address.replace(`${ACCESS}@`, '')]) {
    const told = (await status(wrong).catch((error: unknown) => error)) as { stdout: string };
    expect(JSON.parse(told.stdout).error.message).toMatch(/password|not permitted/);
    expect(told.stdout).not.toMatch(/secret|NOPERM|WRONGPASS|NOAUTH/);
  }
}

describe('TLS and a password', { timeout: 180_000 }, () => {
  it('on a Cluster', async () => {
    const { node, tlsPort, admin } = await start(['--cluster-enabled', 'yes', '--tls-cluster', 'yes']);
    await admin.cluster('ADDSLOTSRANGE', 0, 16_383);
    await until('it is a Cluster', async () =>
      String(await admin.cluster('INFO')).includes('cluster_state:ok'),
    );
    admin.disconnect();
    await isFound(
      `rediss+cluster://${ACCESS}@127.0.0.1:${tlsPort}`,
      `redis+cluster://${ACCESS}@127.0.0.1:${node.port}`,
    );
  });

  it('on Sentinel, which asks for them too', async () => {
    const master = await start([]);
    master.admin.disconnect();
    const watched = [
      `sentinel monitor main 127.0.0.1 ${master.tlsPort} 1`,
      'sentinel auth-user main fleet',
      `sentinel auth-pass main "${PASSWORD}"`,
      'tls-replication yes',
    ].join('\n');
    const { tlsPort, admin } = await start([], `${watched}\n`);
    admin.disconnect();
    const address = `rediss+sentinel://${ACCESS}@127.0.0.1:${tlsPort}/main?sentinel_auth=1`;
    await isFound(address, `redis://${ACCESS}@127.0.0.1:${master.node.port}`);
  });
});
