/** The index of unfinished plans by symbol (lua/include/plan-symbols.lua), which inspections go by. */
import { describe, expect, it } from 'vitest';
import { lookForFaults } from '../../../src/keeper/chores.ts';
import { audit } from '../../../src/ledger/commands/audit.ts';
import { mend } from '../../../src/ledger/commands/mend.ts';
import { replacePlan } from '../../../src/ledger/commands/plan-series.ts';
import {
  claimPlans,
  closePlan,
  filePlan,
  notePlan,
  type Plan,
  withdrawPlan,
} from '../../../src/ledger/commands/plans.ts';
import { key } from '../../../src/ledger/keys.ts';
import { useLedgers } from '../../support/fixtures.ts';
import { runScript } from '../../support/inspection.ts';
import type { TestAccount } from '../../support/ledger.ts';

const ledgers = useLedgers();

const LEASE_MS = 10_000;

function aPlan(id: string, symbol = 'AAA'): Plan {
  const terms = { side: 'buy', mode: 'normal', limit: '10', qty: '5', pnl: '1', pool: '' } as const;
  const times = { startsAtMs: 0, expiresAtMs: 0, holdMs: 0 };
  return { id, symbol, ...terms, ...times, takeProfit: '', strategy: 'test' };
}

async function withPlans(...plans: [id: string, symbol: string][]): Promise<TestAccount> {
  const account = await ledgers.account();
  for (const plan of plans) expect(await filePlan(account.ledger, aPlan(...plan))).toBe('filed');
  return account;
}

const index = (account: TestAccount): Promise<string[]> =>
  account.ledger.redis.zrange(key(account.name, 'plan_symbols'), '0', '-1');

/** What `plans SYMBOL` shows. */
async function shown(account: TestAccount, symbol: string): Promise<string[]> {
  const { plans } = JSON.parse(await runScript(account, 'plans', [symbol, 'json']));
  return plans.map(({ id }: { id: string }) => id);
}

const faults = async (account: TestAccount): Promise<string[]> =>
  (await audit(account.ledger))?.faults ?? ['no account'];

async function reconcile(account: TestAccount): Promise<void> {
  await account.advanceHealth(1);
  await account.sync('1000');
}

/** As a host of an older version does it, which knows no index. */
const older = {
  async files(account: TestAccount, id: string, symbol: string): Promise<void> {
    const { redis } = account.ledger;
    const terms = { id, symbol, stage: 'waiting', side: 'buy', mode: 'normal', limit: '10', qty: '5' };
    await redis.hset(key(account.name, `plan:${id}`), { ...terms, owner: '', attempt: '1' });
    await redis.zadd(key(account.name, 'plans'), 0, id);
    await redis.hincrby(key(account.name, 'plan_totals'), 'filed', 1);
  },
  async ends(account: TestAccount, id: string): Promise<void> {
    const { redis } = account.ledger;
    await redis.hset(key(account.name, `plan:${id}`), 'stage', 'done', 'ended_at_ms', account.nowMs());
    await redis.zrem(key(account.name, 'plans'), id);
    await redis.hincrby(key(account.name, 'plan_totals'), 'ended', 1);
  },
};

describe('the index of unfinished plans by symbol', () => {
  it('holds each of them once, from its filing to its end', async () => {
    const account = await withPlans(
      ['a', 'AAA'],
      ['b', 'BBB'],
      ['closed', 'AAA'],
      ['c', 'AA'],
      ['noted', 'A'],
    );
    const { ledger } = account;
    expect(await filePlan(ledger, aPlan('a'))).toBe('exists');
    expect(await index(account)).toEqual(['A noted', 'AA c', 'AAA a', 'AAA closed', 'BBB b']);
    await withdrawPlan(ledger, 'b', 'test');
    await closePlan(ledger, 'closed', '');
    expect(await index(account)).toEqual(['A noted', 'AA c', 'AAA a']);
    await claimPlans(ledger, 'host', LEASE_MS, 10);
    await withdrawPlan(ledger, 'a', 'test');
    expect(await index(account), 'its host has still to end it').toContain('AAA a');
    await notePlan(ledger, 'host', { id: 'noted', stage: 'done', attempt: 1, exitAttempt: 0 });
    expect(await index(account)).toEqual(['AA c', 'AAA a']);
    await account.expectSound();
  });

  it('follows a strategy that asks for something else', async () => {
    const account = await ledgers.account();
    const ask = (terms: string) => replacePlan(account.ledger, { ...aPlan('s'), terms });
    for (const terms of ['one', 'two']) expect(await ask(terms)).toMatchObject({ outcome: 'filed' });
    expect(await index(account)).toEqual(['AAA s-2']);
    await account.expectSound();
  });

  it('gets a plan back that was lost from the list, when it is filed again', async () => {
    const account = await withPlans(['a', 'AAA'], ['b', 'AAA']);
    const { redis } = account.ledger;
    await redis.del(key(account.name, 'plans'), key(account.name, 'plan_symbols'));
    for (const id of ['a', 'b']) expect(await filePlan(account.ledger, aPlan(id))).toBe('exists');
    expect(await index(account)).toEqual(['AAA a', 'AAA b']);
    await account.expectSound();
  });
});

