/**
 * Steal history, fights and their cooldowns are kept as long as the rules need them, and then fully removed
 * (I2, I9).
 */
import { describe, expect, it } from 'vitest';
import { cancel } from '../../../src/ledger/commands/cancel.ts';
import {
  claimPlans,
  filePlan,
  notePlan,
  type Plan,
  withdrawPlan,
} from '../../../src/ledger/commands/plans.ts';
import { release } from '../../../src/ledger/commands/release.ts';
import { remember } from '../../../src/ledger/commands/remember.ts';
import { sweep } from '../../../src/ledger/commands/sweep.ts';
import { key } from '../../../src/ledger/keys.ts';
import { useLedgers } from '../../support/fixtures.ts';
import { anOrder, NOW_MS, type TestAccount } from '../../support/ledger.ts';

const ledgers = useLedgers();

const TTL_MS = 3_600_000;

function aPlan(id: string): Plan {
  const base = {
    id,
    symbol: 'PPP',
    side: 'buy',
    mode: 'normal',
    limit: '1',
    qty: '1',
    pnl: '1',
    pool: '',
    takeProfit: '',
  } as const;
  return { ...base, startsAtMs: 0, expiresAtMs: 0, holdMs: 0, strategy: 'test' };
}

async function sweepAll(account: TestAccount, limit = 500): Promise<void> {
  while ((await sweep(account.ledger, limit)).more);
}

/**
 * Everything that leaves a trace: steals granted, failed, given up and unsettled, a fight, dry runs,
 * refusals, orders and plans of every end.
 */
async function aBusyHour(account: TestAccount): Promise<void> {
  const { ledger } = account;
  const thief = (id: string) => anOrder(id).of('TTT').worth(200).pnl('50');
  const env = { WORK_STEALING_POOLS: 'crypto:1' };
  await account.place(
    ...['AAA', 'BBB', 'CCC', 'DDD'].map((symbol, at) =>
      anOrder(`v${at}`).of(symbol).worth(200).in('crypto').pnl(String(at)),
    ),
    anOrder('stays').of('SSS').worth(200).pnl('99'),
  );
  await account.prices({ AAA: '11', BBB: '11', CCC: '11', DDD: '11', SSS: '11', TTT: '10', UUU: '12' });
  await account.steal(anOrder('far').of('UUU').worth(200).plan('p9')); // not_close_enough
  await account.steal(thief('poor').pnl('-5')); // pnl_not_better
  await account.configure({ ...env, WORK_STEALING_DRY_RUN: '1' });
  expect(await account.steal(thief('dry'))).toMatchObject({ outcome: 'dry_run' });
  await account.configure(env);
  // Granted and used.
  expect(await account.steal(thief('t0'))).toMatchObject({ outcome: 'stolen' });
  await account.end('v0', 'cancelled');
  await account.send('t0');
  await account.end('t0', 'filled', '20', 200_000_000);
  // Failed: the victim filled. Given up: the thief was withdrawn.
  await account.steal(thief('t1'));
  expect(await account.end('v1', 'filled', '20')).toMatchObject({ steal: { state: 'failed' } });
  await account.steal(thief('t2'));
  await release(ledger, 't2', 'test');
  await account.end('v2', 'cancelled');
  // A fight, and the refusal that it makes.
  for (const at of [1, 2])
    await remember(ledger, {
      id: `r${at}`,
      thiefSymbol: 'TTT',
      victimSymbol: 'DDD',
      atMs: NOW_MS - 400_000 * at,
    });
  expect(await account.steal(thief('t3').worth(400))).toMatchObject({
    outcome: 'pnl_not_better',
    wouldFight: ['DDD'],
  });
  // A position opened and closed; a cancellation of its own; a lease that ends.
  await account.admit(anOrder('x').of('TTT').qty('20').selling().exiting());
  await account.send('x');
  await account.end('x', 'filled', '20', 200_000_000);
  await cancel(ledger, 'v3', 'test');
  await account.end('v3', 'cancelled');
  await account.admit(anOrder('leased').of('LLL').worth(1));
  for (const id of ['p1', 'p2', 'p3']) await filePlan(ledger, aPlan(id));
  await withdrawPlan(ledger, 'p2', 'test');
  await claimPlans(ledger, 'host', 60_000, 1);
  await notePlan(ledger, 'host', { id: 'p1', stage: 'done', attempt: 1, exitAttempt: 0 });
  await account.expectSound();
}

