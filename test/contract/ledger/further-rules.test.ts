/**
 * The rules that are off by default, in the ledger: what they protect is not in the index and comes back when
 * its time is due, new settings count at once, and the audit finds the index sound all along (I2, I3).
 */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { remember } from '../../../src/ledger/commands/remember.ts';
import { sweep } from '../../../src/ledger/commands/sweep.ts';
import { useLedgers } from '../../support/fixtures.ts';
import { anOrder, type OrderBuilder, type TestAccount } from '../../support/ledger.ts';

const ledgers = useLedgers();
const PRICES = { AAA: '11', BBB: '11', TTT: '10' };
const thief = (pnl = '50', dollars = 300): OrderBuilder => anOrder('t').of('TTT').worth(dollars).pnl(pnl);

async function anAccount(env: Record<string, string>, ...orders: OrderBuilder[]): Promise<TestAccount> {
  const account = await ledgers.account({ env });
  await account.prices(PRICES);
  await account.place(...orders);
  return account;
}

const victims = async (account: TestAccount): Promise<string[]> =>
  await account.ledger.redis.zrange(`ws:{${account.name}}:victims:total`, 0, '-1');

/** Steals from a symbol, so many seconds ago. */
async function robbed(account: TestAccount, symbol: string, ...secondsAgo: number[]): Promise<void> {
  for (const ago of secondsAgo)
    await remember(account.ledger, {
      ...{ id: `past${ago}`, thiefSymbol: `Z${ago}`, victimSymbol: symbol },
      atMs: account.nowMs() - ago * 1000,
    });
}

/** Any command brings the book up to date. */
async function later(account: TestAccount, ms: number): Promise<void> {
  await account.advanceLedger(ms);
  await account.prices(PRICES);
  await account.expectSound();
}

describe('a symbol that was stolen from too often', () => {
  const env = { WORK_STEALING_MAX_ROBBED: '2', WORK_STEALING_ROBBED_WINDOW: '1000' };
  const book = () => anAccount(env, anOrder('a').of('AAA').worth(1000).pnl('1'));

  it('leaves the index, and comes back when the earlier steal is older than the window', async () => {
    const account = await book();
    await robbed(account, 'AAA', 500, 400);
    await account.expectSound();
    expect(await victims(account)).toEqual([]);
    await later(account, 500_000);
    expect(await account.steal(thief())).toMatchObject({ outcome: 'no_candidates' });
    await later(account, 1);
    expect(await victims(account)).toHaveLength(1);
    expect(await account.steal(thief())).toMatchObject({ outcome: 'stolen' });
  });

  it('is so whatever the order in which past steals are told', async () => {
    const account = await book();
    await robbed(account, 'AAA', 400, 500, 990);
    await later(account, 500_001);
    expect(await victims(account)).toHaveLength(1);
  });

  it('is found in the history when the limit is set, and no more when it is lifted', async () => {
    const account = await anAccount({}, anOrder('a').of('AAA').worth(1000).pnl('1'));
    await robbed(account, 'AAA', 500, 400);
    expect(await victims(account)).toHaveLength(1);
    await account.configure(env);
    await account.expectSound();
    expect(await victims(account)).toEqual([]);
    await account.configure({});
    await account.expectSound();
    expect(await victims(account)).toHaveLength(1);
  });

  it('leaves nothing behind when its history is over', async () => {
    const account = await book();
    await robbed(account, 'AAA', 500, 400);
    await later(account, 4_000_000);
    await sweep(account.ledger, 100);
    const keys = Object.keys(await account.keyspace());
    expect(keys.filter((key) => /^(robbed|often_robbed|taken|cooldowns|steals)/.test(key))).toEqual([]);
  });
});