describe('a plan is shown under its symbol', () => {
  it('and not under one whose name begins as its own', async () => {
    const account = await withPlans(['a', 'A'], ['b', 'AA'], ['c', 'AAA'], ['d', 'AA']);
    expect(await shown(account, 'AA')).toEqual(['b', 'd']);
    expect(await runScript(account, 'plans', ['AA'])).toMatch(/^plans of AA: 2 of 2$/m);
  });

  it('where an older version wrote the whole book', async () => {
    const account = await ledgers.account();
    await older.files(account, 'a', 'AAA');
    await older.files(account, 'b', 'BBB');
    expect([await shown(account, 'AAA'), await faults(account)]).toEqual([['a'], []]);
    await filePlan(account.ledger, aPlan('new'));
    expect([await shown(account, 'AAA'), await faults(account)]).toEqual([['a', 'new'], []]);
    await reconcile(account);
    expect(await index(account)).toEqual(['AAA a', 'AAA new', 'BBB b']);
    expect(await shown(account, 'AAA')).toEqual(['a', 'new']);
    await account.expectSound();
  });

  it('while a host of an older version files one for each that it ends', async () => {
    const account = await withPlans(['a', 'AAA'], ['b', 'BBB']);
    await older.ends(account, 'b');
    expect(await shown(account, 'BBB')).toEqual([]);
    await older.files(account, 'c', 'AAA');
    expect(await shown(account, 'AAA')).toEqual(['a', 'c']);
    await reconcile(account);
    expect(await index(account)).toEqual(['AAA a', 'AAA c']);
  });

  it('where the index was deleted by hand', async () => {
    const account = await withPlans(['a', 'AAA'], ['b', 'BBB']);
    await account.ledger.redis.del(key(account.name, 'plan_symbols'));
    expect(await shown(account, 'AAA')).toEqual(['a']);
  });

  it('but not one that has ended or lost its record, although the index still has it', async () => {
    const account = await withPlans(['a', 'AAA'], ['b', 'BBB'], ['c', 'CCC'], ['d', 'AAA']);
    const { redis } = account.ledger;
    await redis.hset(key(account.name, 'plan:b'), 'stage', 'done');
    await redis.del(key(account.name, 'plan:c'), key(account.name, 'plan:d'));
    expect(await shown(account, 'BBB')).toEqual([]);
    expect(await shown(account, 'CCC')).toEqual([]);
    expect(await shown(account, 'AAA')).toEqual(['a']);
    expect(await runScript(account, 'plans', ['AAA'])).toMatch(/^plans of AAA: 1 of 1$/m);
  });
});

