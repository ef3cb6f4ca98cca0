/** `why` explains every refusal by its rule and says what would have to change; the advice must be true. */
import { describe, expect, it } from 'vitest';
import { readClock } from '../../src/ledger/clock-reading.ts';
import { cancel } from '../../src/ledger/commands/cancel.ts';
import { close } from '../../src/ledger/commands/closures.ts';
import { claimPlans, filePlan, notePlan, type Plan } from '../../src/ledger/commands/plans.ts';
import { release } from '../../src/ledger/commands/release.ts';
import { settle } from '../../src/ledger/commands/settle.ts';
import { steal } from '../../src/ledger/commands/steal.ts';
import { submit } from '../../src/ledger/commands/submit.ts';
import { key } from '../../src/ledger/keys.ts';
import type { Env } from '../../src/rules/settings.ts';
import { useLedgers } from '../support/fixtures.ts';
import { runScript } from '../support/inspection.ts';
import { anOrder, LEASE_MS, type TestAccount } from '../support/ledger.ts';

const ledgers = useLedgers();

const PRICES = { AAPL: '100', MSFT: '110', NVDA: '110', TSLA: '110', META: '110' };

const PAUSING: Plan = {
  ...({
    id: 'p9',
    symbol: 'AAPL',
    side: 'buy',
    mode: 'normal',
    limit: '90',
    qty: '1',
    pnl: '1',
    pool: '',
    takeProfit: '',
  } as const),
  ...{ startsAtMs: 0, expiresAtMs: 0, holdMs: 0, strategy: 'test' },
};

/** 1,000 dollars, all used by `m1` (MSFT, PnL 5, far from its limit) or by what is given; AAPL is at 100. */
async function aFullAccount(
  env: Env = {},
  orders = [anOrder('m1').of('MSFT').at('100').worth(1000).pnl('5')],
): Promise<TestAccount> {
  const account = await ledgers.account({ env });
  await account.prices(PRICES);
  await account.place(...orders);
  return account;
}

/** 400 dollars of AAPL at 100, from plan `p1`. */
function aThief(pnl = '9') {
  return anOrder('p1_1').of('AAPL').at('100').worth(400).pnl(pnl).plan('p1');
}

async function why(account: TestAccount, id = 'p1'): Promise<string> {
  return await runScript(account, 'why', [id]);
}

