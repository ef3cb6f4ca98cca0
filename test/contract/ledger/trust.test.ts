/**
 * lua/sync.lua, lua/accept.lua: a report that raises exposure counts at once; one that lowers exposure or
 * raises a cap counts once a second report confirms it (I1, I8).
 */
import { describe, expect, it } from 'vitest';
import { acceptEquity } from '../../../src/ledger/commands/accept.ts';
import { readClosures } from '../../../src/ledger/commands/closures.ts';
import { confirm } from '../../../src/ledger/commands/confirm.ts';
import { fill } from '../../../src/ledger/commands/fill.ts';
import { isDamaged, mend } from '../../../src/ledger/commands/mend.ts';
import { type SyncedPosition, sync, type Trust } from '../../../src/ledger/commands/sync.ts';
import { key } from '../../../src/ledger/keys.ts';
import { useLedgers } from '../../support/fixtures.ts';
import { anOrder, type TestAccount } from '../../support/ledger.ts';

const TRUST: Trust = { apartMs: 5_000, raiseMs: 15_000, jump: '0.5' };

const ledgers = useLedgers();

const long = (symbol: string, qty: string, dollars: number): SyncedPosition => ({
  symbol,
  side: 'long',
  qty,
  costMicros: dollars * 1_000_000,
  pool: '',
});

/** A reconciliation that begins and ends now. */
const told = (account: TestAccount, dollars: number, positions: readonly SyncedPosition[] = []) =>
  sync(account.ledger, dollars * 1_000_000, account.healthMs(), positions, '', TRUST);

describe('a position that the broker reports', () => {
  it('counts at first sight where it is larger', async () => {
    const account = await ledgers.account();
    await account.advance(1_000);
    expect(await told(account, 1_000, [long('AAA', '10', 100)])).toMatchObject({ corrected: ['AAA'] });
    expect(await account.used()).toBe(100_000_000);
    await account.expectSound();
  });

  it('does not count twice where a live order of ours may have filled: that counts already', async () => {
    const account = await ledgers.account();
    await account.place(anOrder('a').worth(100));
    await account.advance(1_000);
    expect(await told(account, 1_000, [long('AAA', '10', 100)])).toMatchObject({
      corrected: [],
      doubted: ['AAA'],
    });
    expect(await account.used()).toBe(100_000_000);
    await account.end('a', 'filled', '10');
    expect(await told(account, 1_000, [long('AAA', '10', 100)])).toMatchObject({
      corrected: [],
      doubted: [],
    });
    expect(await account.used()).toBe(100_000_000);
  });

  it('counts at first sight where it is larger than what our live orders could have filled', async () => {
    const account = await ledgers.account();
    await account.place(anOrder('a').worth(100));
    await account.advance(1_000);
    expect(await told(account, 1_000, [long('AAA', '11', 110)])).toMatchObject({ corrected: ['AAA'] });
    await account.expectSound();
  });

  it('counts at first sight where it cost more than what our live orders of the symbol hold', async () => {
    const account = await ledgers.account();
    await account.place(anOrder('a').at('1').qty('100'));
    await account.advance(1_000);
    expect(await told(account, 1_000, [long('AAA', '90', 101)])).toMatchObject({ corrected: ['AAA'] });
    expect(await account.used()).toBe(201_000_000);
    await account.expectSound();
  });

  it('does not count twice where our live order may have filled, at a rounded average price', async () => {
    const account = await ledgers.account();
    await account.place(anOrder('a').at('1').qty('100'));
    await account.advance(1_000);
    const rounded = { ...long('AAA', '100', 100), costMicros: 100_000_050 };
    expect(await told(account, 1_000, [rounded])).toMatchObject({ corrected: [], doubted: ['AAA'] });
    expect(await account.used()).toBe(100_000_000);
  });

  it('counts when it is larger by the same units twice, while our own order goes on filling', async () => {
    const account = await ledgers.account();
    await account.place(anOrder('a').at('1').qty('1000'));
    for (const filled of [1, 2]) {
      await account.advance(4_000);
      await fill(account.ledger, 'a', `${filled}`, filled * 1_000_000);
      await account.advance(1_000);
      await told(account, 1_000, [long('AAA', `${filled + 90}`, filled + 90)]);
    }
    expect(await account.used()).toBe(1_090_000_000);
    await account.expectSound();
  });

  it('does not count twice where it is ahead of our fills, by other units each time', async () => {
    const account = await ledgers.account();
    await account.place(anOrder('a').at('1').qty('1000'));
    for (const filled of [1, 2, 3, 4]) {
      await account.advance(4_000);
      await fill(account.ledger, 'a', `${filled}`, filled * 1_000_000);
      await account.advance(1_000);
      await told(account, 1_000, [long('AAA', `${filled * 2}`, filled * 2)]);
    }
    expect(await account.used()).toBe(1_000_000_000);
  });

  it.each([
    [4_999, 'not yet', 100_000_000],
    [5_000, 'now', 0],
  ])('is lowered when it was told twice, its lag apart: %i ms, %s', async (apartMs, _, used) => {
    const account = await ledgers.account({ positions: [long('AAA', '10', 100)] });
    await account.advance(10_000);
    await told(account, 1_000);
    await account.advance(apartMs);
    await told(account, 1_000);
    expect(await account.used()).toBe(used);
    await account.expectSound();
  });

  it('is not lowered below what our own fills said within its lag', async () => {
    const account = await ledgers.account();
    await account.place(anOrder('a').worth(100));
    await told(account, 1_000);
    await account.advance(6_000);
    await account.end('a', 'filled', '10');
    for (const ms of [1_000, 4_000]) {
      await account.advance(ms);
      expect(await told(account, 1_000)).toMatchObject({ corrected: [] });
    }
    expect(await account.used()).toBe(100_000_000);
    await account.advance(1_000);
    expect(await told(account, 1_000)).toMatchObject({ corrected: ['AAA'] });
  });
});

