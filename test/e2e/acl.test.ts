/**
 * Each role under its own user of acl/worksteal.acl, in real processes: all of them together carry a steal from the forecast to the
 * grant, and none is refused anything on its way; what is outside of its role, each is refused.
 */
import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { Redis } from 'ioredis';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { key } from '../../src/ledger/keys.ts';
import { packageRoot } from '../../src/package-root.ts';
import { type Fleet, PATIENCE, type RoleName, startFleet } from '../support/fleet.ts';
import { type GuardedRedis, startGuardedRedis, USERS, type User } from '../support/guarded-redis.ts';
import { runRedisCli, SCRIPTS } from '../support/inspection.ts';
import type { RoleProcess } from '../support/role-process.ts';

const MAIN = join(packageRoot(), 'src/cli/main.ts');

let redis: GuardedRedis;
let fleet: Fleet;
const roles: RoleProcess[] = [];

beforeAll(async () => {
  redis = await startGuardedRedis();
  fleet = await startFleet(redis.url('admin'), {}, redis.account);
});
afterEach(({ task }) => {
  if (task.result?.state === 'fail') process.stderr.write(`${fleet.story()}\n`);
});
afterAll(async () => {
  await fleet.close();
  await redis.close();
});

function start(role: RoleName, host: string, env: Record<string, string> = {}): RoleProcess {
  const started = fleet.start(role, host, { REDIS_URL: redis.url(role), ...env });
  roles.push(started);
  return started;
}

function environment(user: User): Record<string, string> {
  const { url } = fleet.exchange;
  const broker = { APCA_API_BASE_URL: url, APCA_API_DATA_URL: url, WORKSTEAL_DATA_REQUESTS_PER_MINUTE: '0' };
  return {
    PATH: process.env['PATH'] ?? '',
    REDIS_URL: redis.url(user),
    WORKSTEAL_ACCOUNT: redis.account,
    WORK_STEALING_LEVERAGE: '1',
    ...broker,
  };
}

/** A command of the one program under a user; its standard output. */
async function run(user: User, ...args: string[]): Promise<string> {
  const { stdout } = await promisify(execFile)(process.execPath, [MAIN, ...args], { env: environment(user), timeout: 20_000 });
  return stdout;
}

/** Files these forecasts, and withdraws what they do not name. */
async function forecast(...rows: { symbol: string; pnl: string }[]): Promise<void> {
  const file = join(redis.folder, 'forecasts.json');
  writeFileSync(file, JSON.stringify(rows.map((row) => ({ limit: '100', quantity: '9', expiry: '4h', ...row }))));
  await run('plan', 'plan', file, '--strategy', 'test');
}

