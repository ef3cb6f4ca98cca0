/**
 * What the planners file on a real Redis: the demo's plans from a seed, the replay's from a folder of bars.
 */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pino } from 'pino';
import { afterEach, describe, expect, it } from 'vitest';
import type { BrokerQuote } from '../../src/broker/port.ts';
import { readPlanOptions } from '../../src/cli/plan.ts';
import { notionalMicros } from '../../src/domain/money.ts';
import { claimPlans, type LeasedPlan, notePlan, planOf } from '../../src/ledger/commands/plans.ts';
import { key } from '../../src/ledger/keys.ts';
import { demoPlan, runDemo } from '../../src/planner/demo.ts';
import { profitOf, quantityFor } from '../../src/planner/desk.ts';
import { replayPlan, runReplay } from '../../src/planner/replay.ts';
import type { Forecast } from '../../src/prices/forecasts.ts';
import { seededRandom } from '../../src/prices/random.ts';
import { poolOfSymbol } from '../../src/rules/pools.ts';
import { readSettings } from '../../src/rules/settings.ts';
import { useLedgers } from '../support/fixtures.ts';
import { failure, NOW_MS, type TestAccount } from '../support/ledger.ts';

const HOUR_MS = 3_600_000;
const log = pino({ level: 'silent' });
const rules = readSettings({}).settings;

const ledgers = useLedgers();
const closing: (() => Promise<void> | void)[] = [];

afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close();
});

/** Runs until the test ends, or until it is stopped. */
function running(run: (signal: AbortSignal) => Promise<void>): () => Promise<void> {
  const ended = new AbortController();
  const done = run(ended.signal);
  const stop = async () => {
    ended.abort();
    await done;
  };
  closing.push(stop);
  return stop;
}

async function plansOf({ ledger, name }: TestAccount): Promise<LeasedPlan[]> {
  const ids = [
    ...(await ledger.redis.zrange(key(name, 'plans'), 0, '-1')),
    ...(await ledger.redis.zrange(key(name, 'plans_done'), 0, '-1')),
  ];
  return await Promise.all(
    ids.sort().map(async (id) => planOf(await ledger.redis.hgetall(key(name, `plan:${id}`)))),
  );
}

describe('what a plan is worth', () => {
  it('stocks in whole shares, cryptos in small parts, and never nothing', () => {
    expect(quantityFor('AAPL', 1_000_000_000, '230')).toBe('4');
    expect(quantityFor('AAPL', 1, '230')).toBe('1');
    expect(quantityFor('BTCUSD', 1_000_000_000, '96000')).toBe('0.010416');
    expect(quantityFor('DOGEUSD', 1_000_000_000, '0.33')).toBe('3030.3');
  });

  it('its profit is in dollars to the cent', () => {
    expect(profitOf('100', '101.239', '10')).toBe('12.39');
    expect(profitOf('100', '101', '10', 0.5)).toBe('5');
  });

  it('its pool is that of its kind, where the rules have one', () => {
    const pools = readSettings({ WORK_STEALING_POOLS: 'crypto:1' }).settings;
    expect([
      poolOfSymbol('BTCUSD', pools),
      poolOfSymbol('AAPL', pools),
      poolOfSymbol('BTCUSD', rules),
    ]).toEqual(['crypto', '', '']);
  });
});

