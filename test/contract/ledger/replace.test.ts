/**
 * lua/replace.lua, lua/not-replaced.lua: before the broker is asked to replace an order, the larger of old
 * and new is held; it is given back when the broker has decided (I1, I2, I4).
 */
import { describe, expect, it } from 'vitest';
import { amend } from '../../../src/ledger/commands/amend.ts';
import { cancel } from '../../../src/ledger/commands/cancel.ts';
import { fill } from '../../../src/ledger/commands/fill.ts';
import { halt } from '../../../src/ledger/commands/halt.ts';
import { notReplaced, type Replacing, replace } from '../../../src/ledger/commands/replace.ts';
import { useLedgers } from '../../support/fixtures.ts';
import {
  anOrder,
  expectNoEffect,
  LEASE_MS,
  SYNC_MAX_AGE_MS,
  type TestAccount,
} from '../../support/ledger.ts';

const DOLLAR = 1_000_000;
const ledgers = useLedgers();

/** `a` (10 of AAA at 10) is to be replaced by `n`, with the changes given. */
const asked = ({ ledger }: TestAccount, changes: Partial<Replacing> = {}) =>
  replace(ledger, { id: 'a', was: 'broker-a', nextId: 'n', limit: '10', qty: '10', ...changes }, LEASE_MS);

/** What the broker then reports of it: `n` is known to it as broker-n. */
const taken = ({ ledger }: TestAccount, takes: 'now' | 'later', limit: string, qty: string) =>
  amend(ledger, {
    ...{ was: 'broker-a', limit, before: { qty: '0', micros: 0 }, takes },
    terms: { id: 'a', brokerId: 'broker-n', symbol: 'AAA', side: 'buy', qty },
  });

async function placed(options = {}): Promise<TestAccount> {
  const account = await ledgers.account(options);
  await account.place(anOrder('a').pnl('1'));
  return account;
}

describe('an order that is to be replaced', () => {
  it.each([
    ['a higher limit', { limit: '12' }, 120],
    ['a lower limit', { limit: '9' }, 100],
    ['more of it', { qty: '50' }, 500],
    ['less of it', { qty: '2' }, 100],
    ['all that is free', { qty: '100' }, 1_000],
  ] as const)('holds the larger of the two from before the broker is asked: %s', async (_, to, dollars) => {
    const account = await placed();
    expect(await asked(account, to)).toEqual({ outcome: 'send' });
    expect(await account.used()).toBe(dollars * DOLLAR);
    expect(await account.order('a')).toMatchObject({ state: 'working', limit: '10', qty: '10' });
    await account.expectSound();
  });

  it('counts as the broker took it, first while it waits, then in force', async () => {
    const account = await placed();
    await asked(account, { limit: '12', qty: '20' });
    expect(await taken(account, 'later', '12', '20')).toBe('amended');
    expect(await account.order('a')).toMatchObject({ brokerId: 'broker-a', nextBrokerId: 'broker-n' });
    expect(await account.used()).toBe(240 * DOLLAR);
    expect(await taken(account, 'now', '12', '20')).toBe('amended');
    expect(await account.order('a')).toMatchObject({ brokerId: 'broker-n', limit: '12', nextQty: '' });
    expect(await account.used()).toBe(240 * DOLLAR);
    await account.expectSound();
  });

  it('gives back what the broker refused', async () => {
    const account = await placed();
    await asked(account, { qty: '50' });
    expect(await notReplaced(account.ledger, 'a', 'other')).toBe('exists');
    expect(await account.used()).toBe(500 * DOLLAR);
    expect(await notReplaced(account.ledger, 'a', 'n')).toBe('kept');
    expect(await account.used()).toBe(100 * DOLLAR);
    await account.expectSound();
    expect(await expectNoEffect(account, () => notReplaced(account.ledger, 'a', 'n'))).toEqual([
      'exists',
      'exists',
    ]);
  });

  it('gives back nothing once the broker took the replacement', async () => {
    const account = await placed();
    await asked(account, { qty: '50' });
    await taken(account, 'later', '10', '50');
    expect(await notReplaced(account.ledger, 'a', 'n')).toBe('exists');
    expect(await account.used()).toBe(500 * DOLLAR);
  });

  it('counts the replacement in full while nobody knows whether it came after a fill', async () => {
    const account = await placed();
    await asked(account, { qty: '20' });
    await fill(account.ledger, 'a', '4', 40 * DOLLAR);
    expect(await account.used()).toBe((40 + 200) * DOLLAR);
    await account.expectSound();
    await taken(account, 'later', '10', '20');
    expect(await account.used()).toBe((40 + 160) * DOLLAR);
  });

  it('ends both when it fills first, or ends', async () => {
    const account = await placed();
    await asked(account, { qty: '50' });
    await account.end('a', 'filled', '10');
    expect(await account.used()).toBe(100 * DOLLAR);
    expect(await notReplaced(account.ledger, 'a', 'n')).toBe('ended');
    await account.expectSound();
  });

  it('keeps what it holds for a request under way when the same version is reported again', async () => {
    const account = await placed();
    await asked(account, { qty: '50' });
    const again = () =>
      amend(account.ledger, {
        ...{ was: 'broker-a', limit: '11', before: { qty: '0', micros: 0 }, takes: 'now' },
        terms: { id: 'a', brokerId: 'broker-a', symbol: 'AAA', side: 'buy', qty: '10' },
      });
    expect(await again()).toBe('amended');
    expect(await account.used()).toBe(500 * DOLLAR);
    await account.advanceHealth(LEASE_MS);
    await account.sync('1000');
    expect(await again()).toBe('amended');
    expect(await account.used()).toBe(110 * DOLLAR);
    await account.expectSound();
  });

  it('and is a victim keeps what it holds for its thief', async () => {
    const account = await placed();
    await account.place(anOrder('b').of('BBB').worth(850).pnl('50'));
    await account.prices({ AAA: '11', BBB: '10', TTT: '10' });
    await asked(account, { qty: '15' });
    expect(await account.steal(anOrder('t').of('TTT').worth(140).pnl('10'))).toMatchObject({
      outcome: 'stolen',
    });
    expect(await notReplaced(account.ledger, 'a', 'n')).toBe('exists');
    await account.end('a', 'cancelled');
    expect(await account.order('t')).toMatchObject({ state: 'reserved', heldMicros: 140 * DOLLAR });
    await account.expectSound();
  });

  it('in a pool of its own, or for cash, needs the room there too', async () => {
    const account = await ledgers.account({ env: { WORK_STEALING_POOLS: 'crypto:0.2' } });
    await account.place(anOrder('a').of('BTCUSD').in('crypto'));
    expect(await asked(account, { qty: '21' })).toMatchObject({
      outcome: 'no_room',
      numbers: { need_micros: '110000000', pool_room_micros: '100000000' },
    });
    expect(await asked(account, { qty: '20' })).toEqual({ outcome: 'send' });
    expect(await account.used('crypto')).toBe(200 * DOLLAR);
    await account.expectSound();
  });

  it('and sells short counts at what that may cost', async () => {
    const account = await ledgers.account({ env: { WORK_STEALING_SHORT_MARGIN: '0.03' } });
    await account.prices({ AAA: '9' });
    await account.place(anOrder('a').selling());
    await account.prices({ AAA: '20' });
    expect(await asked(account, { limit: '11' })).toEqual({ outcome: 'send' });
    expect(await account.used()).toBe(206 * DOLLAR);
    await account.expectSound();
  });
});

