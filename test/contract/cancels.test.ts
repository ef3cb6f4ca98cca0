/**
 * Cancellations are recorded, carried out once however often they are requested, and settled only when the
 * broker confirms (I4, I6, I9).
 */
import { afterEach, describe, expect, it } from 'vitest';
import { type CancelOptions, cancelOrder } from '../../src/cancels/cancel-order.ts';
import { CancelQueue, retryPauseMs } from '../../src/cancels/queue.ts';
import { Relay } from '../../src/cancels/relay.ts';
import { CancelWorker } from '../../src/cancels/worker.ts';
import { WorkstealError } from '../../src/domain/errors.ts';
import { cancel } from '../../src/ledger/commands/cancel.ts';
import { settle } from '../../src/ledger/commands/settle.ts';
import { key } from '../../src/ledger/keys.ts';
import { useLedgers } from '../support/fixtures.ts';
import { InstantBroker } from '../support/instant-broker.ts';
import { anOrder, failure, type TestAccount } from '../support/ledger.ts';

const ledgers = useLedgers();
const closing: (() => Promise<void>)[] = [];

afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close();
});

const never = new AbortController().signal;
const log = { debug: () => {}, info: () => {}, warn: () => {} };

type Cancelling = Omit<CancelOptions, 'broker' | 'log'> & {
  account: TestAccount;
  broker: InstantBroker;
  log: typeof log;
};

/**
 * An order `v` of 100 dollars that is live at the broker and `cancelling` in the ledger, with its entry in
 * the outbox.
 */
async function cancelling(options: Partial<Omit<CancelOptions, 'broker' | 'log'>> = {}): Promise<Cancelling> {
  const account = await ledgers.account();
  const broker = new InstantBroker();
  const order = anOrder('v').of('AAPL').worth(100);
  await account.place(order);
  await broker.submit(order.wish);
  expect(await cancel(account.ledger, 'v', 'withdrawn')).toBe('cancelling');
  const quick = { firstPauseMs: 1, longestPauseMs: 5, questions: 5, notFoundPauseMs: 1 };
  return { account, ledger: account.ledger, broker, log, step: () => {}, ...quick, ...options };
}