describe('what its role needs, no user is refused', () => {
  it('a steal goes from the forecast to the grant, though a worker dies on the way', { timeout: 60_000 }, async () => {
    start('keep', 'keeper');
    start('keep', 'standby');
    const mortal = start('work', 'mortal', { WORKSTEAL_DIE_AFTER: 'after_cancel' });
    start('watch', 'victims');
    fleet.price('ETH', '100.5');
    fleet.price('UNI', '100.2');
    await forecast({ symbol: 'ETH', pnl: '1' });
    await expect.poll(async () => (await fleet.book()).orders, PATIENCE).toEqual([expect.stringMatching(/^test-ETH-.* working$/)]);
    fleet.price('ETH', '110');
    await fleet.priceKnown('ETH', '110');
    await forecast({ symbol: 'ETH', pnl: '1' }, { symbol: 'UNI', pnl: '2.5' });
    start('watch', 'thieves');
    expect(await mortal.ended()).toBe('SIGKILL');
    start('work', 'heir');
    await expect.poll(async () => (await fleet.book()).orders, PATIENCE).toEqual([expect.stringMatching(/^test-UNI-.* working$/)]);
    await expect.poll(async () => (await fleet.book()).outbox, PATIENCE).toBe(0);
    await fleet.expectSound();
  });

  it('it is looked at, by the commands and by the scripts at redis-cli', async () => {
    const [order = ''] = (await fleet.book()).live;
    const words = (script: string) => (script === 'why' ? [order] : []);
    await Promise.all(
      SCRIPTS.map(async (script) => {
        expect(await run('look', script, ...words(script))).not.toBe('');
        expect(await runRedisCli(redis.url('look'), redis.account, script, words(script)), script).not.toMatch(/ERR|NOPERM/);
      }),
    );
    expect(await run('look', 'config')).toContain('the same');
    const tail = spawn(process.execPath, [MAIN, 'tail', '--since', '1h'], {
      env: environment('look'),
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    expect(String((await once(tail.stdout, 'data'))[0])).toContain('settings in force');
    tail.kill('SIGINT');
    expect(await once(tail, 'exit')).toEqual([0, null]);
  });

  it('it is halted and goes on, with the user of the keeper', async () => {
    expect(await run('keep', 'halt', 'test')).toContain('halted');
    expect(await run('keep', 'resume')).toContain('resumed');
  });

  it('its forecasts are taken back, and the account is empty', { timeout: 60_000 }, async () => {
    const file = join(redis.folder, 'none.json');
    writeFileSync(file, '[]');
    await run('plan', 'plan', file, '--strategy', 'test', '--allow-empty');
    await expect.poll(() => fleet.book(), PATIENCE).toMatchObject({ live: [], orders: [], outbox: 0 });
  });

  afterAll(async () => {
    for (const role of roles) await role.stop();
    const told = roles.flatMap(({ name, lines }) => lines.map((line) => `${name}: ${JSON.stringify(line)}`));
    expect(told.filter((line) => /NOPERM|no permissions/i.test(line))).toEqual([]);
    expect(await redis.refused()).toEqual([]);
  });
});

describe('outside of its role', () => {
  const DANGEROUS = [
    ...[
      'FLUSHALL',
      'FLUSHDB',
      'KEYS *',
      'SCAN 0',
      'DBSIZE',
      'RANDOMKEY',
      'CONFIG GET *',
      'CONFIG SET maxmemory 1',
      'DEBUG SLEEP 0',
      'MONITOR',
    ],
    ...[
      'SHUTDOWN NOSAVE',
      'REPLICAOF NO ONE',
      'ACL LIST',
      'ACL WHOAMI',
      'ACL SETUSER x on nopass ~* +@all',
      'CLIENT LIST',
      'CLIENT KILL ID 0',
    ],
    ...[
      'SCRIPT FLUSH',
      'SCRIPT LOAD x',
      'SCRIPT KILL',
      'FUNCTION FLUSH',
      'FUNCTION LOAD x',
      'SAVE',
      'BGREWRITEAOF',
      'SLOWLOG GET',
      'SWAPDB 0 1',
    ],
    ...[
      'SELECT 1',
      'SUBSCRIBE x',
      'PUBLISH x y',
      'WAIT 0 0',
      'LATENCY RESET',
      'MODULE LIST',
      'MIGRATE h 1 k 0 1',
      'CLUSTER RESET',
      'FAILOVER',
    ],
  ];
  const OTHERS = ['HGETALL ws:{other}:account', 'HSET ws:{other}:account state running', 'SET anything 1', 'GET ws:{other}:mutex'];
  const SCRIPTED = [
    "EVAL return(redis.call('HGETALL','ws:{other}:account')) 0",
    "EVAL return(redis.call('FLUSHALL')) 0",
    "EVAL return(redis.call('HSET',KEYS[1],'state','running')) 1 ws:{other}:account",
    "EVAL return(redis.call('CONFIG','GET','*')) 0",
  ];
  const OUTSIDE: Record<User, string[]> = {
    watch: [
      'HSET OWN:settings enabled 0',
      'SET OWN:keeper x',
      'HSET OWN:planned:test x y',
      'BZPOPMIN OWN:cancel:marker 1',
      'SADD OWN:vip ETH',
    ],
    work: [
      'HSET OWN:plan:x stage done',
      'HGETALL OWN:plan:x',
      'SET OWN:mutex x',
      'SET OWN:keeper x',
      'HSET OWN:quotes ETH 1',
      'HSET OWN:settings enabled 0',
      'ZADD OWN:steals 1 x',
      'LPUSH OWN:order:x 1',
    ],
    keep: ['HSET OWN:quotes ETH 1', 'SET OWN:mutex x', 'HSET OWN:planned:test x y', 'ZADD OWN:plans 0 x', 'BZPOPMIN OWN:cancel:marker 1'],
    plan: [
      'HSET OWN:cancel:meta x y',
      "EVAL return(redis.call('ZADD',KEYS[1],0,'x')) 1 OWN:cancel:marker",
      'SET OWN:mutex x',
      'GET OWN:keeper',
      'HSET OWN:quotes ETH 1',
      'HSET OWN:settings enabled 0',
      'ZADD OWN:steals 1 x',
      'SADD OWN:vip ETH',
    ],
    look: [
      'HSET OWN:account state running',
      'DEL OWN:account',
      'SET OWN:mutex x',
      'XADD OWN:events * a b',
      "EVAL return(redis.call('HSET',KEYS[1],'state','running')) 1 OWN:account",
      "EVAL_RO return(redis.call('DEL',KEYS[1])) 1 OWN:account",
    ],
  };

  it.each(USERS)('%s is refused', async (user) => {
    const connection = new Redis(redis.url(user));
    const admin = new Redis(redis.url('admin'));
    await admin.hset('ws:{other}:account', 'state', 'halted');
    const before = await contents(admin);
    const answers: string[] = [];
    for (const line of [...DANGEROUS, ...OTHERS, ...SCRIPTED, ...OUTSIDE[user]]) {
      const [command = '', ...args] = line.replaceAll('OWN:', key(redis.account, '')).split(' ');
      const answer = await connection.call(command, ...args).then(String, (error: Error) => error.message);
      if (!/^NOPERM|The user executing the script can't|not allowed from script/.test(answer)) answers.push(`${line}: ${answer}`);
    }
    connection.disconnect();
    expect(answers).toEqual([]);
    expect(await contents(admin)).toEqual(before);
    admin.disconnect();
  });

  async function contents(admin: Redis): Promise<string[]> {
    const keys = (await admin.keys('*')).sort();
    return Promise.all(keys.map(async (name) => `${name} ${(await admin.dumpBuffer(name))?.toString('base64')}`));
  }

  it('a person without a password is refused everything, and nobody is let in by a wrong one', async () => {
    const { host } = new URL(redis.url('admin'));
    for (const url of [`redis://${host}`, `redis://ws-keep:wrong@${host}`, `redis://:wrong@${host}`]) {
      const connection = new Redis(url, { retryStrategy: null, maxRetriesPerRequest: 0, enableReadyCheck: false });
      connection.on('error', () => {});
      await expect(connection.get('x')).rejects.toThrow();
      connection.disconnect();
    }
  });
});
