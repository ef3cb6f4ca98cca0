/** `plans` shows which plans there are, how far each is, and why it was refused last. */
import { describe, expect, it } from 'vitest';
import { claimPlans, filePlan, notePlan, type Plan } from '../../src/ledger/commands/plans.ts';
import { useLedgers } from '../support/fixtures.ts';
import { runScript } from '../support/inspection.ts';
import { anOrder, LEASE_MS, type TestAccount } from '../support/ledger.ts';

const ledgers = useLedgers();

const PLAN: Plan = {
  ...({ id: 'p', symbol: 'AAPL', side: 'buy', mode: 'normal', limit: '100', qty: '4', pnl: '9' } as const),
  ...{ pool: '', takeProfit: '', startsAtMs: 0, expiresAtMs: 0, holdMs: 0, strategy: 'alpha' },
};

/**
 * `m1` (MSFT) holds all the room. Plans: `far` and `near` wait, `held` holds, `other` is of strategy beta,
 * `gone` was withdrawn by its planner.
 */
async function anAccount(): Promise<TestAccount> {
  const account = await ledgers.account();
  const { ledger } = account;
  await account.prices({ AAPL: '101', MSFT: '110', NVDA: '50' });
  await account.place(anOrder('m1').of('MSFT').at('100').worth(1000).pnl('5'));
  const file = (plan: Partial<Plan>) => filePlan(ledger, { ...PLAN, ...plan });
  await file({ id: 'held', symbol: 'MSFT' });
  await file({ id: 'gone' });
  await claimPlans(ledger, 'h1', LEASE_MS, 10);
  await notePlan(ledger, 'h1', { id: 'held', stage: 'holding', attempt: 1, exitAttempt: 0 });
  await notePlan(ledger, 'h1', {
    id: 'gone',
    stage: 'withdrawn',
    attempt: 1,
    exitAttempt: 0,
    reason: 'asked',
  });
  await account.advance(2_000);
  await file({ id: 'far', limit: '90' });
  await file({ id: 'near' });
  await file({ id: 'other', symbol: 'NVDA', side: 'sell', strategy: 'beta' });
  await account.prices({ AAPL: '101', MSFT: '110', NVDA: '50' });
  return account;
}

const tooFar = (account: TestAccount) =>
  account.admit(anOrder('near_1').of('AAPL').at('100').worth(400).pnl('9').plan('near'));

type Row = Record<string, unknown> & { id: string };

async function plans(account: TestAccount, ...words: string[]): Promise<{ plans: Row[]; more: number }> {
  return JSON.parse(await runScript(account, 'plans', [...words, 'json']));
}
const ids = async (account: TestAccount, ...words: string[]): Promise<string[]> =>
  (await plans(account, ...words)).plans.map(({ id }) => id);

it('the plans that are furthest come first, and of those that wait the nearest to its limit', async () => {
  expect(await ids(await anAccount())).toEqual(['held', 'near', 'far', 'other']);
});

it('a short list is the begin of the long one', async () => {
  const account = await anAccount();
  for (const [at, limit] of ['99', '2', '99', '5', '101', '3'].entries())
    await filePlan(account.ledger, { ...PLAN, id: `more${at}`, limit });
  const all = await ids(account);
  expect(all).toEqual(['held', 'more4', 'near', 'more0', 'more2', 'far', 'other', 'more3', 'more5', 'more1']);
  for (const count of [1, 2, 3, 4]) expect(await ids(account, `${count}`)).toEqual(all.slice(0, count));
});

it('shows a plan with its price, host, stage and last refusal in words', async () => {
  const account = await anAccount();
  await tooFar(account);
  await account.advance(1_000);
  await account.prices({ AAPL: '101' });
  await tooFar(account);
  const [near] = (await plans(account, 'waiting')).plans;
  expect(near).toMatchObject({
    ...{ id: 'near', symbol: 'AAPL', side: 'buy', limit: '100', price: '101', distance: 0.01 },
    ...{ stage: 'waiting', host: null, order: null, orderState: null, strategy: 'alpha', qty: '4', pnl: '9' },
    refusal: { reason: 'not_close_enough', atMs: account.nowMs(), times: 2 },
  });
  await claimPlans(account.ledger, 'h2', LEASE_MS, 10);
  const text = await runScript(account, 'plans', ['AAPL', 'waiting']);
  expect(text).toMatch(/^waiting plans of AAPL: 2 of 2$/m);
  const said = 'too far from its limit to steal (not_close_enough), 0 ms ago, 2 times';
  expect(
    text
      .split('\n')
      .find((line) => line.startsWith('near '))
      ?.split(/ {2,}/),
  ).toEqual(['near', 'AAPL', 'buy', '100', '101', '1.00 %', 'waiting', 'h2', '1 s', '-', '-', said]);
});

it('shows the live order of a plan and its state, and since when it holds', async () => {
  const account = await anAccount();
  await account.end('m1', 'cancelled');
  await account.place(anOrder('near_1').of('AAPL').at('100').worth(400).plan('near'));
  const { plans: rows } = await plans(account);
  expect(rows.find(({ id }) => id === 'near')).toMatchObject({ order: 'near_1', orderState: 'working' });
  expect(rows.find(({ id }) => id === 'held')).toMatchObject({ stageAtMs: account.nowMs() - 2_000 });
});

it('without a price there is no distance, and without a lease no host', async () => {
  const account = await anAccount();
  await account.advanceHealth(LEASE_MS + 60_000);
  const [held] = (await plans(account, 'holding')).plans;
  expect(held).toMatchObject({ id: 'held', price: null, distance: null, host: null });
});

describe('only some:', () => {
  it.each([
    [['AAPL'], ['near', 'far']],
    [['holding'], ['held']],
    [['strategy:beta'], ['other']],
    [['aapl', 'strategy:beta'], []],
    [['refused'], ['near']],
    [['ended'], ['gone']],
    [['withdrawn'], ['gone']],
    [['done'], []],
  ])('%j', async (words, expected) => {
    const account = await anAccount();
    await tooFar(account);
    expect(await ids(account, ...words)).toEqual(expected);
  });

  it('the first of them, and how many more there are', async () => {
    const account = await anAccount();
    expect(await plans(account, '1')).toMatchObject({ plans: [{ id: 'held' }], more: 3 });
    expect((await runScript(account, 'plans', ['1'])).trimEnd().split('\n').at(-1)).toBe('... 3 more');
  });

  it('of those that ended, why', async () => {
    expect(await plans(await anAccount(), 'ended')).toMatchObject({
      plans: [{ id: 'gone', stage: 'withdrawn', reason: 'asked' }],
    });
  });
});