describe('one cancellation', () => {
  it('is settled when the broker says that the order was cancelled', async () => {
    const all = await cancelling();
    expect(await cancelOrder(all, 'v', never)).toEqual({
      outcome: 'settled',
      state: 'cancelled',
      freedMicros: 100_000_000,
    });
    expect(await all.account.order('v')).toMatchObject({ state: 'cancelled', reason: 'withdrawn' });
    expect(await all.account.outbox()).toEqual([]);
    await all.account.expectSound();
  });

  it('is noted before the broker is asked for it, with what it is for', async () => {
    const told: string[] = [];
    const all = await cancelling();
    const noting = {
      ...log,
      info: (facts: unknown, text?: unknown) => void told.push(`${JSON.stringify(facts)} ${text}`),
    };
    all.broker.nextCancels('lose_request');
    await failure(cancelOrder({ ...all, log: noting }, 'v', never));
    expect(told).toEqual([
      expect.stringMatching(/"order":"v".*"why":"withdrawn".*asking the broker to cancel it$/),
    ]);
  });

  it('of an order that was replaced meanwhile cancels its latest replacement', async () => {
    const all = await cancelling();
    all.broker.turn('v', 'live', '4');
    const next = all.broker.change('v', { limit: '12', qty: '9' });
    all.broker.change(next, { limit: '11', qty: '8' });
    expect(await cancelOrder(all, 'v', never)).toMatchObject({ outcome: 'settled', state: 'cancelled' });
    expect(all.broker.cancelled).toEqual(['broker-v', 'broker-vrr']);
    expect(await all.account.order('v')).toMatchObject({
      state: 'cancelled',
      reason: 'withdrawn',
      qty: '12',
      filledQty: '4',
    });
    expect(await all.account.used()).toBe(40_000_000);
    expect(await all.account.outbox()).toEqual([]);
    await all.account.expectSound();
  });

  it('of an order whose successor filled frees nothing', async () => {
    const all = await cancelling();
    const next = all.broker.change('v', { limit: '12', qty: '9' });
    all.broker.turn(next, 'filled');
    expect(await cancelOrder(all, 'v', never)).toMatchObject({ state: 'filled', freedMicros: 0 });
    expect(await all.account.used()).toBe(108_000_000);
    await all.account.expectSound();
  });

  it('of a half filled order frees the other half', async () => {
    const all = await cancelling();
    all.broker.nextCancels('half_filled');
    expect(await cancelOrder(all, 'v', never)).toMatchObject({ state: 'cancelled', freedMicros: 50_000_000 });
    expect(await all.account.order('v')).toMatchObject({ filledQty: '5', filledMicros: 50_000_000 });
  });

  it.each(['fill_first', 'filled', 'called_cancelled'] as const)(
    'that loses to the fill (%s) frees nothing',
    async (twist) => {
      const all = await cancelling();
      all.broker.nextCancels(twist);
      expect(await cancelOrder(all, 'v', never)).toMatchObject({ state: 'filled', freedMicros: 0 });
      expect(await all.account.used()).toBe(100_000_000);
    },
  );

  it('that was carried out although its answer was lost is settled', async () => {
    const all = await cancelling();
    all.broker.nextCancels('lose_reply');
    expect(await cancelOrder(all, 'v', never)).toMatchObject({ outcome: 'settled', state: 'cancelled' });
  });

  it('that never came to the broker is to be tried again, and the order still counts', async () => {
    const all = await cancelling();
    all.broker.nextCancels('lose_request');
    const error = await failure(cancelOrder(all, 'v', never));
    expect(error).toMatchObject({ code: 'unclear', retriable: true });
    expect(await all.account.used()).toBe(100_000_000);
    expect(await cancelOrder(all, 'v', never)).toMatchObject({ outcome: 'settled' });
  });

  it('that sticks at the broker is given up for now, and the order still counts', async () => {
    const all = await cancelling();
    all.broker.nextCancels('stick');
    expect(await failure(cancelOrder(all, 'v', never))).toMatchObject({ code: 'timeout', retriable: true });
    expect((await all.account.order('v')).state).toBe('cancelling');
  });

  it('that is stuck asks the broker twice at once, then only within the shared budget', async () => {
    let granted = 0;
    const mayAsk = async () => {
      granted += 1;
      return granted <= 2;
    };
    const all = await cancelling({ questions: 40, mayAsk });
    all.broker.nextCancels('stick');
    let questions = 0;
    all.broker.onQuestion = () => (questions += 1);
    expect(await failure(cancelOrder(all, 'v', never))).toMatchObject({ code: 'timeout' });
    expect(questions).toBe(4);
    expect(granted).toBeGreaterThan(2);
  });

  it('that was stuck before is not requested again at once, and asks only within the budget', async () => {
    const all = await cancelling({ mayAsk: async () => false });
    all.broker.nextCancels('stick');
    await failure(cancelOrder(all, 'v', never));
    let questions = 0;
    all.broker.onQuestion = () => (questions += 1);
    expect(await failure(cancelOrder(all, 'v', never, true))).toMatchObject({ code: 'timeout' });
    expect({ questions, requests: all.broker.cancelled }).toEqual({ questions: 0, requests: ['broker-v'] });
    all.broker.turn('v', 'cancelled');
    expect(await cancelOrder({ ...all, mayAsk: async () => true }, 'v', never, true)).toMatchObject({
      outcome: 'settled',
    });
  });

  it('that the broker gave up while it was waited for is asked for again', async () => {
    const all = await cancelling();
    all.broker.nextCancels('lose_request');
    await failure(cancelOrder(all, 'v', never));
    expect(await cancelOrder(all, 'v', never, true)).toMatchObject({
      outcome: 'settled',
      state: 'cancelled',
    });
  });

  it('ends early when the keeper has settled it meanwhile', async () => {
    const all = await cancelling({ questions: 1_000 });
    all.broker.nextCancels('stick');
    all.step = (name) => {
      if (name === 'after_cancel')
        void settle(all.ledger, 'v', { state: 'cancelled', filledQty: '0', costMicros: 0, reason: 'keeper' });
    };
    expect(await cancelOrder(all, 'v', never)).toEqual({ outcome: 'ended' });
  });

  it('stops at once when the worker does', async () => {
    const all = await cancelling({ firstPauseMs: 60_000, longestPauseMs: 60_000 });
    all.broker.nextCancels('stick');
    const stop = new AbortController();
    all.step = () => stop.abort(new Error('stopping'));
    await expect(cancelOrder(all, 'v', stop.signal)).rejects.toThrow(/abort|stopping/);
  });

  it('of an order that the broker confirmed once and does not find now waits for its word', async () => {
    const all = await cancelling();
    all.broker.orders.delete('v');
    expect(await failure(cancelOrder(all, 'v', never))).toMatchObject({ code: 'unclear' });
    expect(await all.account.used()).toBe(100_000_000);
  });

  it('of an order that the broker never confirmed is settled after the second "not found"', async () => {
    const all = await cancelling();
    await all.ledger.redis.hset(key(all.account.name, 'order:v'), 'broker_id', '');
    all.broker.orders.delete('v');
    let questions = 0;
    all.broker.onQuestion = () => (questions += 1);
    expect(await cancelOrder(all, 'v', never)).toMatchObject({ outcome: 'settled', state: 'cancelled' });
    expect(questions).toBe(2);
  });

  it('finds the order by its id where the ledger lacks the broker id', async () => {
    const all = await cancelling();
    await all.ledger.redis.hset(key(all.account.name, 'order:v'), 'broker_id', '');
    expect(await cancelOrder(all, 'v', never)).toMatchObject({ outcome: 'settled', state: 'cancelled' });
    expect(all.broker.cancelled).toEqual(['broker-v']);
  });

  it('of an order that has ended, is not being cancelled, or is unknown does nothing', async () => {
    const all = await cancelling();
    await cancelOrder(all, 'v', never);
    await all.account.place(anOrder('w').of('MSFT').worth(100));
    const asked = all.broker.cancelled.length;
    expect(await cancelOrder(all, 'v', never)).toEqual({ outcome: 'ended' });
    expect(await cancelOrder(all, 'w', never)).toEqual({ outcome: 'not_cancelling' });
    expect(await cancelOrder(all, 'nobody', never)).toEqual({ outcome: 'unknown' });
    expect(all.broker.cancelled).toHaveLength(asked);
  });

  it('twice at a time settles once', async () => {
    const all = await cancelling();
    const outcomes = await Promise.all([cancelOrder(all, 'v', never), cancelOrder(all, 'v', never)]);
    expect(outcomes.map(({ outcome }) => outcome).sort()).toEqual(['ended', 'settled']);
    await all.account.expectSound();
  });
});