describe('a refusal:', () => {
  it('an exit that it could trade with: which one, and that another limit fits, which is so', async () => {
    const account = await aFullAccount({}, [anOrder('out_1').of('AAPL').at('100').worth(300).plan('out')]);
    await account.end('out_1', 'filled', '3');
    await account.place(anOrder('out_x1').of('AAPL').at('102').qty('3').selling().exiting().plan('out'));
    const entry = aThief().at('102').qty('1');
    expect(await account.admit(entry)).toMatchObject({ outcome: 'opposite' });
    const text = await why(account);
    expect(text).toContain(
      "Order out_x1 of plan out is on AAPL's other side: the broker takes no order that could trade with it",
    );
    expect(text).toContain('out_x1 ends, or a limit that its own can not meet');
    expect(await account.admit(entry.at('101.99').qty('1'))).toMatchObject({ outcome: 'fits' });
  });

  it('too far from its limit: the price at which it may steal, which is so', async () => {
    const account = await aFullAccount();
    await account.prices({ AAPL: '100.5' });
    expect(await account.admit(aThief())).toMatchObject({ outcome: 'not_close_enough' });
    const text = await why(account);
    expect(text).toContain('It needed $400.00; there was room for $0.00 in total.');
    expect(text).toContain('AAPL was at 100.5, 0.5 % from 100.');
    expect(text).toContain('the price within 0.3 % of the limit: at or below 100.3');
    expect(text).toContain('$400.00 more room in total');
    await account.prices({ AAPL: '100.3' });
    expect(await account.admit(aThief())).toMatchObject({ outcome: 'blocked' });
  });

  it('barred: why, until when, and that a working order of the plan ends it', async () => {
    const account = await ledgers.account();
    await account.prices(PRICES);
    await account.admit(aThief());
    await submit(account.ledger, 'p1_1', LEASE_MS);
    await account.end('p1_1', 'rejected');
    await account.place(anOrder('m1').of('MSFT').at('100').worth(1000).pnl('5'));
    const second = anOrder('p1_2').of('AAPL').at('100').worth(400).pnl('9').plan('p1');
    expect(await account.admit(second)).toMatchObject({ outcome: 'barred' });
    const text = await why(account);
    expect(text).toContain(
      'may not steal until 2025-01-15T15:03:00Z: the broker refused its order (broker), for the first ' +
        'time in a row.',
    );
    expect(text).toContain('its bar ends, in 3 min');
    expect(text).toContain('an order of it works at the broker');
  });

  it('a sell shows the price above which it may steal', async () => {
    const account = await aFullAccount();
    await account.prices({ AAPL: '99' });
    await account.admit(aThief().selling());
    expect(await why(account)).toContain('the price within 0.3 % of the limit: at or above 99.7');
  });

  it('not enough better: whom it would have to beat and the least PnL that does', async () => {
    const account = await aFullAccount();
    await account.steal(aThief('5.2'));
    const text = await why(account);
    expect(text).toContain(
      'its PnL of 5.2 does not beat the worst candidate, m1 (MSFT, PnL 5, $1,000.00): a thief must be ' +
        '1.1 x better.',
    );
    expect(text).toContain('a PnL of at least 5.5');
  });

  it('the sum of its victims is not beaten: that sum', async () => {
    const halves = ['a', 'b'].map((id) => anOrder(id).of('MSFT').at('100').worth(500).pnl('4'));
    const account = await aFullAccount({}, halves);
    await account.steal(anOrder('p1_1').of('AAPL').at('100').worth(900).pnl('6').plan('p1'));
    const text = await why(account);
    expect(text).toContain('does not beat the 8 that its victims have together');
    expect(text).toContain('a PnL of at least 8.8');
  });

  it('nothing is at stake but a zero: above it is enough', async () => {
    const account = await aFullAccount({}, [anOrder('m1').of('MSFT').at('100').worth(1000).pnl('0')]);
    await account.steal(aThief('-1'));
    expect(await why(account)).toContain('a PnL above 0');
  });

  it('too little is freed: how much, and who comes next', async () => {
    const account = await aFullAccount({}, [
      anOrder('m1').of('MSFT').at('100').worth(300).pnl('1'),
      anOrder('n1').of('NVDA').at('100').worth(700).pnl('20'),
    ]);
    await account.steal(aThief());
    const text = await why(account);
    expect(text).toContain('the orders that it beats free $300.00, too little.');
    expect(text).toContain('The next, n1 (NVDA, PnL 20, $700.00), is not beaten.');
    expect(text).toContain('a PnL of at least 22');
  });

  it('too many victims: how many, and the setting', async () => {
    const tenths = Array.from({ length: 10 }, (_, i) =>
      anOrder(`m${i}`).of('MSFT').at('100').worth(100).pnl('1'),
    );
    const account = await aFullAccount({}, tenths);
    await account.steal(aThief('90'));
    const text = await why(account);
    expect(text).toContain('it would have taken 4 victims; one steal may have 3.');
    expect(text).toContain('WORK_STEALING_MAX_VICTIMS is at least 4');
  });

  it('no candidates: each class passed over, by its rule, and what ends when', async () => {
    const account = await aFullAccount({ WORK_STEALING_VIP_SYMBOLS: 'TSLA' }, [
      anOrder('m1').of('MSFT').at('100').worth(200),
      anOrder('m2').of('MSFT').at('100').worth(200),
      anOrder('n1').of('NVDA').at('109.9').worth(200),
      anOrder('t1').of('TSLA').at('100').worth(200),
      anOrder('a0').of('AAPL').at('90').worth(200).pnl('1'),
    ]);
    await account.steal(anOrder('q1').of('META').at('110').worth(200).pnl('9'));
    await account.advance(227_000);
    await account.prices(PRICES);
    await account.steal(aThief());
    const text = await why(account);
    expect(text).toMatch(/^rule 1 +exempt +2 +orders /m); // t1 is VIP, m1 is being cancelled
    expect(text).toMatch(/^rule 2 +near +1 +orders /m);
    expect(text).toMatch(/^rule 3 +cooling +1 +orders /m);
    expect(text).toMatch(/^rule 5 +own +1 +symbols /m);
    expect(text).toContain("MSFT's cooldown ends in 73 s (1 order far from the limit)");
    expect(text).toContain('an order moves further than 0.4 % from its limit');
  });

  it('a fight: with whom', async () => {
    const account = await aFullAccount();
    for (const ago of [10, 5])
      await account.ledger.run('remember', [`s${ago}`, 'AAPL', 'MSFT', account.nowMs() - ago * 60_000, 0]);
    await account.advance(1);
    await account.prices(PRICES);
    expect(await account.steal(aThief())).toMatchObject({ outcome: 'fighting' });
    const text = await why(account);
    expect(text).toContain('with every order that could be a victim a steal would have been a fight: MSFT.');
    expect(text).toMatch(
      /^rule 6 +would_fight +1 +symbols +one more steal between the two would be a fight: MSFT$/m,
    );
    expect(text).toContain("MSFT's fight ends in 30 min (1 order far from the limit)");
  });

  it('no price: how old the last was', async () => {
    const account = await aFullAccount();
    await account.advanceHealth(40_000);
    await account.admit(aThief());
    const text = await why(account);
    expect(text).toContain(
      'without a fresh price its distance to its limit was unknown (the last was 40 s old).',
    );
    expect(text).toContain('a price of AAPL younger than 15 s');
  });

  it.each([
    ['disabled', { WORK_STEALING_ENABLED: '0' }, 'stealing is switched off', 'WORK_STEALING_ENABLED is 1'],
    ['unsynced', {}, 'was not reconciled with the broker lately', 'a keeper reconciles the account'],
    ['halted', {}, 'The account is halted: test, by alice@ops, ', 'the account is resumed'],
    ['closed', {}, 'closed for entries (broker): no orders today.', 'worksteal reopen broker'],
  ] as const)('%s', async (reason, env, sentence, change) => {
    const account = await aFullAccount(env);
    if (reason === 'unsynced') await account.advanceHealth(700_000);
    if (reason === 'halted') await account.ledger.run('halt', ['test', 'alice@ops', 0]);
    if (reason === 'closed') await close(account.ledger, 'broker', 'no orders today');
    expect(await account.admit(aThief())).toMatchObject({ outcome: reason });
    const text = await why(account);
    expect(text).toContain(sentence);
    expect(text).toContain(change);
  });

  it('unsynced: how long the keeper waits after a loss of the ledger', async () => {
    const account = await aFullAccount();
    await account.advanceHealth(700_000);
    await account.admit(aThief());
    expect(await why(account)).not.toContain('Now the keeper waits');
    const { ledger, name } = account;
    const { healthMs } = await readClock(ledger);
    await ledger.redis.hset(key(name, 'account'), 'loss_wait_until_ms', String(healthMs + 14_000));
    expect(await why(account)).toContain(
      'Now the keeper waits 14 s more: an order sent before the ledger was lost may still reach the broker.',
    );
  });

  it('when there is room by now it says that it would fit', async () => {
    const account = await aFullAccount();
    await account.steal(aThief('1'));
    await account.end('m1', 'cancelled');
    expect(await why(account)).toContain('Now there is room for $1,000.00 in total: it would fit.');
  });

  it('is found by order and by plan, and is replaced by the order once that exists', async () => {
    const account = await aFullAccount();
    await account.steal(aThief('1'));
    expect(await why(account, 'p1_1')).toContain('pnl_not_better');
    await account.steal(aThief('9'));
    const text = await why(account, 'p1_1');
    expect(text).toContain('order    p1_1, pending');
    expect(text).toContain('Refused 1 time before');
    expect(text).not.toContain('any of these would change it');
  });
});

