/**
 * Orders at the paper exchange over HTTP: what is accepted or refused, fills, expiry, cancellation,
 * replacement.
 */
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { NANOS, toNanos } from '../../src/domain/decimal.ts';
import { type Json, startTestExchange, type TestExchange, type Updates } from '../support/exchange.ts';

let exchange: TestExchange;
let updates: Updates;

beforeEach(async () => {
  exchange = await startTestExchange();
  updates = await exchange.updates();
});
afterEach(() => exchange.close());

async function list(query: string): Promise<unknown[]> {
  const { body } = await exchange.call<Json[]>('GET', `/v2/orders?${query}`);
  return body.map((order) => order['client_order_id']);
}

describe('A new order', () => {
  it('is answered as pending_new with string amounts and nanosecond times, and reported as new', async () => {
    const { status, body } = await exchange.order({
      symbol: 'BTC/USD',
      qty: 0.25,
      limit_price: '200',
      client_order_id: 'a',
    });
    expect(status).toBe(200);
    expect(body).toMatchObject({
      client_order_id: 'a',
      symbol: 'BTCUSD',
      asset_class: 'crypto',
      qty: '0.25',
      filled_qty: '0',
      filled_avg_price: null,
      limit_price: '200',
      status: 'pending_new',
      side: 'buy',
      type: 'limit',
      time_in_force: 'gtc',
    });
    expect(body['submitted_at']).toMatch(/^2026-01-20T15:30:\d\d\.\d{9}Z$/);
    expect((await updates.next('new', 'a')).order).toMatchObject({ status: 'new' });
  });

  it('gets a client order id when it has none', async () => {
    const { body } = await exchange.order({});
    expect(body['client_order_id']).toMatch(/^[0-9a-f-]{36}$/);
  });

  it('is refused when its client order id was ever used, even by an order that ended', async () => {
    const { body } = await exchange.order({ client_order_id: 'a' });
    await exchange.call('DELETE', `/v2/orders/${body['id']}`);
    await updates.next('canceled', 'a');
    const again = await exchange.order({ client_order_id: 'a', limit_price: '101' });
    expect(again.status).toBe(422);
    expect(again.body).toEqual({ code: 40010001, message: 'client_order_id must be unique' });
  });

  it.each([
    ['no quantity', { qty: undefined }, 'qty or notional is required'],
    ['a quantity of zero', { qty: '0' }, 'must be > 0'],
    ['ten decimals', { qty: '0.0000000001' }, 'at most 9 decimals'],
    ['no limit price', { limit_price: undefined }, 'limit orders require a limit price'],
    ['an unknown symbol', { symbol: 'NOPE' }, 'not found'],
    ['an unknown side', { side: 'hold' }, 'side'],
    ['a long client order id', { client_order_id: 'x'.repeat(129) }, 'must be no more than 128 characters'],
    ['a crypto for the day', { time_in_force: 'day' }, 'invalid crypto time_in_force'],
    [
      'a fraction of a stock as gtc',
      { symbol: 'AAPL', qty: '0.5', time_in_force: 'gtc' },
      'fractional orders must be DAY orders',
    ],
    [
      'a fraction of a stock sold short',
      { symbol: 'AAPL', qty: '1.5', side: 'sell', time_in_force: 'day' },
      'fractional orders cannot be sold short',
    ],
  ])('with %s is a 422 that says so', async (_name, changes, message) => {
    const { status, body } = await exchange.order(changes);
    expect(status).toBe(422);
    expect(body['message']).toContain(message);
  });

  it('of a crypto below 10 USD, or sold without a balance, is a 403', async () => {
    expect(await exchange.order({ qty: '0.01' })).toMatchObject({ status: 403, body: { code: 40310000 } });
    const short = await exchange.order({ side: 'sell' });
    expect(short).toMatchObject({ status: 403, body: { code: 40310000 } });
    expect(short.body['message']).toContain('insufficient balance for BTCUSD');
  });

  it('beyond the buying power is a 403 with buying_power and cost_basis', async () => {
    await exchange.order({ qty: '1500' });
    const { status, body } = await exchange.order({ qty: '501' });
    expect(status).toBe(403);
    expect(body).toEqual({
      code: 40310000,
      message: 'insufficient buying power',
      buying_power: '50000',
      cost_basis: '50100',
    });
    expect((await exchange.order({ qty: '500' })).status).toBe(200);
  });

  it('may sell of a position what no other exit covers', async () => {
    exchange.price('AAPL', '100');
    await exchange.order({ symbol: 'AAPL', qty: '10', client_order_id: 'in' });
    await updates.next('fill', 'in');
    const exit = { symbol: 'AAPL', side: 'sell', limit_price: '110' };
    expect((await exchange.order({ ...exit, qty: '7', client_order_id: 'out' })).body).toMatchObject({
      position_intent: 'sell_to_close',
    });
    const more = await exchange.order({ ...exit, qty: '4' });
    expect(more).toMatchObject({ status: 403, body: { available: '3' } });
    expect((await exchange.call('GET', '/v2/positions/AAPL')).body).toMatchObject({
      qty: '10',
      qty_available: '3',
    });
  });
});

