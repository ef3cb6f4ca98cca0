/**
 * From a reservation to a live order: every answer of the broker, and every point of failure (I1, I4, I6).
 */
import { afterEach, describe, expect, it } from 'vitest';
import type { Placed } from '../../src/coordinator/coordinator.ts';
import { readClosures } from '../../src/ledger/commands/closures.ts';
import { halt } from '../../src/ledger/commands/halt.ts';
import { settle } from '../../src/ledger/commands/settle.ts';
import { submit } from '../../src/ledger/commands/submit.ts';
import { key } from '../../src/ledger/keys.ts';
import { type Coordination, type CoordinationOptions, coordinate } from '../support/coordination.ts';
import { useLedgers } from '../support/fixtures.ts';
import { anOrder, failure, LEASE_MS } from '../support/ledger.ts';

const ledgers = useLedgers();
const closing: (() => Promise<void>)[] = [];

afterEach(async () => {
  for (const close of closing.splice(0)) await close();
});

const order = anOrder('o').of('AAPL').worth(100);
const SHORT = { symbol: 'AAPL', side: 'short', qty: '1', costMicros: 100_000_000, pool: '' } as const;
const never = new AbortController().signal;

/** A reservation of 100 of 1,000 dollars. */
async function reserved(
  options: CoordinationOptions = {},
): Promise<Coordination & { place(): Promise<Placed> }> {
  const account = await ledgers.account();
  const all = await coordinate(ledgers.url, account, { working: false, ...options });
  closing.push(() => all.close());
  expect(await all.enter(order)).toEqual({ outcome: 'reserved', how: 'fits' });
  return { ...all, place: () => all.coordinator.place(order.wish, never) };
}

describe('an order that the broker confirms', () => {
  it('is open in the ledger under the id of both', async () => {
    const all = await reserved();
    expect(await all.place()).toEqual({ outcome: 'working' });
    expect(await all.account.order('o')).toMatchObject({ state: 'working', brokerId: 'broker-o' });
    expect(all.broker.submitted).toEqual(['o']);
  });

  it('and a person replaces before the answer arrives is followed', async () => {
    const all = await reserved();
    all.broker.nextSubmits('lose_reply');
    all.broker.onQuestion = (id) => {
      if (id === 'o' && all.broker.orders.get(id)?.state === 'live')
        all.broker.change(id, { limit: '12', qty: '20' });
    };
    expect(await all.place()).toEqual({ outcome: 'working' });
    expect(await all.account.order('o')).toMatchObject({
      state: 'working',
      brokerId: 'broker-or',
      limit: '12',
      qty: '20',
    });
    expect(await all.account.used()).toBe(240_000_000);
    await all.account.expectSound();
  });

  it('and fills at once is settled', async () => {
    const all = await reserved();
    all.broker.nextSubmits('filled');
    expect(await all.place()).toEqual({ outcome: 'ended', state: 'filled', reason: 'filled' });
    expect(await all.account.order('o')).toMatchObject({
      state: 'filled',
      filledQty: '10',
      filledMicros: 100_000_000,
    });
    expect(await all.account.used()).toBe(100_000_000);
    await all.account.expectSound();
  });

  it('and fills at once, reported as cancelled, is filled', async () => {
    const all = await reserved();
    all.broker.nextSubmits('called_cancelled');
    expect(await all.place()).toEqual({ outcome: 'ended', state: 'filled', reason: 'filled' });
    expect(await all.account.order('o')).toMatchObject({
      state: 'filled',
      filledQty: '10',
      filledMicros: 100_000_000,
    });
    expect(await all.account.used()).toBe(100_000_000);
    await all.account.expectSound();
  });

  it.each(['filled', 'half_filled'] as const)(
    'and is %s without a price counts at its limit',
    async (twist) => {
      const all = await reserved();
      all.broker.nextSubmits(twist);
      const told = all.broker.orders.get.bind(all.broker.orders);
      all.broker.orders.get = (id) => {
        const found = told(id);
        return found && { ...found, filledAvgPrice: null };
      };
      await all.place();
      expect(await all.account.used()).toBe(100_000_000);
      await all.account.expectSound();
    },
  );

  it('and half fills at once is open with its fill', async () => {
    const all = await reserved();
    all.broker.nextSubmits('half_filled');
    expect(await all.place()).toEqual({ outcome: 'working' });
    expect(await all.account.order('o')).toMatchObject({
      state: 'working',
      filledQty: '5',
      heldMicros: 50_000_000,
    });
    await all.account.expectSound();
  });

  it('and that the broker ended before the answer came is not cancelled', async () => {
    const all = await reserved();
    // The answer to the submission is slow: the fill and its settlement come first. Afterwards the broker
    // answers nothing.
    all.broker.onQuestion = () => {
      throw new Error('no answer');
    };
    all.broker.onSubmit = async () => {
      await settle(all.account.ledger, 'o', {
        state: 'filled',
        filledQty: order.wish.qty,
        costMicros: 1,
        reason: 'filled',
      });
    };
    expect(await all.place()).toEqual({ outcome: 'ended', state: 'filled', reason: 'filled' });
    expect(all.broker.cancelled).toEqual([]);
  });

  it('after the ledger gave it up is cancelled at once', async () => {
    const all = await reserved();
    all.broker.onSubmit = async () => {
      await settle(all.account.ledger, 'o', {
        state: 'rejected',
        filledQty: '0',
        costMicros: 0,
        reason: 'not_found',
      });
    };
    expect(await all.place()).toEqual({ outcome: 'ended', state: 'rejected', reason: 'not_found' });
    expect(all.broker.cancelled).toEqual(['broker-o']);
    expect(await all.broker.openOrders()).toEqual([]);
  });
});

