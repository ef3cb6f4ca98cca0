/** `status` on an account without a keeper, and on one whose orders the broker refuses. */
import { describe, expect, it } from 'vitest';
import { tellCash } from '../../src/ledger/commands/cash.ts';
import { accountRefused, accountTold } from '../../src/ledger/commands/closures.ts';
import { noteLossWait } from '../../src/ledger/commands/keeper-note.ts';
import { leaveQueue } from '../../src/ledger/commands/plan-leave.ts';
import { claimPlans, filePlan } from '../../src/ledger/commands/plans.ts';
import { release } from '../../src/ledger/commands/release.ts';
import { sweep } from '../../src/ledger/commands/sweep.ts';
import { key } from '../../src/ledger/keys.ts';
import { useLedgers } from '../support/fixtures.ts';
import { runScript } from '../support/inspection.ts';
import { anOrder, SYNC_MAX_AGE_MS, type TestAccount } from '../support/ledger.ts';

const ledgers = useLedgers();

/** The line of `status` that begins with this word, without it. */
async function line(account: TestAccount, word: string): Promise<string | undefined> {
  const found = (await runScript(account, 'status', []))
    .split('\n')
    .find((text) => text.startsWith(`${word} `));
  return found?.slice(word.length).trim();
}

async function values(account: TestAccount): Promise<Record<string, unknown>> {
  return JSON.parse(await runScript(account, 'status', ['json'])) as Record<string, unknown>;
}

/** A keeper holds its election, and swept just now. */
async function kept(): Promise<TestAccount> {
  const account = await ledgers.account();
  await account.ledger.redis.set(key(account.name, 'keeper'), 'one');
  await sweep(account.ledger, 10);
  return account;
}

const dies = (account: TestAccount) => account.ledger.redis.del(key(account.name, 'keeper'));

