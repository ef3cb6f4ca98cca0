/**
 * A protection rule is added in one place, lua/include/eligibility.lua. With a rule that protects orders
 * younger than a minute, selection, index and audit always agree (I2, I3).
 */
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { amend } from '../../../src/ledger/commands/amend.ts';
import { type Ledger, openLedger } from '../../../src/ledger/ledger.ts';
import { accountsOn, accountsOnChanged } from '../../support/changed-scripts.ts';
import { useRedis } from '../../support/fixtures.ts';
import { anOrder, type TestAccount } from '../../support/ledger.ts';

const MIN_AGE_MS = 60_000;
/** The rule, as CONTRIBUTING.md has it, in place of the rules of this kind that there are. */
const YOUNG = [
  [
    'include/eligibility',
    'local function order_protection(',
    `local function order_protection(order)\n  return 'young', tonumber(order.created_at_ms) + ` +
      `${MIN_AGE_MS}\nend\n\nlocal function _others(`,
  ],
  ['include/eligibility', 'ELIGIBILITY_FIELDS = { ', "ELIGIBILITY_FIELDS = { 'created_at_ms', "],
] as const;

const redis = useRedis();
let base: Ledger;
beforeAll(async () => {
  base = await openLedger(redis.url, 'rules');
});
afterAll(() => base.close());

const PRICES = { AAA: '11', BBB: '11', TTT: '10' };
const thief = () => anOrder('t').of('TTT').worth(300).pnl('50');

let account: TestAccount;
async function later(ms: number): Promise<void> {
  await account.advance(ms);
  await account.prices(PRICES);
}
const steal = async () => (await account.steal(thief())).outcome;

describe('without such a rule', () => {
  it('a young order is a victim', async () => {
    account = await accountsOn(base)({});
    await account.prices(PRICES);
    await account.place(anOrder('a').of('AAA').worth(1000).pnl('1'));
    expect(await steal()).toBe('stolen');
  });
});

describe('where no order younger than a minute is a victim,', () => {
  beforeEach(async () => {
    account = await accountsOnChanged(base, YOUNG)({});
    await account.prices(PRICES);
    await account.place(anOrder('a').of('AAA').worth(1000).pnl('1'));
  });

  it('it is left alone a millisecond before, and taken at exactly a minute', async () => {
    await account.expectSound();
    await later(MIN_AGE_MS - 1);
    expect(await steal()).toBe('no_candidates');
    await account.expectSound();
    await account.advance(1);
    await account.expectSound(); // nobody has brought the book up to date yet
    expect(await steal()).toBe('stolen');
    await account.expectSound();
  });

  it('a price that moves in the meantime changes nothing', async () => {
    await account.prices({ ...PRICES, AAA: '10' });
    await account.prices(PRICES);
    expect(await steal()).toBe('no_candidates');
    await later(MIN_AGE_MS);
    expect(await steal()).toBe('stolen');
    await account.expectSound();
  });

  it('one that ends before its minute leaves nothing behind', async () => {
    await account.end('a', 'cancelled');
    await later(MIN_AGE_MS);
    expect(await account.keyspace()).not.toHaveProperty('protected_until');
    await account.expectSound();
  });

  it('one that was changed at the broker keeps its age', async () => {
    await later(MIN_AGE_MS / 2);
    await amend(account.ledger, {
      was: 'b-a',
      terms: { id: 'a', brokerId: 'b2', symbol: 'AAA', side: 'buy', qty: '101' },
      limit: '9.9',
      before: { qty: '0', micros: 0 },
      takes: 'now',
    });
    await account.expectSound();
    await later(MIN_AGE_MS / 2);
    expect(await steal()).toBe('stolen');
    await account.expectSound();
  });

  it('new settings rebuild the index for old and young alike', async () => {
    await later(MIN_AGE_MS);
    await account.end('a', 'cancelled');
    await account.place(anOrder('old').of('AAA').worth(500).pnl('1'));
    await later(MIN_AGE_MS);
    await account.place(anOrder('young').of('BBB').worth(500).pnl('1'));
    await account.configure({ WORK_STEALING_PROTECTION: '0.005' });
    await account.expectSound();
    const stolen = await account.steal(thief());
    expect(stolen).toMatchObject({ outcome: 'stolen', victims: [{ id: 'old' }] });
    await account.expectSound();
  });
});
