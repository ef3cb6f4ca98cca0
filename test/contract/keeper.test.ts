/**
 * The keeper against the paper exchange: the ledger follows the broker although messages get lost (I6, I7,
 * I8).
 */
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { applyOrder } from '../../src/keeper/apply-order.ts';
import { admit } from '../../src/ledger/commands/admit.ts';
import { accountRefused, readClosures } from '../../src/ledger/commands/closures.ts';
import { settle } from '../../src/ledger/commands/settle.ts';
import { snapshot } from '../../src/ledger/commands/snapshot.ts';
import { submit } from '../../src/ledger/commands/submit.ts';
import { key } from '../../src/ledger/keys.ts';
import { useRedis } from '../support/fixtures.ts';
import { type Stage, sendToBroker, startStage, until } from '../support/keeper.ts';

/** Far beyond a test's patience: what happens was not the schedule's doing. */
const NEVER_MS = 600_000;
const MILLION = 1_000_000;

const redis = useRedis();
let stage: Stage;
beforeEach(async () => {
  stage = await startStage(redis.url);
});
afterEach(() => stage.close());

const isOpen = async () =>
  Number((await stage.ledger.redis.hget(key(stage.account, 'account'), 'synced_at_ms')) ?? 0) > 0;
const opened = () => until('the account is open', isOpen);
const stateIs = (id: string, state: string) =>
  until(`${id} is ${state}`, async () => (await stage.order(id))?.state === state);

describe('A new account', () => {
  it('is set up with the settings, the equity and the caps, and opened', async () => {
    expect(await admit(stage.ledger, stage.wish('early'), 1_000)).toMatchObject({ outcome: 'unsynced' });
    await stage.keeper();
    await opened();
    const book = await snapshot(stage.ledger);
    expect(book?.account).toMatchObject({
      equity_micros: '100000000000',
      'cap_micros:total': '200000000000',
      generation: '1',
    });
    expect(await admit(stage.ledger, stage.wish('first'), 1_000)).toMatchObject({ outcome: 'fits' });
  });
});