describe('the queue and its worker', () => {
  function aQueue(account: TestAccount): CancelQueue {
    const queue = new CancelQueue(ledgers.url, account.name);
    closing.push(() => queue.close());
    return queue;
  }

  /** Resolves with the outcomes once there are so many. */
  async function aWorker(all: Cancelling): Promise<(count: number) => Promise<string[]>> {
    const outcomes: string[] = [];
    const worker = new CancelWorker({
      ...all,
      url: ledgers.url,
      onDone: (outcome) => void outcomes.push(outcome),
    });
    closing.push(() => worker.close());
    await worker.ready();
    return async (count) => {
      await expect
        .poll(() => outcomes.length, { interval: 2, timeout: 60_000 })
        .toBeGreaterThanOrEqual(count);
      return outcomes;
    };
  }

  it('carry out a cancellation, and forget the job', async () => {
    const all = await cancelling();
    const outcomes = await aWorker(all);
    const queue = aQueue(all.account);
    await queue.enqueue('cancel', ['v']);
    expect(await outcomes(1)).toEqual(['settled']);
    await queue.enqueue('cancel', ['v']);
    expect(await outcomes(2)).toEqual(['settled', 'ended']);
    expect(all.broker.cancelled).toEqual(['broker-v']);
  });

  it('take a cancellation that waits already as the same', async () => {
    const all = await cancelling();
    const queue = aQueue(all.account);
    await queue.enqueue('cancel', ['v', 'v']);
    await queue.enqueue('cancel', ['v']);
    const outcomes = await aWorker(all);
    await outcomes(1);
    await queue.enqueue('cancel', ['nobody']);
    expect(await outcomes(2)).toEqual(['settled', 'unknown']);
  });

  it('try again what failed, with growing pauses', async () => {
    const all = await cancelling();
    all.broker.nextCancels('lose_request');
    const outcomes = await aWorker(all);
    await aQueue(all.account).enqueue('cancel', ['v']);
    expect(await outcomes(2)).toEqual(['failed', 'settled']);
    expect([1, 2, 3, 7, 20].map((made) => retryPauseMs(made))).toEqual([100, 200, 400, 5_000, 5_000]);
  });

  it('retry a slow cancellation after pauses of up to a minute, and note that it only waits', async () => {
    const all = await cancelling();
    all.broker.nextCancels('stick');
    const outcomes = await aWorker(all);
    const queue = aQueue(all.account);
    await queue.enqueue('cancel', ['v']);
    expect(await outcomes(1)).toEqual(['failed']);
    const jobKey = `${key(all.account.name, 'cancel')}:cancel.v`;
    expect(JSON.parse((await all.ledger.redis.hget(jobKey, 'data')) ?? '')).toEqual({
      steal: 'cancel',
      victim: 'v',
      waited: true,
    });
    const stuck = new WorkstealError('timeout', 'it has not ended', { waitsFor: 'broker' });
    expect([1, 2, 3, 4, 20].map((made) => retryPauseMs(made, stuck))).toEqual([
      5_000, 10_000, 20_000, 40_000, 60_000,
    ]);
    // Recovery does not interrupt its backoff.
    await queue.enqueueAll([{ steal: 'cancel', victim: 'v' }]);
    expect(await all.ledger.redis.zcard(`${key(all.account.name, 'cancel')}:delayed`)).toBe(1);
  });

  it('leave a job to the next worker when the first is closed in the middle', async () => {
    const all = await cancelling({ firstPauseMs: 60_000, longestPauseMs: 60_000 });
    all.broker.nextCancels('stick');
    const { promise: started, resolve } = Promise.withResolvers<void>();
    const worker = new CancelWorker({ ...all, url: ledgers.url, step: () => resolve() });
    await aQueue(all.account).enqueue('cancel', ['v']);
    await started;
    await worker.close();
    all.broker.turn('v', 'cancelled');
    const outcomes = await aWorker({ ...all, firstPauseMs: 1 });
    expect(await outcomes(1)).toEqual(['settled']);
  });
});