describe('a forecast that fades', () => {
  it('ranks by what it is worth, as time goes, without a change of the index', async () => {
    const account = await anAccount(
      { WORK_STEALING_PNL_HALF_LIFE: '1000' },
      anOrder('old').of('AAA').worth(500).pnl('20'),
    );
    await account.advanceLedger(2_000_000);
    await account.prices(PRICES);
    await account.place(anOrder('new').of('BBB').worth(500).pnl('6'));
    const index = await victims(account);
    await later(account, 1_000_000);
    expect(await victims(account)).toEqual(index);
    expect(await account.steal(thief('2.75'))).toMatchObject({ outcome: 'stolen', victims: [{ id: 'old' }] });
    await account.expectSound();
  });

  it('the index is built anew when the half-life changes', async () => {
    const account = await anAccount({}, anOrder('old').of('AAA').worth(500).pnl('20'));
    await account.advanceLedger(2_000_000);
    await account.prices(PRICES);
    await account.place(anOrder('new').of('BBB').worth(500).pnl('6'));
    expect((await victims(account))[0]).toMatch(/:new$/);
    await account.configure({ WORK_STEALING_PNL_HALF_LIFE: '1000' });
    await account.expectSound();
    expect((await victims(account))[0]).toMatch(/:old$/);
    await account.configure({});
    await account.expectSound();
    expect((await victims(account))[0]).toMatch(/:new$/);
  });

  it('those that have faded to nothing go oldest first, whatever they once promised', async () => {
    const account = await anAccount({ WORK_STEALING_PNL_HALF_LIFE: '1' });
    const pnls = ['900', '0.000000001', '30', '0', '500', '7'];
    for (const [at, pnl] of pnls.entries()) {
      await account.advanceLedger(1000);
      await account.place(
        anOrder(`o${at}`)
          .of(at % 2 ? 'BBB' : 'AAA')
          .worth(100)
          .pnl(pnl),
      );
    }
    await account.place(anOrder('rest').of('CCC').worth(400).pnl('1'));
    await later(account, 1_000_000);
    expect(await account.steal(thief('50', 300))).toMatchObject({
      victims: [{ id: 'o0' }, { id: 'o1' }, { id: 'o2' }],
    });
  });
});

describe('the budget of steals', () => {
  it('counts what is told in any order, and what was told twice once', async () => {
    const past = fc.array(fc.record({ ago: fc.nat(3000), micros: fc.integer({ min: 1, max: 10 ** 9 }) }), {
      maxLength: 12,
    });
    await fc.assert(
      fc.asyncProperty(past, fc.nat(3000), async (steals, windowS) => {
        const account = await ledgers.account({
          env: { WORK_STEALING_BUDGET: '0.000000001', WORK_STEALING_BUDGET_WINDOW: `${windowS}` },
        });
        await account.prices(PRICES);
        await account.place(anOrder('a').of('AAA').worth(1000).pnl('1'));
        for (const [at, { ago, micros }] of [...steals, ...steals.slice(0, 3)].entries())
          await remember(account.ledger, {
            ...{ id: `s${at % Math.max(1, steals.length)}`, thiefSymbol: 'YYY', victimSymbol: 'ZZZ' },
            atMs: account.nowMs() - ago * 1000,
            heldMicros: micros,
          });
        const within = steals.filter(({ ago }) => ago <= windowS);
        expect(await account.steal(thief())).toMatchObject({
          outcome: 'budget_spent',
          numbers: {
            taken_micros: `${within.reduce((sum, { micros }) => sum + micros, 0)}`,
            takes_micros: '1000000000',
            budget_micros: '1',
          },
        });
      }),
      { numRuns: 40 },
    );
  });

  it('counts a steal from its commit on, until it is older than the window', async () => {
    const account = await anAccount(
      { WORK_STEALING_BUDGET: '0.5', WORK_STEALING_BUDGET_WINDOW: '100', WORK_STEALING_COOLDOWN: '0' },
      anOrder('a').of('AAA').worth(500).pnl('1'),
      anOrder('b').of('BBB').worth(500).pnl('2'),
    );
    expect(await account.steal(thief('50', 500))).toMatchObject({
      outcome: 'stolen',
      victims: [{ id: 'a' }],
    });
    await account.end('a', 'cancelled');
    const other = anOrder('u').of('UUU').worth(500).pnl('60');
    await account.advanceLedger(100_000);
    await account.prices({ ...PRICES, UUU: '10' });
    expect(await account.steal(other)).toMatchObject({ outcome: 'budget_spent' });
    await account.advanceLedger(1);
    expect(await account.steal(other)).toMatchObject({ outcome: 'stolen', victims: [{ id: 'b' }] });
    await account.expectSound();
  });
});
