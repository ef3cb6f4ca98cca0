/** What the active keeper counts of a whole book, against the book itself. */
import { afterEach, describe, expect, it } from 'vitest';
import { noteHost } from '../../src/ledger/commands/hosts.ts';
import { claimPlans, filePlan } from '../../src/ledger/commands/plans.ts';
import { key } from '../../src/ledger/keys.ts';
import type { BookFigures } from '../../src/ops/metrics/book-figures.ts';
import { openMetrics } from '../../src/ops/metrics/metrics.ts';
import { surveyBook } from '../../src/survey/survey.ts';
import { Surveyor } from '../../src/survey/surveyor.ts';
import { useLedgers } from '../support/fixtures.ts';
import { until } from '../support/keeper.ts';
import { anOrder, type TestAccount } from '../support/ledger.ts';

const ledgers = useLedgers();
const NO_DRIFT = { driftMicros: 0, brokerMicros: 0 };
const BUDGETS = { trading: 200, data: 0 };

const counted = ({ ledger }: TestAccount): Promise<BookFigures> => surveyBook(ledger, BUDGETS, NO_DRIFT);

/** Two that work far from their limits, one near, one reserved, and a position; a cap of 1,000 dollars. */
async function aBook(): Promise<TestAccount> {
  const account = await ledgers.account({
    env: { WORK_STEALING_POOLS: 'crypto:1' },
    positions: [{ symbol: 'GME', side: 'long', qty: '1', costMicros: 100_000_000, pool: '' }],
  });
  await account.prices({ MSFT: '110', AAPL: '110', IBM: '100.1', BTCUSD: '110' });
  await account.place(
    anOrder('far').of('MSFT').at('100').worth(300).pnl('5'),
    anOrder('crypto').of('BTCUSD').at('100').worth(200).in('crypto'),
    anOrder('near').of('IBM').at('100').worth(100),
  );
  expect(await account.admit(anOrder('new').of('AAPL').at('100').worth(150))).toMatchObject({
    outcome: 'fits',
  });
  return account;
}

describe('the figures of a book', () => {
  it('are its sums, its orders by state and pool, and what protects them', async () => {
    const account = await aBook();
    const figures = await counted(account);
    expect(figures).toMatchObject({
      admits: 'yes',
      orders: { working: 3, reserved: 1 },
      protected: { near: 1, reservation: 1 },
      takeable: 2,
      unclear: 0,
      outbox: 0,
      outboxOldestMs: 0,
      staleSymbols: 0,
      budgets: [{ budget: 'trading', remaining: 200 }],
    });
    expect(figures.pools).toMatchObject([
      { pool: 'total', capMicros: 1_000_000_000, positionsMicros: 100_000_000, roomMicros: 150_000_000 },
      { pool: 'crypto', capMicros: 1_000_000_000, positionsMicros: 0, roomMicros: 800_000_000 },
    ]);
    expect(figures.held.toSorted((a, b) => a.micros - b.micros)).toEqual([
      { pool: 'total', state: 'reserved', micros: 150_000_000 },
      { pool: 'crypto', state: 'working', micros: 200_000_000 },
      { pool: 'total', state: 'working', micros: 600_000_000 },
    ]);
  });

  it('name those who wait by their last refusal, with the one that waits longest', async () => {
    const account = await aBook();
    for (const id of ['p1', 'p2', 'gone'])
      await filePlan(account.ledger, {
        ...{ id, symbol: 'AAPL', side: 'buy', mode: 'normal', limit: '100', qty: '9', pnl: '1', pool: '' },
        ...{ takeProfit: '', startsAtMs: 0, expiresAtMs: 0, holdMs: 0, strategy: 'test' },
      });
    const wish = (id: string, plan: string) => anOrder(id).of('AAPL').at('100').worth(900).plan(plan);
    await account.admit(wish('p1_1', 'p1'));
    await account.advance(7_000);
    await account.admit(wish('p2_1', 'p2'));
    await account.admit(wish('gone_1', 'gone'));
    await account.ledger.redis.hset(key(account.name, 'plan:gone'), 'stage', 'holding');
    await account.admit(anOrder('bot').of('AAPL').at('100').worth(900));
    const { waiting, plans } = await counted(account);
    expect(plans).toEqual({ waiting: 2, holding: 1 });
    expect(waiting).toEqual([{ reason: 'not_close_enough', wishes: 3, oldestMs: 7_000 }]);
  });

  it('say how old the quotes are of what is held or planned, and which are too old', async () => {
    const account = await aBook();
    await account.advance(20_000);
    await account.prices({ MSFT: '110' });
    const { quoteAgesMs, staleSymbols } = await counted(account);
    expect(quoteAgesMs.toSorted((a, b) => a - b)).toEqual([0, 20_000, 20_000, 20_000]);
    expect(staleSymbols).toBe(3);
  });

  it('have the hosts by role, and those with other settings', async () => {
    const account = await aBook();
    for (const [host, fingerprint] of [
      ['w1', 'other'],
      ['w2', (await account.field('settings', 'fingerprint')) ?? ''],
    ] as const)
      await noteHost(account.ledger, { host, role: 'watch', fingerprint });
    expect(await counted(account)).toMatchObject({ hosts: { watch: 2 }, hostsDiffering: 1 });
  });

  it('tell what was stolen, and that the cancellation waits', async () => {
    const account = await aBook();
    await account.prices({ AAPL: '100.1' });
    expect(await account.steal(anOrder('thief').of('AAPL').at('100').worth(300).pnl('9'))).toMatchObject({
      outcome: 'stolen',
    });
    await account.advanceHealth(4_000);
    expect(await counted(account)).toMatchObject({
      orders: { pending: 1, cancelling: 1 },
      protected: { cancelling: 1 },
      outbox: 1,
      outboxOldestMs: 4_000,
    });
  });

  it('have the queue for room', async () => {
    const account = await aBook();
    expect(await counted(account)).toMatchObject({ queue: { plans: 0, named: 0, passedOver: 0 } });
    await filePlan(account.ledger, {
      ...{
        id: 'p1',
        symbol: 'AAPL',
        side: 'buy',
        mode: 'normal',
        limit: '100',
        qty: '9',
        pnl: '1',
        pool: '',
      },
      ...{ takeProfit: '', startsAtMs: 0, expiresAtMs: 0, holdMs: 0, strategy: 'test' },
    });
    await claimPlans(account.ledger, 'host', 60_000, 1);
    await account.admit(anOrder('p1_1').of('AAPL').at('100').worth(200).plan('p1'));
    await account.end('near', 'cancelled');
    expect(await counted(account)).toMatchObject({ queue: { plans: 1, named: 1, passedOver: 0 } });
  });

  it('are read without changing the book', async () => {
    const account = await aBook();
    const before = await account.keyspace();
    await counted(account);
    expect(await account.keyspace()).toEqual(before);
  });
});

