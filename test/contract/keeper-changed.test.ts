/**
 * The keeper follows an order that a person changed at the broker: it stays one order and counts with its new
 * terms (I1, I7).
 */
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { AlpacaBroker } from '../../src/broker/alpaca/alpaca.ts';
import { key } from '../../src/ledger/keys.ts';
import { type Stage, startStage, until } from '../support/keeper.ts';
import { startPrivateRedis } from '../support/redis.ts';

/** Far beyond a test's patience: what happens was not the schedule's doing. */
const NEVER_MS = 600_000;
const MILLION = 1_000_000;

let redis: Awaited<ReturnType<typeof startPrivateRedis>>;
let stage: Stage;
beforeAll(async () => {
  redis = await startPrivateRedis();
});
afterAll(() => redis.close());
beforeEach(async () => {
  stage = await startStage(redis.url);
});
afterEach(() => stage.close());

const syncedMs = async () =>
  Number((await stage.ledger.redis.hget(key(stage.account, 'account'), 'synced_at_ms')) ?? 0);
const opened = () => until('the account is open', async () => (await syncedMs()) > 0);
const shows = (id: string, fields: Record<string, unknown>) =>
  until(`${id} is ${JSON.stringify(fields)}`, async () => {
    const order = (await stage.order(id)) as Record<string, unknown> | undefined;
    return Object.entries(fields).every(([name, value]) => order?.[name] === value);
  });

async function working(syncMs: number): Promise<void> {
  await stage.keeper({ syncMs });
  await opened();
  await stage.send(stage.wish('p_1', { plan: 'p' }));
  await shows('p_1', { state: 'working' });
}

describe('An order that a person replaced', () => {
  it.each([
    ['by a trade update', NEVER_MS, 0],
    ['by reconciling, where updates are lost', 200, 1],
  ])('is followed %s, and stays the order of its plan', async (_, syncMs, dropUpdateRate) => {
    await working(syncMs);
    await stage.faults({ dropUpdateRate });
    await stage.person.change('p_1', { limit_price: '105', qty: '20' });
    await shows('p_1', { limit: '105', qty: '20' });
    expect(await stage.order('p_1')).toMatchObject({
      state: 'working',
      kind: 'entry',
      plan: 'p',
      heldMicros: 2_100 * MILLION,
    });
    await stage.agrees();
    stage.price('AAPL', '105');
    await shows('p_1', { state: 'filled', filledQty: '20' });
    await stage.agrees();
  });

  it('more than once is still that order', async () => {
    await working(NEVER_MS);
    const second = await stage.person.change('p_1', { limit_price: '105' });
    await shows('p_1', { limit: '105' });
    await stage.person.change(second, { limit_price: '106', qty: '3' });
    await shows('p_1', { limit: '106', qty: '3' });
    await stage.agrees();
  });

  it('more than once while no keeper was there, and filled, is filled', async () => {
    const keeper = await stage.keeper();
    await opened();
    await stage.send(stage.wish('p_1'));
    await shows('p_1', { state: 'working' });
    await keeper.stop();
    const second = await stage.person.change('p_1', { limit_price: '105' });
    await until('it is replaced', async () =>
      (await stage.broker.openOrders()).some(({ id }) => id === second),
    );
    await until(
      'it can be changed',
      async () => (await stage.broker.order(second)).kind === 'found' && (await status(second)) === 'new',
    );
    const third = await stage.person.change(second, { qty: '15' });
    await until('the third works', async () => (await status(third)) === 'new');
    stage.price('AAPL', '105');
    await until('the third is filled', async () => (await status(third)) === 'filled');
    await stage.keeper();
    await shows('p_1', { state: 'filled', filledQty: '15' });
    await stage.agrees();
  });

  it('is found under its first id by a ledger that was lost, with what was filled before', async () => {
    const keeper = await stage.keeper();
    await opened();
    await stage.faults({ partFills: 1 });
    await stage.send(stage.wish('p_1', { symbol: 'MSFT' }));
    stage.price('MSFT', '100');
    await until('a part is filled', async () => (await stage.order('p_1'))?.filledQty !== '0');
    const filled = Number((await stage.order('p_1'))?.filledQty);
    await keeper.stop();
    stage.price('MSFT', '110');
    const second = await stage.person.change('p_1', { limit_price: '90', qty: '20' });
    await until('it is replaced', async () => (await status(second)) === 'new');
    await stage.ledger.redis.flushall();
    await stage.keeper();
    await opened();
    expect(await stage.order('p_1')).toMatchObject({
      state: 'working',
      qty: `${filled + 20}`,
      filledQty: `${filled}`,
      limit: '90',
    });
    expect(await stage.order(second)).toBeUndefined();
    await stage.agrees();
  });
});