describe('an order that the broker refuses', () => {
  it('gives its room back, and the keeper hears of missing buying power', async () => {
    let hints = 0;
    const all = await reserved({ onBuyingPower: () => (hints += 1) });
    all.broker.nextSubmits('buying_power');
    expect(await all.place()).toMatchObject({ outcome: 'ended', state: 'rejected', reason: 'buying_power' });
    expect(await all.account.used()).toBe(0);
    expect(hints).toBe(1);
  });

  it("for the account's sake closes the account before its room is back", async () => {
    const all = await reserved();
    all.broker.nextSubmits('account');
    expect(await all.place()).toMatchObject({ outcome: 'ended', state: 'rejected', reason: 'account' });
    expect(await readClosures(all.account.ledger)).toMatchObject([
      { cause: 'broker', words: 'account, says the broker' },
    ]);
    expect(await all.enter(anOrder('next').of('AAPL').worth(100))).toMatchObject({
      outcome: 'refused',
      reason: 'closed',
    });
    expect(await all.account.used()).toBe(0);
  });

  it.each(['order', 'rate_limited'] as const)('as %s gives its room back without a hint', async (why) => {
    let hints = 0;
    const all = await reserved({ onBuyingPower: () => (hints += 1) });
    all.broker.nextSubmits(why);
    expect(await all.place()).toMatchObject({ outcome: 'ended', state: 'rejected', reason: why });
    expect(await all.account.used()).toBe(0);
    expect(hints).toBe(0);
  });
});

describe('a submission without an answer', () => {
  it('is asked about, and opened when it is there', async () => {
    const all = await reserved();
    all.broker.nextSubmits('lose_reply');
    expect(await all.place()).toEqual({ outcome: 'working' });
    expect(all.broker.submitted).toEqual(['o']);
  });

  it('stays reserved when it is not found: that is no proof', async () => {
    const all = await reserved({ leaseMs: 300, requestTimeoutMs: 100 });
    all.broker.nextSubmits('lose_request');
    expect(await all.place()).toEqual({ outcome: 'unclear' });
    expect(await all.account.order('o')).toMatchObject({ state: 'reserved', sentAtMs: expect.any(Number) });
    expect(await all.account.used()).toBe(100_000_000);
  });

  it('is never sent again by another attempt, only asked about', async () => {
    const all = await reserved({ leaseMs: 300, requestTimeoutMs: 100 });
    all.broker.nextSubmits('lose_request');
    let questions = 0;
    all.broker.onQuestion = () => (questions += 1);
    await all.place();
    const asked = questions;
    expect(await all.place()).toEqual({ outcome: 'unclear' });
    expect(questions).toBeGreaterThan(asked);
    expect(all.broker.submitted).toEqual([]);
  });

  it('of a process that died after the mark is asked about by its successor', async () => {
    const all = await reserved();
    await submit(all.account.ledger, 'o', LEASE_MS);
    const { wish } = order;
    await all.broker.submit(wish);
    expect(await all.place()).toEqual({ outcome: 'working' });
    expect(await all.place()).toEqual({ outcome: 'working' });
    expect(all.broker.submitted).toEqual(['o']);
  });
});