describe('the demo', () => {
  it('makes plans below the price, a share of the cap each, the same from the same seed', () => {
    const seed = 7;
    const make = () => {
      const random = seededRandom(seed);
      const made = { symbol: 'AAPL', price: '200', nowMs: NOW_MS, capMicros: 200_000_000_000, pool: '' };
      return Array.from({ length: 300 }, (_, i) => demoPlan({ id: `demo-${i}-AAPL`, ...made }, random));
    };
    const plans = make();
    expect(make()).toEqual(plans);
    for (const plan of plans) {
      const below = 1 - Number(plan.limit) / 200;
      const above = Number(plan.takeProfit) / Number(plan.limit) - 1;
      const share = notionalMicros(plan.limit, plan.qty) / 200_000_000_000;
      expect(below, plan.id).toBeGreaterThanOrEqual(0.0019);
      expect(below, plan.id).toBeLessThanOrEqual(0.0121);
      expect(above, plan.id).toBeGreaterThan(0.0029);
      expect(above, plan.id).toBeLessThan(0.0082);
      expect(share, plan.id).toBeLessThan(0.151);
      if (plan.mode === 'normal') expect(share, plan.id).toBeGreaterThan(0.048);
      expect(Number(plan.pnl), plan.id).toBeGreaterThan(0);
      expect(plan.expiresAtMs - NOW_MS, plan.id).toBeGreaterThan(HOUR_MS);
    }
    expect(plans.filter(({ mode }) => mode === 'probe').length).toBeGreaterThan(3);
  });

  const quotes = async (symbols: readonly string[]): Promise<BrokerQuote[]> =>
    symbols.map((symbol) => ({ symbol, price: '200', ageMs: 0 }));

  function demo(
    account: TestAccount,
    seed: number,
    more: { openPerSymbol?: number; total?: number } = {},
  ): () => Promise<void> {
    const parts = {
      ledger: account.ledger,
      broker: { quotes },
      rules,
      seed,
      log,
      report: () => {},
      symbols: ['AAPL', 'MSFT'],
    };
    return running((signal) => runDemo({ ...parts, ...more }, signal));
  }

  it('files one plan a symbol every few minutes, until enough are open', async () => {
    const account = await ledgers.account();
    demo(account, 1, { openPerSymbol: 2 });
    await expect.poll(async () => (await plansOf(account)).length).toBe(2);
    await account.advance(10 * 60_000);
    await expect.poll(async () => (await plansOf(account)).length, { timeout: 60_000 }).toBe(4);
    await account.advance(10 * 60_000);
    // One ends; only its symbol gets another.
    const [plan] = await claimPlans(account.ledger, 'host', 60_000, 1);
    await notePlan(account.ledger, 'host', { id: plan?.id ?? '', stage: 'done', attempt: 1, exitAttempt: 0 });
    await expect.poll(async () => (await plansOf(account)).length, { timeout: 60_000 }).toBe(5);
    const open = (await plansOf(account))
      .filter(({ stage }) => stage === 'waiting')
      .map(({ symbol }) => symbol);
    expect(open.sort()).toEqual(['AAPL', 'AAPL', 'MSFT', 'MSFT']);
  });

  it('continues its numbering after a restart: no id is used twice', async () => {
    const account = await ledgers.account();
    const stop = demo(account, 1, { total: 2 });
    await expect.poll(async () => (await plansOf(account)).length).toBe(2);
    await stop();
    await account.advance(10 * 60_000);
    demo(account, 2, { total: 2 });
    await expect.poll(async () => (await plansOf(account)).length, { timeout: 60_000 }).toBe(4);
  });

  it('files nothing while the account has no cap', async () => {
    const ledger = await ledgers.bare();
    const reports: unknown[] = [];
    const parts = { ledger, broker: { quotes }, rules, seed: 1, log, symbols: ['AAPL'] };
    running((signal) => runDemo({ ...parts, report: (message) => void reports.push(message) }, signal));
    await expect.poll(() => reports.length).toBeGreaterThan(0);
    expect(reports[0]).toEqual({ type: 'plans', filed: 0 });
  });
});

