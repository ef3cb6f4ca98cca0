/**
 * Users of acl/worksteal.acl must not do anything outside their role. Also tests the file itself, made and
 * changed as docs/security.md says.
 */
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Redis } from 'ioredis';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { key } from '../../src/ledger/keys.ts';
import { packageRoot } from '../../src/package-root.ts';
import { type GuardedRedis, PAGE, startGuardedRedis, USERS, type User } from '../support/guarded-redis.ts';
import { startPrivateRedis } from '../support/redis.ts';

/** The page as it is shown: a line break within a paragraph is a blank. */
const PROSE = PAGE.replaceAll(/\n +/g, ' ');

let redis: GuardedRedis;
beforeAll(async () => {
  redis = await startGuardedRedis();
});
afterAll(() => redis.close());

describe('outside of its role', () => {
  const DANGEROUS = [
    ...[
      'FLUSHALL',
      'FLUSHDB',
      'KEYS *',
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
  const OTHERS = [
    'HGETALL ws:{other}:account',
    'HSET ws:{other}:account state running',
    'SET anything 1',
    'GET ws:{other}:mutex',
  ];
  /** Only the keeper loads functions: they run with the rights of whoever calls them. */
  const LOADING = ['FUNCTION LOAD x', 'FUNCTION DELETE x'];
  const SCRIPTED = [
    "EVAL return(redis.call('HGETALL','ws:{other}:account')) 0",
    "EVAL return(redis.call('FLUSHALL')) 0",
    "EVAL return(redis.call('HSET',KEYS[1],'state','running')) 1 ws:{other}:account",
    "EVAL return(redis.call('CONFIG','GET','*')) 0",
  ];
  const OUTSIDE: Record<User, string[]> = {
    watch: [
      'SCAN 0',
      'HSET OWN:settings enabled 0',
      'SET OWN:keeper x',
      'HSET OWN:planned:test x y',
      'BZPOPMIN OWN:cancel:marker 1',
      'SADD OWN:vip ETH',
    ],
    work: [
      'SCAN 0',
      'HSET OWN:plan:x stage done',
      'SET OWN:mutex x',
      'SET OWN:keeper x',
      'HSET OWN:quotes ETH 1',
      'HSET OWN:settings enabled 0',
      'ZADD OWN:steals 1 x',
      'LPUSH OWN:order:x 1',
    ],
    keep: ['BZPOPMIN OWN:cancel:marker 1', 'GETDEL OWN:order:x', 'RENAME OWN:order:x OWN:order:y'],
    plan: [
      'SCAN 0',
      'HSET OWN:cancel:meta x y',
      "EVAL return(redis.call('ZADD',KEYS[1],0,'x')) 1 OWN:cancel:marker",
      'SET OWN:mutex x',
      'GET OWN:keeper',
      'HSET OWN:quotes ETH 1',
      'HSET OWN:settings enabled 0',
      'ZADD OWN:steals 1 x',
      'SADD OWN:vip ETH',
    ],
    serve: [
      'SCAN 0',
      'HSET OWN:settings enabled 0',
      'HSET OWN:quotes ETH 1',
      'SET OWN:keeper x',
      'SADD OWN:vip ETH',
      'BZPOPMIN OWN:cancel:marker 1',
      'HSET OWN:planned:test x y',
      "EVAL_RO return(redis.call('DEL',KEYS[1])) 1 OWN:settings",
    ],
    gateway: [
      'SCAN 0',
      'HSET OWN:settings enabled 0',
      'SET OWN:keeper x',
      'SADD OWN:vip ETH',
      'BZPOPMIN OWN:cancel:marker 1',
    ],
    alert: [
      'SCAN 0',
      'HSET OWN:account state running',
      'HSET OWN:order:x state working',
      'SET OWN:keeper x',
      'SET OWN:mutex x',
      'XADD OWN:events * type x',
      'DEL OWN:order:x',
    ],
    operate: [
      'SCAN 0',
      'HSET OWN:settings enabled 0',
      'SADD OWN:vip ETH',
      'HSET OWN:quotes ETH 1',
      'SET OWN:mutex x',
      'SET OWN:keeper x',
      'HSET OWN:cancel:meta x y',
      'ZADD OWN:steals 1 x',
      'ZADD OWN:refusals 1 x',
    ],
    look: [
      'SCAN 0',
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
    await admin.hset(key(redis.account, 'account'), 'state', 'halted');
    const before = await contents(admin);
    const answers: string[] = [];
    const loading = user === 'keep' ? [] : LOADING;
    for (const line of [...DANGEROUS, ...loading, ...OTHERS, ...SCRIPTED, ...OUTSIDE[user]]) {
      const [command = '', ...args] = line.replaceAll('OWN:', key(redis.account, '')).split(' ');
      const answer = await connection.call(command, ...args).then(String, (error: Error) => error.message);
      if (!/^NOPERM|The user executing the script can't|not allowed from script/.test(answer))
        answers.push(`${line}: ${answer}`);
    }
    connection.disconnect();
    expect(answers).toEqual([]);
    expect(await contents(admin)).toEqual(before);
    admin.disconnect();
  });

  async function contents(admin: Redis): Promise<string[]> {
    const keys = (await admin.keys('*')).sort();
    return Promise.all(
      keys.map(async (name) => `${name} ${(await admin.dumpBuffer(name))?.toString('base64')}`),
    );
  }

  it('a client without a password or with a wrong one is refused everything', async () => {
    const { host } = new URL(redis.url('admin'));
    for (const url of [`redis://${host}`, `redis://ws-keep:wrong@${host}`, `redis://:wrong@${host}`]) {
      const connection = new Redis(url, {
        retryStrategy: null,
        maxRetriesPerRequest: 0,
        enableReadyCheck: false,
      });
      connection.on('error', () => {});
      await expect(connection.get('x')).rejects.toThrow();
      connection.disconnect();
    }
  });
});

describe('the file', () => {
  const others: GuardedRedis[] = [];
  afterAll(async () => {
    for (const other of others) await other.close();
  });

  it('is taken by no Redis before the passwords are set', async () => {
    const args = ['--aclfile', join(packageRoot(), 'acl/worksteal.acl')];
    await expect(startPrivateRedis({ args })).rejects.toThrow(
      /ACL errors: .*worksteal\.acl:2: The password hash must be/,
    );
  });

  it("of a second account stands beside the first one's; its users reach their account only", async () => {
    const rename = /`(sed 's\/user ws-\/user live-\/')`/.exec(PROSE)?.[1] ?? '';
    const two = await startGuardedRedis((file) => {
      const users = `cat ${file} && ${rename} ${file} | sed 's/{guarded-[^}]*}/{second}/g'`;
      const lines = `${users} | grep '^user live-'`;
      writeFileSync(file, execFileSync('/bin/sh', ['-ec', lines]));
    });
    others.push(two);
    const second = new Redis(two.url('keep').replace('ws-keep', 'live-keep'));
    expect(await second.hset('ws:{second}:settings', 'enabled', '1')).toBe(1);
    await expect(second.hget(key(two.account, 'settings'), 'enabled')).rejects.toThrow(/NOPERM/);
    second.disconnect();
  });

  it('for Redis 6.2 has nothing in it that 6.2 does not know, and lets look write as little', async () => {
    const [alter = ''] = /sed -E -e 's\/%R~[^`]*/.exec(PROSE) ?? [];
    const old = await startGuardedRedis((file) => {
      writeFileSync(file, execFileSync('/bin/sh', ['-ec', `${alter} ${file}`]));
      const text = readFileSync(file, 'utf8');
      expect(text).not.toMatch(/%R|[()]|_ro\b|fcall|function|allkeys|sanitize/);
      expect(text.match(/^user ws-/gm)).toHaveLength(USERS.length);
    });
    others.push(old);
    const [keep, look] = (['keep', 'look'] as const).map((user) => new Redis(old.url(user))) as [
      Redis,
      Redis,
    ];
    expect(await keep.hset(key(old.account, 'account'), 'state', 'running')).toBe(1);
    expect(
      await look.eval("return redis.call('HGET', KEYS[1], 'state')", 1, key(old.account, 'account')),
    ).toBe('running');
    for (const script of [
      "return redis.call('HSET', KEYS[1], 'state', 'halted')",
      "return redis.call('DEL', KEYS[1])",
    ]) {
      await expect(look.eval(script, 1, key(old.account, 'account'))).rejects.toThrow(
        /can't run this command/,
      );
    }
    keep.disconnect();
    look.disconnect();
  });

  it("lets a user's password be changed without a moment in which none holds", async () => {
    expect(
      [...PROSE.matchAll(/`ACL SETUSER ws-watch '([#!])(?:OLD)?HASH'`/g)].map(([, sign]) => sign),
    ).toEqual(['#', '!']);
    const admin = new Redis(redis.url('admin'));
    const hash = (password: string) => createHash('sha256').update(password).digest('hex');
    const before = redis.url('watch');
    const after = before.replace(/:[^:@]*@/, ':another-one@');
    const opens = async (url: string) => {
      const connection = new Redis(url, { retryStrategy: null, maxRetriesPerRequest: 0 });
      connection.on('error', () => {});
      const answer = await connection.time().then(
        () => true,
        () => false,
      );
      connection.disconnect();
      return answer;
    };
    await admin.acl('SETUSER', 'ws-watch', `#${hash('another-one')}`);
    expect([await opens(before), await opens(after)]).toEqual([true, true]);
    await admin.acl('SETUSER', 'ws-watch', `!${hash(new URL(before).password)}`);
    expect([await opens(before), await opens(after)]).toEqual([false, true]);
    admin.disconnect();
  });
});
