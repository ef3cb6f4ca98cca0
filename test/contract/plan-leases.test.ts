/** A host holds at most WORKSTEAL_MAX_PLANS plans, however often and from wherever it leases. */
import { pino } from 'pino';
import { expect, it } from 'vitest';
import { filePlan, type LeasedPlan } from '../../src/ledger/commands/plans.ts';
import type { PlanRunner } from '../../src/watcher/plan/plan-runner.ts';
import { PlanLeases } from '../../src/watcher/plan-leases.ts';
import { useLedgers } from '../support/fixtures.ts';
import type { TestAccount } from '../support/ledger.ts';

const ledgers = useLedgers();

async function file(account: TestAccount, ...ids: string[]): Promise<void> {
  const usual = {
    symbol: 'AAPL',
    side: 'buy',
    mode: 'normal',
    limit: '100',
    qty: '1',
    pnl: '1',
    pool: '',
    takeProfit: '',
  } as const;
  for (const id of ids)
    await filePlan(account.ledger, {
      id,
      ...usual,
      startsAtMs: 0,
      expiresAtMs: 0,
      holdMs: 0,
      strategy: 'test',
    });
}

/** A host that may carry so many, what it has in hand, and how many it took each time. */
function aHost(
  account: TestAccount,
  maxPlans: number,
): { leases: PlanLeases; inHand: string[]; lots: number[]; said: string[] } {
  const inHand: string[] = [];
  const lots: number[] = [];
  const said: string[] = [];
  const runner = {
    get size() {
      return inHand.length;
    },
    take(plans: readonly LeasedPlan[]) {
      inHand.push(...plans.map(({ id }) => id));
      lots.push(plans.length);
      said.push(`take ${plans.length}`);
    },
    hold: () => said.push('hold'),
    letRun: () => said.push('letRun'),
  } as unknown as PlanRunner;
  const options = {
    ledger: account.ledger,
    host: 'a',
    planLeaseMs: 60_000,
    maxPlans,
    log: pino({ enabled: false }),
    runner,
    onChange: () => {},
  };
  return {
    inHand,
    lots,
    said,
    leases: new PlanLeases({
      ...options,
      signal: new AbortController().signal,
      monotonicMs: () => performance.now(),
    }),
  };
}

it('a host that is asked to take plans while it takes some stays within its number', async () => {
  const account = await ledgers.account();
  const { leases, inHand } = aHost(account, 2);
  await file(account, 'p1', 'p2', 'p3', 'p4', 'p5');
  await Promise.all([leases.claim(), leases.claim(), leases.claim()]);
  expect(inHand).toEqual(['p1', 'p2']);
});

it('a host takes few at a time, so that others get some, and more the more it has', async () => {
  const account = await ledgers.account();
  const { leases, inHand, lots } = aHost(account, 1_000);
  await Promise.all(Array.from({ length: 800 }, (_, nth) => file(account, `p${nth}`)));
  await leases.claim();
  expect(lots).toEqual([25, 25, 50, 100, 200, 250, 150]);
  expect(new Set(inHand).size).toBe(800);
});

it('the plans of further lots begin once all are claimed', async () => {
  const account = await ledgers.account();
  const { leases, said } = aHost(account, 1_000);
  await Promise.all(Array.from({ length: 60 }, (_, nth) => file(account, `p${nth}`)));
  await leases.claim();
  expect(said).toEqual(['take 25', 'hold', 'take 25', 'hold', 'take 10', 'letRun']);
});

it('plans are not held for ever where a claim fails', async () => {
  const account = await ledgers.account();
  const { leases, said } = aHost(account, 1_000);
  await Promise.all(Array.from({ length: 30 }, (_, nth) => file(account, `p${nth}`)));
  const run = account.ledger.run.bind(account.ledger);
  account.ledger.run = (name, ...rest) =>
    said.includes('hold') ? Promise.reject(new Error('gone')) : run(name, ...rest);
  await expect(leases.claim()).rejects.toThrow('gone');
  expect(said).toEqual(['take 25', 'hold', 'letRun']);
});
