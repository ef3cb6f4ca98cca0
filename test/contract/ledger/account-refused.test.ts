/**
 * lua/account-refused.lua, lua/account-told.lua: the broker refuses the account's orders. The account is
 * closed for entries, and single entries test, with backoff, when that is over (I6, I8).
 */
import { describe, expect, it } from 'vitest';
import {
  accountRefused,
  accountTold,
  close,
  readClosures,
  reopen,
} from '../../../src/ledger/commands/closures.ts';
import { open } from '../../../src/ledger/commands/open.ts';
import { release } from '../../../src/ledger/commands/release.ts';
import { settle } from '../../../src/ledger/commands/settle.ts';
import { submit } from '../../../src/ledger/commands/submit.ts';
import { useLedgers } from '../../support/fixtures.ts';
import { anOrder, expectNoEffect, LEASE_MS, NOW_MS, type TestAccount } from '../../support/ledger.ts';

const WORDS = 'new orders are rejected by user request';
const FIRST_PAUSE_MS = 5_000;

const ledgers = useLedgers();

/** Sends an order, which the broker refuses for the account's sake. */
async function refuse(account: TestAccount, id: string): Promise<void> {
  expect(await submit(account.ledger, id, LEASE_MS)).toEqual({ outcome: 'send' });
  await accountRefused(account.ledger, id, WORDS);
  await settle(account.ledger, id, { state: 'rejected', filledQty: '0', costMicros: 0, reason: 'account' });
}

/** An account of 1,000 dollars whose order `a` was refused just now. */
async function refused(): Promise<TestAccount> {
  const account = await ledgers.account();
  await account.admit(anOrder('a'));
  await refuse(account, 'a');
  return account;
}

const CLOSED = { outcome: 'closed', numbers: { cause: 'broker', words: WORDS } };

describe('an account whose orders the broker does not take', () => {
  it('is closed for entries with the words of the broker, as soon as one is refused', async () => {
    const account = await ledgers.account();
    await account.admit(anOrder('a'));
    await account.admit(anOrder('b'));
    await refuse(account, 'a');
    expect(await readClosures(account.ledger)).toEqual([{ cause: 'broker', sinceMs: NOW_MS, words: WORDS }]);
    expect(await account.admit(anOrder('c'))).toMatchObject(CLOSED);
    expect(await submit(account.ledger, 'b', LEASE_MS)).toEqual({ outcome: 'closed' });
    await account.expectSound();
  });

  it('lets one entry through when the first pause is over, and no other', async () => {
    const account = await refused();
    await account.advanceHealth(FIRST_PAUSE_MS - 1);
    expect(await account.admit(anOrder('b'))).toMatchObject(CLOSED);
    await account.advanceHealth(1);
    expect(await account.admit(anOrder('b'))).toMatchObject({ outcome: 'fits' });
    expect(await account.admit(anOrder('c'))).toMatchObject(CLOSED);
    expect(await submit(account.ledger, 'b', LEASE_MS)).toEqual({ outcome: 'send' });
    expect(await account.admit(anOrder('c'))).toMatchObject(CLOSED);
  });

  it('is open again when the broker takes that entry', async () => {
    const account = await refused();
    await account.advanceHealth(FIRST_PAUSE_MS);
    await account.place(anOrder('b'), anOrder('c'));
    expect(await readClosures(account.ledger)).toEqual([]);
  });

  it.each(['filled', 'cancelled', 'expired'] as const)(
    'is open again when the broker says that it was %s at once',
    async (state) => {
      const account = await refused();
      await account.advanceHealth(FIRST_PAUSE_MS);
      await account.admit(anOrder('b'));
      await submit(account.ledger, 'b', LEASE_MS);
      await account.end('b', state, state === 'filled' ? '10' : '0');
      expect(await account.admit(anOrder('c'))).toMatchObject({ outcome: 'fits' });
    },
  );

  it('stays closed when an order that was sent before the refusal turns out to be there', async () => {
    const account = await ledgers.account();
    await account.admit(anOrder('a'));
    await account.admit(anOrder('b'));
    await submit(account.ledger, 'b', LEASE_MS);
    await refuse(account, 'a');
    await open(account.ledger, 'b', 'broker-b');
    expect(await account.admit(anOrder('c'))).toMatchObject(CLOSED);
  });

  it('tries half as often after each probe that is refused, and every five minutes at last', async () => {
    const account = await refused();
    const pauses: number[] = [];
    for (let probe = 0; probe < 9; probe += 1) {
      let waitedMs = 0;
      while ((await account.admit(anOrder(`probe${probe}`))).outcome === 'closed') {
        await account.advanceHealth(FIRST_PAUSE_MS);
        waitedMs += FIRST_PAUSE_MS;
      }
      pauses.push(waitedMs / 1_000);
      await account.sync('1000');
      await refuse(account, `probe${probe}`);
    }
    expect(pauses).toEqual([5, 10, 20, 40, 80, 160, 300, 300, 300]);
  });

  it('does not wait longer because further orders were on their way when it was refused', async () => {
    const account = await ledgers.account();
    for (const id of ['a', 'b', 'c']) {
      await account.admit(anOrder(id));
      await submit(account.ledger, id, LEASE_MS);
    }
    for (const id of ['a', 'b', 'c']) await accountRefused(account.ledger, id, WORDS);
    await account.advanceHealth(FIRST_PAUSE_MS);
    expect(await account.admit(anOrder('d'))).toMatchObject({ outcome: 'fits' });
  });

  it.each(['its host died', 'it was given back', 'it was refused for its own sake'] as const)(
    'lets the next entry through a pause later where one came to nothing: %s',
    async (why) => {
      const account = await refused();
      await account.advanceHealth(FIRST_PAUSE_MS);
      await account.admit(anOrder('b'), 1_000);
      if (why === 'it was given back') await release(account.ledger, 'b', 'test');
      if (why === 'it was refused for its own sake') {
        await submit(account.ledger, 'b', LEASE_MS);
        await settle(account.ledger, 'b', {
          state: 'rejected',
          filledQty: '0',
          costMicros: 0,
          reason: 'order',
        });
      }
      expect(await account.admit(anOrder('c'))).toMatchObject(CLOSED);
      await account.advanceHealth(FIRST_PAUSE_MS);
      expect(await account.admit(anOrder('c'))).toMatchObject({ outcome: 'fits' });
    },
  );

  it('goes on doubling its pause when it is refused again soon after it opened', async () => {
    const account = await refused();
    await account.advanceHealth(FIRST_PAUSE_MS);
    await account.place(anOrder('b'));
    await account.admit(anOrder('c'));
    await refuse(account, 'c');
    await account.advanceHealth(2 * FIRST_PAUSE_MS - 1);
    expect(await account.admit(anOrder('d'))).toMatchObject(CLOSED);
    await account.advanceHealth(1);
    expect(await account.admit(anOrder('d'))).toMatchObject({ outcome: 'fits' });
  });

  it('cancels no order to find out', async () => {
    const account = await ledgers.account();
    await account.prices({ AAA: '20', BBB: '10' });
    await account.place(anOrder('v').worth(950));
    await account.admit(anOrder('a').worth(50));
    await refuse(account, 'a');
    await account.advanceHealth(FIRST_PAUSE_MS);
    const thief = anOrder('t').of('BBB').worth(500).pnl('10');
    expect(await account.admit(thief)).toMatchObject(CLOSED);
    expect(await account.steal(thief)).toMatchObject(CLOSED);
    expect(await account.admit(anOrder('b').worth(50))).toMatchObject({ outcome: 'fits' });
  });

  it('lets nothing through while it is closed for another cause too, halted, or not reconciled', async () => {
    const account = await refused();
    await account.advanceHealth(FIRST_PAUSE_MS);
    await close(account.ledger, 'fleet', 'order x is not ours');
    expect(await account.admit(anOrder('b'))).toMatchObject({ outcome: 'closed' });
    await reopen(account.ledger, 'fleet');
    await account.advanceHealth(700_000);
    expect(await account.admit(anOrder('b'))).toMatchObject({ outcome: 'unsynced' });
  });

  it('opens when a person says so', async () => {
    const account = await refused();
    await reopen(account.ledger, 'broker');
    await account.place(anOrder('b'), anOrder('c'));
  });

  it('may be sent the same refusal twice (I6)', async () => {
    const account = await ledgers.account();
    await account.admit(anOrder('a'));
    await submit(account.ledger, 'a', LEASE_MS);
    expect(await accountRefused(account.ledger, 'a', WORDS)).toBe('closed');
    expect(await expectNoEffect(account, () => accountRefused(account.ledger, 'a', WORDS))).toEqual([
      'exists',
      'exists',
    ]);
    await settle(account.ledger, 'a', {
      state: 'rejected',
      filledQty: '0',
      costMicros: 0,
      reason: 'account',
    });
    await reopen(account.ledger, 'broker');
    expect(await expectNoEffect(account, () => accountRefused(account.ledger, 'a', WORDS))).toEqual([
      'exists',
      'exists',
    ]);
    expect(await accountRefused(await ledgers.bare(), 'a', WORDS)).toBe('unknown');
  });
});