describe('a position of which a difference was seen before our own fill', () => {
  it('is not lowered within the lag of that fill', async () => {
    const account = await ledgers.account({ positions: [long('AAA', '10', 100)] });
    await account.place(anOrder('a').worth(100));
    await account.advance(10_000);
    await told(account, 1_000);
    await account.advance(3_000);
    await account.end('a', 'filled', '10');
    await account.advance(2_000);
    expect(await told(account, 1_000)).toMatchObject({ corrected: [], doubted: ['AAA'] });
    expect(await account.used()).toBe(200_000_000);
    await account.expectSound();
  });
});

describe('an equity that the broker reports', () => {
  it('counts at once where it is lower', async () => {
    const account = await ledgers.account();
    await told(account, 400);
    expect(await account.room()).toBe(400_000_000);
  });

  it('raises the caps after two reports, a sync interval apart, to the least of them', async () => {
    const account = await ledgers.account();
    await account.advance(1_000);
    await told(account, 1_300);
    await account.advance(14_999);
    expect(await told(account, 1_200)).toMatchObject({ equityMicros: 1_000_000_000 });
    await account.advance(1);
    expect(await told(account, 1_400)).toMatchObject({ equityMicros: 1_200_000_000 });
    expect(await account.room()).toBe(1_200_000_000);
  });

  it.each([10_000, 1_300])('that is wrong once raises nothing, %i for 1000', async (wrong) => {
    const account = await ledgers.account();
    await account.advance(1_000);
    await told(account, wrong);
    await account.advance(15_000);
    expect(await told(account, 1_000)).toMatchObject({ equityMicros: 1_000_000_000, heldBackMicros: 0 });
    await account.advance(15_000);
    await told(account, wrong);
    expect(await account.room()).toBe(1_000_000_000);
  });

  it('that jumps beyond the bound waits for a person', async () => {
    const account = await ledgers.account();
    expect(await acceptEquity(account.ledger)).toBeUndefined();
    for (let i = 0; i < 3; i += 1) {
      await account.advance(15_000);
      await told(account, 10_000);
    }
    expect(await account.room()).toBe(1_000_000_000);
    expect(await account.field('account', 'equity_held_back_micros')).toBe('10000000000');
    expect(await acceptEquity(account.ledger)).toBe(10_000_000_000);
    await account.advance(15_000);
    expect(await told(account, 10_100)).toMatchObject({ equityMicros: 10_000_000_000, heldBackMicros: 0 });
  });

  it.each([600, 1, 0])(
    'that was wrong once and too low, %i for 1000, comes back without a person',
    async (wrong) => {
      const account = await ledgers.account();
      await account.advance(15_000);
      expect(await told(account, wrong)).toMatchObject({ equityMicros: wrong * 1_000_000 });
      await account.advance(15_000);
      expect(await told(account, 1_000)).toMatchObject({ equityMicros: wrong * 1_000_000 });
      await account.advance(15_000);
      expect(await told(account, 1_000)).toMatchObject({ equityMicros: 1_000_000_000, heldBackMicros: 0 });
    },
  );

  it.each([
    ['was told once', [600], 1_500],
    ['was told for a sync interval', [600, 500], 900],
    ['was 0, for however long', [0, 0, 0], 1_500],
  ])('is bounded by what stood before it fell, where the fall %s', async (_, fall, limit) => {
    const account = await ledgers.account();
    for (const dollars of [...fall, limit + 1, limit + 1]) {
      await account.advance(15_000);
      await told(account, dollars);
    }
    expect(await account.room()).toBe((fall.at(-1) ?? 0) * 1_000_000);
    for (let i = 0; i < 2; i += 1) {
      await account.advance(15_000);
      await told(account, limit);
    }
    expect(await account.room()).toBe(limit * 1_000_000);
  });

  it.each([
    ['clearly less is told', [1_000, 10_000, 10_000], 0, 1_000],
    ['an hour has passed', [10_000], 3_600_000, 1_000],
    ['a little less is told', [9_900, 10_000], 0, 9_900],
  ])('and that a person accepted: after %s', async (_, dollars, laterMs, inForce) => {
    const account = await ledgers.account();
    for (let i = 0; i < 2; i += 1) {
      await account.advance(15_000);
      await told(account, 10_000);
    }
    expect(await acceptEquity(account.ledger)).toBe(10_000_000_000);
    await account.advance(laterMs);
    for (const each of dollars) {
      await account.advance(15_000);
      await told(account, each);
    }
    expect(await account.room()).toBe(inForce * 1_000_000);
  });

  it('is accepted unchecked if there was none before', async () => {
    const account = await ledgers.account({ equity: '0' });
    await account.advance(15_000);
    await told(account, 500);
    await account.advance(15_000);
    expect(await told(account, 500)).toMatchObject({ equityMicros: 500_000_000 });
  });
});