describe('Trade updates', () => {
  it('open, fill and settle an order without anyone else telling the ledger', async () => {
    await stage.keeper({ syncMs: NEVER_MS });
    await opened();
    await stage.send(stage.wish('a_0'));
    await stateIs('a_0', 'working');
    stage.price('AAPL', '100');
    await stateIs('a_0', 'filled');
    expect((await snapshot(stage.ledger))?.positions).toEqual([
      { symbol: 'AAPL', side: 'long', qty: '10', costMicros: 1000 * MILLION, pool: '' },
    ]);
    await stage.agrees();
  });

  it('that come twice change nothing more', async () => {
    await stage.faults({ duplicateUpdateRate: 1 });
    await stage.keeper({ syncMs: NEVER_MS });
    await opened();
    const { brokerId } = await stage.send(stage.wish('a_0'));
    await stage.send(stage.wish('b_0', { symbol: 'MSFT' }));
    await stateIs('a_0', 'working');
    await stage.broker.cancel(brokerId);
    stage.price('MSFT', '99');
    await stateIs('a_0', 'cancelled');
    await stateIs('b_0', 'filled');
    await stage.agrees();
  });

  it.each([
    ['cancelled', 'canceled'],
    ['cancelled', 'replaced'],
    ['expired', 'expired'],
    ['rejected', 'rejected'],
  ] as const)('that say %s (%s) of an order that filled in full end it as filled', async (state, status) => {
    await stage.keeper({ syncMs: NEVER_MS });
    await opened();
    const sent = await stage.send(stage.wish('a_0'));
    const ended = { ...sent, state, status, filledQty: sent.qty, filledAvgPrice: '99' };
    expect(await applyOrder(stage.ledger, ended)).toBe('changed');
    expect(await stage.order('a_0')).toMatchObject({
      state: 'filled',
      reason: 'filled',
      filledQty: '10',
      filledMicros: 990 * MILLION,
    });
    expect(await applyOrder(stage.ledger, { ...ended, state: 'filled', status: 'filled' })).toBe('exists');
  });

  it('of an order that filled more than asked end it at its whole cost, and start reconciling', async () => {
    await stage.keeper({ syncMs: NEVER_MS });
    await opened();
    const sent = await stage.send(stage.wish('a_0'));
    const more = { ...sent, qty: '50', filledQty: '30', filledAvgPrice: '99' };
    expect(await applyOrder(stage.ledger, { ...more, status: 'partially_filled' })).toBe('contradiction');
    expect(await stage.used()).toBe(2_970 * MILLION);
    expect(await applyOrder(stage.ledger, { ...more, state: 'cancelled', status: 'canceled' })).toBe(
      'contradiction',
    );
    expect(await stage.order('a_0')).toMatchObject({
      state: 'filled',
      filledQty: '10',
      filledMicros: 2_970 * MILLION,
    });
  });

  it('that were lost are recovered by reconciling', async () => {
    await stage.faults({ dropUpdateRate: 1 });
    await stage.keeper();
    await opened();
    await stage.send(stage.wish('fills'));
    const { brokerId } = await stage.send(stage.wish('ends', { symbol: 'MSFT' }));
    await stage.send(stage.wish('stays', { symbol: 'BTCUSD' }));
    await stateIs('stays', 'working');
    stage.price('AAPL', '100');
    await stage.broker.cancel(brokerId);
    await stateIs('fills', 'filled');
    await stateIs('ends', 'cancelled');
    expect((await stage.order('stays'))?.state).toBe('working');
    await stage.agrees();
  });

  it('that were cut off are recovered once the stream is back', async () => {
    await stage.keeper({ syncMs: NEVER_MS });
    await opened();
    await stage.send(stage.wish('a_0'));
    await stateIs('a_0', 'working');
    await stage.faults({ dropUpdateRate: 1 });
    stage.price('AAPL', '100');
    await stage.faults({ disconnectStreams: true });
    await stateIs('a_0', 'filled');
  });
});

describe('An order placed by hand', () => {
  it('counts as soon as its update arrives, until it is cancelled', async () => {
    await stage.keeper({ syncMs: 2_000 });
    await opened();
    const { brokerId } = await sendToBroker(stage.broker, stage.wish('by-hand'));
    await stateIs('by-hand', 'working');
    expect(await stage.order('by-hand')).toMatchObject({ kind: 'external', heldMicros: 1000 * MILLION });
    await stage.agrees();
    await stage.broker.cancel(brokerId);
    await stateIs('by-hand', 'cancelled');
    expect(await stage.used()).toBe(0);
  });

  it('counts from the next reconciliation on when its update was lost', async () => {
    await stage.faults({ dropUpdateRate: 1 });
    await stage.keeper();
    await opened();
    await sendToBroker(stage.broker, stage.wish('by-hand'));
    await stateIs('by-hand', 'working');
    await stage.agrees();
  });

  it('with an id that is invalid in the ledger is kept under a generated one', async () => {
    await stage.keeper();
    await opened();
    await sendToBroker(stage.broker, stage.wish('mine: 1/2'));
    await stage.agrees();
    expect(await stage.used()).toBe(1000 * MILLION);
    const [order] = (await snapshot(stage.ledger))?.orders ?? [];
    expect(order?.id).toMatch(/^hand_[0-9a-f]{32}$/);
    stage.price('AAPL', '100');
    await stateIs(order?.id ?? '', 'filled');
    await stage.agrees();
  });

  it('that fills at once is a position after the second sighting', async () => {
    await stage.keeper({ syncMs: 2_000 });
    await opened();
    await sendToBroker(stage.broker, stage.wish('by-hand', { limit: '120' }));
    await until('the position is known', async () => (await snapshot(stage.ledger))?.positions.length === 1);
    await stage.agrees();
  });

  it('that reduces a position counts nothing', async () => {
    await stage.keeper();
    await opened();
    await stage.send(stage.wish('a_0', { limit: '120' }));
    await stateIs('a_0', 'filled');
    await sendToBroker(stage.broker, stage.wish('sells', { side: 'sell', limit: '130', qty: '4' }));
    await stateIs('sells', 'working');
    expect(await stage.order('sells')).toMatchObject({ kind: 'exit', heldMicros: 0 });
    await stage.agrees();
    stage.price('AAPL', '130');
    await stateIs('sells', 'filled');
    await stage.agrees();
  });
});