describe('status', () => {
  it('shows the cash left for crypto, and which plans may not steal, until when and why', async () => {
    const account = await ledgers.account({ env: { WORK_STEALING_UNUSED_PAUSE: '60' } });
    const both = async () => [await line(account, 'cash'), await line(account, 'barred')];
    expect(await both()).toEqual([
      'no limit is known; crypto orders hold $0.00',
      'no plan is barred from stealing',
    ]);
    expect(await values(account)).toMatchObject({
      cashRoomMicros: null,
      cashCapMicros: null,
      cashHeldMicros: 0,
      barred: 0,
      bars: [],
    });

    await tellCash(account.ledger, 700_000_000, account.healthMs(), 1);
    await account.place(anOrder('c').of('BTCUSD').worth(200));
    await account.prices({ AAA: '11', TTT: '10' });
    await account.place(anOrder('a').worth(800));
    await account.steal(anOrder('t').of('TTT').worth(500).pnl('10').plan('p'));
    await account.end('a', 'cancelled');
    await release(account.ledger, 't', 'stopping');
    expect(await both()).toEqual([
      '$500.00 left for crypto, of $700.00',
      '1 plan may not steal: p for 60 s (unused: stopping)',
    ]);
    expect(await values(account)).toMatchObject({
      ...{ cashRoomMicros: 500_000_000, cashCapMicros: 700_000_000, cashHeldMicros: 200_000_000, barred: 1 },
      bars: [{ plan: 'p', cause: 'unused', reason: 'stopping', times: 1, untilMs: account.nowMs() + 60_000 }],
    });
    await account.advance(60_000);
    expect(await line(account, 'barred')).toBe('no plan is barred from stealing');
  });

  it('counts the plans that wait for room, and shows what the best of them needs', async () => {
    const account = await ledgers.account();
    const { ledger } = account;
    expect(await line(account, 'waiting')).toBe('no plan waits for room; turns: 0 so far, 0 passed over');
    expect(await values(account)).toMatchObject({
      ...{ waiting: 0, bestWaiting: null, turnsNamed: 0, turnsPassedOver: 0 },
    });
    await account.prices({ TTT: '10.05' });
    await account.place(anOrder('a').worth(1000));
    for (const [id, host, pnl] of [
      ['p1', 'gone', '9'],
      ['p2', 'host', '5'],
      ['p3', 'host', '1'],
    ] as const) {
      await filePlan(ledger, {
        ...{ id, symbol: 'TTT', side: 'buy', mode: 'normal', limit: '10', qty: '9', pnl, pool: '' },
        ...{ takeProfit: '', startsAtMs: 0, expiresAtMs: 0, holdMs: 0, strategy: 'test' },
      });
      await claimPlans(ledger, host, host === 'gone' ? 1_000 : 60_000, 9);
      await account.admit(anOrder(`${id}_1`).of('TTT').worth(300).pnl(pnl).plan(id).by(host));
    }
    await account.advanceHealth(1_000);
    expect(await line(account, 'waiting')).toBe(
      '3 plans wait for room; the best, p2, needs $300.00; turns: 0 so far, 0 passed over',
    );
    await account.end('a', 'cancelled');
    await account.advanceHealth(150);
    await leaveQueue(ledger, 'other', []);
    expect(await values(account)).toMatchObject({
      ...{ waiting: 2, turnsNamed: 2, turnsPassedOver: 2 },
      bestWaiting: { plan: 'p2', symbol: 'TTT', pnl: '5', needMicros: 300_000_000 },
    });
  });

  it('of an account that is kept says so, and until when it would admit', async () => {
    const account = await kept();
    expect([await line(account, 'admits'), await line(account, 'keeper')]).toEqual(['yes', 'active']);
    expect(await values(account)).toMatchObject({
      ...{
        admits: 'yes',
        keeper: 'active',
        keeperSeenMs: account.healthMs(),
        admitsUntilMs: account.healthMs() + SYNC_MAX_AGE_MS,
      },
    });
  });

  it('shows for how long no keeper is active, and until when the account admits without one', async () => {
    const account = await kept();
    await dies(account);
    await account.advanceHealth(52_000);
    expect(await line(account, 'admits')).toBe('yes; no keeper for 52 s: admits until 15:10:00');
    expect(await line(account, 'keeper')).toBe('no keeper for 52 s');
    expect(await values(account)).toMatchObject({
      admits: 'yes',
      keeper: 'none',
      keeperSeenMs: account.healthMs() - 52_000,
    });
  });

  it('still reports that no keeper is active after the account stopped admitting', async () => {
    const account = await kept();
    await dies(account);
    await account.advanceHealth(SYNC_MAX_AGE_MS + 1);
    expect(await line(account, 'admits')).toBe('no: the last reconciliation is older than 10 min');
    expect(await line(account, 'keeper')).toBe('no keeper for 10 min');
    expect(await values(account)).toMatchObject({ admits: 'unsynced', admitsUntilMs: null });
  });

  it('waits for a moment before it says so, and takes one that hangs for none', async () => {
    const account = await kept();
    await dies(account);
    await account.advanceHealth(5_000);
    expect(await line(account, 'keeper')).toBe('active');
    await account.ledger.redis.set(key(account.name, 'keeper'), 'one');
    await account.advanceHealth(25_000);
    expect(await line(account, 'keeper')).toBe('active');
    await account.advanceHealth(1_000);
    expect(await line(account, 'admits')).toMatch(/^yes; no keeper for 31 s: /);
  });

  it('says how long a keeper still waits for what was sent before a loss', async () => {
    const account = await ledgers.account();
    await account.ledger.redis.hset(key(account.name, 'account'), 'synced_at_ms', '0');
    await noteLossWait(account.ledger, 13_000.2);
    expect(await line(account, 'admits')).toBe(
      'no, for 13 s more: an order sent before the ledger was lost may still reach the broker',
    );
    expect(await values(account)).toMatchObject({ admits: 'unsynced', lossWaitMs: 13_001 });
    await account.advanceHealth(13_001);
    expect(await line(account, 'admits')).toBe('no: never reconciled with the broker');
    expect(await values(account)).toMatchObject({ admits: 'unsynced', lossWaitMs: null });
    const synced = await ledgers.account();
    await noteLossWait(synced.ledger, 13_000);
    expect(await line(synced, 'admits')).toMatch(/^yes/);
  });

  it('of an account that was never kept says so', async () => {
    const account = await ledgers.account();
    expect(await line(account, 'admits')).toBe('yes; no keeper: admits until 15:10:00');
    expect(await values(account)).toMatchObject({ keeper: 'none', keeperSeenMs: null });
  });

  it('says when the next entry tries whether the broker takes orders again', async () => {
    const account = await kept();
    await accountRefused(account.ledger, 'a', 'new orders are rejected by user request');
    expect(await line(account, 'admits')).toBe('no: closed (broker); one entry tries in 5 s');
    expect(await values(account)).toMatchObject({ admits: 'closed', probeAtMs: account.healthMs() + 5_000 });
    await account.advanceHealth(5_000);
    expect(await line(account, 'admits')).toBe('no: closed (broker); one entry tries now');
    await accountTold(account.ledger, 'trading_blocked', []);
    expect(await line(account, 'admits')).toBe('no: closed (broker)');
  });

  it('warns of what at the broker does not go with the settings', async () => {
    const account = await kept();
    await accountTold(account.ledger, '', ['the broker grants 1 x equity', 'no short sales']);
    expect(await values(account)).toMatchObject({
      warnings: ['the broker grants 1 x equity', 'no short sales'],
    });
    expect(await runScript(account, 'status', [])).toMatch(
      /^warnings\nthe broker grants 1 x equity\nno short sales\n/m,
    );
  });
});