describe('a steal, from both sides:', () => {
  it('the victim: who took its room, when, both PnLs and the factor', async () => {
    const account = await aFullAccount();
    await account.steal(aThief('9'));
    await account.advance(3_000);
    const text = await why(account, 'm1');
    expect(text).toContain(
      'It is being cancelled, asked 3 s ago; its $1,000.00 count until the broker confirms it.',
    );
    expect(text).toContain(
      'Order p1_1 (AAPL, PnL 9) took its room at 2025-01-15T15:00:00Z, 3 s ago: PnL 9 against 5, ' +
        'where a thief must be 1.1 x better.',
    );
    expect(text).toContain('That steal is pending.');
  });

  it('the thief: whose room, what is freed, what it waits for, and that it was granted', async () => {
    const account = await aFullAccount();
    await account.steal(aThief('9'));
    expect(await why(account, 'p1_1')).toContain(
      'Victim m1 (MSFT, PnL 5, $1,000.00) is still being cancelled',
    );
    await account.advance(3_000);
    await account.end('m1', 'cancelled');
    const text = await why(account, 'p1_1');
    expect(text).toContain('Its room is reserved, $400.00');
    expect(text).toContain('Victim m1 (MSFT, PnL 5, $1,000.00) ended cancelled: its room was freed.');
    expect(text).toContain('The steal was granted 3 s later.');
  });

  it('names its trace, where it was traced', async () => {
    const account = await aFullAccount();
    const traceparent = `00-${'a1'.repeat(16)}-${'b2'.repeat(8)}-01`;
    expect(await steal(account.ledger, aThief('9').wish, LEASE_MS, '', '', traceparent)).toMatchObject({
      outcome: 'stolen',
    });
    expect(await why(account, 'p1_1')).toContain(`Its trace is ${'a1'.repeat(16)}.`);
  });

  it('an order whose room was gone before it was sent', async () => {
    const account = await aFullAccount({}, []);
    const { wish } = aThief();
    await account.admit(aThief());
    await account.advanceHealth(1);
    await account.sync('50');
    expect(await submit(account.ledger, wish.id, LEASE_MS)).toMatchObject({ outcome: 'over_cap' });
    await release(account.ledger, wish.id, 'over_cap');
    expect(await why(account, wish.id)).toContain(
      'Its room was gone before it was sent: the cap was lowered since it was granted, or its price rose. ' +
        'It was given back unsent; its plan asks again.',
    );
  });

  it('a victim that filled: the steal failed, and why', async () => {
    const account = await aFullAccount();
    await account.steal(aThief('9'));
    await account.end('m1', 'filled', '10');
    expect(await why(account, 'p1_1')).toMatch(/It ended rejected .*\(steal_failed\)/);
    expect(await why(account, 'p1_1')).toContain('was filled meanwhile, so it freed nothing');
    expect(await why(account, 'm1')).toMatch(/It ended filled .* 10 of 10 was filled/);
  });
});