describe('A submission without an answer', () => {
  it('that never reached the broker returns its room after two misses, a sync interval apart', async () => {
    const asked: number[] = [];
    const { broker } = stage;
    const order = broker.order.bind(broker);
    broker.order = (id, signal) => {
      asked.push(performance.now());
      return order(id, signal);
    };
    const syncMs = 300;
    await stage.keeper({ syncMs });
    await opened();
    await admit(stage.ledger, stage.wish('a_0'), 60_000);
    await submit(stage.ledger, 'a_0', 50);
    await until('it was asked for once', () => asked.length === 1);
    expect(await stage.order('a_0')).toMatchObject({
      state: 'reserved',
      unclear: true,
      heldMicros: 1000 * MILLION,
    });
    await stateIs('a_0', 'rejected');
    expect((await stage.order('a_0'))?.reason).toBe('not_found');
    expect((asked.at(-1) ?? 0) - (asked[0] ?? 0)).toBeGreaterThanOrEqual(syncMs - 50);
    expect(await stage.used()).toBe(0);
  });

  it('that did reach it is found, and works', async () => {
    await stage.faults({ dropUpdateRate: 1 });
    await stage.keeper();
    await opened();
    await admit(stage.ledger, stage.wish('a_0'), 60_000);
    await submit(stage.ledger, 'a_0', 50);
    await stage.faults({ loseReplies: 1 });
    expect((await stage.broker.submit(stage.wish('a_0'))).kind).toBe('unknown');
    await stateIs('a_0', 'working');
    await stage.agrees();
  });

  it('whose lease still runs is not asked for', async () => {
    const keeper = await stage.keeper({ syncMs: 50 });
    await opened();
    await admit(stage.ledger, stage.wish('a_0'), 60_000);
    await submit(stage.ledger, 'a_0', 60_000);
    const before = keeper.report()?.reconciles ?? 0;
    await until('three more rounds', () => (keeper.report()?.reconciles ?? 0) >= before + 3);
    expect((await stage.order('a_0'))?.state).toBe('reserved');
  });
});

describe('An account that the broker shuts', () => {
  const outcome = async () =>
    (await admit(stage.ledger, stage.wish(`probe_${performance.now().toFixed(0)}`), 50)).outcome;

  it.each([
    [{ status: 'ACCOUNT_CLOSED' }, 'status ACCOUNT_CLOSED'],
    [{ trading_blocked: true, account_blocked: true }, 'account_blocked, trading_blocked'],
    [{ trade_suspended_by_user: true }, 'trade_suspended_by_user'],
  ])(
    'says why in its answer (%o): it is closed by the next reconciliation, and open by one after',
    async (accountSays, words) => {
      await stage.keeper();
      await opened();
      await stage.faults({ accountSays });
      await until('it is closed', async () => (await outcome()) === 'closed');
      expect(await readClosures(stage.ledger)).toMatchObject([{ cause: 'broker', words }]);
      await stage.faults({ accountSays: {} });
      await until('it is open', async () => (await outcome()) === 'fits');
    },
  );

  it('never opens if it was restricted from the beginning', async () => {
    await stage.faults({ accountSays: { status: 'ACCOUNT_CLOSED' } });
    await stage.keeper({ step: (name) => void (name === 'after_sync' && admitted.push(outcome())) });
    const admitted: Promise<string>[] = [];
    await until('it was reconciled', () => admitted.length > 1);
    expect(new Set(await Promise.all(admitted))).toEqual(new Set(['closed']));
  });

  it('is checked at once when an order was refused because of the account', async () => {
    const keeper = await stage.keeper({ syncMs: NEVER_MS });
    await opened();
    await until('the first rounds are over', () => (keeper.report()?.reconciles ?? 0) > 1);
    await stage.faults({ accountSays: { trade_suspended_by_user: true } });
    await accountRefused(stage.ledger, 'a_0', 'new orders are rejected by user request');
    await until(
      'its answer was read',
      async () => (await readClosures(stage.ledger))[0]?.words === 'trade_suspended_by_user',
    );
  });

  it('and settings that the broker does not support are recorded as a warning', async () => {
    await stage.faults({ accountSays: { multiplier: '1', shorting_enabled: false } });
    await stage.keeper();
    await opened();
    expect(await outcome()).toBe('fits');
    const warnings = await stage.ledger.redis.hget(key(stage.account, 'account'), 'broker_warnings');
    expect(warnings).toMatch(/grants 1 x equity, the cap is 2 x.*no short sales/);
  });
});

