/**
 * Policy `expected` in the ledger (docs/rules.md, 7.5): the probability goes with the forecast wherever that
 * goes, a switch of the policy ranks the book anew, and the index is sound all along (I2, I3).
 */
import { describe, expect, it } from 'vitest';
import { adopt } from '../../../src/ledger/commands/adopt.ts';
import { claim } from '../../../src/ledger/commands/claim.ts';
import { replacePlan } from '../../../src/ledger/commands/plan-series.ts';
import { claimPlans, filePlan, type Plan } from '../../../src/ledger/commands/plans.ts';
import { readPlan } from '../../../src/ledger/plan-record.ts';
import { useLedgers } from '../../support/fixtures.ts';
import { runScript } from '../../support/inspection.ts';
import { anOrder, LEASE_MS, type OrderBuilder, type TestAccount } from '../../support/ledger.ts';

const ledgers = useLedgers();
const ON = { WORK_STEALING_POLICY: 'expected' };
const PRICES = { AAA: '11', BBB: '11', TTT: '10' };
const thief = (pnl: string): OrderBuilder => anOrder('t').of('TTT').worth(300).pnl(pnl);

/** AAA promises more, and is less likely: 40 x 0.1 against 10 x 0.8. */
async function aBook(env: Record<string, string>): Promise<TestAccount> {
  const account = await ledgers.account({ env });
  await account.prices(PRICES);
  await account.place(
    anOrder('a').of('AAA').worth(500).pnl('40').likely('0.1'),
    anOrder('b').of('BBB').worth(500).pnl('10').likely('0.8'),
  );
  return account;
}

const worst = async ({ ledger, name }: TestAccount): Promise<string | undefined> =>
  (await ledger.redis.zrange(`ws:{${name}}:victims:total`, 0, '-1'))[0]?.split(':').at(-1);

const plan = (changes: Partial<Plan> = {}): Plan => ({
  ...{ id: 'p', symbol: 'AAA', side: 'buy', mode: 'normal', limit: '10', qty: '80', pnl: '40', pool: '' },
  ...{ takeProfit: '', startsAtMs: 0, expiresAtMs: 0, holdMs: 0, strategy: 'test', ...changes },
});

describe('the index', () => {
  it('is built anew when the policy is switched, there and back', async () => {
    const account = await aBook({});
    for (const [policy, first] of [
      ['pnl', 'b'],
      ['expected', 'a'],
      ['distance', 'b'], // equally far: the lower PnL
      ['expected', 'a'],
      ['pnl', 'b'],
    ] as const) {
      await account.configure({ WORK_STEALING_POLICY: policy });
      await account.expectSound();
      expect(await worst(account), policy).toBe(first);
    }
  });

  it('ranks an order so when its price comes back, and when the policy is on from the start', async () => {
    const account = await aBook(ON);
    expect(await worst(account)).toBe('a');
    await account.prices({ AAA: '10' });
    expect(await worst(account)).toBe('b');
    await account.prices({ AAA: '12' });
    expect(await worst(account)).toBe('a');
    await account.expectSound();
  });
});