describe('a replacement is refused, and nothing changes,', () => {
  const refused = async (account: TestAccount, to: Partial<Replacing>, expected: object) => {
    for (const answer of await expectNoEffect(account, () => asked(account, to)))
      expect(answer).toMatchObject(expected);
  };

  it('when the rest does not fit', async () => {
    const account = await placed();
    await refused(
      account,
      { qty: '100.1' },
      {
        outcome: 'no_room',
        numbers: { need_micros: '901000000', room_micros: '900000000' },
      },
    );
  });

  it('when it would need more room while the account is halted; less is taken then', async () => {
    const account = await placed();
    await halt(account.ledger, 'lunch', 'me@here');
    await refused(account, { qty: '11' }, { outcome: 'halted' });
    expect(await asked(account, { limit: '9' })).toEqual({ outcome: 'send' });
  });

  it('in an account that was not reconciled lately', async () => {
    const account = await placed();
    await account.advanceHealth(SYNC_MAX_AGE_MS + 1);
    await refused(account, { limit: '9' }, { outcome: 'unsynced' });
  });

  it('while another one waits', async () => {
    const account = await placed();
    await asked(account, { limit: '9' });
    await refused(account, { limit: '8', nextId: 'm' }, { outcome: 'exists' });
  });

  it('when the order was not sent, is being cancelled, was replaced, has ended or is unknown', async () => {
    const account = await placed();
    await account.admit(anOrder('r'));
    await refused(account, { id: 'r' }, { outcome: 'not_working', state: 'reserved' });
    await refused(account, { was: 'broker-b' }, { outcome: 'moved' });
    await refused(account, { id: 'nobody' }, { outcome: 'unknown' });
    await cancel(account.ledger, 'a', 'asked');
    await refused(account, {}, { outcome: 'not_working', state: 'cancelling' });
    await account.end('a', 'cancelled');
    await refused(account, {}, { outcome: 'ended', state: 'cancelled' });
  });

  it('when it would close more of a position than the exit did', async () => {
    const account = await ledgers.account({
      positions: [{ symbol: 'AAA', side: 'long', qty: '10', costMicros: 100 * DOLLAR, pool: '' }],
    });
    await account.place(anOrder('a').qty('6').selling().exiting());
    await refused(account, { qty: '7' }, { outcome: 'too_large', numbers: { left_qty: '6' } });
    expect(await asked(account, { qty: '6', limit: '9' })).toEqual({ outcome: 'send' });
    await account.expectSound();
  });

  it('for a short sale without a fresh price', async () => {
    const account = await ledgers.account({ env: { WORK_STEALING_SHORT_MARGIN: '0.03' } });
    await account.prices({ AAA: '9' });
    await account.place(anOrder('a').selling());
    await account.advanceHealth(20_000);
    await account.sync('1000');
    await refused(account, { limit: '11' }, { outcome: 'no_price' });
  });
});
