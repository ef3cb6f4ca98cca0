/**
 * lua/amend.lua: an order that was changed at the broker stays one order and counts with its new terms (I1,
 * I2, I6).
 */
import { describe, expect, it } from 'vitest';
import { type Amendment, amend } from '../../../src/ledger/commands/amend.ts';
import { cancel } from '../../../src/ledger/commands/cancel.ts';
import { fill } from '../../../src/ledger/commands/fill.ts';
import { useLedgers } from '../../support/fixtures.ts';
import { anOrder, expectNoEffect, failure, type TestAccount } from '../../support/ledger.ts';

const DOLLAR = 1_000_000;
const ledgers = useLedgers();

type Change = Partial<Omit<Amendment, 'terms'>> & Partial<Amendment['terms']>;

/** `a` (10 of AAA at 10, known to the broker as broker-a) is replaced by broker-b, with the changes given. */
const change = ({
  was = 'broker-a',
  limit = '10',
  before = { qty: '0', micros: 0 },
  takes = 'now',
  ...terms
}: Change): Amendment => ({
  ...{ was, limit, before, takes },
  terms: { id: 'a', brokerId: 'broker-b', symbol: 'AAA', side: 'buy', qty: '10', ...terms },
});

async function placed(options = {}): Promise<TestAccount> {
  const account = await ledgers.account(options);
  await account.place(anOrder('a').plan('p').pnl('1'));
  return account;
}

describe('an order that was changed at the broker', () => {
  it.each([
    ['a higher limit', { limit: '12' }, 120],
    ['a lower limit', { limit: '9' }, 90],
    ['more of it', { qty: '50' }, 500],
    ['less of it', { qty: '2' }, 20],
    ['more under the same id', { brokerId: 'broker-a', qty: '50' }, 500],
    ['another symbol under the same id', { brokerId: 'broker-a', symbol: 'AAB' }, 100],
    ['the other side', { side: 'sell' }, 100],
  ] as const)('counts with %s', async (_, changes, dollars) => {
    const account = await placed();
    expect(await amend(account.ledger, change(changes))).toBe('amended');
    expect(await account.used()).toBe(dollars * DOLLAR);
    expect(await account.order('a')).toMatchObject({
      state: 'working',
      kind: 'entry',
      plan: 'p',
      amended: true,
    });
    await account.expectSound();
  });

  it('counts in its own pool too', async () => {
    const account = await ledgers.account({ env: { WORK_STEALING_POOLS: 'crypto:1' } });
    await account.place(anOrder('a').in('crypto'));
    await amend(account.ledger, change({ qty: '50' }));
    expect(await account.used('crypto')).toBe(500 * DOLLAR);
    await account.expectSound();
  });

  it('may take more than there is: then nothing is admitted until it fits again', async () => {
    const account = await placed();
    await account.place(anOrder('b').of('BBB').worth(800));
    await amend(account.ledger, change({ qty: '50' }));
    expect(await account.room()).toBe(-300 * DOLLAR);
    expect(await account.admit(anOrder('c').of('CCC').worth(1))).not.toMatchObject({ outcome: 'fits' });
    await account.end('b', 'cancelled');
    expect(await account.admit(anOrder('c').of('CCC').worth(1))).toMatchObject({ outcome: 'fits' });
    await account.expectSound();
  });

  it('holds the larger of the two while the other one waits to take its place', async () => {
    const account = await placed();
    await amend(account.ledger, change({ qty: '30', takes: 'later' }));
    expect(await account.used()).toBe(300 * DOLLAR);
    expect(await account.order('a')).toMatchObject({
      brokerId: 'broker-a',
      nextBrokerId: 'broker-b',
      qty: '10',
    });
    await fill(account.ledger, 'a', '4', 40 * DOLLAR);
    expect(await account.used()).toBe((40 + 260) * DOLLAR);
    await account.expectSound();
    // The replacement did not take place.
    await amend(account.ledger, change({ brokerId: 'broker-a' }));
    expect(await account.used()).toBe((40 + 60) * DOLLAR);
    expect(await account.order('a')).toMatchObject({ nextBrokerId: '' });
    await account.expectSound();
  });

  it('does not count less while a smaller one waits to take its place', async () => {
    const account = await placed();
    await amend(account.ledger, change({ qty: '3', takes: 'later' }));
    expect(await account.used()).toBe(100 * DOLLAR);
    await amend(account.ledger, change({ qty: '3' }));
    expect(await account.used()).toBe(30 * DOLLAR);
    await account.expectSound();
  });

  it('keeps what was filled before, and fills on', async () => {
    const account = await placed();
    await fill(account.ledger, 'a', '4', 40 * DOLLAR);
    await amend(
      account.ledger,
      change({ limit: '20', qty: '10', before: { qty: '4', micros: 40 * DOLLAR } }),
    );
    expect(await account.order('a')).toMatchObject({
      filledQty: '4',
      before: { qty: '4', micros: 40 * DOLLAR },
    });
    expect(await account.used()).toBe((40 + 120) * DOLLAR);
    await account.end('a', 'filled', '10', 160 * DOLLAR);
    expect(await account.used()).toBe(160 * DOLLAR);
    await account.expectSound();
  });

  it('is a victim at its new limit only', async () => {
    const account = await placed();
    await account.place(anOrder('b').of('BBB').worth(900).pnl('50'));
    await account.prices({ AAA: '11', BBB: '10', TTT: '10' });
    await amend(account.ledger, change({ limit: '11', qty: '9' }));
    expect(await account.steal(anOrder('t').of('TTT').worth(80).pnl('10'))).toMatchObject({
      outcome: 'no_candidates',
    });
    await amend(account.ledger, change({ was: 'broker-b', brokerId: 'broker-c', limit: '9', qty: '10' }));
    expect(await account.steal(anOrder('t').of('TTT').worth(80).pnl('10'))).toMatchObject({
      outcome: 'stolen',
    });
    await account.expectSound();
  });

  it('stays the victim that it is: its thief gets no room that is not free', async () => {
    const account = await placed();
    await account.place(anOrder('b').of('BBB').worth(900).pnl('50'));
    await account.prices({ AAA: '11', BBB: '10', TTT: '10' });
    expect(await account.steal(anOrder('t').of('TTT').worth(80).pnl('10'))).toMatchObject({
      outcome: 'stolen',
    });
    await amend(account.ledger, change({ qty: '30' }));
    expect(await account.order('a')).toMatchObject({
      state: 'cancelling',
      robbedBy: 't',
      brokerId: 'broker-b',
    });
    expect(await account.used()).toBe((900 + 300) * DOLLAR);
    await account.end('a', 'cancelled');
    expect(await account.order('t')).toMatchObject({ state: 'reserved', heldMicros: 80 * DOLLAR });
    expect(await account.used()).toBe((900 + 80) * DOLLAR);
    await account.expectSound();
  });

  it('goes on being cancelled', async () => {
    const account = await placed();
    await cancel(account.ledger, 'a', 'test');
    await amend(account.ledger, change({ limit: '12' }));
    expect(await account.order('a')).toMatchObject({ state: 'cancelling', limit: '12' });
    await account.expectSound();
  });

  it('that was an exit counts nothing, until it is on another side or symbol', async () => {
    const account = await ledgers.account({
      positions: [{ symbol: 'AAA', side: 'long', qty: '10', costMicros: 100 * DOLLAR, pool: '' }],
    });
    await account.place(anOrder('a').selling().exiting());
    await amend(account.ledger, change({ side: 'sell', limit: '12' }));
    expect(await account.used()).toBe(100 * DOLLAR);
    await amend(account.ledger, change({ was: 'broker-b', side: 'sell', symbol: 'AAB' }));
    expect(await account.order('a')).toMatchObject({ kind: 'external' });
    expect(await account.used()).toBe(200 * DOLLAR);
    await account.expectSound();
  });

  it('answers to the wish that it was made of', async () => {
    const account = await placed();
    await amend(account.ledger, change({ limit: '12', qty: '50' }));
    expect(await account.admit(anOrder('a').plan('p').pnl('1'))).toEqual({
      outcome: 'exists',
      state: 'working',
    });
  });
});

