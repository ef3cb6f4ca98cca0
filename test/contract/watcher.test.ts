/** Plans from entry to exit: real Redis, real exchange, real queue (docs/architecture.md, 5; I4, I6). */
import { describe, expect, it } from 'vitest';
import { adopt } from '../../src/ledger/commands/adopt.ts';
import { halt } from '../../src/ledger/commands/halt.ts';
import { claimPlans, withdrawPlan } from '../../src/ledger/commands/plans.ts';
import { readLedgerOrder } from '../../src/ledger/commands/snapshot.ts';
import { key } from '../../src/ledger/keys.ts';
import { anOrder } from '../support/ledger.ts';
import { watchingSuite } from '../support/watching-suite.ts';

const { world } = watchingSuite();

const HOUR_MS = 3_600_000;

describe('a plan', () => {
  it('waits for its price, enters, is filled, exits at its take-profit and is done', async () => {
    const { price, file, host, reached, order, account, all, judged, plan } = await world();
    price('AAPL', '105');
    const watcher = host('one');
    await file({ id: 'p' });
    await expect.poll(async () => (await plan('p')).owner).toBe('one');
    expect(await plan('p')).toMatchObject({ stage: 'waiting', attempt: 1 });

    price('AAPL', '100.6');
    await reached('p', 'entering');
    await order('p_1', 'working');
    price('AAPL', '100');
    await order('p_x1', 'working');
    expect(await plan('p')).toMatchObject({ stage: 'exiting', exitAttempt: 1 });
    expect(await account.order('p_x1')).toMatchObject({ kind: 'exit', side: 'sell', limit: '101', qty: '1' });

    price('AAPL', '101');
    await reached('p', 'done');
    expect(await plan('p')).toMatchObject({ reason: 'closed' });
    expect(await all.broker.positions()).toEqual([]);
    await account.expectSound();
    expect(await account.used()).toBe(0);
    await watcher.stop();
    const total = (count: (report: (typeof watcher.reports)[number]) => number) =>
      watcher.reports.reduce((sum, r) => sum + count(r), 0);
    expect([total((r) => r.admitted), total((r) => r.entered), total((r) => r.ended['done'] ?? 0)]).toEqual([
      1, 1, 1,
    ]);
    expect(await judged()).toEqual([]);
  });

  it('does nothing before it starts, and expires unfilled after cancelling its order', async () => {
    const { price, file, host, reached, order, account, all, plan } = await world();
    price('AAPL', '100.3');
    host('one');
    await file({
      id: 'p',
      startsAtMs: account.nowMs() + HOUR_MS,
      expiresAtMs: account.nowMs() + 2 * HOUR_MS,
    });
    await file({ id: 'now' });
    await order('now_1', 'working');
    expect(await plan('p')).toMatchObject({ stage: 'waiting' });

    await account.advanceLedger(HOUR_MS);
    await order('p_1', 'working');
    await account.advanceLedger(HOUR_MS);
    await reached('p', 'expired');
    expect(await all.broker.order('p_1')).toMatchObject({ order: { state: 'cancelled' } });
    expect(await account.order('p_1')).toMatchObject({ state: 'cancelled', reason: 'expired' });
    await account.expectSound();
    expect(await account.used()).toBe((await account.order('now_1')).heldMicros);
  });

  it('is withdrawn on request, whether it waits or works', async () => {
    const { price, file, host, reached, order, account, plan } = await world();
    price('AAPL', '100.3');
    price('MSFT', '400');
    host('one');
    await file({ id: 'works' });
    await file({ id: 'waits', symbol: 'MSFT' });
    await order('works_1', 'working');
    await expect.poll(async () => (await plan('waits')).owner).toBe('one');
    expect(await withdrawPlan(account.ledger, 'works', 'test')).toBe('asked');
    expect(await withdrawPlan(account.ledger, 'waits', 'test')).toBe('asked');
    await reached('works', 'withdrawn');
    await reached('waits', 'withdrawn');
    expect((await account.order('works_1')).state).toBe('cancelled');
  });

  it('is closed at the market when it was held long enough', async () => {
    const { price, file, host, reached, order, account } = await world();
    price('AAPL', '100.3');
    host('one');
    await file({ id: 'p', takeProfit: '110', holdMs: HOUR_MS });
    await order('p_1', 'working');
    price('AAPL', '100');
    await order('p_x1', 'working');
    await account.advanceLedger(HOUR_MS);
    await reached('p', 'done');
    expect(await account.order('p_x1')).toMatchObject({ state: 'cancelled', reason: 'hold_over' });
    expect(await account.order('p_x2')).toMatchObject({ state: 'filled', limit: '99' });
    await account.expectSound();
  });

  it('closes at a price step of the asset, as the broker has it', async () => {
    const { price, file, host, reached, order, account, all } = await world();
    all.broker.asset = async (symbol) => ({
      kind: 'found',
      asset: {
        ...{ symbol, shut: '', shortable: true, priceSteps: [{ from: '0', step: '0.25' }] },
        ...{ qtyStep: null, shortQtyStep: null, minQty: null, minCost: null },
      },
    });
    price('AAPL', '100.3');
    host('one');
    await file({ id: 'p', takeProfit: '', holdMs: HOUR_MS });
    await order('p_1', 'working');
    price('AAPL', '100');
    await reached('p', 'holding');
    price('AAPL', '100.6');
    await account.advanceLedger(HOUR_MS);
    await reached('p', 'done');
    expect(await account.order('p_x1')).toMatchObject({ state: 'filled', limit: '99.5' });
  });

  it('is done when its position was closed by hand: nothing is sold twice', async () => {
    const { price, file, host, reached, order, account, all } = await world();
    price('AAPL', '100.3');
    host('one');
    await file({ id: 'p', takeProfit: '', holdMs: HOUR_MS });
    await order('p_1', 'working');
    price('AAPL', '100');
    await reached('p', 'holding');
    await all.broker.submit({
      id: 'hand',
      symbol: 'AAPL',
      side: 'sell',
      limit: '99',
      qty: '1',
    });
    for (let seen = 0; seen < 2; seen += 1) {
      await account.advanceHealth(1);
      await account.sync('1000', []);
    }
    await account.advanceLedger(HOUR_MS);
    await reached('p', 'done');
    expect(await all.broker.positions()).toEqual([]);
    expect(await readLedgerOrder(account.ledger, 'p_x1')).toBeUndefined();
  });

  it('ends when its position was closed by hand unseen: the broker is asked before its exit', async () => {
    const { price, file, host, reached, order, account, all } = await world();
    price('AAPL', '100.3');
    host('one');
    await file({ id: 'p', takeProfit: '', holdMs: HOUR_MS });
    await order('p_1', 'working');
    price('AAPL', '100');
    await reached('p', 'holding');
    await all.broker.submit({
      id: 'hand',
      symbol: 'AAPL',
      side: 'sell',
      limit: '99',
      qty: '1',
    });
    await account.advanceHealth(HOUR_MS);
    await account.advanceLedger(HOUR_MS);
    await reached('p', 'done');
    expect(await all.broker.positions()).toEqual([]);
    expect(await readLedgerOrder(account.ledger, 'p_x1')).toBeUndefined();
  });

  it('closes what is left when a part of its position was closed by hand', async () => {
    const { price, file, host, reached, order, account, all } = await world();
    price('AAPL', '100.3');
    host('one');
    await file({ id: 'p', qty: '5', takeProfit: '', holdMs: HOUR_MS });
    await order('p_1', 'working');
    price('AAPL', '100');
    await reached('p', 'holding');
    await all.broker.submit({
      id: 'hand',
      symbol: 'AAPL',
      side: 'sell',
      limit: '99',
      qty: '3',
    });
    await account.advanceHealth(HOUR_MS);
    await account.advanceLedger(HOUR_MS);
    await reached('p', 'done');
    expect(await all.broker.positions()).toEqual([]);
    expect(await account.order('p_x1')).toMatchObject({ state: 'filled', qty: '2' });
  });

  it('is closed while the account is halted, and was not reconciled for an hour', async () => {
    const { price, file, host, reached, order, account, all } = await world();
    price('AAPL', '100.3');
    host('one');
    await file({ id: 'p', holdMs: 2 * HOUR_MS, takeProfit: '' });
    await order('p_1', 'working');
    price('AAPL', '100');
    await reached('p', 'holding');
    await halt(account.ledger, 'operator');
    await account.advanceHealth(HOUR_MS);
    await account.advanceLedger(2 * HOUR_MS);
    await reached('p', 'done');
    expect(await account.order('p_x1')).toMatchObject({ state: 'filled' });
    expect(await all.broker.positions()).toEqual([]);
    await account.expectSound();
  });

  it('is done when it is filled, without take-profit and hold', async () => {
    const { price, file, host, reached, order } = await world();
    price('AAPL', '100.3');
    host('one');
    await file({ id: 'p', takeProfit: '' });
    await order('p_1', 'working');
    price('AAPL', '100');
    await reached('p', 'done');
  });

  it('holds and exits the part that was filled when the rest is cancelled', async () => {
    const { price, file, host, reached, order, account } = await world({ partialRate: 1 });
    price('AAPL', '100.3');
    host('one', { partialEntry: 'rest' });
    await file({ id: 'p', qty: '4', expiresAtMs: account.nowMs() + HOUR_MS });
    await order('p_1', 'working');
    price('AAPL', '100');
    price('AAPL', '100.3');
    await expect.poll(async () => Number((await account.order('p_1')).filledQty)).toBeGreaterThan(0);
    expect((await account.order('p_1')).state).toBe('working');
    await account.advanceLedger(HOUR_MS);
    await order('p_x1', 'working');
    expect((await account.order('p_x1')).qty).toBe((await account.order('p_1')).filledQty);
    price('AAPL', '101');
    price('AAPL', '101.1');
    await reached('p', 'done');
    await account.expectSound();
    expect(await account.used()).toBe(0);
  });
});

