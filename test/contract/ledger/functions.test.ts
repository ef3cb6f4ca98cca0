/** The ledger's commands as Redis Functions (src/ledger/functions.ts). */
import type { Redis } from 'ioredis';
import { afterAll, beforeAll, beforeEach, describe, expect, it, onTestFinished } from 'vitest';
import { admit } from '../../../src/ledger/commands/admit.ts';
import { release } from '../../../src/ledger/commands/release.ts';
import { functionLibrary } from '../../../src/ledger/function-library.ts';
import { key } from '../../../src/ledger/keys.ts';
import { type Ledger, openLedger } from '../../../src/ledger/ledger.ts';
import { anOrder, failure, LEASE_MS, openAccount, type TestAccount } from '../../support/ledger.ts';
import { freshAccount, startPrivateRedis, type TestRedis } from '../../support/redis.ts';

let redis: TestRedis;
/** May load functions. */
let keeper: Ledger;
/** Of a role that may not. */
let account: TestAccount;
let server: Redis;
let nth = 0;

beforeAll(async () => {
  redis = await startPrivateRedis();
  const name = freshAccount('functions');
  keeper = await openLedger(redis.url, name, { loadsFunctions: true });
  server = keeper.redis;
  account = await openAccount(await openLedger(redis.url, name), { equity: '100000' });
});
afterAll(async () => {
  await account.ledger.close();
  await keeper.close();
  await redis.close();
});
beforeEach(async () => {
  await keeper.functions?.look();
  await account.ledger.functions?.look();
  await server.config('RESETSTAT');
});

/** How commands reached the server since the test began. */
async function calls(): Promise<{ functions: number; scripts: number }> {
  const stats = await server.info('commandstats');
  const of = (name: string): number =>
    Number(new RegExp(`cmdstat_${name}:calls=(\\d+)`).exec(stats)?.[1] ?? 0);
  return { functions: of('fcall'), scripts: of('evalsha') + of('eval') };
}

const ticks = async (symbols: number, times: number): Promise<void> => {
  for (let nth = 0; nth < times; nth += 1) {
    const prices = Array.from({ length: symbols }, (_, at) => `M${at} 10.${10 + nth} 0;`);
    await account.ledger.run('tick', [prices.join('')]);
  }
};
const encodings = async (): Promise<unknown[]> =>
  await Promise.all(
    ['quotes', 'bands'].map((name) => server.object('ENCODING', key(account.ledger.account, name))),
  );

/** A full account, whose settings the library remembers. */
const ofMyOwn = async (): Promise<TestAccount> => {
  const ledger = await openLedger(redis.url, freshAccount('own'), { loadsFunctions: true });
  onTestFinished(() => ledger.close());
  const own = await openAccount(ledger, { equity: '1000' });
  await fillUp(own);
  expect(await outcomeOfSteal(own)).toBe('stolen');
  return own;
};
const fillUp = async (own: TestAccount): Promise<void> => {
  await own.prices({ AAA: '20', BBB: '10' });
  await own.place(anOrder(`victim${nth}`).worth(900));
};
const outcomeOfSteal = async (own: TestAccount): Promise<string> => {
  nth += 1;
  return (await own.steal(anOrder(`thief${nth}`).of('BBB').worth(500).pnl('50'))).outcome;
};

const admitOne = async (): Promise<string> => {
  nth += 1;
  return (await admit(account.ledger, anOrder(`o${nth}`).wish, LEASE_MS)).outcome;
};
/** The names of the libraries on the server, sorted. */
const libraries = async (): Promise<string[]> => {
  const found = (await server.call('FUNCTION', 'LIST')) as string[][];
  return found.map((one) => one[1] as string).sort();
};

