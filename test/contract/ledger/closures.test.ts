/**
 * lua/close.lua, lua/reopen.lua: an account is closed for entries, for one or several causes at once (I6,
 * I8).
 */
import { describe, expect, it } from 'vitest';
import { close, readClosures, reopen } from '../../../src/ledger/commands/closures.ts';
import { halt } from '../../../src/ledger/commands/halt.ts';
import { submit } from '../../../src/ledger/commands/submit.ts';
import { useLedgers } from '../../support/fixtures.ts';
import { anOrder, expectNoEffect, failure, LEASE_MS, NOW_MS } from '../../support/ledger.ts';

const ledgers = useLedgers();

describe('a closed account', () => {
  it('admits nothing, says why, and goes on with the rest', async () => {
    const account = await ledgers.account();
    await account.place(anOrder('a'));
    await account.admit(anOrder('b'));
    expect(await close(account.ledger, 'broker', 'trading is blocked')).toBe('closed');
    expect(await account.admit(anOrder('c'))).toMatchObject({
      outcome: 'closed',
      numbers: { cause: 'broker', words: 'trading is blocked' },
    });
    expect(await submit(account.ledger, 'b', LEASE_MS)).toEqual({ outcome: 'closed' });
    expect(await account.end('a', 'cancelled')).toMatchObject({ outcome: 'settled' });
    expect(await reopen(account.ledger, 'broker')).toBe('reopened');
    expect(await account.admit(anOrder('c'))).toMatchObject({ outcome: 'fits' });
  });

  it('stays closed until its last cause is over, each with its message and age', async () => {
    const account = await ledgers.account();
    await close(account.ledger, 'broker', 'first words');
    await account.advanceHealth(5_000);
    await close(account.ledger, 'fleet', 'order x is not ours');
    await close(account.ledger, 'broker', 'other words');
    expect(await readClosures(account.ledger)).toEqual([
      { cause: 'broker', sinceMs: NOW_MS, words: 'other words' },
      { cause: 'fleet', sinceMs: NOW_MS + 5_000, words: 'order x is not ours' },
    ]);
    await reopen(account.ledger, 'broker');
    expect(await account.admit(anOrder('a'))).toMatchObject({
      outcome: 'closed',
      numbers: { cause: 'fleet' },
    });
    await reopen(account.ledger, 'fleet');
    expect(await account.admit(anOrder('a'))).toMatchObject({ outcome: 'fits' });
    expect(await readClosures(account.ledger)).toEqual([]);
  });

  it('answers halted where it is halted too, and closed before unsynced', async () => {
    const account = await ledgers.account();
    await close(account.ledger, 'account', 'PA2 is not PA1');
    await account.advanceHealth(700_000);
    expect(await account.admit(anOrder('a'))).toMatchObject({ outcome: 'closed' });
    await halt(account.ledger, 'operator');
    expect(await account.admit(anOrder('a'))).toMatchObject({ outcome: 'halted' });
  });

  it('may be closed and reopened twice (I6)', async () => {
    const account = await ledgers.account();
    await close(account.ledger, 'account', 'PA2 is not PA1');
    expect(await expectNoEffect(account, () => close(account.ledger, 'account', 'PA2 is not PA1'))).toEqual([
      'exists',
      'exists',
    ]);
    await reopen(account.ledger, 'account');
    expect(await expectNoEffect(account, () => reopen(account.ledger, 'account'))).toEqual([
      'exists',
      'exists',
    ]);
    expect(await close(await ledgers.bare(), 'broker', 'x')).toBe('unknown');
    expect(await reopen(await ledgers.bare(), 'broker')).toBe('unknown');
  });

  it('accepts any broker message, with control characters and of any length', async () => {
    const account = await ledgers.account();
    await close(account.ledger, 'broker', `no\n\u001b[31morders ${'é'.repeat(400)}`);
    const [closure] = await readClosures(account.ledger);
    expect(closure?.words).toMatch(/^no \[31morders é{50,}$/);
    expect(Buffer.byteLength(closure?.words ?? '')).toBeLessThanOrEqual(256);
    await close(account.ledger, 'broker', `${'x'.repeat(255)}\u{1f600}`);
    expect((await readClosures(account.ledger))[0]?.words).toMatch(/^x{250,}/);
    expect((await failure(close(account.ledger, 'weather' as never, 'x'))).details).toMatchObject({
      field: 'cause',
    });
  });
});