describe('a ledger whose busy hour is over', () => {
  it('keeps nothing of it but what still counts and what is bounded by the number of symbols', async () => {
    const account = await ledgers.account({ env: { WORK_STEALING_POOLS: 'crypto:1' } });
    await aBusyHour(account);
    const { ledger } = account;
    const busy = Object.keys(await account.keyspace());
    for (const of of [
      'steal:t0',
      'steals',
      'fight:DDD|TTT',
      'fights',
      'fighting',
      'cooldowns',
      'robbers:AAA',
      'order:t1',
      'plan:p2',
      'refusals',
    ]) {
      expect(busy).toContain(of);
    }
    // Refusals end by real time: each has an hour, after which Redis itself forgets it.
    for (const name of busy.filter((one) => one.startsWith('refusal:'))) {
      const leftMs = await ledger.redis.pttl(key(account.name, name));
      expect(leftMs > 0 && leftMs <= 3_600_000).toBe(true);
      await ledger.redis.pexpire(key(account.name, name), 0);
    }
    await account.advance(TTL_MS);
    await sweepAll(account);
    expect(Object.keys(await account.keyspace())).toContain('steals'); // exactly as old as it may be
    await account.advance(1);
    await sweepAll(account);
    expect(
      Object.keys(await account.keyspace())
        .filter((name) => name !== 'order:leased')
        .sort(),
    ).toEqual(
      [
        ...['account', 'settings', 'events', 'outbox'],
        ...['live', 'sides', 'order:stays', 'edges:SSS:buy', 'far:total:SSS', 'heads:total', 'victims:total'],
        ...['positions', 'position:BBB'], // the victim that filled
        ...['plan:p3', 'plans', 'plan_symbols', 'plan_totals'],
        ...['bar:t2', 'bars'], // its pause ended later
        ...['quotes', 'bands', 'closed', 'symbol_pools'], // a field for each symbol there ever was
        'ended', // of the lease that ended by this very sweep
        // What steals came to is kept for as long again.
        ...['judged', 'regrets', 'steal:t0', 'steal:t1', 'steal:t2'],
      ].sort(),
    );
    expect(await account.outbox()).toEqual([]);
    await account.advance(TTL_MS + 1);
    await sweepAll(account);
    const left = Object.keys(await account.keyspace());
    expect(
      left.filter((name) => /^(ended|order:leased|judged|regrets|watche.*|steal:.*)$/.test(name)),
    ).toEqual([]);
    await account.expectSound();
  });

  it('keeps a steal of any age while the broker has not ended a victim, then forgets it (I9)', async () => {
    const account = await ledgers.account({ equity: '200' });
    await account.place(anOrder('v').worth(200).pnl('1'));
    await account.prices({ AAA: '11', TTT: '10' });
    await account.steal(anOrder('t').of('TTT').worth(200).pnl('9'));
    await account.advance(3 * TTL_MS);
    await sweepAll(account);
    expect(await account.field('steal:t', 'left')).toBe('1');
    await account.expectSound();
    await account.end('v', 'cancelled');
    await account.advance(TTL_MS + 1);
    await sweepAll(account);
    expect(
      Object.keys(await account.keyspace()).filter((name) =>
        /^(steal|order|fight|robbers|outbox:)/.test(name),
      ),
    ).toEqual([]);
  });
});