describe('where the index is wrong, the audit says so and the next reconciliation recomputes it:', () => {
  const spoilt: [
    string,
    (redis: TestAccount['ledger']['redis'], at: string) => Promise<unknown>,
    string[],
  ][] = [
    [
      'it was deleted',
      (redis, at) => redis.del(at),
      ['lists 0, 2 plans have not ended', 'lacks plan a of AAA', 'lacks plan b of BBB'],
    ],
    [
      'it has another plan in the place of one',
      (redis, at) => redis.multi().zrem(at, 'AAA a').zadd(at, 0, 'AAA x').exec(),
      ['lacks plan a of AAA', 'lists AAA x, which is no unfinished plan'],
    ],
    [
      'it has a plan under another symbol',
      (redis, at) => redis.multi().zrem(at, 'AAA a').zadd(at, 0, 'CCC a').exec(),
      ['lacks plan a of AAA'],
    ],
    [
      'it has one more',
      (redis, at) => redis.zadd(at, 0, 'odd'),
      ['lists 3, 2 plans have not ended', 'lists odd, which is no unfinished plan'],
    ],
  ];
  it.each(spoilt)('%s', async (_, spoil, expected) => {
    const account = await withPlans(['a', 'AAA'], ['b', 'BBB']);
    await spoil(account.ledger.redis, key(account.name, 'plan_symbols'));
    const found = expected.map((text) => `plan_symbols: ${text}`);
    expect((await faults(account)).sort()).toEqual(found.sort());
    const { faults: told } = JSON.parse(await runScript(account, 'audit', ['json']));
    expect(told.sort()).toEqual(found.sort());
    await lookForFaults(account.ledger, () => expect.unreachable('no account is closed for it'));
    await reconcile(account);
    expect(await index(account)).toEqual(['AAA a', 'BBB b']);
    await account.expectSound();
  });

  it('a plan whose record is lost leaves it', async () => {
    const account = await withPlans(['a', 'AAA'], ['b', 'AAA']);
    await account.ledger.redis.del(key(account.name, 'plan:b'));
    await claimPlans(account.ledger, 'host', LEASE_MS, 10);
    expect([await shown(account, 'AAA'), await faults(account)]).toEqual([['a'], []]);
    await reconcile(account);
    expect(await index(account)).toEqual(['AAA a']);
  });

  it('with so many plans that it would take too long, it stays unused', async () => {
    const account = await withPlans(['a', 'AAA']);
    const { redis } = account.ledger;
    await redis.hset(key(account.name, 'plan_totals'), 'filed', 20_001);
    const others = Array.from({ length: 20_000 }, (_, nth) => [1, `o${nth}`]).flat();
    await redis.zadd(key(account.name, 'plans'), ...others);
    await reconcile(account);
    expect([await index(account), await shown(account, 'AAA')]).toEqual([[], ['a']]);
    await redis.zrem(key(account.name, 'plans'), 'o1');
    await redis.hset(key(account.name, 'plan:a'), 'symbol', 'BBB');
    await reconcile(account);
    expect(await index(account)).toEqual(['BBB a']);
  });

  it('a mended book has none until it is rebuilt', async () => {
    const account = await withPlans(['a', 'AAA'], ['b', 'BBB']);
    const { redis } = account.ledger;
    await redis.hset(key(account.name, 'account'), 'damaged', '1');
    await redis.del(key(account.name, 'plans'));
    await mend(account.ledger);
    expect(await shown(account, 'AAA')).toEqual(['a']);
    await reconcile(account);
    expect(await index(account)).toEqual(['AAA a', 'BBB b']);
    await account.expectSound();
  });
});

it('`plans SYMBOL` and `why SYMBOL` read the plans of that symbol alone', async () => {
  const others = Array.from({ length: 60 }, (_, nth): [string, string] => [`o${nth}`, 'BBB']);
  const account = await withPlans(['a', 'AAA'], ['b', 'AAA'], ...others);
  const { redis } = account.ledger;
  for (const script of ['plans', 'why'] as const) {
    await redis.config('RESETSTAT');
    expect(await runScript(account, script, ['AAA'])).toMatch(/^a /m);
    const stats = await redis.info('commandstats');
    const count = (name: string): number =>
      Number(new RegExp(`cmdstat_${name}:calls=(\\d+)`).exec(stats)?.[1] ?? 0);
    expect(count('hget') + count('hmget') + count('hgetall'), script).toBeLessThan(40);
  }
});

it('`plans` and `why SYMBOL` say how many there are, and how many of them they looked at', async () => {
  const account = await withPlans(['a', 'AAA'], ['b', 'AAA'], ['other', 'BBB']);
  const first = async (script: 'plans' | 'why', ...words: string[]): Promise<string | undefined> =>
    (await runScript(account, script, words)).split('\n').find((line) => line.includes('plans'));
  expect(await first('plans')).toBe('plans: 3 of 3');
  expect(await first('why', 'AAA')).toBe('plans and orders of AAA: 2; ask for one of them');
  const more = Array.from({ length: 600 }, (_, nth) => filePlan(account.ledger, aPlan(`m${nth}`)));
  await Promise.all(more);
  expect(await first('plans')).toBe('plans: 50 of 603 (500 of 603 examined)');
  expect(await first('plans', 'AAA')).toBe('plans of AAA: 50 of 602 (500 of 602 examined)');
  expect(await first('plans', 'waiting')).toBe('waiting plans: 50 of 500 (500 of 603 examined)');
  expect(await first('why', 'AAA')).toBe(
    'plans and orders of AAA: 500 (500 of 602 plans examined); ask for one of them',
  );
  for (const [words, count] of [
    [['500'], 103],
    [['AAA'], 552],
  ] as const)
    expect(JSON.parse(await runScript(account, 'plans', [...words, 'json']))).toMatchObject({ more: count });
});
