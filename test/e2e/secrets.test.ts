/** When a command fails it prints the reason but never a password or key, however the command received it. */
import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Redis } from 'ioredis';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { packageRoot } from '../../src/package-root.ts';
import { CHILD_ENV } from '../support/child-env.ts';
import { MarkedSecrets } from '../support/marked-secrets.ts';
import { descendantsOf } from '../support/process-table.ts';
import { PROGRAM } from '../support/program.ts';
import { startPrivateRedis } from '../support/redis.ts';

const secrets = new MarkedSecrets();
const PASSWORD = secrets.make('the password of Redis');
const KEYS = {
  APCA_API_KEY_ID: secrets.make('the key', 'PK', ''),
  APCA_API_SECRET_KEY: secrets.make('the secret', '', '+/='),
};

let redis: Awaited<ReturnType<typeof startPrivateRedis>>;
let host: string;
beforeAll(async () => {
  redis = await startPrivateRedis();
  ({ host } = new URL(redis.url));
});
afterAll(() => redis.close());

type Told = { code: number; text: string };

/** Both outputs of a command. */
function run(args: readonly string[], env: Record<string, string> = {}): Promise<Told> {
  const whole = { ...CHILD_ENV, WORKSTEAL_LOG_LEVEL: 'trace', ...KEYS, ...env };
  return new Promise((resolve) => {
    execFile(process.execPath, [PROGRAM, ...args], { env: whole, timeout: 60_000 }, (error, stdout, stderr) =>
      resolve({ code: error === null ? 0 : Number(error.code), text: stdout + stderr }),
    );
  });
}

const address = (at: string, password = encodeURIComponent(PASSWORD)): string =>
  `redis://fleet:${password}@${at}`;

/** Where the command is to connect to, and what is wrong with it. */
const URLS: [string, () => string][] = [
  ['the password is refused', () => address(host)],
  ['nothing listens there', () => address('127.0.0.1:1')],
  ['the port is no number', () => address(`${host}:no-port`)],
  [
    'the password has a blank',
    () => address('127.0.0.1:1', `pa ss ${PASSWORD.replaceAll(/[^a-z0-9]/g, '')}`),
  ],
  ['the password is not encoded', () => address('127.0.0.1:1', PASSWORD)],
  [
    'a slash in the password ends the host',
    () => `redis://localhost:1/${encodeURIComponent(PASSWORD)}@127.0.0.1:1`,
  ],
  ['the scheme is another', () => address('127.0.0.1:1').replace('redis:', 'http:')],
];

const ROLES = [['watch'], ['work'], ['keep'], ['plan', '--demo'], ['up', '--for', '1s'], ['config']];
const DECIDE = ['decide', join(packageRoot(), 'test/scenarios/regressions.json')];
/** They take an address as an argument, too. */
const LOOKS = [
  ['status'],
  ['steals'],
  ['orders'],
  ['fights'],
  ['why', 'x'],
  ['tail'],
  ['audit'],
  ['halt'],
  ['resume'],
];

describe('a failing command prints no secret when', () => {
  // Every command, and every fault with several of them.
  const CASES = [...ROLES, DECIDE, ...LOOKS].map((args, at) => {
    const [fault, url] = URLS[at % URLS.length] as (typeof URLS)[0];
    return [args[0] ?? '', fault, args, url] as const;
  });
  it.concurrent.each(CASES)('%s is run and %s', { timeout: 180_000 }, async (name, fault, args, url) => {
    const byArgument = LOOKS.some(([look]) => look === name);
    const { code, text } = await (byArgument
      ? run([...args, '--redis', url()])
      : run(args, { REDIS_URL: url() }));
    expect(secrets.foundIn(text)).toEqual([]);
    expect(text).toMatch(/Redis at \S+ does not answer|REDIS_URL|settings/);
    // It shows the settings although Redis is away, but not with an invalid address.
    const isRead = name === 'config' && fault !== 'a slash in the password ends the host';
    expect(isRead ? [0] : [2, 4]).toContain(code);
  });

  it.concurrent.each([
    ['an option that the command does not have', ['watch', '--redis']],
    ['an option of another command', ['status', '--secret']],
    ['an option, and then too many words', ['halt', 'one']],
    ['no command at all', []],
  ])('it stands in %s', async (_, args) => {
    const { code, text } = await run([
      ...args.slice(0, -1),
      args.length > 0 ? `${args.at(-1)}=${address(host)}` : address(host),
      address(host),
    ]);
    expect(secrets.foundIn(text)).toEqual([]);
    expect(code).toBe(2);
  });

  it('the program itself is at fault and dies of it', async () => {
    // Like an unhandled error of a library: with the command that failed, and its
    // arguments.
    const fault = `
      const { REDIS_URL, APCA_API_SECRET_KEY } = process.env;
      const args = ['fleet', decodeURIComponent(new URL(REDIS_URL).password), APCA_API_SECRET_KEY];
      const error = Object.assign(new Error('refused: ' + REDIS_URL), { command: { name: 'auth', args } });
      setTimeout(() => { throw error; }, 300);`;
    const late = `
      const error = Object.assign(new Error('no'), { args: [process.env.APCA_API_KEY_ID] });
      setTimeout(() => Promise.reject(error), 300);`;
    const open = { REDIS_URL: address(host, '').replace('fleet:@', `x:${encodeURIComponent(PASSWORD)}@`) };
    for (const code of [fault, late]) {
      const NODE_OPTIONS = `--import=data:text/javascript,${encodeURIComponent(code)}`;
      const told = await run(['exchange', '--port', '0'], { ...open, NODE_OPTIONS });
      expect(told.text).toMatch(/refused|no\b/);
      expect(secrets.foundIn(told.text)).toEqual([]);
      expect(told.code).toBe(1);
    }
  });
});

