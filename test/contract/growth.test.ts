/**
 * What commands read does not grow with the plans that wait for room (docs/rules.md, 4.9), nor with the
 * orders that are watched (9.9): the same commands, counted beside few of them and beside a thousand.
 */
import { beforeAll, describe, expect, it } from 'vitest';
import { claimPlans, filePlan } from '../../src/ledger/commands/plans.ts';
import { release } from '../../src/ledger/commands/release.ts';
import { sweep } from '../../src/ledger/commands/sweep.ts';
import { key } from '../../src/ledger/keys.ts';
import { counted } from '../support/counted-commands.ts';
import { useLedgers } from '../support/fixtures.ts';
import { anOrder, LEASE_MS, type TestAccount } from '../support/ledger.ts';

const FEW = 160;
const MANY = 1_000;
/** Steals that take this many orders each; no symbol may have more than 64 that are watched. */
const A_STEAL = 8;
const A_SYMBOL = 48;
const EQUITY = 10_000;

const ledgers = useLedgers();

const numbers = (count: number): number[] => Array.from({ length: count }, (_, at) => at);

/** Steals of orders until so many are watched; all room is free then. */
async function watch(account: TestAccount, count: number): Promise<void> {
  const { ledger } = account;
  for (let from = 0; from < count; from += A_STEAL) {
    const symbol = `W${Math.floor(from / A_SYMBOL)}`;
    await account.prices({ [symbol]: '11', THIEF: '10' });
    const ids = numbers(A_STEAL).map((at) => `w${from + at}`);
    await account.place(
      ...ids.map((id) =>
        anOrder(id)
          .of(symbol)
          .worth(EQUITY / A_STEAL)
          .pnl('1'),
      ),
    );
    const thief = `t${from}`;
    expect(await account.steal(anOrder(thief).of('THIEF').worth(EQUITY).pnl('90'))).toMatchObject({
      victims: { length: A_STEAL },
    });
    await Promise.all(ids.map((id) => account.end(id, 'cancelled')));
    await release(ledger, thief, 'test');
    await account.advance(1_000);
  }
}

/** A full book, so many plans that are near enough to steal and wait, and so many orders that are watched. */
async function aCrowd(count: number): Promise<TestAccount> {
  const account = await ledgers.account({
    equity: `${EQUITY}`,
    env: {
      WORK_STEALING_MAX_VICTIMS: `${A_STEAL}`,
      WORK_STEALING_COOLDOWN: '0',
      WORK_STEALING_FIGHT_THRESHOLD: '100',
    },
  });
  const { ledger } = account;
  await watch(account, count);
  await account.sync(`${EQUITY}`);
  await account.prices({ AAA: '10', MMM: '10', ZZZ: '10' });
  await account.place(
    ...numbers(10).map((at) =>
      anOrder(`a${at}`)
        .worth(EQUITY / 10)
        .pnl('5'),
    ),
  );
  const plans = numbers(count).map((at) => `p${at}`);
  const base = { symbol: 'MMM', side: 'buy', mode: 'normal', limit: '10', qty: '5', pnl: '1' } as const;
  const times = { takeProfit: '', startsAtMs: 0, expiresAtMs: 0, holdMs: 0, strategy: 'test' };
  await Promise.all(plans.map((id) => filePlan(ledger, { id, pool: '', ...base, ...times })));
  for (let at = 0; at < count; at += 500) await claimPlans(ledger, 'host', LEASE_MS, 500);
  const wishes = plans.map((plan) => anOrder(`${plan}_1`).of('MMM').worth(50).pnl('1').plan(plan));
  await Promise.all(wishes.map((wish) => account.steal(wish)));
  expect(await account.field('account', 'waiting')).toBe(`${count}`);
  await account.expectSound();
  return account;
}

/** How many commands each of these calls, in this order. */
const STEPS: readonly [what: string, step: (account: TestAccount) => Promise<unknown>, outcome?: string][] = [
  ['admit, refused', (account) => account.admit(anOrder('one').of('ZZZ').worth(100)), 'blocked'],
  ['steal, refused', (account) => account.steal(anOrder('two').of('ZZZ').worth(100)), 'no_candidates'],
  ['the same of a plan that waits', (account) => account.steal(waiting()), 'no_candidates'],
  ['a price between all limits', (account) => account.prices({ W0: '10.9' })],
  ['a price that offers orders', (account) => account.prices({ AAA: '11' })],
  ['steal', (account) => account.steal(anOrder('thief').of('ZZZ').worth(1_500).pnl('90')), 'stolen'],
  ['a victim is settled', (account) => account.end('a0', 'cancelled')],
  ['another', (account) => account.end('a1', 'cancelled')],
  ['an order ends, and room is named', (account) => account.end('a2', 'cancelled')],
  ['admit, fits', (account) => account.admit(waiting()), 'fits'],
  ['a price at which 48 limits trade', (account) => account.prices({ W0: '10' })],
  ['one more at which none does', (account) => account.prices({ W0: '10.5' })],
];

