/**
 * lua/include/bars.lua, barring.lua: a plan must not steal for a while after victims were cancelled for it in
 * vain, or after its order was refused.
 */
import { describe, expect, it } from 'vitest';
import { replacePlan } from '../../../src/ledger/commands/plan-series.ts';
import { release } from '../../../src/ledger/commands/release.ts';
import { settle } from '../../../src/ledger/commands/settle.ts';
import { submit } from '../../../src/ledger/commands/submit.ts';
import { sweep } from '../../../src/ledger/commands/sweep.ts';
import { useLedgers } from '../../support/fixtures.ts';
import {
  anOrder,
  expectNoEffect,
  LEASE_MS,
  type OrderBuilder,
  type TestAccount,
} from '../../support/ledger.ts';

const ledgers = useLedgers();

const PAUSE_MS = 180_000;
const HOUR_MS = 3_600_000;
const thief = (attempt: number, plan = 'p'): OrderBuilder =>
  anOrder(`${plan}_${attempt}`).of('TTT').worth(100).pnl('50').plan(plan);

/**
 * A full account: victims `v0` … of 100 dollars, each of a symbol of its own, far from their limits; TTT is
 * near.
 */
async function aFullAccount(env: Record<string, string> = {}): Promise<TestAccount> {
  const account = await ledgers.account({ equity: '800', env: { WORK_STEALING_COOLDOWN: '0', ...env } });
  await freshPrices(account);
  await account.place(
    ...Array.from({ length: 8 }, (_, i) => anOrder(`v${i}`).of(`V${i}`).worth(100).pnl('1')),
  );
  return account;
}

async function freshPrices(account: TestAccount): Promise<void> {
  await account.prices({
    TTT: '10',
    ...Object.fromEntries(Array.from({ length: 8 }, (_, i) => [`V${i}`, '11'])),
  });
}

/** Time passes; the account stays reconciled and its prices fresh. */
async function pass(account: TestAccount, ms: number): Promise<void> {
  await account.advance(ms);
  await account.sync('800');
  await freshPrices(account);
}

/** The thief's steal is committed and its victim ends: it is granted. */
async function granted(account: TestAccount, order: OrderBuilder): Promise<void> {
  const stolen = await account.steal(order);
  expect(stolen).toMatchObject({ outcome: 'stolen' });
  const [victim] = 'victims' in stolen ? stolen.victims : [];
  expect(await account.end(victim?.id ?? '', 'cancelled')).toMatchObject({ steal: { state: 'granted' } });
}

const rejected = (account: TestAccount, id: string, reason: string) =>
  settle(account.ledger, id, { state: 'rejected', filledQty: '0', costMicros: 0, reason });

/** Somebody else takes the room that is free again. */
async function fillUp(account: TestAccount, id: string): Promise<void> {
  await account.place(anOrder(id).of(id.toUpperCase()).worth(100).pnl('1'));
}