describe('sweep', () => {
  it('reaches later steals behind any number that must stay, and those in their turn', async () => {
    const account = await ledgers.account({ equity: '1000' });
    const symbols = Array.from({ length: 5 }, (_, at) => `V${at}`);
    await account.place(...symbols.map((symbol) => anOrder(symbol).of(symbol).worth(200).pnl('1')));
    await account.prices(Object.fromEntries([...symbols.map((symbol) => [symbol, '11']), ['TTT', '10']]));
    for (const at of symbols.keys()) {
      expect(await account.steal(anOrder(`t${at}`).of('TTT').worth(200).pnl('9'))).toMatchObject({
        outcome: 'stolen',
      });
    }
    await account.advanceLedger(1);
    for (const at of [1, 2, 3]) {
      await remember(account.ledger, {
        id: `r${at}`,
        thiefSymbol: `X${at}`,
        victimSymbol: 'YYY',
        atMs: account.nowMs(),
      });
    }
    await account.advanceLedger(TTL_MS + 1);
    await sweepAll(account, 2);
    const steals = async () => await account.ledger.redis.zcard(key(account.name, 'steals'));
    expect(await steals()).toBe(5);
    for (const symbol of symbols) await account.end(symbol, 'cancelled');
    await sweepAll(account, 2);
    await sweepAll(account, 2);
    expect(await steals()).toBe(0);
  });

  it('says that there is more while cooldowns that are over wait to be ended', async () => {
    const account = await ledgers.account();
    for (let at = 0; at < 300; at += 1) {
      await remember(account.ledger, {
        id: `r${at}`,
        thiefSymbol: 'TTT',
        victimSymbol: `V${at}`,
        atMs: NOW_MS,
      });
    }
    // a quiet account: no command since
    await account.ledger.redis.hset(key(account.name, 'account'), 'clock_base_ms', NOW_MS + 300_000);
    await sweepAll(account);
    expect(await account.ledger.redis.zcard(key(account.name, 'cooldowns'))).toBe(0);
  });
});

describe('a fight', () => {
  it('begins with the third steal of two symbols, protects both from all, and ends on time', async () => {
    const account = await ledgers.account({ equity: '400' });
    await account.place(anOrder('a').worth(200).pnl('1'), anOrder('b').of('TTT').worth(200).pnl('2'));
    for (const [at, [thiefSymbol, victimSymbol]] of (
      [
        ['TTT', 'AAA'],
        ['AAA', 'TTT'],
      ] as const
    ).entries()) {
      await remember(account.ledger, {
        id: `r${at}`,
        thiefSymbol,
        victimSymbol,
        atMs: NOW_MS - 600_000 + at,
      });
    }
    await account.prices({ AAA: '11', TTT: '10', OTH: '10' });
    expect(await account.steal(anOrder('t').of('TTT').worth(200).pnl('9'))).toMatchObject({
      outcome: 'fighting',
      wouldFight: ['AAA'],
    });
    await account.prices({ TTT: '11' });
    const redis = account.ledger.redis;
    const until = String(NOW_MS + 1_800_000);
    // Who, how often, until when.
    expect(await redis.zrange(key(account.name, 'fights'), 0, '-1', 'WITHSCORES')).toEqual([
      'AAA|TTT',
      until,
    ]);
    expect(await redis.zcard(key(account.name, 'fight:AAA|TTT'))).toBe(2);
    const other = (id: string) => account.steal(anOrder(id).of('OTH').worth(200).pnl('50'));
    expect(await other('o1')).toMatchObject({ outcome: 'no_candidates' });
    await account.advanceLedger(1_799_999);
    expect(await other('o2')).toMatchObject({ outcome: 'no_candidates' });
    await account.advanceLedger(1);
    expect(await other('o3')).toMatchObject({ outcome: 'stolen', victims: [{ id: 'a' }] });
    await account.expectSound();
  });
});