describe('out of hours', () => {
  it('the best crypto enters at any distance and logs why; the others wait for their tolerance', async () => {
    const { price, file, host, order, account, plan } = await world();
    await account.advanceLedger(8 * HOUR_MS); // 18:00 in New York
    price('BTCUSD', '105');
    price('ETHUSD', '105');
    price('AAPL', '101');
    const watcher = host('one');
    await file({ id: 'best', symbol: 'BTCUSD', pnl: '9' });
    await file({ id: 'second', symbol: 'ETHUSD', pnl: '5' });
    await file({ id: 'stock', pnl: '20' });
    await order('best_1', 'working');
    expect(watcher.lines.map(({ msg }) => msg)).toContain(
      'BTCUSD: Auto-enabled force_immediate (crypto rank 1 during out-of-hours)',
    );
    // The best one entered and still ranks first while it is not filled.
    price('ETHUSD', '101.6');
    await order('second_1', 'working');
    expect(await plan('stock')).toMatchObject({ stage: 'waiting' });
  });
});

describe('when the account is full', () => {
  it('a better plan near its limit takes the room of a worse one, which waits again', async () => {
    const { price, file, host, reached, order, account, judged } = await world();
    price('MSFT', '100.5');
    price('AAPL', '100.6');
    const watcher = host('one');
    await file({ id: 'worse', symbol: 'MSFT', qty: '8' });
    await order('worse_1', 'working');
    await file({ id: 'better', qty: '5', pnl: '9' });
    price('AAPL', '100.1');
    await order('better_1', 'working');
    await reached('worse', 'waiting', 2);
    expect((await account.order('worse_1')).robbedBy).toBe('better_1');
    const told = watcher.lines.map(({ msg }) => msg);
    expect(told).toContain(
      'MSFT (PnL=1) was robbed by AAPL (PnL=9), which is better and closer to its limit; back to waiting',
    );
    expect(await judged()).toEqual([]);

    // It waits until there is room, and then enters under its second attempt's id.
    await withdrawPlan(account.ledger, 'better', 'test');
    await order('worse_2', 'working');
    await account.expectSound();
  });

  it('a better plan takes no more than it needs: the worse one goes on with the rest', async () => {
    const { price, file, host, order, account, judged } = await world(
      {},
      { env: { WORK_STEALING_PARTIAL: '1' } },
    );
    price('MSFT', '100.5');
    price('AAPL', '100.6');
    const watcher = host('one');
    await file({ id: 'worse', symbol: 'MSFT', qty: '8' });
    await order('worse_1', 'working');
    await file({ id: 'better', qty: '5', pnl: '9' });
    price('AAPL', '100.1');
    await order('better_1', 'working');
    await order('worse_2', 'working');
    expect(await account.order('worse_2')).toMatchObject({ qty: '5', pnl: '0.625', keptOf: 'worse_1' });
    const told = watcher.lines.map(({ msg }) => msg);
    expect(told).toContain(
      'MSFT (PnL=1) was robbed by AAPL (PnL=9), which is better and closer to its limit; ' +
        'it keeps a part, as worse_2',
    );
    expect(await judged()).toEqual([]);
    await account.expectSound();
  });

  it('the rest of a victim is placed by another host where its own is gone', async () => {
    const { price, file, host, order, account, all, plan } = await world(
      {},
      { env: { WORK_STEALING_PARTIAL: '1' } },
    );
    price('MSFT', '100.5');
    price('AAPL', '100');
    const first = host('one');
    await file({ id: 'worse', symbol: 'MSFT', qty: '8' });
    await order('worse_1', 'working');
    await first.stop();
    await account.prices({ AAPL: '100', MSFT: '100.5' });
    const thief = anOrder('t').of('AAPL').at('100').qty('5').pnl('9');
    expect(await account.steal(thief)).toMatchObject({
      outcome: 'stolen',
      kept: { id: 'worse_1', qty: '5' },
    });
    await all.broker.cancel((await account.order('worse_1')).brokerId);
    await order('worse_2', 'reserved');
    host('two');
    await order('worse_2', 'working');
    expect(await account.order('worse_2')).toMatchObject({ owner: 'two', qty: '5' });
    expect(await plan('worse')).toMatchObject({ stage: 'entering', attempt: 2 });
    await account.expectSound();
  });

  it('the rest of a victim is given back where its price has moved away', async () => {
    const { price, file, host, order, account, all, reached } = await world(
      {},
      { env: { WORK_STEALING_PARTIAL: '1' } },
    );
    price('MSFT', '100.5');
    price('AAPL', '100');
    host('one');
    await file({ id: 'worse', symbol: 'MSFT', qty: '8' });
    await order('worse_1', 'working');
    price('MSFT', '110');
    await expect.poll(() => account.field('quotes', 'MSFT')).toMatch(/^110 /);
    await account.prices({ AAPL: '100' });
    await account.steal(anOrder('t').of('AAPL').at('100').qty('5').pnl('9'));
    await all.broker.cancel((await account.order('worse_1')).brokerId);
    await order('worse_2', 'cancelled');
    expect((await account.order('worse_2')).reason).toBe('price_moved');
    await reached('worse', 'waiting', 3);
    await account.expectSound();
  });

  it('the rest of a victim is given back where the broker takes none so small', async () => {
    const { price, file, host, order, account, reached } = await world(
      { equity: '30' },
      { equity: '30', env: { WORK_STEALING_PARTIAL: '1' } },
    );
    price('BTCUSD', '100.5');
    price('AAPL', '11.5');
    const watcher = host('one');
    await file({ id: 'worse', symbol: 'BTCUSD', qty: '0.3' });
    await order('worse_1', 'working');
    await file({ id: 'better', limit: '11', qty: '2', pnl: '9', takeProfit: '' });
    price('AAPL', '11.01');
    await order('worse_2', 'cancelled');
    expect(await account.order('worse_2')).toMatchObject({ reason: 'minimum', keptOf: 'worse_1' });
    await reached('worse', 'waiting', 3);
    expect(await account.field('bar:worse', 'cause')).toBeNull();
    expect(watcher.lines.filter(({ msg }) => msg.includes('the broker refused'))).toEqual([]);
    await account.expectSound();
  });

  it('a short plan below the market waits until its possible cost fits, and buys back its sale', async () => {
    const { price, file, host, reached, order, account, judged, all } = await world(
      { buyingPower: false },
      { env: { WORK_STEALING_SHORT_MARGIN: '0.03' } },
    );
    price('AAPL', '150');
    const watcher = host('one');
    await file({ id: 'p', side: 'sell', limit: '100', qty: '9', takeProfit: '99' });
    await expect
      .poll(() => watcher.lines.some(({ msg }) => msg === 'AAPL: refused, no_candidates'), {
        timeout: 60_000,
      })
      .toBe(true);
    expect(await all.broker.positions()).toEqual([]);
    price('AAPL', '107');
    await order('p_x1', 'working');
    expect(await all.broker.positions()).toMatchObject([{ qty: '-9', costMicros: 963_000_000 }]);
    expect(await judged()).toEqual([]);
    price('AAPL', '99');
    await reached('p', 'done');
    expect(await all.broker.positions()).toEqual([]);
    await account.expectSound();
  });
});

