/**
 * lua/include/paces.lua: how often a plan may start an attempt, and how its pauses pass from host to host.
 */
import { describe, expect, it } from 'vitest';
import { replacePlan } from '../../../src/ledger/commands/plan-series.ts';
import {
  claimPlans,
  filePlan,
  type NotedPause,
  notePlan,
  type Plan,
  renewPlans,
  type Stage,
} from '../../../src/ledger/commands/plans.ts';
import { key } from '../../../src/ledger/keys.ts';
import { useLedgers } from '../../support/fixtures.ts';
import { expectNoEffect, type TestAccount } from '../../support/ledger.ts';

const ledgers = useLedgers();

const LEASE_MS = 600_000;
const MINUTE_MS = 60_000;
const PLAN: Plan = {
  ...({
    id: 'p',
    symbol: 'AAA',
    side: 'buy',
    mode: 'normal',
    limit: '10',
    qty: '5',
    pnl: '1',
    pool: '',
    takeProfit: '11',
  } as const),
  ...{ startsAtMs: 0, expiresAtMs: 0, holdMs: 0, strategy: 'test' },
};

/** The plan in the hands of h1. */
async function claimed(): Promise<TestAccount> {
  const account = await ledgers.account();
  await filePlan(account.ledger, PLAN);
  await claimPlans(account.ledger, 'h1', LEASE_MS, 1);
  return account;
}

async function noted(
  { ledger }: TestAccount,
  stage: Stage,
  attempt: number,
  exitAttempt: number,
  pause?: NotedPause,
): Promise<number> {
  const answer = await notePlan(ledger, 'h1', { id: 'p', stage, attempt, exitAttempt, pause });
  if (answer.outcome !== 'noted') throw new Error(answer.outcome);
  return answer.waitMs;
}

const entryAgain = (account: TestAccount, attempt: number) => noted(account, 'waiting', attempt, 0);
const exitAgain = (account: TestAccount, exitAttempt: number) => noted(account, 'exiting', 1, exitAttempt);

/** Begins attempts, each as soon as it may. When they began, in ms from the first on. */
async function begin(
  account: TestAccount,
  from: number,
  count: number,
  again: typeof entryAgain,
): Promise<number[]> {
  const startMs = account.healthMs();
  const at: number[] = [];
  for (let attempt = from; attempt < from + count; attempt += 1) {
    const waitMs = await again(account, attempt);
    await account.advanceHealth(waitMs);
    at.push(account.healthMs() - startMs);
  }
  return at;
}

describe('the attempts of a plan', () => {
  it.each([
    ['its entry', 2, entryAgain, [0, 0, 0, 0, 0, 0, 0, 0, 0]],
    ['its exit', 1, exitAgain, [0, 0, 0, 0, 0, 0, 0, 0, 0, 0]],
  ])(
    'of %s are ten at once, then one in 6 s, and at most 20 within any minute',
    async (_, from, again, atOnce) => {
      const account = await claimed();
      const at = await begin(account, from, 30, again);
      const first = from === 2 ? [0] : []; // the first entry is begun without a note
      expect(at.slice(0, atOnce.length)).toEqual(atOnce);
      expect(at[atOnce.length]).toBe(6_000);
      const all = [...first, ...at];
      const within = all.map(
        (startMs) => all.filter((ms) => ms >= startMs && ms < startMs + MINUTE_MS).length,
      );
      expect(Math.max(...within)).toBeLessThanOrEqual(20);
      expect(all.slice(1).map((ms, i) => ms - (all[i] ?? 0))).not.toContainEqual(
        expect.toSatisfy((gap: number) => gap > 6_000),
      );
    },
  );

  it('of its exit have a count of their own', async () => {
    const account = await claimed();
    await begin(account, 2, 9, entryAgain);
    expect(await entryAgain(account, 11)).toBe(6_000);
    await noted(account, 'holding', 11, 0);
    expect(await noted(account, 'exiting', 11, 1)).toBe(0);
  });

  it('are ten at once again after a minute of rest', async () => {
    const account = await claimed();
    await begin(account, 2, 20, entryAgain);
    await account.advanceHealth(MINUTE_MS);
    expect((await begin(account, 22, 10, entryAgain)).at(-1)).toBe(0);
  });

  it('are counted once each, however often they are reported', async () => {
    const account = await claimed();
    await begin(account, 2, 10, entryAgain);
    expect(await expectNoEffect(account, () => entryAgain(account, 11))).toEqual([0, 0]);
  });

  it('go on with their count under the next host', async () => {
    const account = await claimed();
    await begin(account, 2, 9, entryAgain);
    await entryAgain(account, 11);
    await account.advanceHealth(2_000);
    await renewPlans(account.ledger, 'h1', 0, ['p']);
    expect(await claimPlans(account.ledger, 'h2', LEASE_MS, 1)).toMatchObject([
      { attempt: 11, waitMs: 4_000 },
    ]);
  });

  it('go on with their count when the plan is replaced by another one of its place', async () => {
    const account = await ledgers.account();
    const { ledger } = account;
    await replacePlan(ledger, { ...PLAN, terms: 't1' });
    await claimPlans(ledger, 'h1', LEASE_MS, 1);
    await begin(account, 2, 9, entryAgain);
    await replacePlan(ledger, { ...PLAN, terms: 't2' });
    expect(await claimPlans(ledger, 'h1', LEASE_MS, 1)).toMatchObject([
      { id: 'p-2', attempt: 1, waitMs: 6_000 },
    ]);
  });

  it('wait no longer than 12 s when the clock went back', async () => {
    const account = await claimed();
    await ledgersField(account, 'entry_due_ms', account.healthMs() + 3_600_000);
    expect(await entryAgain(account, 2)).toBe(12_000);
  });
});

async function ledgersField({ ledger, name }: TestAccount, field: string, value: number): Promise<void> {
  await ledger.redis.hset(key(name, 'plan:p'), field, value);
}

describe('the pause after a refusal of the broker', () => {
  const REFUSED: NotedPause = { pausedFor: 'order', pauseMs: 8_000, refused: 4 };

  it('is handed to the next host, with what is left of it', async () => {
    const account = await claimed();
    await noted(account, 'waiting', 2, 0, REFUSED);
    await account.advanceHealth(3_000);
    await renewPlans(account.ledger, 'h1', 0, ['p']);
    const next = await claimPlans(account.ledger, 'h2', LEASE_MS, 1);
    expect(next).toMatchObject([
      { stage: 'waiting', attempt: 2, refused: 4, pausedFor: 'order', pauseLeftMs: 5_000 },
    ]);
  });

  it('is over with the next attempt, and how often it was refused stays known', async () => {
    const account = await claimed();
    await noted(account, 'waiting', 2, 0, REFUSED);
    await account.advanceHealth(9_000);
    await noted(account, 'entering', 2, 0);
    await renewPlans(account.ledger, 'h1', 0, ['p']);
    expect(await claimPlans(account.ledger, 'h2', LEASE_MS, 1)).toMatchObject([
      { refused: 4, pausedFor: '', pauseLeftMs: -1_000 },
    ]);
  });

  it('is forgotten when its entry is filled: its exits were not refused', async () => {
    const account = await claimed();
    await noted(account, 'waiting', 2, 0, REFUSED);
    await noted(account, 'entering', 2, 0);
    await noted(account, 'holding', 2, 0);
    await renewPlans(account.ledger, 'h1', 0, ['p']);
    expect(await claimPlans(account.ledger, 'h2', LEASE_MS, 1)).toMatchObject([
      { refused: 0, pausedFor: '' },
    ]);
  });
});
