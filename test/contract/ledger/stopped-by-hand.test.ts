/** What a person stops: lua/cancel.lua, plan-withdraw, plan-close, and what planners file afterwards. */
import { describe, expect, it } from 'vitest';
import { cancel } from '../../../src/ledger/commands/cancel.ts';
import { mend } from '../../../src/ledger/commands/mend.ts';
import { replacePlan } from '../../../src/ledger/commands/plan-series.ts';
import {
  claimPlans,
  closePlan,
  filePlan,
  notePlan,
  type Plan,
  withdrawPlan,
} from '../../../src/ledger/commands/plans.ts';
import { settle } from '../../../src/ledger/commands/settle.ts';
import { key } from '../../../src/ledger/keys.ts';
import { useLedgers } from '../../support/fixtures.ts';
import { anOrder, expectNoEffect, NOW_MS, type TestAccount } from '../../support/ledger.ts';

const ledgers = useLedgers();

const aPlan = (id: string): Plan => ({
  ...{ id, symbol: 'AAA', side: 'buy', mode: 'normal', limit: '10', qty: '5', pnl: '1', pool: '' },
  ...{ takeProfit: '', startsAtMs: 0, expiresAtMs: 0, holdMs: 0, strategy: 's' },
});

const planField = (account: TestAccount, id: string, field: string) => account.field(`plan:${id}`, field);

/** A plan that a host holds at this stage. */
async function held(account: TestAccount, id: string, stage: 'waiting' | 'holding'): Promise<void> {
  await filePlan(account.ledger, aPlan(id));
  await claimPlans(account.ledger, 'h', 60_000, 5);
  if (stage === 'holding')
    await notePlan(account.ledger, 'h', { id, stage, attempt: 1, exitAttempt: 0, heldSinceMs: NOW_MS });
}

describe('cancel', () => {
  it('by a person is on record with the order, which then ends as cancelled by hand (I4, I9)', async () => {
    const account = await ledgers.account();
    await account.place(anOrder('a').worth(500));
    expect(await cancel(account.ledger, 'a', 'by_hand', 'alice@ops')).toBe('cancelling');
    expect(await account.field('order:a', 'cancel_by')).toBe('alice@ops');
    expect(await account.used()).toBe(500_000_000);
    const ending = { state: 'cancelled', filledQty: '0', costMicros: 0, reason: 'by_hand' } as const;
    expect(await settle(account.ledger, 'a', ending)).toMatchObject({ outcome: 'settled' });
    expect([await account.field('order:a', 'reason'), await account.used()]).toEqual(['by_hand', 0]);
    await account.expectSound();
  });
});

describe('plan-close', () => {
  it('ends a plan that waits and that no host holds', async () => {
    const account = await ledgers.account();
    await filePlan(account.ledger, aPlan('p'));
    expect(await closePlan(account.ledger, 'p', 'alice@ops')).toBe('withdrawn');
    expect([
      await planField(account, 'p', 'stage'),
      await planField(account, 'p', 'reason'),
      await planField(account, 'p', 'stopped_by'),
    ]).toEqual(['withdrawn', 'by_hand', 'alice@ops']);
    expect(await expectNoEffect(account, () => closePlan(account.ledger, 'p', 'bob@ops'))).toEqual([
      'exists',
      'exists',
    ]);
    expect(await closePlan(account.ledger, 'none', '')).toBe('unknown');
  });

  it.each(['waiting', 'holding'] as const)('marks a plan that a host holds, %s, once (I6)', async (stage) => {
    const account = await ledgers.account();
    await held(account, 'p', stage);
    expect(await closePlan(account.ledger, 'p', 'alice@ops')).toBe('asked');
    expect(await planField(account, 'p', 'close_asked_ms')).toBe(`${NOW_MS}`);
    await account.advanceLedger(1_000);
    expect(await expectNoEffect(account, () => closePlan(account.ledger, 'p', 'bob@ops'))).toEqual([
      'exists',
      'exists',
    ]);
  });

  it('is handed to the next host, and stays when a damaged book is emptied', async () => {
    const account = await ledgers.account();
    await held(account, 'p', 'holding');
    await closePlan(account.ledger, 'p', 'alice@ops');
    await account.ledger.redis.hset(key(account.ledger.account, 'account'), 'damaged', '1');
    await mend(account.ledger);
    await account.advanceHealth(60_001);
    const [plan] = await claimPlans(account.ledger, 'h2', 60_000, 5);
    expect(plan).toMatchObject({ id: 'p', stage: 'holding', closeAskedMs: NOW_MS });
  });

  it('asked again after a person cancelled the closing order, ends the pause that follows', async () => {
    const account = await ledgers.account();
    await held(account, 'p', 'holding');
    await closePlan(account.ledger, 'p', 'alice@ops');
    await notePlan(account.ledger, 'h', { id: 'p', stage: 'exiting', attempt: 1, exitAttempt: 1 });
    await account.advanceLedger(1_000);
    const exit = { reason: 'by_hand', ended_at_ms: NOW_MS + 500, id: 'p_x1', state: 'cancelled' };
    await account.ledger.redis.hset(key(account.ledger.account, 'order:p_x1'), exit);
    expect(await closePlan(account.ledger, 'p', 'alice@ops')).toBe('asked');
    expect(await planField(account, 'p', 'close_asked_ms')).toBe(`${NOW_MS + 1_000}`);
    expect(await closePlan(account.ledger, 'p', 'alice@ops')).toBe('exists');
  });
});

describe('after a person withdrew or closed a plan', () => {
  it.each([
    ['withdrew', (account: TestAccount) => withdrawPlan(account.ledger, 'p', 'by_hand', 'alice@ops')],
    ['closed', (account: TestAccount) => closePlan(account.ledger, 'p', 'alice@ops')],
  ] as const)(
    '%s: the same forecast does not bring it back, another one says whose plan it replaces',
    async (_, stop) => {
      const account = await ledgers.account();
      const plan = { ...aPlan('p'), terms: 'one' };
      await replacePlan(account.ledger, plan);
      expect(await stop(account)).toBe('withdrawn');
      expect(await replacePlan(account.ledger, plan)).toEqual({ outcome: 'kept', id: 'p' });
      expect(await filePlan(account.ledger, aPlan('p'))).toBe('exists');
      expect(await planField(account, 'p', 'stage')).toBe('withdrawn');
      expect(await replacePlan(account.ledger, { ...plan, pnl: '2', terms: 'two' })).toEqual({
        ...{ outcome: 'filed', id: 'p-2', replaced: 'p', how: 'ended', stoppedBy: 'alice@ops' },
      });
      expect(await replacePlan(account.ledger, { ...plan, pnl: '3', terms: 'three' })).not.toHaveProperty(
        'stoppedBy',
      );
    },
  );
});