describe('the surveyor', () => {
  let surveyor: Surveyor | undefined;
  afterEach(() => surveyor?.close());

  it('shows the figures while its keeper is active, and none of them when it stands by', async () => {
    const { ledger } = await aBook();
    const metrics = openMetrics({ role: 'keep', host: 'k1', account: ledger.account });
    const log = { debug: () => {} };
    const shows = async () => (await metrics.text()).includes('\nworksteal_cap_dollars{pool="total"} 1000\n');
    surveyor = new Surveyor({ ledger, budgets: BUDGETS, shown: metrics.book, log, leastMs: 10 });
    expect(await shows()).toBe(false);
    surveyor.follow(true, { driftMicros: 2_500_000, brokerMicros: 700_000_000 });
    await until('they are shown', shows);
    const text = await metrics.text();
    for (const line of [
      'worksteal_admitting 1',
      'worksteal_waiting_plans 0',
      'worksteal_turns_named_total 0',
      'worksteal_turns_passed_over_total 0',
      'worksteal_not_admitting{reason="halted"} 0',
      'worksteal_orders{state="working"} 3',
      'worksteal_orders{state="cancelling"} 0',
      'worksteal_orders_dollars{pool="crypto",state="working"} 200',
      'worksteal_reconcile_drift_dollars 2.5',
      'worksteal_broker_exposure_dollars 700',
      'worksteal_quote_age_seconds{quantile="1"} 0',
    ])
      expect(text.split('\n')).toContain(line);
    surveyor.follow(false, NO_DRIFT);
    expect(await shows()).toBe(false);
    expect(await metrics.text()).not.toMatch(/worksteal_(admitting|outbox_entries|hosts) /);
    surveyor.follow(true, NO_DRIFT);
    await until('they are shown again', shows);
  });

  it('shows nothing while the account can not be read', async () => {
    const { ledger } = await aBook();
    const metrics = openMetrics({ role: 'keep', host: 'k1', account: ledger.account });
    surveyor = new Surveyor({
      ledger,
      budgets: BUDGETS,
      shown: metrics.book,
      log: { debug() {} },
      leastMs: 10,
    });
    surveyor.follow(true, NO_DRIFT);
    const shows = async () => (await metrics.text()).includes('worksteal_admitting');
    await until('they are shown', shows);
    await ledger.redis.del(key(ledger.account, 'account'));
    await until('they are gone', async () => !(await shows()));
  });
});