describe('an order of which the ledger may have lost that it was sent', () => {
  it.each([
    ['is damaged', { damaged: '1', synced_at_ms: '0' }],
    ['was reconciled on another server', { server_id: `${'a'.repeat(40)}:${'b'.repeat(40)}` }],
    ['was never reconciled', { synced_at_ms: '0' }],
    ['is halted, and was reconciled on another server', { state: 'halted', server_id: 'a:b' }],
  ])('is unclear while the book %s', async (_what, fields) => {
    const all = await reserved();
    const { redis } = all.account.ledger;
    await redis.hset(key(all.account.ledger.account, 'account'), fields);
    expect(await all.place()).toEqual({ outcome: 'unclear' });
    expect(await redis.hmget(key(all.account.ledger.account, 'order:o'), 'state', 'sent_at_ms')).toEqual([
      'reserved',
      null,
    ]);
    expect(all.broker.submitted).toEqual([]);
  });

  it('is unclear where an older copy of the book has it waiting for its victims', async () => {
    const { account, coordinator } = await reserved();
    await account.prices({ V: '11', T: '10' });
    await account.place(anOrder('v').of('V').worth(900).pnl('1'));
    const thief = anOrder('t').of('T').worth(500).pnl('9');
    expect(await account.steal(thief)).toMatchObject({ outcome: 'stolen' });
    await account.ledger.redis.hset(key(account.name, 'account'), 'server_id', 'another:server');
    expect(await coordinator.place(thief.wish, never)).toEqual({ outcome: 'unclear' });
  });

  it('is unclear where the whole ledger is gone', async () => {
    const all = await reserved();
    await all.account.ledger.redis.del(key(all.account.ledger.account, 'account'));
    expect(await all.place()).toEqual({ outcome: 'unclear' });
    expect(all.broker.submitted).toEqual([]);
  });
});

describe('an order that may not be sent', () => {
  it('because its lease ran out while the mark was made: it is not, and its room is back', async () => {
    // Between two readings of the clock a whole lease passes.
    let nowMs = 0;
    const all = await reserved({ monotonicMs: () => (nowMs += LEASE_MS) });
    expect(await all.place()).toEqual({ outcome: 'not_sent', reason: 'too_late' });
    expect(all.broker.submitted).toEqual([]);
    expect(await all.account.used()).toBe(0);
  });

  it('when its lease ended while it waited for the broker adapter: its room is free again', async () => {
    let nowMs = 0;
    const all = await reserved({ monotonicMs: () => nowMs });
    all.broker.onSubmit = () => {
      nowMs += LEASE_MS;
    };
    expect(await all.place()).toMatchObject({ outcome: 'ended', reason: 'not_sent' });
    expect(all.broker.submitted).toEqual([]);
    expect(await all.account.used()).toBe(0);
  });

  it('because the account was halted: its reservation is released', async () => {
    const all = await reserved();
    await halt(all.account.ledger, 'by_hand');
    expect(await all.place()).toEqual({ outcome: 'not_sent', reason: 'halted' });
    expect(await all.account.order('o')).toMatchObject({ state: 'cancelled', reason: 'halted' });
  });

  it('because the cap was lowered: its reservation is released', async () => {
    const all = await reserved();
    await all.account.advanceHealth(1);
    await all.account.sync('50');
    expect(await all.place()).toEqual({ outcome: 'not_sent', reason: 'over_cap' });
    expect(await all.account.used()).toBe(0);
  });

  it('because its symbol is held on the other side by now: its reservation is released', async () => {
    const all = await reserved();
    await all.account.advanceHealth(1);
    await all.account.sync('1000', [SHORT]);
    expect(await all.place()).toEqual({ outcome: 'not_sent', reason: 'opposite' });
    expect(await all.account.order('o')).toMatchObject({ state: 'cancelled', reason: 'opposite' });
    expect(all.broker.submitted).toEqual([]);
  });

  it('because its reservation has ended: says how', async () => {
    const all = await reserved();
    await all.account.advanceHealth(LEASE_MS + 1);
    expect(await all.place()).toMatchObject({ outcome: 'ended', state: 'expired' });
    expect(all.broker.submitted).toEqual([]);
  });

  it('because it waits for its victims: a programming error of the caller', async () => {
    const all = await reserved();
    const { account, coordinator } = all;
    await account.prices({ V: '11', T: '10' });
    await account.place(anOrder('v').of('V').worth(900).pnl('1'));
    const pending = anOrder('t').of('T').worth(500).pnl('9');
    expect(await account.steal(pending)).toMatchObject({ outcome: 'stolen' });
    expect((await failure(coordinator.place(pending.wish, never))).code).toBe('invalid');
  });

  it('because its watcher was asked to stop: nothing is marked', async () => {
    const all = await reserved();
    await expect(all.coordinator.place(order.wish, AbortSignal.abort(new Error('stopping')))).rejects.toThrow(
      'stopping',
    );
    expect(await all.account.order('o')).toMatchObject({ state: 'reserved', sentAtMs: 0 });
  });
});