describe("the ledger's commands", () => {
  it('go as functions once a keeper has loaded them, for those that may not load', async () => {
    expect(await admitOne()).toBe('fits');
    expect(await calls()).toEqual({ functions: 1, scripts: 0 });
  });

  it('keep the prices of a hundred symbols in tables, also once Redis has read them again', async () => {
    await ticks(10, 3);
    expect(await encodings()).toEqual(['listpack', 'listpack']);
    await ticks(100, 100);
    expect(await encodings()).toEqual(['hashtable', 'hashtable']);
    expect(await server.hlen(key(account.ledger.account, 'quotes'))).toBe(100);
    expect(await server.hlen(key(account.ledger.account, 'bands'))).toBe(100);
    await account.expectSound();
    for (const name of ['quotes', 'bands']) {
      const hash = key(account.ledger.account, name);
      await server.restore(hash, 0, await server.dumpBuffer(hash), 'REPLACE');
    }
    expect(await encodings()).toEqual(['listpack', 'listpack']);
    await ticks(100, 100);
    expect(await encodings()).toEqual(['hashtable', 'hashtable']);
  });

  it('decide by the settings in force also after a change of them that failed half-way', async () => {
    const own = await ofMyOwn();
    const events = key(own.name, 'events');
    await server.del(events);
    await server.set(events, 'no stream');
    await expect(own.configure({ WORK_STEALING_ENABLED: '0' })).rejects.toThrow('FAULT');
    // As the keeper does then.
    for (let cursor = '0', first = true; first || cursor !== '0'; first = false)
      cursor = ((await own.ledger.run('mend', [cursor])) as string[])[2] as string;
    await own.configure({ WORK_STEALING_ENABLED: '0' });
    await own.sync('1000');
    await fillUp(own);
    expect(await outcomeOfSteal(own)).toBe('disabled');
  });

  it('decide by the settings in force a second after somebody restored the account alone', async () => {
    const own = await ofMyOwn();
    const copy = await server.dumpBuffer(key(own.name, 'account'));
    await own.configure({ WORK_STEALING_ENABLED: '0' });
    await server.restore(key(own.name, 'account'), 0, copy, 'REPLACE');
    await own.advanceHealth(1_001);
    expect(await outcomeOfSteal(own)).toBe('disabled');
  });

  it('go by EVALSHA when the functions are gone, without a failure, and as functions again', async () => {
    await server.call('FUNCTION', 'FLUSH');
    expect(await Promise.all([admitOne(), admitOne()])).toEqual(['fits', 'fits']);
    expect((await calls()).scripts).toBeGreaterThanOrEqual(2);
    await keeper.functions?.look();
    await account.ledger.functions?.look();
    await server.config('RESETSTAT');
    expect(await admitOne()).toBe('fits');
    expect(await calls()).toEqual({ functions: 1, scripts: 0 });
  });

  it('go by EVALSHA for a user who may see the functions and not call them', async () => {
    await server.call('ACL', 'SETUSER', 'looks', 'on', '>pw', '~*', '+@all', '-fcall');
    const ledger = await openLedger(redis.url.replace('//', '//looks:pw@'), account.name);
    expect((await admit(ledger, anOrder('looks').wish, LEASE_MS)).outcome).toBe('fits');
    await ledger.close();
  });

  it('that are not there are a bug of the caller, not of Redis', async () => {
    expect((await failure(account.ledger.run('no-such-script', []))).code).toBe('bug');
  });

  it('are loaded again where somebody deleted them', async () => {
    await server.function('DELETE', functionLibrary().name);
    expect(await admitOne()).toBe('fits');
    await keeper.functions?.look();
    expect(await libraries()).toEqual([functionLibrary().name]);
  });

  it('take two megabytes of Redis’ Lua at most, all of them, once each was called', async () => {
    for (const script of functionLibrary().functions.keys())
      expect(await account.ledger.run(script, Array(40).fill('?')), script).toContain('invalid');
    const memory = /used_memory_vm_functions:(\d+)/.exec(await server.info('memory'))?.[1];
    expect(Number(memory)).toBeLessThan(2_000_000);
  });

  it('do not keep the state of a call for the next one, of another account', async () => {
    const other = await openAccount(await openLedger(redis.url, freshAccount('functions')), { equity: '1' });
    expect(await admit(other.ledger, anOrder('a').wish, LEASE_MS)).toMatchObject({
      outcome: 'no_price',
    });
    expect(await admitOne()).toBe('fits');
    await server.hset(key(other.name, 'account'), 'orders_micros:total', 'no number');
    expect((await failure(admit(other.ledger, anOrder('a').wish, LEASE_MS))).code).toBe('damaged');
    expect(await admitOne()).toBe('fits');
    await other.ledger.close();
  });

  it.each([
    ['half-way', '-xadd', 'damaged', '1'],
    ['before the first write', '-hset', 'unavailable', null],
  ])('that miss a right %s damage the book or leave it as it is', async (_when, lacks, code, isDamaged) => {
    const name = freshAccount('functions');
    const other = await openAccount(await openLedger(redis.url, name), { equity: '1000' });
    await server.call('ACL', 'SETUSER', 'lacks', 'reset', 'on', '>pw', '~*', '+@all', lacks);
    const ledger = await openLedger(redis.url.replace('//', '//lacks:pw@'), name);
    await other.prices({ AAA: '10' });
    expect((await failure(admit(ledger, anOrder('a').wish, LEASE_MS))).code).toBe(code);
    expect(await server.hget(key(name, 'account'), 'damaged')).toBe(isDamaged);
    await ledger.close();
    await other.ledger.close();
    expect(await admitOne()).toBe('fits');
  });

  it('leave the functions of other versions alone, up to three versions', async () => {
    const load = async (name: string): Promise<void> => {
      await server.call(
        'FUNCTION',
        'LOAD',
        `#!lua name=${name}\nredis.register_function('${name}', function() return 1 end)\n`,
      );
    };
    const ours = functionLibrary().name;
    // Versions before had a library for each command, and one that was loaded last.
    for (const name of ['ws_admit_a', 'ws_all_a', 'ws_all_b', 'others']) await load(name);
    await server.function('DELETE', ours);
    await keeper.functions?.look();
    expect(await libraries()).toEqual(['others', 'ws_admit_a', 'ws_all_a', 'ws_all_b', ours].sort());
    await load('ws_all_c');
    await server.function('DELETE', ours);
    await keeper.functions?.look();
    expect(await libraries()).toEqual(['others', ours]);
    expect(await admitOne()).toBe('fits');
    await server.function('DELETE', 'others');
  });

  it('that need memory are refused whole when there is none; those that give room back run', async () => {
    expect(await admitOne()).toBe('fits');
    const last = `o${nth}`;
    await server.config('SET', 'maxmemory', '1mb');
    try {
      const before = await account.keyspace();
      expect(await failure(admit(account.ledger, anOrder('full').wish, LEASE_MS))).toMatchObject({
        code: 'unavailable',
        retriable: true,
      });
      expect(await account.keyspace()).toEqual(before);
      expect(await release(account.ledger, last, 'test')).toBe('released');
    } finally {
      await server.config('SET', 'maxmemory', '0');
    }
  });
});