describe('A fill', () => {
  it('of an order that rests is at exactly its limit', async () => {
    exchange.price('BTCUSD', '105');
    await exchange.order({ client_order_id: 'a' });
    exchange.price('BTCUSD', '99.5');
    const { order, price, qty, position_qty } = await updates.next('fill', 'a');
    expect({ price, qty, position_qty }).toEqual({ price: '100', qty: '1', position_qty: '1' });
    expect(order).toMatchObject({ status: 'filled', filled_qty: '1', filled_avg_price: '100' });
  });

  it('of an order that the price has reached already is at the better price', async () => {
    exchange.price('BTCUSD', '98');
    await exchange.order({ client_order_id: 'a' });
    expect((await updates.next('fill', 'a')).price).toBe('98');
  });

  it('of a short sale below the market is at the market, and costs so much', async () => {
    exchange.price('AAPL', '105');
    await exchange.order({ symbol: 'AAPL', side: 'sell', client_order_id: 'a' });
    expect((await updates.next('fill', 'a')).price).toBe('105');
    expect((await exchange.call('GET', '/v2/positions/AAPL')).body).toMatchObject({
      qty: '-1',
      side: 'short',
      cost_basis: '-105',
    });
  });

  it('in parts: a random part first, the rest at a later price, whole shares of a stock', async () => {
    await exchange.close();
    exchange = await startTestExchange({ partialRate: 1 });
    updates = await exchange.updates();
    await exchange.order({ symbol: 'AAPL', qty: '10', client_order_id: 'a' });
    exchange.price('AAPL', '99');
    const part = await updates.next('partial_fill', 'a');
    expect(part.order).toMatchObject({ status: 'partially_filled' });
    expect(Number(part.qty)).toBeGreaterThan(0);
    expect(Number(part.qty)).toBeLessThan(10);
    expect(Number.isInteger(Number(part.qty))).toBe(true);
    exchange.price('AAPL', '98');
    const rest = await updates.next('fill', 'a');
    expect(Number(part.qty) + Number(rest.qty)).toBe(10);
    expect(rest.order).toMatchObject({ status: 'filled', filled_qty: '10' });
  });

  it('of a market order is at the market; of its notional the quantity that it buys', async () => {
    exchange.price('AAPL', '50');
    const market = { type: 'market', limit_price: undefined, client_order_id: 'a' };
    await exchange.order({ ...market, symbol: 'AAPL', qty: undefined, notional: '125' });
    expect(await updates.next('fill', 'a')).toMatchObject({ price: '50', qty: '2.5' });
  });

  it('reaches every order whose limit the price has passed, and no other', async () => {
    exchange.price('BTCUSD', '105');
    exchange.price('AAPL', '95');
    for (const limit of ['98', '100', '99'])
      await exchange.order({ limit_price: limit, client_order_id: `buy${limit}` });
    for (const limit of ['102', '100', '101']) {
      await exchange.order({
        symbol: 'AAPL',
        side: 'sell',
        limit_price: limit,
        client_order_id: `sell${limit}`,
      });
    }
    exchange.price('BTCUSD', '98.5');
    exchange.price('AAPL', '101.5');
    expect((await list('')).sort()).toEqual(['buy98', 'sell102']);
    const fills = updates.seen
      .filter(({ event }) => event === 'fill')
      .map(({ order }) => order['client_order_id']);
    expect(fills).toEqual(['buy100', 'buy99', 'sell100', 'sell101']);
  });

  it('never comes from a price that has grown old, only from the next one', async () => {
    exchange.price('BTCUSD', '99');
    exchange.market.freeze('BTCUSD');
    exchange.pass(301_000);
    await exchange.order({ client_order_id: 'a' });
    expect(await exchange.byClientId('a')).toMatchObject({ status: 'new' });
    exchange.price('BTCUSD', '99');
    expect(await exchange.byClientId('a')).toMatchObject({ status: 'filled', filled_avg_price: '100' });
  });

  it('in parts at several prices has an average that is rounded up', async () => {
    await exchange.close();
    exchange = await startTestExchange({ partialRate: 1 });
    exchange.price('BTCUSD', '98.000000001');
    await exchange.order({ qty: '7', client_order_id: 'a' });
    exchange.price('BTCUSD', '97');
    const order = exchange.core.book.getByClientId('a');
    const average = toNanos(String((await exchange.byClientId('a'))['filled_avg_price']));
    expect(order?.status).toBe('filled');
    expect(average * 7_000_000_000n).toBeGreaterThanOrEqual(order?.filledCost ?? 0n);
    expect((average - 1n) * 7_000_000_000n).toBeLessThan(order?.filledCost ?? 0n);
  });

  it('of an ioc order is now or never', async () => {
    exchange.price('BTCUSD', '105');
    await exchange.order({ time_in_force: 'ioc', client_order_id: 'a' });
    await updates.next('canceled', 'a');
    exchange.price('BTCUSD', '99');
    expect(await exchange.byClientId('a')).toMatchObject({ status: 'canceled', filled_qty: '0' });
  });
});