describe('recovery', () => {
  it('leaves young entries to their committer, and enqueues old ones until they are settled', async () => {
    const all = await cancelling();
    const jobs: string[] = [];
    const queue = {
      enqueueAll: async (some: readonly { victim: string }[]) =>
        void jobs.push(...some.map(({ victim }) => victim)),
    };
    const relay = (minAgeMs: number) => new Relay({ ledger: all.ledger, queue, log, minAgeMs });
    expect(await relay(60_000).pass()).toBe(0);
    expect(await relay(0).pass()).toBe(1);
    expect(await relay(0).pass()).toBe(1);
    await cancelOrder(all, 'v', never);
    expect(await relay(0).pass()).toBe(0);
    expect(jobs).toEqual(['v', 'v']);
  });

  it('enqueues of a steal only the victims that have not ended', async () => {
    const account = await ledgers.account({ equity: '200' });
    await account.prices({ A: '11', B: '11', T: '10' });
    await account.place(anOrder('a').of('A').pnl('1'), anOrder('b').of('B').pnl('1'));
    expect(await account.steal(anOrder('t').of('T').worth(200).pnl('9'))).toMatchObject({
      outcome: 'stolen',
    });
    await account.end('a', 'cancelled');
    const jobs: unknown[] = [];
    const queue = { enqueueAll: async (some: readonly object[]) => void jobs.push(...some) };
    expect(await new Relay({ ledger: account.ledger, queue, log, minAgeMs: 0 }).pass()).toBe(1);
    expect(jobs).toEqual([{ steal: 't', victim: 'b' }]);
  });

  it('reaches every entry of an outbox longer than one pass', async () => {
    const account = await ledgers.account({ equity: '60000' });
    const orders = Array.from({ length: 520 }, (_, i) => anOrder(`o${i}`).of(`S${i}`).worth(100));
    await Promise.all(orders.map((order) => account.place(order)));
    await Promise.all(orders.map(({ wish }) => cancel(account.ledger, wish.id, 'withdrawn')));
    const seen = new Set<string>();
    const queue = {
      enqueueAll: async (some: readonly { victim: string }[]) => {
        for (const { victim } of some) seen.add(victim);
      },
    };
    const relay = new Relay({ ledger: account.ledger, queue, log, minAgeMs: 0 });
    expect([await relay.pass(), await relay.pass(), await relay.pass()]).toEqual([500, 20, 500]);
    expect(seen.size).toBe(520);
  });
});