describe('a change that is reported', () => {
  it('twice changes nothing more', async () => {
    const account = await placed();
    const now = () => amend(account.ledger, change({ limit: '12' }));
    const later = () =>
      amend(account.ledger, change({ was: 'broker-b', brokerId: 'broker-c', qty: '20', takes: 'later' }));
    await now();
    expect(await expectNoEffect(account, now)).toEqual(['exists', 'exists']);
    await later();
    expect(await expectNoEffect(account, later)).toEqual(['exists', 'exists']);
  });

  it('after a later one changes nothing', async () => {
    const account = await placed();
    await amend(account.ledger, change({ limit: '12' }));
    await amend(account.ledger, change({ was: 'broker-b', brokerId: 'broker-c', limit: '13' }));
    expect(await expectNoEffect(account, () => amend(account.ledger, change({ limit: '12' })))).toEqual([
      'moved',
      'moved',
    ]);
  });

  it('of an order that has ended, is unknown or was never sent changes nothing', async () => {
    const account = await placed();
    await account.admit(anOrder('never'));
    expect(await failure(amend(account.ledger, change({ id: 'never' })))).toMatchObject({
      code: 'contradiction',
    });
    expect(await amend(account.ledger, change({ id: 'nobody' }))).toBe('unknown');
    await account.end('a', 'cancelled');
    expect(await amend(account.ledger, change({ limit: '12' }))).toBe('ended');
    expect(await account.used()).toBe(100 * DOLLAR);
  });

  it('with less than was filled is a contradiction', async () => {
    const account = await placed();
    await fill(account.ledger, 'a', '4', 40 * DOLLAR);
    expect(await failure(amend(account.ledger, change({ qty: '3' })))).toMatchObject({
      code: 'contradiction',
    });
    await account.expectSound();
  });
});