describe("the account's own answer", () => {
  it('closes it and opens it, and no entry is let through in between', async () => {
    const account = await ledgers.account();
    expect(await accountTold(account.ledger, 'status ACCOUNT_CLOSED', [])).toBe('closed');
    await account.advanceHealth(FIRST_PAUSE_MS);
    expect(await account.admit(anOrder('a'))).toMatchObject({
      outcome: 'closed',
      numbers: { words: 'status ACCOUNT_CLOSED' },
    });
    expect(await accountTold(account.ledger, '', [])).toBe('reopened');
    expect(await account.admit(anOrder('a'))).toMatchObject({ outcome: 'fits' });
  });

  it('does not open what a refused order closed, unless it had said why', async () => {
    const account = await refused();
    expect(await accountTold(account.ledger, '', [])).toBe('exists');
    expect(await account.admit(anOrder('b'))).toMatchObject(CLOSED);
    expect(await accountTold(account.ledger, 'trade_suspended_by_user', [])).toBe('exists');
    await account.advanceHealth(FIRST_PAUSE_MS);
    expect(await account.admit(anOrder('b'))).toMatchObject({ outcome: 'closed' }); // no probe meanwhile
    expect(await accountTold(account.ledger, '', [])).toBe('reopened');
    expect(await account.admit(anOrder('b'))).toMatchObject({ outcome: 'fits' });
  });

  it('may be sent twice, and keeps its warnings', async () => {
    const account = await ledgers.account();
    await accountTold(account.ledger, 'trading_blocked', ['no short sales', 'no margin']);
    const again = () => accountTold(account.ledger, 'trading_blocked', ['no short sales', 'no margin']);
    expect(await expectNoEffect(account, again)).toEqual(['exists', 'exists']);
    expect(await account.field('account', 'broker_warnings')).toBe('no short sales; no margin');
    await accountTold(account.ledger, '', []);
    expect(await account.field('account', 'broker_warnings')).toBe('');
    expect(await accountTold(await ledgers.bare(), '', [])).toBe('unknown');
  });
});
