/** lua/claim.lua: an order that was found at the broker belongs to its plan again (I2, I3). */
import { describe, expect, it } from 'vitest';
import { adopt } from '../../../src/ledger/commands/adopt.ts';
import { claim } from '../../../src/ledger/commands/claim.ts';
import { filePlan, type Plan, withdrawPlan } from '../../../src/ledger/commands/plans.ts';
import { useLedgers } from '../../support/fixtures.ts';
import { anOrder, expectNoEffect, type TestAccount } from '../../support/ledger.ts';

const DOLLAR = 1_000_000;
const ledgers = useLedgers();

const plan = (changes: Partial<Plan> = {}): Plan => ({
  ...{
    id: 'p',
    symbol: 'AAA',
    side: 'buy',
    mode: 'normal',
    limit: '10',
    qty: '10',
    pnl: '1',
    pool: '',
    takeProfit: '11',
  },
  ...{ startsAtMs: 0, expiresAtMs: 0, holdMs: 0, strategy: 'test', ...changes },
});

/** An account that found this order at the broker, of 100 dollars. */
async function found(id: string, changes: object = {}, options = {}): Promise<TestAccount> {
  const account = await ledgers.account(options);
  const counted = { limit: '10', qty: '10', filledQty: '0', filledMicros: 0, pool: '', reducing: false };
  const order = { id, brokerId: `b-${id}`, symbol: 'AAA', side: 'buy' as const, ...counted, ...changes };
  expect(await adopt(account.ledger, order, account.healthMs())).toBe('adopted');
  return account;
}

describe('an entry that was found at the broker', () => {
  it('is an entry of its plan again, and may be a victim', async () => {
    const account = await found('p_2');
    await account.place(anOrder('b').of('BBB').worth(900).pnl('50'));
    await account.prices({ AAA: '11', BBB: '10', TTT: '10' });
    const thief = anOrder('t').of('TTT').worth(50).pnl('10');
    expect(await account.steal(thief)).toMatchObject({ outcome: 'no_candidates' });
    await filePlan(account.ledger, plan());
    expect(await claim(account.ledger, 'p', 'p_2')).toBe('claimed');
    expect(await account.order('p_2')).toMatchObject({
      kind: 'entry',
      plan: 'p',
      pnl: '1',
      heldMicros: 100 * DOLLAR,
    });
    await account.expectSound();
    expect(await account.steal(thief)).toMatchObject({ outcome: 'stolen' });
    await account.expectSound();
  });

  it('counts in the pool of its plan, and no less than before', async () => {
    const account = await found(
      'p_1',
      { pool: 'crypto' },
      { env: { WORK_STEALING_POOLS: 'crypto:1,stock:1' } },
    );
    await filePlan(account.ledger, plan({ pool: 'stock' }));
    await claim(account.ledger, 'p', 'p_1');
    expect([await account.used(), await account.used('crypto'), await account.used('stock')]).toEqual([
      100 * DOLLAR,
      0,
      100 * DOLLAR,
    ]);
    await account.expectSound();
  });

  it('counts in the pool of its plan where it was found to be in none', async () => {
    const account = await found('p_1', {}, { env: { WORK_STEALING_POOLS: 'stock:1' } });
    await filePlan(account.ledger, plan({ pool: 'stock' }));
    await claim(account.ledger, 'p', 'p_1');
    expect(await account.used('stock')).toBe(100 * DOLLAR);
    await account.expectSound();
    await account.end('p_1', 'cancelled');
    expect(await account.used('stock')).toBe(0);
    await account.expectSound();
  });

  it('counts in full where it was taken for the end of a position', async () => {
    const account = await found('p_1', { reducing: true });
    await filePlan(account.ledger, plan());
    await claim(account.ledger, 'p', 'p_1');
    expect(await account.used()).toBe(100 * DOLLAR);
    await account.expectSound();
  });

  it('of a probe is never a victim', async () => {
    const account = await found('p_1');
    await filePlan(account.ledger, plan({ mode: 'probe' }));
    expect(await claim(account.ledger, 'p', 'p_1')).toBe('claimed');
    await account.expectSound();
  });

  it('is claimed once, however often that is asked for', async () => {
    const account = await found('p_1');
    await filePlan(account.ledger, plan());
    await claim(account.ledger, 'p', 'p_1');
    expect(await expectNoEffect(account, () => claim(account.ledger, 'p', 'p_1'))).toEqual([
      'exists',
      'exists',
    ]);
  });
});

it('an exit that was found at the broker is its plan\u2019s again, and counts as before', async () => {
  const account = await found('p_x1', { side: 'sell', reducing: true });
  await filePlan(account.ledger, plan());
  expect(await claim(account.ledger, 'p', 'p_x1')).toBe('claimed');
  expect(await account.order('p_x1')).toMatchObject({ kind: 'exit', plan: 'p' });
  await account.expectSound();
});

it.each([
  ['another plan', 'q', 'p_1', {}, 'foreign'],
  ['another symbol', 'p', 'p_1', { symbol: 'BBB' }, 'foreign'],
  ['the other side', 'p', 'p_1', { side: 'sell' }, 'foreign'],
  ['nobody', 'nobody', 'p_1', {}, 'unknown'],
] as const)('an order of %s is not claimed', async (_, by, id, changes, outcome) => {
  const account = await found(id, changes);
  for (const one of ['p', 'q']) await filePlan(account.ledger, plan({ id: one }));
  expect(await expectNoEffect(account, () => claim(account.ledger, by, id))).toEqual([outcome, outcome]);
});

it('a plan that has ended claims nothing', async () => {
  const account = await found('p_1');
  await filePlan(account.ledger, plan());
  await withdrawPlan(account.ledger, 'p', 'test');
  expect(await claim(account.ledger, 'p', 'p_1')).toBe('unknown');
});