describe('A cancel', () => {
  it('is accepted with 204, pending, and done after the delay', async () => {
    const { body } = await exchange.order({ client_order_id: 'a' });
    const answer = await exchange.call('DELETE', `/v2/orders/${body['id']}`);
    expect(answer).toMatchObject({ status: 204, body: null });
    await updates.next('canceled', 'a');
    expect(updates.events('a')).toEqual(['new', 'pending_cancel', 'canceled']);
    expect(await exchange.byClientId('a')).toMatchObject({
      status: 'canceled',
      canceled_at: expect.any(String),
    });
  });

  it('loses the race against a fill', async () => {
    await exchange.call('POST', '/faults', { stickCancels: 1 });
    const { body } = await exchange.order({ client_order_id: 'a' });
    await exchange.call('DELETE', `/v2/orders/${body['id']}`);
    await updates.next('pending_cancel', 'a');
    expect(await exchange.byClientId('a')).toMatchObject({ status: 'pending_cancel' });
    exchange.price('BTCUSD', '100');
    expect((await updates.next('fill', 'a')).order).toMatchObject({ status: 'filled', canceled_at: null });
    await exchange.call('POST', '/faults', { stickCancels: 0 });
    expect(await exchange.byClientId('a')).toMatchObject({ status: 'filled' });
  });

  it('of an ended order is a 422 that names the state, of an unknown one a 404', async () => {
    exchange.price('BTCUSD', '100');
    const { body } = await exchange.order({ client_order_id: 'a' });
    const late = await exchange.call('DELETE', `/v2/orders/${body['id']}`);
    expect(late).toMatchObject({
      status: 422,
      body: { code: 42210000, message: 'order is already in "filled" state' },
    });
    expect(await exchange.call('DELETE', '/v2/orders/nope')).toMatchObject({
      status: 404,
      body: { code: 40410000 },
    });
  });

  it('of all orders is a 207 with one result per order, 500 for one that cannot be cancelled', async () => {
    await exchange.close();
    exchange = await startTestExchange({ replaceDelay: 60_000 });
    updates = await exchange.updates();
    const plain = await exchange.order({ client_order_id: 'a' });
    const old = await exchange.order({ client_order_id: 'b' });
    await exchange.call('PATCH', `/v2/orders/${old.body['id']}`, { limit_price: '99' });
    const { status, body } = await exchange.call<Json[]>('DELETE', '/v2/orders');
    expect(status).toBe(207);
    expect(body).toContainEqual({ id: plain.body['id'], status: 200 });
    expect(body).toContainEqual({ id: old.body['id'], status: 500 });
    await updates.next('canceled', 'a');
  });
});