describe('a thief that left without using its freed room', () => {
  const leave: [string, (account: TestAccount) => Promise<unknown>, string][] = [
    [
      'gave its grant back',
      async (account) => {
        await granted(account, thief(1));
        await release(account.ledger, 'p_1', 'price_moved');
      },
      'price_moved',
    ],
    [
      'left while its victim was being cancelled',
      async (account) => {
        const stolen = await account.steal(thief(1));
        await release(account.ledger, 'p_1', 'price_moved');
        return await account.end('victims' in stolen ? (stolen.victims[0]?.id ?? '') : '', 'cancelled');
      },
      'price_moved',
    ],
    [
      'let its lease end',
      async (account) => {
        await granted(account, thief(1));
        await pass(account, LEASE_MS);
      },
      'lease_ended',
    ],
    [
      'was too late to send',
      async (account) => {
        await granted(account, thief(1));
        await submit(account.ledger, 'p_1', LEASE_MS);
        return await rejected(account, 'p_1', 'too_late');
      },
      'too_late',
    ],
  ];
  it.each(leave)('%s: it may not steal again before its pause is over', async (_, leaves, reason) => {
    const account = await aFullAccount();
    await leaves(account);
    const barredAtMs = account.nowMs();
    await fillUp(account, 'n0');
    const refusal = {
      until_ms: `${barredAtMs + PAUSE_MS}`,
      barred_times: '1',
      cause: 'unused',
      bar_reason: reason,
    };
    expect(await account.admit(thief(2))).toMatchObject({ outcome: 'barred', numbers: refusal });
    expect(await account.steal(thief(2))).toMatchObject({ outcome: 'barred', numbers: refusal });
    expect(await account.field('refusal:p', 'reason')).toBe('barred');
    expect(await account.field('steal:p_1', 'outcome')).toBe('unused');
    await pass(account, PAUSE_MS - 1);
    expect(await account.admit(thief(2))).toMatchObject({ outcome: 'barred' });
    await pass(account, 1);
    expect(await account.admit(thief(2))).toMatchObject({ outcome: 'blocked' });
    expect(await account.steal(thief(2))).toMatchObject({ outcome: 'stolen' });
    await account.expectSound();
  });

  it.each(['halted', 'closed', 'unsynced', 'opposite'])(
    'is not barred where it was given back as %s: admit refuses it for that first',
    async (reason) => {
      const account = await aFullAccount();
      await granted(account, thief(1));
      await release(account.ledger, 'p_1', reason);
      expect(await account.field('steal:p_1', 'outcome')).toBe('unused');
      expect(await account.field('bar:p', 'times')).toBeNull();
    },
  );

  it('is still admitted where there is room', async () => {
    const account = await aFullAccount();
    await granted(account, thief(1));
    await release(account.ledger, 'p_1', 'price_moved');
    expect(await account.admit(thief(2))).toMatchObject({ outcome: 'fits' });
  });

  it('keeps no other plan from stealing, of the same symbol neither', async () => {
    const account = await aFullAccount();
    await granted(account, thief(1));
    await release(account.ledger, 'p_1', 'price_moved');
    await fillUp(account, 'n0');
    expect(await account.steal(thief(1, 'q'))).toMatchObject({ outcome: 'stolen' });
  });

  it('without a plan is known by the series of its ids', async () => {
    const account = await aFullAccount();
    const free = (attempt: number) => anOrder(`s_${attempt}`).of('TTT').worth(100).pnl('50');
    await granted(account, free(1));
    await release(account.ledger, 's_1', 'price_moved');
    await fillUp(account, 'n0');
    expect(await account.steal(free(2))).toMatchObject({ outcome: 'barred' });
  });

  it('is not barred when its victims were filled: there was nothing to use', async () => {
    const account = await aFullAccount();
    const stolen = await account.steal(thief(1));
    const [victim] = 'victims' in stolen ? stolen.victims : [];
    expect(await account.end(victim?.id ?? '', 'filled', '10')).toMatchObject({ steal: { state: 'failed' } });
    expect(await account.steal(thief(2))).toMatchObject({ outcome: 'stolen' });
  });

  it('is not barred if the pause is 0, but its steal is recorded as unused', async () => {
    const account = await aFullAccount({ WORK_STEALING_UNUSED_PAUSE: '0' });
    await granted(account, thief(1));
    await release(account.ledger, 'p_1', 'price_moved');
    await fillUp(account, 'n0');
    expect(await account.field('steal:p_1', 'outcome')).toBe('unused');
    expect(await account.steal(thief(2))).toMatchObject({ outcome: 'stolen' });
  });

  const replace = (account: TestAccount, terms: string) => {
    const plan = {
      symbol: 'TTT',
      side: 'buy',
      mode: 'normal',
      limit: '10',
      qty: '10',
      pnl: '50',
      pool: '',
      takeProfit: '',
    } as const;
    return replacePlan(account.ledger, {
      ...plan,
      id: 'r',
      startsAtMs: 0,
      expiresAtMs: 0,
      holdMs: 0,
      strategy: 's',
      terms,
    });
  };

  it('has its bar with it when its strategy puts another plan in its place', async () => {
    const account = await aFullAccount();
    await replace(account, 'first');
    await granted(account, thief(1, 'r'));
    await release(account.ledger, 'r_1', 'price_moved');
    await fillUp(account, 'n0');
    await replace(account, 'second');
    expect(await account.steal(thief(1, 'r-2'))).toMatchObject({
      outcome: 'barred',
      numbers: { cause: 'unused' },
    });
  });

  it('leaves its bar to the plan that took its place while it stole', async () => {
    const account = await aFullAccount();
    await replace(account, 'first');
    await granted(account, thief(1, 'r'));
    await replace(account, 'second');
    await release(account.ledger, 'r_1', 'replaced');
    await fillUp(account, 'n0');
    expect(await account.steal(thief(1, 'r-2'))).toMatchObject({
      outcome: 'barred',
      numbers: { cause: 'unused' },
    });
  });
});