describe.runIf(existsSync('/proc/self/cmdline'))('in the list of processes', () => {
  it.each([
    ['an address of Redis that was an argument', ['tail', '--redis', 'URL']],
    [
      "the exchange's key and secret",
      ['exchange', '--port', '0', '--key', KEYS.APCA_API_KEY_ID, '--secret', KEYS.APCA_API_SECRET_KEY],
    ],
  ])('%s is not to be seen', async (_, args) => {
    const server = await startPrivateRedis();
    const { port } = new URL(server.url);
    // A server without users takes any password of the user default; what is followed must be there.
    const client = new Redis(server.url);
    await client.hset('ws:{main}:account', 'state', 'running');
    client.disconnect();
    const url = `redis://:${encodeURIComponent(PASSWORD)}@127.0.0.1:${port}`;
    const child = spawn(process.execPath, [PROGRAM, ...args.map((arg) => (arg === 'URL' ? url : arg))], {
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    const title = () => readFileSync(`/proc/${child.pid}/cmdline`, 'utf8');
    await expect.poll(title, { timeout: 60_000 }).toMatch(new RegExp(`^worksteal ${args[0]}\\0*$`));
    const ended = once(child, 'exit');
    child.kill('SIGKILL');
    await ended;
    await server.close();
  });

  it("`up` leaks no secret through the roles' arguments or logs", { timeout: 180_000 }, async () => {
    const folder = mkdtempSync(join(tmpdir(), 'worksteal-secrets-'));
    const server = await startPrivateRedis();
    const url = `redis://:${encodeURIComponent(PASSWORD)}@${new URL(server.url).host}`;
    const env = {
      ...CHILD_ENV,
      TMPDIR: folder,
      ...KEYS,
      REDIS_URL: url,
      WORKSTEAL_LOG_LEVEL: 'trace',
    };
    const child = spawn(process.execPath, [PROGRAM, 'up', '--watchers', '1', '--workers', '1'], {
      stdio: ['ignore', 'pipe', 'pipe'],
      env,
    });
    let told = '';
    for (const output of [child.stdout, child.stderr])
      output.on('data', (data: Buffer) => (told += data.toString()));
    const titles = () =>
      descendantsOf(child.pid ?? 0).map((pid) =>
        readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ''),
      );
    const roles = ['exchange', 'keep', 'plan', 'serve', 'watch', 'work'].map((role) => `worksteal ${role}`);
    await expect.poll(() => titles().sort(), { timeout: 60_000 }).toEqual(roles);
    const logs = () =>
      readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('fleet.log'));
    const log = () =>
      logs()
        .map((name) => readFileSync(join(folder, name), 'utf8'))
        .join();
    await expect.poll(log, { timeout: 60_000 }).toContain('keeper: active');
    const pids = descendantsOf(child.pid ?? 0);
    const ended = once(child, 'exit');
    child.kill('SIGKILL');
    await ended;
    await expect
      .poll(() => pids.filter((pid) => existsSync(`/proc/${pid}`)), { timeout: 60_000 })
      .toEqual([]);
    await server.close();
    expect(secrets.foundIn(told + log())).toEqual([]);
    rmSync(folder, { recursive: true });
  });
});
