/**
 * lua/plan-replace.lua and lua/plan-drop.lua: one plan per strategy, symbol and side; the latest request
 * counts.
 */
import { describe, expect, it } from 'vitest';
import { adopt } from '../../../src/ledger/commands/adopt.ts';
import { claim } from '../../../src/ledger/commands/claim.ts';
import {
  dropPlan,
  type PlanSeries,
  readSeries,
  replacePlan,
  type TermedPlan,
} from '../../../src/ledger/commands/plan-series.ts';
import { claimPlans, notePlan } from '../../../src/ledger/commands/plans.ts';
import { sweep } from '../../../src/ledger/commands/sweep.ts';
import { key } from '../../../src/ledger/keys.ts';
import type { Ledger } from '../../../src/ledger/ledger.ts';
import { useLedgers } from '../../support/fixtures.ts';
import { expectNoEffect, failure, NOW_MS } from '../../support/ledger.ts';

const HOUR_MS = 3_600_000;

const ledgers = useLedgers();

function aPlan(id: string, more: Partial<TermedPlan> = {}): TermedPlan {
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
  return {
    ...base,
    startsAtMs: 0,
    expiresAtMs: NOW_MS + 4 * HOUR_MS,
    holdMs: 0,
    strategy: 's',
    terms: id,
    ...more,
  };
}

async function onlySeries(ledger: Ledger): Promise<PlanSeries> {
  const [series, ...others] = await readSeries(ledger, 's');
  expect(others).toEqual([]);
  return series as PlanSeries;
}

const stage = (ledger: Ledger, id: string) =>
  ledger.redis.hmget(key(ledger.account, `plan:${id}`), 'stage', 'reason', 'withdraw_asked');

