/** What the ledger records of a refusal, so that `why` can explain it later. */
import { expect, it } from 'vitest';
import { key } from '../../src/ledger/keys.ts';
import { useLedgers } from '../support/fixtures.ts';
import { anOrder, type TestAccount } from '../support/ledger.ts';

const ledgers = useLedgers();

async function refusal(account: TestAccount, id: string): Promise<Record<string, string>> {
  return await account.ledger.redis.hgetall(key(account.name, `refusal:${id}`));
}

/** A full account: `m1` (MSFT, 1,000 dollars, PnL 5) works far from its limit; AAPL is at 100. */
async function aFullAccount(env = {}): Promise<TestAccount> {
  const account = await ledgers.account({ env });
  await account.prices({ MSFT: '110', AAPL: '100' });
  await account.place(anOrder('m1').of('MSFT').at('100').worth(1000).pnl('5'));
  return account;
}

it('keeps what a refused steal needed, what it was offered and what it had to beat', async () => {
  const account = await aFullAccount();
  const thief = anOrder('t1').of('AAPL').at('100').worth(400).pnl('5.1').plan('p1');
  expect(await account.steal(thief)).toMatchObject({ outcome: 'pnl_not_better' });
  expect(await refusal(account, 'p1')).toMatchObject({
    order: 't1',
    reason: 'pnl_not_better',
    need_micros: '400000000',
    room_micros: '0',
    worst: 'm1 MSFT 5 1000000000',
    unbeaten: 'm1 MSFT 5 1000000000',
    bar_pnl: '5',
    needs_pnl: '5.5',
    times: '1',
  });
});

it('the PnL that it names is the least that is taken', async () => {
  const account = await aFullAccount();
  expect(await account.steal(anOrder('t1').of('AAPL').at('100').worth(400).pnl('5.499999999'))).toMatchObject(
    {
      outcome: 'pnl_not_better',
    },
  );
  expect(await account.steal(anOrder('t2').of('AAPL').at('100').worth(400).pnl('5.5'))).toMatchObject({
    outcome: 'stolen',
  });
});

it('counts how often, keeps when first, and forgets the numbers of another reason', async () => {
  const account = await aFullAccount();
  const thief = anOrder('t1').of('AAPL').at('100').worth(400).pnl('1').plan('p1');
  await account.steal(thief);
  await account.advance(1000);
  await account.prices({ AAPL: '101' });
  expect(await account.admit(thief)).toMatchObject({ outcome: 'not_close_enough' });
  const kept = await refusal(account, 'p1');
  expect(kept).toMatchObject({ reason: 'not_close_enough', times: '2', price: '101', gate_price: '100.3' });
  expect(Number(kept['at_ms']) - Number(kept['first_at_ms'])).toBe(1000);
  expect(kept['needs_pnl']).toBeUndefined();
});

it('is kept under the order where no plan is named, for an hour', async () => {
  const account = await aFullAccount();
  await account.steal(anOrder('t1').of('AAPL').at('100').worth(400).pnl('1'));
  const life = await account.ledger.redis.pttl(key(account.name, 'refusal:t1'));
  expect(life).toBeGreaterThan(3_500_000);
  expect(life).toBeLessThanOrEqual(3_600_000);
  expect(await account.ledger.redis.zrange(key(account.name, 'refusals'), 0, '-1')).toEqual(['t1']);
});

it('an admission that fits, and one that may steal, leave no refusal', async () => {
  const account = await aFullAccount();
  expect(await account.admit(anOrder('t1').of('AAPL').at('100').worth(400).pnl('9'))).toMatchObject({
    outcome: 'blocked',
  });
  expect(await account.ledger.redis.exists(key(account.name, 'refusals'))).toBe(0);
});