describe('a steal', () => {
  it('tells what the thief and its victims count', async () => {
    const account = await aBook(ON);
    expect(await account.steal(thief('8').likely('0.5'))).toMatchObject({
      outcome: 'pnl_not_better',
      numbers: { bar_pnl: '4', needs_pnl: '4.4', thief_expected: '4', worst_worth: '4 0' },
    });
    expect(await account.steal(thief('8.8').likely('0.5'))).toMatchObject({
      outcome: 'stolen',
      victims: [{ id: 'a', pnl: '40' }],
      numbers: { worths: '4 0', thief_expected: '4.4' },
    });
    await account.expectSound();
  });

  it('is explained by them', async () => {
    const account = await aBook(ON);
    expect(await runScript(account, 'why', ['a'])).toContain(
      '40, with a probability of 0.1 that its limit trades, worth 4 as a victim',
    );
    expect(await runScript(account, 'why', ['a'])).toContain('a PnL that beats 4, its PnL of 40 x 0.1.');
    await account.steal(thief('8').likely('0.5'));
    const text = await runScript(account, 'why', ['t']);
    expect(text).toContain(
      'its PnL of 8, expected 4 does not beat the worst candidate, a (AAA, PnL 40, expected 4, $500.00)',
    );
    expect(text).toContain('an expected PnL of at least 4.4');
    await account.steal(thief('9').likely('0.5'));
    expect(await runScript(account, 'why', ['t'])).toContain('Its PnL of 9, expected 4.5 had to beat theirs');
    expect(await runScript(account, 'why', ['a'])).toContain('PnL 9, expected 4.5 against 40, expected 4');
    const orders = await runScript(account, 'orders', []);
    expect(orders).toMatch(/FILLS/);
    expect(orders).toMatch(/ 0\.1/);
  });
});

describe('a plan', () => {
  it('keeps its probability, and is another plan with another', async () => {
    const { ledger } = await ledgers.account();
    expect(await filePlan(ledger, plan({ fillProbability: '0.25' }))).toBe('filed');
    expect(await filePlan(ledger, plan({ fillProbability: '0.25' }))).toBe('exists');
    await expect(filePlan(ledger, plan())).rejects.toMatchObject({ code: 'contradiction' });
    expect(await readPlan(ledger, 'p')).toMatchObject({ fillProbability: '0.25' });
    expect(await claimPlans(ledger, 'host', LEASE_MS, 10)).toMatchObject([{ fillProbability: '0.25' }]);
    await replacePlan(ledger, { ...plan({ id: 'q', fillProbability: '0.5' }), terms: 'x' });
    expect(await readPlan(ledger, 'q')).toMatchObject({ fillProbability: '0.5' });
  });

  it('that an older version filed is sure to trade, and still the same plan', async () => {
    const { ledger, name } = await ledgers.account();
    await filePlan(ledger, plan());
    await ledger.redis.hdel(`ws:{${name}}:plan:p`, 'fill_probability');
    expect(await filePlan(ledger, plan())).toBe('exists');
    expect(await readPlan(ledger, 'p')).toMatchObject({ fillProbability: '1' });
  });

  it('gives it to an order that was found at the broker', async () => {
    const account = await ledgers.account({ env: ON });
    const found = { id: 'p_1', brokerId: 'x', symbol: 'AAA', side: 'buy', limit: '10', qty: '80' } as const;
    const rest = { filledQty: '0', filledMicros: 0, pool: '', reducing: false };
    await adopt(account.ledger, { ...found, ...rest }, account.healthMs());
    await filePlan(account.ledger, plan({ fillProbability: '0.1' }));
    expect(await claim(account.ledger, 'p', 'p_1')).toBe('claimed');
    expect(await account.order('p_1')).toMatchObject({ pnl: '40', fillProbability: '0.1' });
    await account.prices(PRICES);
    expect(await account.steal(thief('4.4'))).toMatchObject({ outcome: 'stolen', victims: [{ id: 'p_1' }] });
    await account.expectSound();
  });

  it('goes on with the same one where its order was taken in part', async () => {
    const account = await ledgers.account({ env: { ...ON, WORK_STEALING_PARTIAL: '1' } });
    await filePlan(account.ledger, plan({ fillProbability: '0.1' }));
    await claimPlans(account.ledger, 'host', LEASE_MS, 10);
    await account.prices(PRICES);
    await account.place(anOrder('p_1').worth(800).pnl('40').likely('0.1').plan('p'));
    await account.steal(thief('9').worth(500));
    await account.end('p_1', 'cancelled');
    expect(await account.order('p_2')).toMatchObject({ qty: '50', pnl: '25', fillProbability: '0.1' });
  });
});
