/** lua/plan-*.lua: plans, and the leases that let one host at a time run each of them (I6). */
import { describe, expect, it } from 'vitest';
import {
  claimPlans,
  filePlan,
  notePlan,
  type Plan,
  renewPlans,
  type Stage,
  withdrawPlan,
} from '../../../src/ledger/commands/plans.ts';
import { sweep } from '../../../src/ledger/commands/sweep.ts';
import { useLedgers } from '../../support/fixtures.ts';
import { expectNoEffect, failure } from '../../support/ledger.ts';

const ledgers = useLedgers();

const LEASE = 10_000;

function aPlan(id: string, more: Partial<Plan> = {}): Plan {
  const base = {
    id,
    symbol: 'AAA',
    side: 'buy',
    mode: 'normal',
    limit: '10',
    qty: '5',
    pnl: '1',
    pool: '',
    takeProfit: '11',
  } as const;
  return { ...base, startsAtMs: 0, expiresAtMs: 0, holdMs: 0, strategy: 'test', ...more };
}

describe('a plan', () => {
  it('is filed once; filing it again changes nothing, another under its id is refused', async () => {
    const { ledger, ...account } = await ledgers.account();
    expect(await filePlan(ledger, aPlan('p1'))).toBe('filed');
    const whole = { ...account, ledger };
    expect(await expectNoEffect(whole, () => filePlan(ledger, aPlan('p1')))).toEqual(['exists', 'exists']);
    for (const other of [
      { symbol: 'BBB' },
      { side: 'sell' },
      { limit: '11' },
      { pnl: '2' },
      { takeProfit: '' },
      { holdMs: 1 },
    ] as const) {
      expect((await failure(filePlan(ledger, aPlan('p1', other)))).code).toBe('contradiction');
    }
    expect(await filePlan(await ledgers.bare(), aPlan('p1'))).toBe('unknown');
  });

  it.each(['AAPL240119C00100000', 'ETHBTC', 'ESZ6'])(
    'of %s, in another unit, is not filed',
    async (symbol) => {
      const { ledger } = await ledgers.account();
      const error = await failure(filePlan(ledger, aPlan('p1', { symbol })));
      expect(error).toMatchObject({ code: 'invalid', details: { field: 'symbol', value: symbol } });
      expect(await claimPlans(ledger, 'host', 1_000, 5)).toEqual([]);
    },
  );

  it('is leased by one host at a time, and by another when the lease ended', async () => {
    const account = await ledgers.account();
    const { ledger } = account;
    for (const id of ['p1', 'p2', 'p3']) await filePlan(ledger, aPlan(id));
    const first = await claimPlans(ledger, 'h1', LEASE, 2);
    expect(first.map(({ id }) => id)).toEqual(['p1', 'p2']);
    expect(first[0]).toMatchObject({
      stage: 'waiting',
      attempt: 1,
      exitAttempt: 0,
      takeProfit: '11',
      withdrawAsked: false,
    });
    expect((await claimPlans(ledger, 'h2', LEASE, 5)).map(({ id }) => id)).toEqual(['p3']);
    await account.advanceHealth(LEASE - 1);
    expect(await renewPlans(ledger, 'h1', LEASE, ['p1', 'p3', 'p9'])).toEqual(['p3', 'p9']);
    expect(await claimPlans(ledger, 'h3', LEASE, 5)).toEqual([]);
    await account.advanceHealth(1);
    expect((await claimPlans(ledger, 'h3', LEASE, 5)).map(({ id }) => id)).toEqual(['p2', 'p3']);
    expect(await renewPlans(ledger, 'h1', LEASE, ['p1', 'p2'])).toEqual(['p2']);
    expect(await renewPlans(ledger, 'h1', 0, ['p1'])).toEqual([]);
    expect((await claimPlans(ledger, 'h2', LEASE, 5)).map(({ id }) => id)).toEqual(['p1']);
    expect(await claimPlans(await ledgers.bare(), 'h1', LEASE, 5)).toEqual([]);
  });

  it('is recorded by the host that holds it alone; attempts never fall', async () => {
    const { ledger } = await ledgers.account();
    await filePlan(ledger, aPlan('p1'));
    await claimPlans(ledger, 'h1', LEASE, 1);
    expect(await notePlan(ledger, 'h1', { id: 'p1', stage: 'entering', attempt: 3, exitAttempt: 1 })).toEqual(
      {
        outcome: 'noted',
        waitMs: 0,
      },
    );
    expect(await notePlan(ledger, 'h1', { id: 'p1', stage: 'entering', attempt: 2, exitAttempt: 0 })).toEqual(
      {
        outcome: 'noted',
        waitMs: 0,
      },
    );
    expect(await notePlan(ledger, 'h2', { id: 'p1', stage: 'done', attempt: 9, exitAttempt: 0 })).toEqual({
      outcome: 'lost',
    });
    expect(await notePlan(ledger, 'h1', { id: 'p9', stage: 'done', attempt: 1, exitAttempt: 0 })).toEqual({
      outcome: 'unknown',
    });
    await renewPlans(ledger, 'h1', 0, ['p1']);
    expect((await claimPlans(ledger, 'h2', LEASE, 1))[0]).toMatchObject({
      stage: 'entering',
      attempt: 3,
      exitAttempt: 1,
    });
  });

  it('keeps the time since when its position is held, through later notes and another host', async () => {
    const account = await ledgers.account();
    const { ledger } = account;
    const noteAs = (owner: string, id: string, heldSinceMs: number) =>
      notePlan(ledger, owner, { id, stage: 'holding', attempt: 1, exitAttempt: 0, heldSinceMs });
    for (const id of ['p1', 'p2', 'p3']) await filePlan(ledger, aPlan(id, { holdMs: 60_000 }));
    expect((await claimPlans(ledger, 'h1', LEASE, 3)).map(({ heldSinceMs }) => heldSinceMs)).toEqual([
      0, 0, 0,
    ]);
    const [sinceP1, sinceP2, sinceP3] = [account.nowMs() - 5_000, account.nowMs(), account.nowMs()];
    await noteAs('h1', 'p1', sinceP1);
    await noteAs('h1', 'p2', 0);
    await noteAs('h1', 'p3', account.nowMs() + 5_000);
    await account.advanceLedger(20_000);
    await noteAs('h1', 'p1', 0);
    await noteAs('h1', 'p2', account.nowMs());
    await renewPlans(ledger, 'h1', 0, ['p1', 'p2', 'p3']);
    expect((await claimPlans(ledger, 'h2', LEASE, 3)).map(({ heldSinceMs }) => heldSinceMs)).toEqual([
      sinceP1,
      sinceP2,
      sinceP3,
    ]);
  });

  it('keeps since when a part of its entry is held, and forgets it when it waits again', async () => {
    const account = await ledgers.account();
    const { ledger } = account;
    const noteAs = (owner: string, stage: Stage, heldSinceMs: number, attempt = 1) =>
      notePlan(ledger, owner, { id: 'p', stage, attempt, exitAttempt: 0, heldSinceMs });
    const handedTo = async (from: string, to: string) => {
      await renewPlans(ledger, from, 0, ['p']);
      return (await claimPlans(ledger, to, LEASE, 1))[0]?.heldSinceMs;
    };
    await filePlan(ledger, aPlan('p'));
    await claimPlans(ledger, 'h1', LEASE, 1);
    await noteAs('h1', 'entering', 0);
    expect(await handedTo('h1', 'h2')).toBe(0);
    const sinceMs = account.nowMs();
    await noteAs('h2', 'entering', sinceMs);
    await account.advanceLedger(20_000);
    await noteAs('h2', 'entering', account.nowMs());
    expect(await handedTo('h2', 'h3')).toBe(sinceMs);
    await noteAs('h3', 'waiting', sinceMs, 2);
    expect(await handedTo('h3', 'h4')).toBe(0);
    await noteAs('h4', 'entering', sinceMs, 2);
    await noteAs('h4', 'holding', account.nowMs(), 2);
    expect(await handedTo('h4', 'h5')).toBe(sinceMs);
  });

  it('ends once, cannot be claimed then, and is forgotten past its age', async () => {
    const account = await ledgers.account();
    const { ledger } = account;
    await filePlan(ledger, aPlan('p1'));
    await claimPlans(ledger, 'h1', LEASE, 1);
    const end = () =>
      notePlan(ledger, 'h1', { id: 'p1', stage: 'done', attempt: 1, exitAttempt: 1, reason: 'take_profit' });
    expect(await end()).toEqual({ outcome: 'noted', waitMs: 0 });
    expect(await expectNoEffect(account, end)).toEqual([{ outcome: 'lost' }, { outcome: 'lost' }]);
    expect(await withdrawPlan(ledger, 'p1', 'late')).toBe('exists');
    expect(await renewPlans(ledger, 'h1', LEASE, ['p1'])).toEqual(['p1']);
    await account.advance(LEASE);
    expect(await claimPlans(ledger, 'h2', LEASE, 5)).toEqual([]);
    await account.advance(3_600_001);
    expect(await sweep(ledger, 10)).toMatchObject({ plans: 1 });
    expect((await account.keyspace())['plan:p1']).toBeUndefined();
  });

  it('without a host is withdrawn at once; the host of a leased one is asked', async () => {
    const account = await ledgers.account();
    const { ledger } = account;
    await filePlan(ledger, aPlan('free'));
    expect(await withdrawPlan(ledger, 'free', 'planner')).toBe('withdrawn');
    expect(await expectNoEffect(account, () => withdrawPlan(ledger, 'free', 'planner'))).toEqual([
      'exists',
      'exists',
    ]);
    await filePlan(ledger, aPlan('held'));
    await claimPlans(ledger, 'h1', LEASE, 1);
    expect(await withdrawPlan(ledger, 'held', 'planner')).toBe('asked');
    await account.advanceHealth(LEASE);
    expect((await claimPlans(ledger, 'h2', LEASE, 1))[0]).toMatchObject({ id: 'held', withdrawAsked: true });
    expect(await withdrawPlan(ledger, 'none', 'planner')).toBe('unknown');
  });
});