describe('a plan whose order the broker refused', () => {
  async function refusedAfterSteal(account: TestAccount, attempt: number): Promise<void> {
    await granted(account, thief(attempt));
    await submit(account.ledger, `p_${attempt}`, LEASE_MS);
    await rejected(account, `p_${attempt}`, 'rejected');
    await fillUp(account, `n${attempt}`);
    await pass(account, 0);
  }

  it('waits longer each time, an hour at most', async () => {
    const account = await aFullAccount();
    const pauses: number[] = [];
    for (let attempt = 1; attempt <= 7; attempt += 1) {
      await refusedAfterSteal(account, attempt);
      const answer = await account.admit(thief(attempt + 1));
      expect(answer).toMatchObject({
        outcome: 'barred',
        numbers: { cause: 'refused', bar_reason: 'rejected', barred_times: `${attempt}` },
      });
      const pauseMs = Number('numbers' in answer ? answer.numbers['until_ms'] : 0) - account.nowMs();
      pauses.push(pauseMs);
      await pass(account, pauseMs);
    }
    expect(pauses).toEqual([1, 2, 4, 8, 16].map((n) => n * PAUSE_MS).concat(HOUR_MS, HOUR_MS));
  });

  it('may not steal at all when it was refused before it ever stole', async () => {
    const account = await ledgers.account({ equity: '800' });
    expect(await account.admit(thief(1))).toMatchObject({ outcome: 'fits' });
    await submit(account.ledger, 'p_1', LEASE_MS);
    await rejected(account, 'p_1', 'rejected');
    await freshPrices(account);
    await account.place(
      ...Array.from({ length: 8 }, (_, i) => anOrder(`v${i}`).of(`V${i}`).worth(100).pnl('1')),
    );
    expect(await account.steal(thief(2))).toMatchObject({ outcome: 'barred', numbers: { cause: 'refused' } });
  });

  it('is not barred by a rate limit it met without having stolen', async () => {
    const account = await ledgers.account({ equity: '800' });
    await account.admit(thief(1));
    await submit(account.ledger, 'p_1', LEASE_MS);
    await rejected(account, 'p_1', 'rate_limited');
    expect(await account.field('bar:p', 'cause')).toBeNull();
  });

  it('may steal again as soon as an order of it works at the broker', async () => {
    const account = await aFullAccount();
    await granted(account, thief(1));
    await submit(account.ledger, 'p_1', LEASE_MS);
    await rejected(account, 'p_1', 'rejected');
    await account.place(thief(2));
    await account.end('p_2', 'cancelled');
    await fillUp(account, 'n0');
    expect(await account.steal(thief(3))).toMatchObject({ outcome: 'stolen' });
    expect(await account.field('bar:p', 'times')).toBeNull();
  });

  it('may steal again while that order works', async () => {
    const account = await aFullAccount();
    await granted(account, thief(1));
    await submit(account.ledger, 'p_1', LEASE_MS);
    await rejected(account, 'p_1', 'rejected');
    await account.place(thief(2));
    expect(await account.admit(thief(3))).toMatchObject({ outcome: 'blocked' });
  });

  it('that the broker accepts and then refuses does not reset the count', async () => {
    const account = await aFullAccount();
    for (const attempt of [1, 2]) {
      await granted(account, thief(attempt));
      await account.send(`p_${attempt}`);
      await rejected(account, `p_${attempt}`, 'rejected');
      await fillUp(account, `n${attempt}`);
      if (attempt === 1) await pass(account, PAUSE_MS);
    }
    expect(await account.steal(thief(3))).toMatchObject({
      outcome: 'barred',
      numbers: { barred_times: '2' },
    });
  });

  it('does not wait longer when the same refusal is sent twice (I6)', async () => {
    const account = await aFullAccount();
    await granted(account, thief(1));
    await submit(account.ledger, 'p_1', LEASE_MS);
    await rejected(account, 'p_1', 'rejected');
    await expectNoEffect(account, () => rejected(account, 'p_1', 'rejected'));
  });
});

it('a bar is forgotten when its pause has been over for the age of the history', async () => {
  const account = await aFullAccount();
  await granted(account, thief(1));
  await release(account.ledger, 'p_1', 'price_moved');
  await account.advance(PAUSE_MS + HOUR_MS);
  await sweep(account.ledger, 100);
  expect(await account.field('bar:p', 'times')).toBe('1');
  await account.advance(1);
  await sweep(account.ledger, 100);
  expect(await account.keyspace()).not.toHaveProperty('bar:p');
  expect(await account.field('account', 'barred')).toBe('0');
});