describe('an order at work, a plan:', () => {
  it('may it be taken, and if not, by which rule', async () => {
    const account = await aFullAccount({}, [
      anOrder('m1').of('MSFT').at('100').worth(500),
      anOrder('x1').of('NVDA').at('100').worth(500).probing(),
    ]);
    expect(await why(account, 'm1')).toContain(
      'It may be taken by a thief close to its own limit with a PnL that beats 0.',
    );
    expect(await why(account, 'x1')).toContain('It can not be taken: a probe is never a victim (rule 1).');
    await account.prices({ MSFT: '100.4' });
    expect(await why(account, 'm1')).toContain(
      'at 100.4 it is 0.40 % from its limit, within the protection of 0.40 % (rule 2)',
    );
    await account.prices({ MSFT: '110' });
    await account.advanceHealth(20_000);
    expect(await why(account, 'm1')).toContain('MSFT has no fresh price (rule 2)');
  });

  it('a plan waits for its price, and shows how near it is', async () => {
    const account = await aFullAccount();
    const rest = {
      mode: 'normal',
      limit: '90',
      qty: '1',
      pnl: '1',
      pool: '',
      takeProfit: '',
      holdMs: 0,
      strategy: 'test',
    } as const;
    await filePlan(account.ledger, {
      id: 'p9',
      symbol: 'AAPL',
      side: 'buy',
      startsAtMs: 0,
      expiresAtMs: account.nowMs() + 90_000,
      ...rest,
    });
    const text = await why(account, 'p9');
    expect(text).toContain('plan     p9, waiting');
    expect(text).toContain('Now AAPL is at 100, 11.111 % from the limit 90 (the steal gate is 0.3 %).');
    expect(text).toContain('Its entry expires in 90 s.');
  });

  it('a plan pauses: what the broker refused, how often in a row, and when it tries again', async () => {
    const account = await ledgers.account();
    const { ledger } = account;
    await filePlan(ledger, PAUSING);
    await claimPlans(ledger, 'h1', LEASE_MS, 1);
    const pause = { pausedFor: 'price_step', pauseMs: 8_000, refused: 4 };
    await notePlan(ledger, 'h1', { id: 'p9', stage: 'waiting', attempt: 2, exitAttempt: 0, pause });
    await account.advanceHealth(3_000);
    expect(await why(account, 'p9')).toContain(
      'It tries again in 5 s: the broker refused its last order (price_step), 4 times in a row.',
    );
    await account.advanceHealth(5_000);
    expect(await why(account, 'p9')).not.toContain('It tries again');
  });

  it('a plan that began too many attempts: when the next one may begin', async () => {
    const account = await ledgers.account();
    const { ledger } = account;
    await filePlan(ledger, PAUSING);
    await claimPlans(ledger, 'h1', LEASE_MS, 1);
    for (let exitAttempt = 1; exitAttempt <= 11; exitAttempt += 1) {
      await notePlan(ledger, 'h1', { id: 'p9', stage: 'exiting', attempt: 1, exitAttempt });
    }
    expect(await why(account, 'p9')).toContain(
      'Its next attempt may begin in 6 s: it began more than ten within a minute.',
    );
  });
});