describe('a clock of Redis that goes back', () => {
  /** By as much as `aheadMs`: the ledger has seen a time that is still to come. */
  async function stepped(aheadMs: number): Promise<TestAccount> {
    const account = await ledgers.account();
    await account.advance(0);
    const { ledger, name } = account;
    const [seconds] = await ledger.redis.time();
    await ledger.redis.hset(key(name, 'account'), 'clock_mode', 'real');
    await sync(ledger, 1_000_000_000, Number(seconds) * 1_000, []);
    const aheadOfIt = Number(seconds) * 1_000 + aheadMs;
    await ledger.redis.hset(key(name, 'account'), 'health_high_ms', aheadOfIt, 'synced_at_ms', aheadOfIt);
    return account;
  }

  it('closes the book until it was rebuilt, and leases no plan for longer than before (I7, I8)', async () => {
    const account = await stepped(3_600_000);
    const { ledger, name } = account;
    const [seconds] = await ledger.redis.time();
    const nowMs = Number(seconds) * 1_000;
    await ledger.redis.zadd(key(name, 'plans'), nowMs + 3_600_000 + 10_000, 'p');
    expect((await account.admit(anOrder('a'))).outcome).toBe('unsynced');
    expect((await readClosures(ledger)).map(({ words }) => words)).toEqual([
      expect.stringMatching(/^the clock of Redis went back by 3\d{3} s$/),
    ]);
    expect(await isDamaged(ledger)).toBe(true);
    expect(Number(await ledger.redis.zscore(key(name, 'plans'), 'p'))).toBeLessThan(nowMs + 20_000);
    await mend(ledger);
    await sync(ledger, 1_000_000_000, nowMs, []);
    expect((await account.admit(anOrder('a'))).outcome).toBe('fits');
  });

  it('by less than the tolerance changes nothing', async () => {
    const account = await stepped(1_500);
    expect((await account.admit(anOrder('a'))).outcome).toBe('fits');
    expect(await readClosures(account.ledger)).toEqual([]);
  });

  it('leaves no quote of a time to come fresh', async () => {
    const account = await ledgers.account({ equity: '100' });
    await account.place(anOrder('full').of('BBB').worth(100));
    await account.ledger.redis.hset(
      key(account.name, 'quotes'),
      'AAA',
      `10 10000000000 ${account.healthMs() + 60_000}`,
    );
    expect(await account.admit(anOrder('a'))).toMatchObject({ outcome: 'no_price' });
  });
});