describe('A replacement', () => {
  it('is a new order with a new id; the old one is replaced', async () => {
    const old = await exchange.order({ client_order_id: 'a' });
    const { status, body } = await exchange.call('PATCH', `/v2/orders/${old.body['id']}`, {
      limit_price: '90',
      client_order_id: 'b',
    });
    expect(status).toBe(200);
    expect(body).toMatchObject({ replaces: old.body['id'], limit_price: '90', client_order_id: 'b' });
    expect(body['id']).not.toBe(old.body['id']);
    await updates.next('new', 'b');
    expect(await exchange.byClientId('a')).toMatchObject({ status: 'replaced', replaced_by: body['id'] });
    expect(await list('')).toEqual(['b']);
  });

  it('is rejected when the old order fills first; meanwhile the larger of the two is held', async () => {
    await exchange.close();
    exchange = await startTestExchange({ replaceDelay: 60_000 });
    updates = await exchange.updates();
    const old = await exchange.order({ client_order_id: 'a' });
    await exchange.call('PATCH', `/v2/orders/${old.body['id']}`, { qty: '3', client_order_id: 'b' });
    expect((await exchange.judge()).exposureMicros).toBe(300_000_000);
    exchange.price('BTCUSD', '100');
    await updates.next('fill', 'a');
    expect((await updates.next('order_replace_rejected', 'b')).order).toMatchObject({ status: 'rejected' });
    expect((await exchange.judge()).exposureMicros).toBe(100_000_000);
  });

  it('takes off what the old order fills meanwhile, and is rejected when nothing is left', async () => {
    await exchange.close();
    exchange = await startTestExchange({ partialRate: 1, seed: 5 });
    updates = await exchange.updates();
    await exchange.order({ symbol: 'AAPL', qty: '10', client_order_id: 'a' });
    const { core } = exchange;
    const old = core.book.getByClientId('a');
    core.replace(old?.id ?? '', { qtyNanos: 20n * NANOS, limitNanos: 90n * NANOS, clientId: 'b' });
    exchange.price('AAPL', '100');
    const filled = Number((await updates.next('partial_fill', 'a')).qty);
    expect((await updates.next('new', 'b')).order).toMatchObject({
      qty: String(20 - filled),
      filled_qty: '0',
    });
    expect((await exchange.judge()).exposureMicros).toBe((filled * 100 + (20 - filled) * 90) * 1_000_000);

    await exchange.order({ symbol: 'MSFT', qty: '10', client_order_id: 'c' });
    core.replace(core.book.getByClientId('c')?.id ?? '', { qtyNanos: NANOS, clientId: 'd' });
    exchange.price('MSFT', '100');
    await updates.next('rejected', 'd');
    expect((await updates.next('order_replace_rejected', 'c')).order).toMatchObject({
      status: 'partially_filled',
    });
  });

  it('that changes nothing, or of an ended order, is refused', async () => {
    const { body } = await exchange.order({ client_order_id: 'a' });
    const same = await exchange.call('PATCH', `/v2/orders/${body['id']}`, { limit_price: '100' });
    expect(same).toMatchObject({
      status: 403,
      body: { code: 40310000, message: 'order parameters are not changed' },
    });
    exchange.price('BTCUSD', '100');
    expect(await exchange.call('PATCH', `/v2/orders/${body['id']}`, { limit_price: '90' })).toMatchObject({
      status: 422,
    });
  });
});

