/**
 * A price that jumps is doubted until a later one confirms it, so that one absurd print makes no order a
 * victim (lua/include/jumps.lua; I3).
 */
import { describe, expect, it } from 'vitest';
import { tick } from '../../../src/ledger/commands/tick.ts';
import { key } from '../../../src/ledger/keys.ts';
import { useLedgers } from '../../support/fixtures.ts';
import { runCommand, runScript } from '../../support/inspection.ts';
import { anOrder, NOW_MS, type TestAccount } from '../../support/ledger.ts';

const ledgers = useLedgers();

const thief = anOrder('t').of('TTT').worth(500).pnl('10').plan('p');

/** A full account: its only order buys AAA at 10, and AAA is at 10, so that it is protected. */
async function aProtectedVictim(jump = '0.2'): Promise<TestAccount> {
  const account = await ledgers.account({ env: { WORK_STEALING_QUOTE_MAX_JUMP: jump } });
  await account.prices({ AAA: '10', TTT: '10' });
  await account.place(anOrder('a').worth(1_000));
  return account;
}

const quote = (account: TestAccount): Promise<string | null> => account.field('quotes', 'AAA');
const told = async (account: TestAccount): Promise<string[]> => {
  const events = await account.ledger.redis.xrange(key(account.name, 'events'), '-', '+');
  return events
    .filter(([, fields]) => fields[1] === 'doubted_price')
    .map(([, fields]) => fields.slice(4).join(' '));
};

/** The thief tries: is the order its victim? */
async function expectTaken(account: TestAccount, taken: boolean): Promise<void> {
  await account.prices({ TTT: '10' });
  expect(await account.steal(thief)).toMatchObject(
    taken ? { outcome: 'stolen', victims: [{ id: 'a' }] } : { outcome: 'no_candidates' },
  );
  await account.expectSound();
}

describe('a price that jumps', () => {
  it('is believed at the bound, up and down', async () => {
    const account = await aProtectedVictim();
    await account.prices({ AAA: '8' });
    expect(await quote(account)).toBe(`8 8000000000 ${NOW_MS}`);
    await account.prices({ AAA: '9.6' });
    await account.prices({ AAA: '11.52' });
    expect(await told(account)).toEqual([]);
    await expectTaken(account, true);
  });

  it('is doubted beyond it: the quote keeps its age, no order is a victim, one event says so', async () => {
    const account = await aProtectedVictim();
    await account.advanceHealth(500);
    const absurd = { symbol: 'AAA', price: '12.000000001', ageMs: 0 };
    const other = { symbol: 'BBB', price: '1', ageMs: 0 };
    expect(await tick(account.ledger, [absurd, other])).toEqual({ symbols: 2, crossed: 0, doubted: 1 });
    await account.advanceHealth(999);
    expect(await tick(account.ledger, [absurd])).toMatchObject({ doubted: 1 });
    expect(await quote(account)).toBe(`10 10000000000 ${NOW_MS}`);
    expect(await account.field('quotes', 'BBB')).toBe(`1 1000000000 ${NOW_MS + 500}`);
    expect(await account.field('jumps', 'AAA')).toBe(`12.000000001 12000000001 ${NOW_MS + 500}`);
    expect(await told(account)).toEqual(['symbol AAA price 12.000000001 last 10']);
    await expectTaken(account, false);
  });

  it('refreshes nothing: the last price turns stale as usual', async () => {
    const account = await aProtectedVictim();
    for (const price of ['100', '1', '1000']) {
      await account.advanceHealth(5_001);
      await account.prices({ AAA: price });
    }
    await account.prices({ TTT: '10' });
    expect(JSON.parse(await runScript(account, 'orders', ['json']))).toMatchObject({
      orders: [{ id: 'a', price: null }],
    });
    expect(await quote(account)).toBe(`10 10000000000 ${NOW_MS}`);
    await account.expectSound();
  });

  it('is believed when a price of a second later confirms it, and not by its own repetition', async () => {
    const account = await aProtectedVictim();
    await account.prices({ AAA: '15' });
    await account.advanceHealth(5_000);
    await tick(account.ledger, [{ symbol: 'AAA', price: '15', ageMs: 5_000 }]);
    await expectTaken(account, false);
    await account.prices({ AAA: '18' });
    expect(await quote(account)).toBe(`18 18000000000 ${NOW_MS + 5_000}`);
    expect(await account.field('jumps', 'AAA')).toBeNull();
    await expectTaken(account, true);
  });

  it('does not confirm another jump', async () => {
    const account = await aProtectedVictim();
    await account.prices({ AAA: '15' });
    await account.advanceHealth(1_000);
    await account.prices({ AAA: '18.000000001' });
    expect(await told(account)).toEqual([
      'symbol AAA price 15 last 10',
      'symbol AAA price 18.000000001 last 10',
    ]);
    await expectTaken(account, false);
  });

  it('is forgotten once a later price was believed', async () => {
    const account = await aProtectedVictim();
    await account.prices({ AAA: '15' });
    await account.advanceHealth(1);
    await account.prices({ AAA: '10.01' });
    await account.advanceHealth(1_000);
    await account.prices({ AAA: '15' });
    expect(await quote(account)).toBe(`10.01 10010000000 ${NOW_MS + 1}`);
    await expectTaken(account, false);
  });

  it('is believed when the last price is older than ten minutes', async () => {
    const account = await aProtectedVictim();
    await account.advanceHealth(600_000);
    await account.sync('1000');
    await account.prices({ AAA: '15' });
    expect(await quote(account)).toBe(`10 10000000000 ${NOW_MS}`);
    await account.advanceHealth(1);
    await account.prices({ AAA: '15' });
    expect(await quote(account)).toBe(`15 15000000000 ${NOW_MS + 600_001}`);
    await expectTaken(account, true);
  });

  it('is held against the last price where the symbol has none meanwhile', async () => {
    const account = await aProtectedVictim();
    await account.prices({ AAA: '0' });
    await account.prices({ AAA: '15' });
    expect(await quote(account)).toBe(`0 0 ${NOW_MS}`);
    await expectTaken(account, false);
    await account.prices({ AAA: '10.01' });
    expect(await account.field('lost_prices', 'AAA')).toBeNull();
    expect(await quote(account)).toBe(`10.01 10010000000 ${NOW_MS}`);
  });

  it('is believed at once where the bound is 0', async () => {
    const account = await aProtectedVictim('0');
    await account.prices({ AAA: '1000' });
    await expectTaken(account, true);
  });

  it('is shown by status and why until it is over', async () => {
    const account = await aProtectedVictim();
    await account.prices({ AAA: '15' });
    expect(await account.steal(anOrder('b').pnl('10').plan('q'))).toMatchObject({ outcome: 'no_candidates' });
    await account.advanceHealth(3_000);
    expect(await runCommand(ledgers.url, account.name, 'why', ['q'])).toContain(
      'A price of 15 was doubted 3 s ago: it is more than 20.00 % from the last one, and no later ' +
        'price has confirmed it.',
    );
    const status = async (): Promise<unknown> => JSON.parse(await runScript(account, 'status', ['json']));
    expect(await status()).toMatchObject({
      doubts: [{ symbol: 'AAA', price: '15', last: '10', sinceMs: NOW_MS }],
    });
    await account.prices({ AAA: '10' });
    expect(await status()).toMatchObject({ doubts: [] });
  });
});
