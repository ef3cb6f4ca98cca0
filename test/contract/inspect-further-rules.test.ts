/** `why`, `orders` and `status` name the numbers of the rules that are off by default. */
import { expect, it } from 'vitest';
import { claimPlans, filePlan } from '../../src/ledger/commands/plans.ts';
import { remember } from '../../src/ledger/commands/remember.ts';
import type { Env } from '../../src/rules/settings.ts';
import { useLedgers } from '../support/fixtures.ts';
import { runScript } from '../support/inspection.ts';
import { anOrder, LEASE_MS, type TestAccount } from '../support/ledger.ts';

const ledgers = useLedgers();
const PRICES = { AAPL: '100', MSFT: '110' };
const MINUTE_MS = 60_000;

/** 1,000 dollars, all used by an order of MSFT with a PnL of 8, after half an hour. */
async function aFullAccount(env: Env): Promise<TestAccount> {
  const account = await ledgers.account({ env });
  await filePlan(account.ledger, {
    ...{ id: 'm', symbol: 'MSFT', side: 'buy', mode: 'normal', limit: '100', qty: '10', pnl: '8', pool: '' },
    ...{ takeProfit: '', startsAtMs: 0, expiresAtMs: 0, holdMs: 0, strategy: 'test' },
  });
  await claimPlans(account.ledger, 'host', LEASE_MS, 10);
  await account.place(anOrder('m_1').of('MSFT').at('100').worth(1000).pnl('8').plan('m'));
  await account.advanceLedger(30 * MINUTE_MS);
  await account.prices(PRICES);
  return account;
}

const aThief = (pnl = '9', dollars = 400) =>
  anOrder('p_1').of('AAPL').at('100').worth(dollars).pnl(pnl).plan('p');

it('age: what an order is worth, and after how long', async () => {
  const account = await aFullAccount({ WORK_STEALING_PNL_HALF_LIFE: '1800' });
  expect(await runScript(account, 'why', ['m_1'])).toContain('8, worth 4 as a victim');
  expect(await runScript(account, 'why', ['m_1'])).toContain(
    'a PnL that beats 4, what its PnL of 8 is worth after 30 min',
  );
  expect(await account.steal(aThief('4'))).toMatchObject({ outcome: 'pnl_not_better' });
  const text = await runScript(account, 'why', ['p']);
  expect(text).toContain('the worst candidate, m_1 (MSFT, PnL 8, worth 4 after 30 min, $1,000.00)');
  expect(text).toContain('a PnL of at least 4.4');
  expect(await account.steal(aThief('4.4'))).toMatchObject({ outcome: 'stolen' });
  expect(await runScript(account, 'why', ['p_1'])).toContain('Victim m_1 (MSFT, PnL 8, worth 4 after 30 min');
  expect(await runScript(account, 'why', ['m_1'])).toContain('PnL 4.4 against 8, worth 4 after 30 min');
});

it('residency: how old an order is, and from when on it may be taken', async () => {
  const account = await aFullAccount({ WORK_STEALING_MIN_RESIDENCY: '3600' });
  expect(await runScript(account, 'why', ['m_1'])).toContain(
    'It can not be taken: it is 30 min old, and may be taken from 60 min on, in 30 min (rule 8).',
  );
  expect(await account.steal(aThief())).toMatchObject({ outcome: 'no_candidates' });
  const text = await runScript(account, 'why', ['p']);
  expect(text).toMatch(/rule 8 +young +1 +orders/);
  expect(text).toContain('order m_1 is old enough, in 30 min');
});

it('often robbed: how often, and until when', async () => {
  const account = await aFullAccount({ WORK_STEALING_MAX_ROBBED: '2' });
  for (const [at, ago] of [40, 20].entries())
    await remember(account.ledger, {
      ...{ id: `s${at}`, thiefSymbol: 'NVDA', victimSymbol: 'MSFT' },
      atMs: account.nowMs() - ago * MINUTE_MS,
    });
  expect(await runScript(account, 'why', ['m_1'])).toContain(
    'MSFT was stolen from 2 times within 60 min; it is left alone for another 20 min (rule 9)',
  );
  expect(await account.steal(aThief())).toMatchObject({ outcome: 'no_candidates' });
  expect(await runScript(account, 'why', ['p'])).toMatch(/rule 9 +often_robbed +1 +orders/);
  expect(await runScript(account, 'status', [])).toMatch(/MSFT +often robbed/);
});

it('budget: what was spent of how much', async () => {
  const account = await aFullAccount({ WORK_STEALING_BUDGET: '1.5' });
  await remember(account.ledger, {
    ...{ id: 's', thiefSymbol: 'NVDA', victimSymbol: 'TSLA', heldMicros: 500_000_001 },
    atMs: account.nowMs() - 20 * MINUTE_MS,
  });
  expect(await account.steal(aThief())).toMatchObject({ outcome: 'budget_spent' });
  expect(await runScript(account, 'why', ['p'])).toContain(
    'Steals took $500.000001 within 60 min, and it would have taken $1,000.00 more; they may take ' +
      '$1,500.00 (150 % of the cap).',
  );
  expect(await runScript(account, 'status', [])).toContain('steals took $500.00 of $1,500.00 in 60 min');
});

it('budget: a steal larger than all of it names the least budget, not a wait', async () => {
  const account = await aFullAccount({ WORK_STEALING_BUDGET: '0.5' });
  expect(await account.steal(aThief())).toMatchObject({
    outcome: 'budget_spent',
    numbers: { takes_micros: '1000000000', budget_micros: '500000000', cap_micros: '1000000000' },
  });
  const told = await runScript(account, 'why', ['p']);
  expect(told).toContain(
    'This steal alone would have taken $1,000.00, more than the $500.00 that steals may take within 60 min ' +
      '(50 % of the cap): waiting does not help.',
  );
  expect(told).toContain('WORK_STEALING_BUDGET is at least 1, or its victims hold less');
  expect(told).not.toContain('steals take less for a while');
});

it('partial: what is kept', async () => {
  const account = await aFullAccount({ WORK_STEALING_PARTIAL: '1' });
  await account.steal(aThief());
  expect(await runScript(account, 'why', ['p_1'])).toContain(
    'Of its order m_1 keeps 6 for $600.00, which the thief did not need.',
  );
});

it('status names those that are on', async () => {
  const account = await aFullAccount({
    WORK_STEALING_PNL_HALF_LIFE: '1800',
    WORK_STEALING_MIN_RESIDENCY: '120',
    WORK_STEALING_MAX_ROBBED: '3',
    WORK_STEALING_PARTIAL: '1',
  });
  expect(await runScript(account, 'status', [])).toContain(
    'forecasts fade by half in 30 min; no victim is younger than 2 min; a symbol is robbed at most 3 times ' +
      'in 60 min; victims keep what is not needed, from 25.00 % on',
  );
});