describe('An order expires', () => {
  it('at the close, when it is for the day', async () => {
    await exchange.order({ symbol: 'AAPL', client_order_id: 'a' });
    exchange.pass(5.5 * 3_600_000 - 1000);
    expect(await exchange.byClientId('a')).toMatchObject({
      status: 'new',
      expires_at: '2026-01-20T21:00:00.000000000Z',
    });
    exchange.pass(1000);
    expect((await updates.next('expired', 'a')).order).toMatchObject({
      status: 'expired',
      expired_at: expect.any(String),
    });
  });

  it('at 13:00 on an early close, and at the next session when it came after the close', async () => {
    await exchange.close();
    exchange = await startTestExchange({ start: '2026-11-27T16:00:00Z' });
    updates = await exchange.updates();
    expect((await exchange.order({ symbol: 'AAPL' })).body['expires_at']).toBe(
      '2026-11-27T18:00:00.000000000Z',
    );
    exchange.pass(3 * 3_600_000);
    expect((await exchange.order({ symbol: 'AAPL' })).body['expires_at']).toBe(
      '2026-11-30T21:00:00.000000000Z',
    );
  });

  it('never before 90 days, when it is good till cancelled', async () => {
    await exchange.order({ client_order_id: 'a' });
    exchange.pass(89 * 86_400_000);
    expect(await exchange.byClientId('a')).toMatchObject({ status: 'new' });
  });

  it('and waits for the opening where stocks are traded in the session only', async () => {
    await exchange.close();
    exchange = await startTestExchange({ stockHours: 'session', start: '2026-01-20T14:00:00Z' });
    updates = await exchange.updates();
    exchange.price('AAPL', '99');
    await exchange.order({ symbol: 'AAPL', client_order_id: 'a' });
    expect((await updates.next('accepted', 'a')).order).toMatchObject({ status: 'accepted' });
    exchange.pass(30 * 60_000);
    expect((await updates.next('fill', 'a')).price).toBe('99');
    expect(updates.events('a')).toEqual(['accepted', 'new', 'fill']);
  });
});

describe('The list of orders', () => {
  it('shows the open ones, newest first, 50 unless asked, 500 at most', async () => {
    for (let n = 0; n < 52; n += 1) await exchange.order({ qty: '0.1', client_order_id: `o${n}` });
    const open = await list('');
    expect(open).toHaveLength(50);
    expect(open[0]).toBe('o51');
    expect(await list('limit=500&direction=asc')).toHaveLength(52);
    expect((await exchange.call('GET', '/v2/orders?limit=501')).status).toBe(422);
  });

  it('goes by status, side, symbols, times and ids', async () => {
    exchange.price('ETHUSD', '100');
    await exchange.order({ client_order_id: 'a' });
    const middle = await exchange.order({ symbol: 'AAPL', client_order_id: 'b' });
    await exchange.order({ symbol: 'ETHUSD', client_order_id: 'c' });
    const { id, submitted_at } = middle.body;
    expect(await list('status=closed')).toEqual(['c']);
    expect(await list('status=all')).toEqual(['c', 'b', 'a']);
    expect(await list('symbols=BTC/USD,ETHUSD&status=all')).toEqual(['c', 'a']);
    expect(await list('side=sell')).toEqual([]);
    expect(await list('asset_class=us_equity')).toEqual(['b']);
    expect(await list(`status=all&after=${submitted_at}`)).toEqual(['c']);
    expect(await list(`status=all&until=${submitted_at}`)).toEqual(['a']);
    expect(await list(`status=all&after_order_id=${id}`)).toEqual(['c']);
    expect(await list(`status=all&before_order_id=${id}`)).toEqual(['a']);
    const both = await exchange.call('GET', `/v2/orders?after=${submitted_at}&after_order_id=${id}`);
    expect(both.status).toBe(422);
  });

  it('finds one by id and by client order id, else a 404 with its code', async () => {
    const { body } = await exchange.order({ client_order_id: 'a' });
    expect((await exchange.call('GET', `/v2/orders/${body['id']}`)).body['client_order_id']).toBe('a');
    expect((await exchange.byClientId('a'))['id']).toBe(body['id']);
    expect((await exchange.call('GET', '/v2/orders/nope')).status).toBe(404);
    expect(await exchange.byClientId('nope')).toEqual({ code: 40410000, message: 'order is not found.' });
  });
});
