/** Every role ends when it is stopped or its parent is gone, even at an unfavourable moment. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync } from 'node:fs';
import { type AddressInfo, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { changeTokenFile } from '../../src/http/token-file.ts';
import { CHILD_ENV } from '../support/child-env.ts';
import { type Fleet, type RoleName, startFleet } from '../support/fleet.ts';
import { PROGRAM } from '../support/program.ts';
import { startPrivateRedis } from '../support/redis.ts';

const READY = { watch: /^watching/, work: /^work: taking/, keep: /is open$/ } as const;

describe('a role ends', () => {
  it('when asked, although its Redis is gone', { timeout: 180_000 }, async () => {
    const redis = await startPrivateRedis();
    const fleet = await startFleet(redis.url);
    const roles = (['watch', 'work', 'keep'] as const).map((name) => [name, fleet.start(name)] as const);
    for (const [name, role] of roles)
      await role.until('it works', ({ lines }) => lines.some(({ msg }) => READY[name].test(msg)));
    await redis.close();
    for (const [, role] of roles)
      await role.until('it notices', ({ lines }) => lines.some((line) => 'err' in line || 'message' in line));
    for (const [, role] of roles) role.signal('SIGTERM');
    expect(await Promise.all(roles.map(async ([name, role]) => [name, await role.ended()]))).toEqual(
      roles.map(([name]) => [name, 0]),
    );
    await fleet.close();
  });

  it.each([
    ['serve', 'WORKSTEAL_API_PORT'],
    ['gateway', 'WORKSTEAL_GATEWAY_PORT'],
  ] as const)('%s, when its port is taken, and says so', async (name, variable) => {
    const redis = await startPrivateRedis();
    const fleet = await startFleet(redis.url);
    const taken = createServer().listen(0, '127.0.0.1');
    await once(taken, 'listening');
    const { port } = taken.address() as AddressInfo;
    const tokens = join(mkdtempSync(join(tmpdir(), 'worksteal-tokens-')), 'tokens.json');
    changeTokenFile(tokens, (content) => content);
    const role = fleet.start(name, name, { [variable]: String(port), WORKSTEAL_API_TOKENS: tokens });
    expect(await role.ended()).not.toBe(0);
    expect(role.lines.map(({ msg }) => msg).join('\n')).toMatch(/EADDRINUSE/);
    taken.close();
    await fleet.close();
    await redis.close();
  });

  describe('when its parent is gone before it has started:', () => {
    let redis: Awaited<ReturnType<typeof startPrivateRedis>>;
    let fleet: Fleet;
    beforeAll(async () => {
      redis = await startPrivateRedis();
      fleet = await startFleet(redis.url);
    });
    afterAll(async () => {
      await fleet.close();
      await redis.close();
    });

    it.concurrent.each<[string, string[]]>([
      ...(['watch', 'work', 'keep'] as RoleName[]).map((role): [string, string[]] => [role, [role]]),
      ['plan', ['plan', '--demo']],
      ['exchange', ['exchange', '--port', '0']],
    ])('%s', { timeout: 180_000 }, async (_, args) => {
      const { account, exchange } = fleet;
      const broker = {
        APCA_API_BASE_URL: exchange.url,
        APCA_API_DATA_URL: exchange.url,
        WORKSTEAL_DATA_REQUESTS_PER_MINUTE: '0',
      };
      const keys = { APCA_API_KEY_ID: 'k', APCA_API_SECRET_KEY: 's' };
      const env = {
        ...CHILD_ENV,
        REDIS_URL: redis.url,
        WORKSTEAL_ACCOUNT: account,
        ...broker,
        ...keys,
      };
      const child: ChildProcess = spawn(process.execPath, [PROGRAM, ...args], {
        env,
        stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
      });
      child.disconnect();
      const force = setTimeout(() => child.kill('SIGKILL'), 60_000);
      expect(await once(child, 'exit')).toEqual([0, null]);
      clearTimeout(force);
    });
  });
});