describe('the series of a plan', () => {
  it('keeps a plan of the same terms, however often it is asked for', async () => {
    const account = await ledgers.account();
    const again = () => replacePlan(account.ledger, aPlan('a'));
    expect(await again()).toEqual({ outcome: 'filed', id: 'a', replaced: '', how: 'none' });
    expect(await expectNoEffect(account, again)).toEqual([
      { outcome: 'kept', id: 'a' },
      { outcome: 'kept', id: 'a' },
    ]);
  });

  it('makes another plan the current one, and withdraws the last one in the same step', async () => {
    const { ledger } = await ledgers.account();
    await replacePlan(ledger, aPlan('a'));
    expect(await replacePlan(ledger, aPlan('b'))).toEqual({
      outcome: 'filed',
      id: 'b-2',
      replaced: 'a',
      how: 'withdrawn',
    });
    expect(await stage(ledger, 'a')).toEqual(['withdrawn', 'replaced', null]);
    expect(await onlySeries(ledger)).toMatchObject({ symbol: 'AAA', side: 'buy', terms: 'b', id: 'b-2' });
    // Back to the first terms: another plan, for the first one has ended.
    expect(await replacePlan(ledger, aPlan('a'))).toEqual({
      outcome: 'filed',
      id: 'a-3',
      replaced: 'b-2',
      how: 'withdrawn',
    });
  });

  it('asks the host that holds the last one', async () => {
    const { ledger } = await ledgers.account();
    await replacePlan(ledger, aPlan('a'));
    await claimPlans(ledger, 'host', 60_000, 1);
    expect(await replacePlan(ledger, aPlan('b'))).toMatchObject({ how: 'asked' });
    expect(await stage(ledger, 'a')).toEqual(['waiting', null, 'replaced']);
  });

  it('is of one side, one symbol and one strategy', async () => {
    const { ledger } = await ledgers.account();
    for (const [id, more] of [
      ['a', {}],
      ['b', { side: 'sell', takeProfit: '9' }],
      ['c', { symbol: 'BBB' }],
      ['d', { strategy: 'other' }],
    ] as const) {
      expect(await replacePlan(ledger, aPlan(id, more))).toMatchObject({ outcome: 'filed', id, how: 'none' });
    }
    expect((await readSeries(ledger, 's')).map(({ id }) => id).sort()).toEqual(['a', 'b', 'c']);
  });

  it('keeps a finished plan until it expires, then takes a new one under a new id', async () => {
    const account = await ledgers.account();
    const { ledger } = account;
    await replacePlan(ledger, aPlan('a'));
    await claimPlans(ledger, 'host', 60_000, 1);
    await notePlan(ledger, 'host', { id: 'a', stage: 'done', attempt: 1, exitAttempt: 1, reason: 'closed' });
    expect(await replacePlan(ledger, aPlan('a'))).toEqual({ outcome: 'kept', id: 'a' });
    await account.advance(4 * HOUR_MS - 1);
    expect(await sweep(ledger, 10)).toMatchObject({ plans: 1 });
    expect(await replacePlan(ledger, aPlan('a'))).toEqual({ outcome: 'kept', id: 'a' });
    await account.advance(1);
    const later = aPlan('a', { expiresAtMs: account.nowMs() + HOUR_MS });
    expect(await replacePlan(ledger, later)).toEqual({
      outcome: 'filed',
      id: 'a-2',
      replaced: 'a',
      how: 'ended',
    });
  });

  it('may be given up; the same terms are a new plan then', async () => {
    const account = await ledgers.account();
    const { ledger } = account;
    await replacePlan(ledger, aPlan('a'));
    const series = await onlySeries(ledger);
    expect(await dropPlan(ledger, series, 'vanished')).toBe('withdrawn');
    expect(await stage(ledger, 'a')).toEqual(['withdrawn', 'vanished', null]);
    expect(await readSeries(ledger, 's')).toEqual([]);
    expect(await expectNoEffect(account, () => dropPlan(ledger, series, 'vanished'))).toEqual([
      'none',
      'none',
    ]);
    expect(await replacePlan(ledger, aPlan('a'))).toEqual({
      outcome: 'filed',
      id: 'a-2',
      replaced: '',
      how: 'none',
    });
    // A command for the first plan changes nothing.
    expect(await dropPlan(ledger, series, 'vanished')).toBe('none');
    expect(await onlySeries(ledger)).toMatchObject({ id: 'a-2' });
  });

  it('takes over the live order that a lost ledger left, under another id', async () => {
    const account = await ledgers.account();
    const found = { brokerId: 'b', symbol: 'AAA', side: 'buy', limit: '10', qty: '5' } as const;
    const none = { filledQty: '0', filledMicros: 0, pool: '', reducing: false };
    const adopted = async (id: string, changes: object = {}) =>
      await adopt(account.ledger, { ...found, ...none, id, ...changes }, account.healthMs());
    await adopted('s-AAA-buy-00000001-3_2');
    await adopted('s-BBB-buy-00000001_x1', { symbol: 'BBB' });
    await adopted('other-AAA-buy-00000001_1');
    expect(await replacePlan(account.ledger, aPlan('s-AAA-buy-00000002'))).toMatchObject({
      outcome: 'filed',
      id: 's-AAA-buy-00000001-3',
    });
    expect(await claim(account.ledger, 's-AAA-buy-00000001-3', 's-AAA-buy-00000001-3_2')).toBe('claimed');
    const again = await replacePlan(account.ledger, aPlan('s-AAA-buy-00000002'));
    expect(again).toMatchObject({ outcome: 'kept' });
    expect(await replacePlan(account.ledger, aPlan('s-AAA-buy-00000003'))).toMatchObject({
      id: 's-AAA-buy-00000003-4',
      replaced: 's-AAA-buy-00000001-3',
    });
    const other = { symbol: 'BBB', strategy: 's' };
    expect(await replacePlan(account.ledger, aPlan('s-BBB-buy-00000002', other))).toMatchObject({
      id: 's-BBB-buy-00000002',
    });
  });

  it('refuses an id that leaves no room for its number, and a ledger without the account', async () => {
    const { ledger } = await ledgers.account();
    expect((await failure(replacePlan(ledger, aPlan('x'.repeat(42))))).details).toMatchObject({
      field: 'id',
    });
    expect((await failure(replacePlan(ledger, aPlan('a', { terms: '-' })))).details).toMatchObject({
      field: 'terms',
    });
    expect((await failure(replacePlan(ledger, aPlan('a', { pool: 'bonds' })))).details).toMatchObject({
      field: 'pool',
    });
    const bare = await ledgers.bare();
    expect((await failure(replacePlan(bare, aPlan('a')))).code).toBe('unknown');
    expect((await failure(dropPlan(bare, { ...aPlan('a') }, 'vanished'))).code).toBe('unknown');
  });
});