describe('a symbol:', () => {
  const file = (account: TestAccount, plan: Partial<Plan>) =>
    filePlan(account.ledger, { ...PAUSING, ...plan });

  it('the only plan of it is explained, and so is the only order', async () => {
    const account = await aFullAccount();
    await file(account, { id: 'p1', limit: '100' });
    await account.steal(aThief('1'));
    expect(await why(account, 'AAPL')).toBe(await why(account, 'p1'));
    expect(await why(account, 'msft')).toBe(await why(account, 'm1'));
  });

  it('a plan and its own order count once, a wish that was refused without a plan counts', async () => {
    const account = await aFullAccount({}, [anOrder('p9_1').of('AAPL').at('90').worth(900).plan('p9')]);
    await file(account, { id: 'p9' });
    expect(await why(account, 'AAPL')).toContain('plan     p9, waiting');
    await account.admit(anOrder('w1').of('NVDA').at('100').worth(400));
    expect(await why(account, 'NVDA')).toContain('refused  w1');
  });

  it('several are listed, each with its state and its last refusal', async () => {
    const account = await aFullAccount();
    await file(account, { id: 'p1', limit: '100' });
    await file(account, { id: 'p2', side: 'sell' });
    await account.steal(aThief('1'));
    const text = await why(account, 'AAPL');
    expect(text).toContain('plans and orders of AAPL: 2; ask for one of them');
    expect(text).toMatch(
      /^p1 +plan +buy +100 +0\.00 % +waiting +- +its PnL is not enough better \(pnl_not_better\), 0 ms ago$/m,
    );
    expect(text).toMatch(/^p2 +plan +sell +90 +0\.00 % +waiting +- +-$/m);
    expect(JSON.parse(await runScript(account, 'why', ['AAPL', 'json']))).toMatchObject({
      symbol: 'AAPL',
      candidates: [
        { id: 'p1', kind: 'plan', state: 'waiting', refusal: { reason: 'pnl_not_better', times: 1 } },
        { id: 'p2', refusal: null },
      ],
      more: 0,
    });
  });

  it('when all have ended, the latest of these', async () => {
    const account = await aFullAccount();
    await account.end('m1', 'cancelled');
    expect(await why(account, 'MSFT')).toContain('order    m1, cancelled');
  });

  it('an id wins over a symbol of the same name', async () => {
    const account = await aFullAccount({}, [anOrder('AAPL').of('MSFT').at('100').worth(100)]);
    await file(account, { id: 'p1' });
    expect(await why(account, 'AAPL')).toContain('order    AAPL, working');
  });
});

