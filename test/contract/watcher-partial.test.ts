/**
 * An entry is filled in part and keeps resting: the filled part gets its exit at once, under either setting.
 */
import { describe, expect, it } from 'vitest';
import type { Watching } from '../support/watching.ts';
import { watchingSuite } from '../support/watching-suite.ts';

const { world: aWorld } = watchingSuite();

const HOUR_MS = 3_600_000;
const REST = { partialEntry: 'rest' } as const;

type World = Watching & {
  /** A part of what works at AAPL is filled at 100, and the price goes on to there. */
  partFills(then?: string): Promise<void>;
  filled(id: string, qty: string): Promise<void>;
};

async function world(): Promise<World> {
  const made = await aWorld();
  made.price('AAPL', '100.3');
  return {
    ...made,
    async partFills(then = '100.3') {
      await made.faults({ partFills: 1 });
      made.price('AAPL', '100');
      made.price('AAPL', then);
    },
    async filled(id, qty) {
      await expect.poll(async () => (await made.account.order(id)).filledQty, { timeout: 60_000 }).toBe(qty);
    },
  };
}

/** Its plan is known to hold a part since then. */
async function heldSince({ plan, account }: World, id: string): Promise<void> {
  await expect.poll(async () => (await plan(id)).heldSinceMs, { timeout: 60_000 }).toBe(account.nowMs());
}

describe('an entry that is filled in part', () => {
  it('is cancelled for the rest, and what was filled has its exit at once', async () => {
    const made = await world();
    const { account, order, reached } = made;
    made.host('one');
    await made.file({ id: 'p', qty: '2' });
    await order('p_1', 'working');
    await made.partFills();
    await order('p_x1', 'working');
    expect(await account.order('p_1')).toMatchObject({
      state: 'cancelled',
      reason: 'partly_filled',
      filledQty: '1',
    });
    expect(await account.order('p_x1')).toMatchObject({ kind: 'exit', side: 'sell', limit: '101', qty: '1' });
    made.price('AAPL', '101');
    await reached('p', 'done');
    expect(await made.all.broker.positions()).toEqual([]);
    await account.expectSound();
    expect(await account.used()).toBe(0);
  });

  it('also exits what is filled while the rest is being cancelled', async () => {
    const made = await world();
    const { account, order, reached } = made;
    made.host('one');
    await made.file({ id: 'p', qty: '2' });
    await order('p_1', 'working');
    await made.faults({ fillOnCancel: 1, fillOnCancelShare: 1 });
    await made.partFills();
    await order('p_x1', 'working');
    expect(await account.order('p_1')).toMatchObject({ state: 'filled', filledQty: '2' });
    expect((await account.order('p_x1')).qty).toBe('2');
    made.price('AAPL', '101');
    await reached('p', 'done');
    await account.expectSound();
  });

  it('is closed at the market when the time since its first fill is over', async () => {
    const made = await world();
    const { account, order, reached } = made;
    made.host('one');
    await made.file({ id: 'p', qty: '2', takeProfit: '', holdMs: HOUR_MS });
    await order('p_1', 'working');
    await made.partFills();
    await order('p_1', 'cancelled');
    await reached('p', 'holding');
    await account.advanceLedger(HOUR_MS);
    await reached('p', 'done');
    expect(await made.all.broker.positions()).toEqual([]);
    await account.expectSound();
  });

  it('works on where its plan has no exit', async () => {
    const made = await world();
    made.host('one');
    await made.file({ id: 'p', qty: '2', takeProfit: '' });
    await made.order('p_1', 'working');
    await made.partFills();
    await made.filled('p_1', '1');
    made.price('AAPL', '100');
    await made.reached('p', 'done');
    expect(await made.account.order('p_1')).toMatchObject({ state: 'filled', filledQty: '2' });
  });
});

describe('an entry whose rest may go on', () => {
  it('is cancelled when the price reaches the take-profit, and all that was filled is sold', async () => {
    const made = await world();
    const { account, order, reached } = made;
    made.host('one', REST);
    await made.file({ id: 'p', qty: '3' });
    await order('p_1', 'working');
    await made.partFills();
    await heldSince(made, 'p');
    const { state, filledQty } = await account.order('p_1');
    expect({ state, isPart: ['1', '2'].includes(filledQty) }).toEqual({ state: 'working', isPart: true });
    made.price('AAPL', '105');
    await reached('p', 'done');
    expect(await account.order('p_1')).toMatchObject({
      state: 'cancelled',
      reason: 'partly_filled',
      filledQty,
    });
    expect(await account.order('p_x1')).toMatchObject({ state: 'filled', qty: filledQty });
    expect(await made.all.broker.positions()).toEqual([]);
    await account.expectSound();
  });

  it('has an exit for all of it when the rest is filled', async () => {
    const made = await world();
    made.host('one', REST);
    await made.file({ id: 'p', qty: '3' });
    await made.order('p_1', 'working');
    await made.partFills();
    await heldSince(made, 'p');
    made.price('AAPL', '100');
    await made.order('p_x1', 'working');
    expect((await made.account.order('p_x1')).qty).toBe('3');
  });

  it('is cancelled when the time since its first fill is over, on any host', async () => {
    const made = await world();
    const { account, order, reached } = made;
    const one = made.host('one', REST);
    await made.file({ id: 'p', qty: '2', takeProfit: '', holdMs: HOUR_MS });
    await order('p_1', 'working');
    await made.partFills();
    await heldSince(made, 'p');
    await account.advanceLedger(HOUR_MS - 1);
    await one.stop();
    made.host('two', REST);
    await expect.poll(async () => (await made.plan('p')).owner).toBe('two');
    expect(await account.order('p_1')).toMatchObject({ state: 'working' });
    await account.advanceLedger(1);
    await reached('p', 'done');
    expect(await account.order('p_1')).toMatchObject({
      state: 'cancelled',
      reason: 'partly_filled',
      filledQty: '1',
    });
    await account.expectSound();
  });

  it('is held since its first fill, even if no host ran its plan then', async () => {
    const made = await world();
    const { account, reached } = made;
    const one = made.host('one', REST);
    await made.file({ id: 'p', qty: '2', takeProfit: '', holdMs: HOUR_MS });
    await made.order('p_1', 'working');
    await one.stop();
    await made.partFills();
    await made.filled('p_1', '1');
    await account.advanceLedger(HOUR_MS);
    made.host('two', REST);
    await reached('p', 'done');
    expect(await account.order('p_1')).toMatchObject({ state: 'cancelled', filledQty: '1' });
    await account.expectSound();
  });

  it('is held as far as it was filled when another plan takes its room', async () => {
    const made = await world();
    const { account, order } = made;
    made.price('MSFT', '100.1');
    made.host('one', REST);
    await made.file({ id: 'worse', qty: '8', takeProfit: '150' });
    await order('worse_1', 'working');
    await made.partFills('110');
    await heldSince(made, 'worse');
    await expect.poll(async () => await account.field('quotes', 'AAPL')).toMatch(/^110 /);
    const { filledQty } = await account.order('worse_1');
    await made.file({ id: 'better', symbol: 'MSFT', qty: '3', pnl: '50' });
    await order('better_1', 'working');
    await order('worse_x1', 'working');
    expect(await account.order('worse_1')).toMatchObject({
      state: 'cancelled',
      robbedBy: 'better_1',
      filledQty,
    });
    expect(await account.order('worse_x1')).toMatchObject({ qty: filledQty, limit: '150' });
    expect(await made.judged()).toEqual([]);
    await account.expectSound();
  });
});