describe('a plan whose record is odd', () => {
  it.each(['pnl', 'limit', 'stage', 'attempt'])(
    'in its %s is named, and the plans behind it in the lot are carried',
    async (field) => {
      const { price, file, host, order, account } = await world();
      price('AAPL', '100.3');
      await file({ id: 'a' });
      await file({ id: 'b' });
      await account.ledger.redis.hset(key(account.name, 'plan:a'), field, 'odd');
      const watcher = host('one');
      await order('b_1', 'working');
      expect(watcher.lines).toContainEqual(
        expect.objectContaining({
          level: 50,
          plan: 'a',
          msg: 'AAPL: the plan a is invalid and was skipped; correct it in the ledger',
        }),
      );
    },
  );
});

describe('orders of one symbol', () => {
  const found = {
    symbol: 'AAPL',
    side: 'buy',
    qty: '1',
    filledQty: '0',
    filledMicros: 0,
    pool: '',
    reducing: false,
  } as const;

  /** What the plan holds is sold at the market after an hour. */
  const CLOSES = { takeProfit: '', holdMs: 3_600_000 };

  it('make way for a close if their plan has no host, even when they were found at the broker', async () => {
    const { price, file, host, reached, order, account, all } = await world();
    price('AAPL', '100.3');
    await file({ id: 'lone' });
    await claimPlans(account.ledger, 'elsewhere', 600_000, 1);
    await all.broker.submit({
      id: 'lone_1',
      symbol: 'AAPL',
      side: 'buy',
      limit: '99',
      qty: '1',
    });
    const at = await all.broker.order('lone_1');
    if (at.kind !== 'found') throw new Error('the broker has lone_1');
    const { brokerId } = at.order;
    expect(
      await adopt(
        account.ledger,
        { ...found, id: 'lone_1', brokerId, limit: '99', type: 'limit' },
        account.healthMs(),
      ),
    ).toBe('adopted');
    host('one');
    await file({ id: 'p', ...CLOSES });
    await order('p_1', 'working');
    price('AAPL', '100');
    await reached('p', 'holding');
    await account.advanceLedger(CLOSES.holdMs);
    await reached('p', 'done');
    expect(await account.order('lone_1')).toMatchObject({ state: 'cancelled', reason: 'makes_way' });
  });

  it('that a person placed are named and left alone, and hide no entry of ours', async () => {
    const { price, file, host, reached, order, account } = await world();
    price('AAPL', '100.3');
    const hands = Array.from({ length: 9 }, (_, at) => `hand-${at}`);
    for (const id of hands)
      await adopt(account.ledger, { ...found, id, brokerId: `b-${id}`, limit: '10' }, account.healthMs());
    const watcher = host('one');
    await file({ id: 'first', ...CLOSES });
    await file({ id: 'second', limit: '99.8' });
    await order('first_1', 'working');
    await order('second_1', 'working');
    price('AAPL', '100');
    await reached('first', 'holding');
    await account.advanceLedger(CLOSES.holdMs);
    await reached('first', 'done');
    expect((await account.order('second_1')).reason).toBe('makes_way');
    for (const id of hands) expect((await account.order(id)).state).toBe('working');
    const named = watcher.lines.filter(({ msg }) =>
      msg.includes('was placed by hand on the other side of an exit'),
    );
    expect(new Set(named.map((line) => line['order'])).size).toBe(8);
    expect(named).toHaveLength(8);
  });

  it('an entry rests below a take-profit, and makes way for a close', async () => {
    const { price, file, host, plan, reached, order, account, judged } = await world();
    price('AAPL', '100.3');
    const watcher = host('one');
    await file({ id: 'first', limit: '100', holdMs: CLOSES.holdMs });
    await file({ id: 'second', limit: '99.8' });
    await order('first_1', 'working');
    await order('second_1', 'working');
    price('AAPL', '100');
    await order('first_x1', 'working');
    expect((await account.order('second_1')).state).toBe('working');
    await file({ id: 'third', limit: '99.9' });
    await order('third_1', 'working');
    await account.advanceLedger(CLOSES.holdMs);
    await reached('first', 'done');
    for (const id of ['second_1', 'third_1']) expect((await account.order(id)).reason).toBe('makes_way');
    price('AAPL', '100.1');
    // It may have tried once more before the exit was there.
    const again = async () => `second_${(await plan('second')).attempt}`;
    await expect
      .poll(async () => (await account.order(await again()).catch(() => undefined))?.state, {
        timeout: 8_000,
      })
      .toBe('working');
    await account.expectSound();
    expect(await judged()).toEqual([]);
    expect(watcher.lines.filter(({ level }) => level >= 40)).toEqual([]);
  });
});