describe('a steal by its key in the history:', () => {
  const steals = async (account: TestAccount): Promise<string> =>
    (await account.ledger.redis.zrevrange(key(account.name, 'steals'), 0, '0'))[0] ?? '';

  it('who took from whom, what became of the victims, how it ended', async () => {
    const account = await aFullAccount();
    await account.steal(aThief('9'));
    await account.advance(3_000);
    await account.end('m1', 'cancelled');
    expect(await steals(account)).toBe('AAPL>MSFT#p1_1');
    const text = await why(account, 'AAPL>MSFT#p1_1');
    expect(text).toContain('steal  AAPL>MSFT#p1_1, granted');
    expect(text).toContain('thief  p1_1 (AAPL, PnL 9)');
    expect(text).toContain('Victim m1 (MSFT, PnL 5, $1,000.00) ended cancelled: its room was freed.');
    expect(text).toContain('The steal was granted 3 s later.');
    expect(JSON.parse(await runScript(account, 'why', ['AAPL>MSFT#p1_1', 'json']))).toMatchObject({
      id: 'AAPL>MSFT#p1_1',
      thief: 'p1_1',
      victimSymbol: 'MSFT',
      steal: { id: 'p1_1', state: 'granted', thiefPnl: '9' },
    });
  });

  it('one that was only brought into the history', async () => {
    const account = await aFullAccount();
    await account.ledger.run('remember', ['s1', 'AAPL', 'MSFT', account.nowMs() - 60_000, 0]);
    expect(await why(account, 'AAPL>MSFT#s1')).toContain('AAPL took room of MSFT.');
  });

  it.each(['MSFT>AAPL#p1_1', 'AAPL>MSFT#p1_2'])('%s is not in it', async (member) => {
    const account = await aFullAccount();
    await account.steal(aThief('9'));
    await expect(why(account, member)).rejects.toThrow(
      `UNKNOWN there is no steal "${member}" in the history`,
    );
  });
});

it('an entry that made way for an exit is said to have, with the exit', async () => {
  const account = await aFullAccount();
  await cancel(account.ledger, 'm1', 'makes_way', 'one--out');
  const ending = { state: 'cancelled', filledQty: '0', costMicros: 0, reason: 'makes_way' } as const;
  await settle(account.ledger, 'm1', ending);
  expect(await why(account, 'm1')).toContain(
    'It was cancelled to make way for an exit of its symbol: one--out.',
  );
});

describe('an unknown id:', () => {
  it.each([
    ['m2', '"m2" on record, and none of a symbol M2', 'm1'],
    ['MSTF', '"MSTF" on record, and none of a symbol MSTF', 'MSFT'],
    ['demo-1-APPL', '"demo-1-APPL" on record;', 'demo-1-AAPL'],
    ['demo-1', '"demo-1" on record;', 'demo-1-AAPL'],
  ])('%s: what was looked for, and what is like it', async (id, said, near) => {
    const account = await aFullAccount();
    await filePlan(account.ledger, { ...PAUSING, id: 'demo-1-AAPL' });
    await expect(why(account, id)).rejects.toThrow(
      new RegExp(`UNKNOWN there is no order, plan or refusal ${said}.*; did you mean .*${near}.*\\?`),
    );
  });

  it('like nothing: nothing is suggested', async () => {
    await expect(why(await aFullAccount(), 'nothing-like-it')).rejects.not.toThrow('did you mean');
  });
});