describe('An order that waits to replace another one', () => {
  beforeEach(async () => {
    await stage.close();
    stage = await startStage(redis.url, { replaceDelay: 3_600_000 });
  });

  it('counts at once: the larger of the two', async () => {
    await working(NEVER_MS);
    await stage.person.change('p_1', { qty: '30' });
    await shows('p_1', { heldMicros: 3_000 * MILLION, brokerId: (await stage.order('p_1'))?.brokerId });
    await stage.agrees();
  });

  it('counts with its whole quantity beside what the other one has filled', async () => {
    await working(NEVER_MS);
    await stage.faults({ partFills: 1 });
    stage.price('AAPL', '100');
    stage.price('AAPL', '110');
    await until('a part is filled', async () => (await stage.order('p_1'))?.filledQty !== '0');
    await stage.person.change('p_1', { qty: '30' });
    await shows('p_1', { heldMicros: 3_000 * MILLION });
  });

  it('counts as long as it waits: when the other one fills first, that is all', async () => {
    await working(NEVER_MS);
    await stage.person.change('p_1', { qty: '30' });
    await shows('p_1', { heldMicros: 3_000 * MILLION });
    stage.price('AAPL', '100');
    await shows('p_1', { state: 'filled', filledQty: '10' });
    await stage.agrees();
  });

  it('counts in a ledger that was lost', async () => {
    const keeper = await stage.keeper();
    await opened();
    await stage.send(stage.wish('p_1'));
    await shows('p_1', { state: 'working' });
    await keeper.stop();
    await stage.person.change('p_1', { qty: '30' });
    await stage.ledger.redis.flushall();
    await stage.keeper();
    await opened();
    expect(await stage.order('p_1')).toMatchObject({ heldMicros: 3_000 * MILLION, qty: '10' });
    await stage.agrees();
  });
});

describe('An order that was changed under its id', () => {
  /** The broker lists its orders with this quantity. */
  const listing = (qty: string): AlpacaBroker =>
    new Proxy(stage.broker, {
      get(broker, name) {
        if (name === 'openOrders')
          return async () => (await broker.openOrders()).map((order) => ({ ...order, qty }));
        const value: unknown = Reflect.get(broker, name);
        return typeof value === 'function' ? value.bind(broker) : value;
      },
    });

  it('counts more at first sight', async () => {
    await stage.keeper({ syncMs: NEVER_MS, broker: listing('50') });
    await opened();
    await stage.send(stage.wish('p_1', { qty: '5' }));
    await shows('p_1', { state: 'working' });
    await stage.faults({ disconnectStreams: true }); // the keeper reconciles when it is connected again
    await shows('p_1', { qty: '50', heldMicros: 5_000 * MILLION });
  });

  it('counts less when that was seen twice, a sync interval apart', async () => {
    await stage.keeper({ broker: listing('5') });
    await opened();
    await stage.send(stage.wish('p_1'));
    await shows('p_1', { state: 'working' });
    const firstMs = await syncedMs();
    await shows('p_1', { qty: '5' });
    expect(await syncedMs()).toBeGreaterThan(firstMs);
  });
});

async function status(id: string): Promise<string | undefined> {
  const answer = await stage.broker.order(id);
  return answer.kind === 'found' ? answer.order.status : undefined;
}