const waiting = () => anOrder('p7_1').of('MMM').worth(50).pnl('1').plan('p7');

describe(`beside ${MANY} plans that wait and ${MANY} orders that are watched`, () => {
  const counts: Record<number, number[]> = {};
  beforeAll(async () => {
    for (const size of [FEW, MANY]) {
      const account = await aCrowd(size);
      counts[size] = [];
      for (const [what, step, outcome] of STEPS) {
        const { answer, commands } = await counted(account.ledger.redis, () => step(account));
        if (outcome !== undefined) expect(answer, what).toMatchObject({ outcome });
        counts[size].push(commands);
      }
      await account.expectSound();
    }
  }, 60_000);

  it.each(STEPS.map(([what], at) => [what, at] as const))('%s: as many commands as beside few', (_, at) => {
    const [few = 0, many = 0] = [counts[FEW]?.[at], counts[MANY]?.[at]];
    expect(few).toBeGreaterThan(0);
    expect(many).toBeLessThanOrEqual(few);
  });
});

/** So many steals whose records are lost, as by eviction, and one whose record is there. */
async function lost(count: number, windowS = 3_600): Promise<TestAccount> {
  const account = await ledgers.account({
    env: {
      WORK_STEALING_COOLDOWN: '0',
      WORK_STEALING_FIGHT_THRESHOLD: '100',
      WORK_STEALING_REGRET_WINDOW: `${windowS}`,
    },
  });
  await account.prices(Object.fromEntries(numbers(count + 1).map((at) => [`V${at}`, '11'])));
  await account.prices({ THIEF: '10' });
  for (const at of numbers(count + 1)) {
    await account.place(anOrder(`v${at}_1`).of(`V${at}`).worth(1_000).pnl('2').plan(`v${at}`));
    await account.steal(anOrder(`t${at}`).of('THIEF').worth(1_000).pnl('9'));
    await account.end(`v${at}_1`, 'cancelled');
    await release(account.ledger, `t${at}`, 'test');
  }
  await account.prices({ V0: '10' });
  const { redis } = account.ledger;
  for (const at of numbers(count)) await redis.del(key(account.name, `steal:t${at + 1}`));
  await account.advance(windowS * 1_000 + 1);
  return account;
}

describe('steals whose records are lost', () => {
  it('are forgotten in one pass: what each costs does not grow with their number', async () => {
    const commands: number[] = [];
    for (const count of [1, 21, 41]) {
      const account = await lost(count);
      const sweeping = await counted(account.ledger.redis, () => sweep(account.ledger, 1_000));
      commands.push(sweeping.commands);
      const left = Object.keys(await account.keyspace());
      expect(left.filter((at) => /^(watch|steal:t[1-9])/.test(at))).toEqual([]);
      expect(await account.field('regrets', 'account')).toBe('2 0');
      await account.expectSound();
    }
    const [one = 0, some = 0, many = 0] = commands;
    expect((many - some) / (some - one), `${commands}`).toBeLessThan(1.2);
  });

  it('are looked for among a bounded number: of too many that are judged the earliest go', async () => {
    const account = await lost(0, 60);
    const { redis } = account.ledger;
    const at = (name: string): string => key(account.name, name);
    await sweep(account.ledger, 10);
    expect(await account.field('regrets', 'account')).toBe('2 0');
    const record = { victims: 'v S 2 1', amounts: '0 1', thief_symbol: 'T', rules: 'r', watch_until_ms: '1' };
    const ids = numbers(8_200).map((nth) => `j${nth}`);
    await Promise.all(ids.map((id) => redis.hset(at(`steal:${id}`), record)));
    await redis.zadd(at('judged'), ...ids.flatMap((id, nth) => [account.nowMs() + nth, id]));
    await sweep(account.ledger, 5);
    expect(await redis.zcard(at('judged'))).toBe(8_196);
    // The earliest was the steal of before: it leaves the sums, and its record stays with the history.
    expect(await account.field('regrets', 'account')).toBe('0 -4');
    expect(await redis.exists(at('steal:t0'))).toBe(1);
    expect(await account.field('steal:t0', 'watch_until_ms')).toBeNull();
    expect(await redis.exists(at('steal:j3'))).toBe(0);
    await sweep(account.ledger, 100);
    expect(await redis.zcard(at('judged'))).toBe(8_192);
  });

  it('are all found with the first of them, however few a call looks at', async () => {
    const account = await lost(30);
    await sweep(account.ledger, 2);
    expect(await account.ledger.redis.zcard(key(account.name, 'watches'))).toBe(0);
    const { commands } = await counted(account.ledger.redis, () => sweep(account.ledger, 2));
    expect(commands).toBeLessThan(60);
    await account.expectSound();
  });
});