describe('A ledger that differs', () => {
  it('has its positions corrected when the same difference was seen twice', async () => {
    const keeper = await stage.keeper({ syncMs: 2_000 });
    await opened();
    await stage.send(stage.wish('a_0', { limit: '120' }));
    await stateIs('a_0', 'filled');
    await stage.agrees();
    const position = key(stage.account, 'position:AAPL');
    await stage.ledger.redis.hset(position, 'qty', '11');
    await until('corrected', async () => (await stage.ledger.redis.hget(position, 'qty')) === '10');
    await until('told', () => keeper.report()?.corrected === 1);
  });

  it('is reconciled at once when the broker refuses an order for want of buying power', async () => {
    await stage.keeper({ syncMs: NEVER_MS });
    await opened();
    await stage.faults({ dropUpdateRate: 1 });
    await sendToBroker(stage.broker, stage.wish('unseen'));
    await admit(stage.ledger, stage.wish('a_0'), 60_000);
    await submit(stage.ledger, 'a_0', 60_000);
    await settle(stage.ledger, 'a_0', {
      state: 'rejected',
      filledQty: '0',
      costMicros: 0,
      reason: 'buying_power',
    });
    await stateIs('unseen', 'working');
  });

  it('admits nothing after reconciling has failed for too long, and again once it succeeds', async () => {
    await stage.keeper({ syncMs: 100, syncMaxAgeMs: 300 });
    await opened();
    await stage.faults({ failRequests: 1_000_000 });
    const outcome = async () => (await admit(stage.ledger, stage.wish('a_0'), 1_000)).outcome;
    await until(
      'shut',
      async () =>
        (await admit(stage.ledger, stage.wish(`probe_${performance.now().toFixed(0)}`), 50)).outcome ===
        'unsynced',
    );
    await stage.faults({ failRequests: 0 });
    await until('open again', async () => (await outcome()) !== 'unsynced');
  });
});

describe('Pools named like asset classes', () => {
  it('hold the positions and adopted orders of their class', async () => {
    await stage.close();
    stage = await startStage(
      redis.url,
      { pools: 'crypto:1,stock:2' },
      { WORK_STEALING_POOLS: 'crypto:1,stock:2' },
    );
    await stage.keeper();
    await opened();
    await sendToBroker(stage.broker, stage.wish('coins', { symbol: 'BTCUSD', limit: '120' }));
    await sendToBroker(stage.broker, stage.wish('shares'));
    await stateIs('shares', 'working');
    await stage.agrees();
    expect((await stage.order('shares'))?.pool).toBe('stock');
    expect((await snapshot(stage.ledger))?.positions).toMatchObject([{ symbol: 'BTCUSD', pool: 'crypto' }]);
    expect((await snapshot(stage.ledger))?.account).toMatchObject({ 'orders_micros:stock': '1000000000' });
  });
});