describe('a lost book', () => {
  /** As after a failover, with these orders at the broker: it was reconciled on another server. */
  const lost = async (...orders: Parameters<TestAccount['place']>): Promise<TestAccount> => {
    const account = await ledgers.account();
    await account.place(...orders);
    await account.ledger.redis.hset(key(account.name, 'account'), 'server_id', 'another:0');
    await account.advance(1_000);
    return account;
  };
  const outcomeOf = async (account: TestAccount) => (await account.admit(anOrder('next').worth(10))).outcome;

  it('opens with a second report, the lag after the first: only that tells all that had filled', async () => {
    const account = await lost();
    expect(await told(account, 1_000)).toEqual({ outcome: 'settling', leftMs: 5_000 });
    await account.advance(4_999);
    expect(await told(account, 1_000)).toEqual({ outcome: 'settling', leftMs: 1 });
    expect(await outcomeOf(account)).toBe('unsynced');
    await account.advance(1);
    expect(await told(account, 1_000)).toMatchObject({ outcome: 'synced', rebuilt: true, doubted: [] });
    expect(await outcomeOf(account)).toBe('fits');
    await account.expectSound();
  });

  it('counts what the second report has more, whatever orders of the symbol are open', async () => {
    const account = await lost(anOrder('a').worth(100));
    await told(account, 1_000, [long('AAA', '1', 10)]);
    await account.advance(5_000);
    const more = [long('AAA', '3', 30)];
    expect(await told(account, 1_000, more)).toMatchObject({ outcome: 'synced', corrected: ['AAA'] });
    expect(await account.used()).toBe(130_000_000);
    await account.expectSound();
  });

  it('counts both what the second report has more, and what was heard of just before', async () => {
    const account = await lost(anOrder('a').worth(100));
    await told(account, 1_000, [long('AAA', '1', 10)]);
    await account.advance(5_000);
    await account.end('a', 'filled', '10');
    const more = [long('AAA', '3', 30)];
    expect(await told(account, 1_000, more)).toMatchObject({ outcome: 'synced', corrected: ['AAA'] });
    expect(await account.used()).toBe(130_000_000);
    expect(await account.ledger.redis.hmget(key(account.name, 'position:AAA'), 'qty', 'first_qty')).toEqual([
      '13',
      null,
    ]);
    await account.expectSound();
    // What the report had of it after all is found to be too much by two further ones.
    const all = [long('AAA', '12', 120)];
    await account.advance(5_001);
    await told(account, 1_000, all);
    await account.advance(5_000);
    expect(await told(account, 1_000, all)).toMatchObject({ corrected: ['AAA'] });
    expect(await account.used()).toBe(120_000_000);
  });

  it('counts what the second report has more than what a sale in between has left', async () => {
    const account = await lost();
    await told(account, 1_000, [long('AAA', '10', 100)]);
    await account.ledger.redis.hset(key(account.name, 'position:AAA'), 'qty', '4', 'cost_micros', 40_000_000);
    await account.ledger.redis.hincrby(key(account.name, 'account'), 'positions_micros:total', -60_000_000);
    await account.advance(6_000);
    expect(await told(account, 1_000, [long('AAA', '7', 70)])).toMatchObject({ corrected: ['AAA'] });
    expect(await account.used()).toBe(70_000_000);
    await account.expectSound();
  });

  it('keeps what filled in between, though the later report lacks it', async () => {
    const account = await lost(anOrder('a').worth(100));
    await told(account, 1_000);
    await account.end('a', 'filled', '10');
    await account.advance(5_000);
    expect(await told(account, 1_000)).toMatchObject({ outcome: 'synced', rebuilt: true, corrected: [] });
    expect(await account.used()).toBe(100_000_000);
    await account.expectSound();
  });

  it('begins anew on another server, and once it was emptied', async () => {
    const account = await lost();
    const field = (name: string, value: string) =>
      account.ledger.redis.hset(key(account.name, 'account'), name, value);
    await told(account, 1_000);
    await account.advance(5_000);
    await field('settling', 'another:0 1');
    expect(await told(account, 1_000)).toEqual({ outcome: 'settling', leftMs: 5_000 });
    await field('damaged', '1');
    await mend(account.ledger);
    await account.advance(5_000);
    expect(await told(account, 1_000)).toEqual({ outcome: 'settling', leftMs: 5_000 });
  });

  it('counts both where what is reported equals what was heard of: that may be another fill', async () => {
    const account = await lost(anOrder('a').worth(100));
    await told(account, 1_000);
    await account.advance(5_000);
    await account.end('a', 'filled', '10');
    expect(await told(account, 1_000, [long('AAA', '10', 100)])).toMatchObject({ corrected: ['AAA'] });
    expect(await account.used()).toBe(200_000_000);
    await account.expectSound();
  });

  it('counts what was heard of only once more, however many reports there are in between', async () => {
    const account = await lost(anOrder('a').worth(100));
    await told(account, 1_000);
    await account.end('a', 'filled', '10');
    const outcomes: string[] = [];
    for (let report = 0; report < 5; report += 1) {
      await account.advance(1_000);
      outcomes.push((await told(account, 1_000, [long('AAA', '3', 30)])).outcome);
      expect(await account.used()).toBe(130_000_000);
    }
    expect(outcomes).toEqual(['settling', 'settling', 'settling', 'settling', 'synced']);
    await account.expectSound();
  });

  it('counts what the second report has more, though some was sold in between, and some bought', async () => {
    const account = await lost(anOrder('a').qty('8'));
    await told(account, 1_000, [long('AAA', '10', 100)]);
    await account.advance(1_000);
    const holding = { symbol: 'AAA', side: 'long', qty: '10', free: '10' } as const;
    await confirm(account.ledger, holding, account.healthMs());
    await account.place(anOrder('sale').selling().exiting().qty('6'));
    await account.end('sale', 'filled', '6');
    await account.advance(4_000);
    await account.end('a', 'filled', '8');
    // 3 were bought before the first report, which lacked them; this one lacks what `a` bought.
    expect(await told(account, 1_000, [long('AAA', '7', 70)])).toMatchObject({ corrected: ['AAA'] });
    expect(await account.used()).toBeGreaterThanOrEqual(149_999_999);
    expect(await account.field('position:AAA', 'qty')).toBe('15');
    await account.expectSound();
  });

  it('does not open early for a keeper that takes the account for a new one', async () => {
    const account = await lost();
    await told(account, 1_000);
    await account.advance(4_999);
    const early = sync(account.ledger, 1_000_000_000, account.healthMs(), [], '', { ...TRUST, isNew: true });
    expect(await early).toEqual({ outcome: 'settling', leftMs: 1 });
  });

  it('that is a new account opens with the first report', async () => {
    const account = await lost();
    const first = sync(account.ledger, 1_000_000_000, account.healthMs(), [], '', { ...TRUST, isNew: true });
    expect(await first).toMatchObject({ outcome: 'synced', rebuilt: true });
  });
});