describe('the replay', () => {
  const forecast: Forecast = {
    ...{ symbol: 'AAPL', assetClass: 'stock', atMs: NOW_MS, untilMs: NOW_MS + HOUR_MS },
    ...{ buyLimit: '99.9876', sellLimit: '101.2345', close: '100.5' },
  };

  it('makes of a forecast a plan at legal prices, in force from the end of its bar on for an hour', () => {
    expect(replayPlan(forecast, 1_000_000_000, '', 0.5, HOUR_MS)).toEqual({
      ...{
        id: `replay-AAPL-${NOW_MS / 60_000}`,
        symbol: 'AAPL',
        side: 'buy',
        mode: 'normal',
        pool: '',
        strategy: 'replay',
      },
      ...{ limit: '99.98', qty: '5', pnl: '6.3', takeProfit: '101.24' },
      ...{ startsAtMs: NOW_MS, expiresAtMs: NOW_MS + HOUR_MS, holdMs: HOUR_MS },
    });
  });

  it('makes no plan from a forecast without profit', () => {
    expect(replayPlan({ ...forecast, sellLimit: '99.5' }, 1_000_000_000, '', 0.5, HOUR_MS)).toBeUndefined();
  });

  /**
   * Hourly bars from three hours before the account's time on; at each close the price is 100, to be bought
   * at 99 and sold at 102.
   */
  function folder(hours: number): string {
    const made = mkdtempSync(join(tmpdir(), 'worksteal-replay-'));
    closing.push(() => rmSync(made, { recursive: true }));
    const rows = Array.from({ length: hours }, (_, i) => {
      const start = new Date(NOW_MS - 3 * HOUR_MS + i * HOUR_MS).toISOString();
      return `${start},100,101,98,100,5,101,98,100,${99 + i / 100},102,1,1`;
    });
    const header =
      'timestamp,open,high,low,close,volume,pred_high,pred_low,pred_close,' +
      'buy_limit,sell_limit,buy_amount,sell_amount';
    writeFileSync(join(made, 'AAPL.csv'), [header, ...rows].join('\n'));
    return made;
  }

  it('files future plans ahead of time, skips past ones, and files nothing twice', async () => {
    const account = await ledgers.account();
    const data = folder(12);
    const parts = { ledger: account.ledger, rules, folder: data, log, report: () => {} };
    const stop = running((signal) => runReplay(parts, signal));
    // The bars that ended at 15:00, 16:00 and 17:00; those before are over, those after are too far ahead.
    await expect.poll(async () => (await plansOf(account)).length).toBe(3);
    const starts = (await plansOf(account)).map(({ startsAtMs, limit }) => [
      (startsAtMs - NOW_MS) / HOUR_MS,
      limit,
    ]);
    expect(starts).toEqual([
      [0, '99.02'],
      [1, '99.03'],
      [2, '99.04'],
    ]);
    await stop();
    running((signal) => runReplay(parts, signal));
    await account.advance(HOUR_MS);
    await expect.poll(async () => (await plansOf(account)).length, { timeout: 60_000 }).toBe(4);
  });

  it("withdraws a symbol's last plan when the next one starts, unless it holds something", async () => {
    const account = await ledgers.account();
    running((signal) =>
      runReplay({ ledger: account.ledger, rules, folder: folder(12), log, report: () => {} }, signal),
    );
    await expect.poll(async () => (await plansOf(account)).length).toBe(3);
    const stages = async () => (await plansOf(account)).map(({ stage }) => stage).slice(0, 3);
    await account.advance(HOUR_MS);
    await expect.poll(stages, { timeout: 60_000 }).toEqual(['withdrawn', 'waiting', 'waiting']);
    const [, second] = await plansOf(account);
    await claimPlans(account.ledger, 'host', 600_000_000, 10);
    await notePlan(account.ledger, 'host', {
      id: second?.id ?? '',
      stage: 'holding',
      attempt: 1,
      exitAttempt: 0,
    });
    await account.advance(HOUR_MS);
    await expect.poll(async () => (await plansOf(account)).length, { timeout: 60_000 }).toBe(5);
    expect((await plansOf(account))[1]).toMatchObject({ stage: 'holding', withdrawAsked: false });
  });

  it('a folder that cannot be read is an error that names it', async () => {
    const account = await ledgers.account();
    const parts = { ledger: account.ledger, rules, folder: '/nowhere', log, report: () => {} };
    expect((await failure(runReplay(parts, new AbortController().signal))).message).toContain('/nowhere');
  });
});

describe('the command', () => {
  it.each([
    [
      { demo: true, seed: '7' },
      { kind: 'demo', seed: 7 },
    ],
    [
      { data: 'bars', seed: '1' },
      { kind: 'replay', folder: 'bars' },
    ],
  ])('%o is %o', (options, job) => expect(readPlanOptions(options)).toEqual(job));

  it.each([[{}], [{ demo: true, data: 'bars' }], [{ demo: true, seed: '-1' }]])(
    '%o is refused',
    (options) => {
      expect(() => readPlanOptions(options)).toThrow(/plan: /);
    },
  );
});
