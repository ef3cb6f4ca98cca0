/** Stop orders at the paper exchange: exits that wait for the price to turn. */
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import {
  type Answer,
  type Json,
  startTestExchange,
  type TestExchange,
  type Updates,
} from '../support/exchange.ts';

let exchange: TestExchange;
let updates: Updates;

/** Ten shares of AAPL are held, and its price is 100. */
beforeEach(async () => {
  exchange = await startTestExchange();
  updates = await exchange.updates();
  exchange.price('AAPL', '100');
  await exchange.order({ symbol: 'AAPL', qty: '10', client_order_id: 'in' });
  await updates.next('fill', 'in');
});
afterEach(() => exchange.close());

/** A sale of four shares, as `out`, without a limit. */
const sell = (changes: Json): Promise<Answer> =>
  exchange.order({
    ...{ symbol: 'AAPL', side: 'sell', qty: '4', limit_price: undefined, client_order_id: 'out' },
    ...changes,
  });

it('a stop rests until the price reaches it, and fills at the price that does', async () => {
  expect(await sell({ type: 'stop', stop_price: '95' })).toMatchObject({
    status: 200,
    body: { type: 'stop', stop_price: '95', limit_price: null, position_intent: 'sell_to_close' },
  });
  exchange.price('AAPL', '95.01');
  expect(await exchange.byClientId('out')).toMatchObject({ status: 'new', filled_qty: '0' });
  exchange.price('AAPL', '94');
  expect(await updates.next('fill', 'out')).toMatchObject({ price: '94', qty: '4', position_qty: '6' });
});

it('a stop_limit rests at its limit once the price has reached its stop', async () => {
  await sell({ type: 'stop_limit', stop_price: '95', limit_price: '94' });
  exchange.price('AAPL', '93');
  exchange.price('AAPL', '93.5');
  expect(await exchange.byClientId('out')).toMatchObject({ status: 'new' });
  exchange.price('AAPL', '94.5');
  expect((await updates.next('fill', 'out')).price).toBe('94');
});

it('a trailing stop follows the best price and never goes back', async () => {
  await sell({ type: 'trailing_stop', trail_price: '5' });
  expect(await exchange.byClientId('out')).toMatchObject({ hwm: '100', stop_price: '95', trail_price: '5' });
  exchange.price('AAPL', '110');
  exchange.price('AAPL', '106');
  expect(await exchange.byClientId('out')).toMatchObject({ hwm: '110', stop_price: '105', status: 'new' });
  exchange.price('AAPL', '105');
  expect((await updates.next('fill', 'out')).price).toBe('105');
});

it('a trailing stop may be given in percent', async () => {
  await sell({ type: 'trailing_stop', trail_percent: '10' });
  exchange.price('AAPL', '120');
  expect(await exchange.byClientId('out')).toMatchObject({ stop_price: '108', trail_percent: '10' });
});

it('a short position is bought back when the price rises to the stop', async () => {
  exchange.price('MSFT', '100');
  await exchange.order({ symbol: 'MSFT', side: 'sell', client_order_id: 'short' });
  await updates.next('fill', 'short');
  await sell({ symbol: 'MSFT', side: 'buy', qty: '1', type: 'stop', stop_price: '105' });
  exchange.price('MSFT', '106');
  expect((await updates.next('fill', 'out')).price).toBe('106');
});

it('a stop holds the shares that it will sell, and can be replaced and cancelled', async () => {
  const { body } = await sell({ qty: '10', type: 'stop', stop_price: '95' });
  expect(await sell({ qty: '1', limit_price: '120', client_order_id: 'more' })).toMatchObject({
    status: 403,
    body: { message: 'insufficient qty available for order (requested: 1, available: 0)' },
  });
  const path = `/v2/orders/${body['id']}`;
  expect(await exchange.call('PATCH', path, { limit_price: '90' })).toMatchObject({ status: 422 });
  const next = await exchange.call('PATCH', path, { stop_price: '97', client_order_id: 'next' });
  expect(next).toMatchObject({ status: 200, body: { type: 'stop', stop_price: '97' } });
  await updates.next('new', 'next');
  await exchange.call('DELETE', `/v2/orders/${next.body['id']}`);
  await updates.next('canceled', 'next');
  exchange.price('AAPL', '90');
  expect((await exchange.call('GET', '/v2/positions/AAPL')).body['qty']).toBe('10');
});

describe('It is refused', () => {
  it.each([
    ['above the price', { type: 'stop', stop_price: '100' }, 'stop price must be less than current price'],
    ['without a stop price', { type: 'stop' }, 'stop orders require a stop price'],
    ['without a trail', { type: 'trailing_stop' }, 'require trail_price or trail_percent'],
    ['with both trails', { type: 'trailing_stop', trail_price: '1', trail_percent: '1' }, 'only one of'],
    [
      'with a limit that is none of its',
      { type: 'stop', stop_price: '95', limit_price: '94' },
      'must not have',
    ],
    ['between two steps', { type: 'stop', stop_price: '95.005' }, 'invalid stop_price 95.005'],
    ['as an entry', { side: 'buy', type: 'stop', stop_price: '105' }, 'traded here as exits only'],
  ])('%s', async (_, changes, message) => {
    const { status, body } = await sell(changes);
    expect({ status, message: body['message'] }).toEqual({
      status: 422,
      message: expect.stringContaining(message),
    });
  });

  it('of a crypto, except with a limit', async () => {
    exchange.price('BTCUSD', '100');
    await exchange.order({ qty: '2', client_order_id: 'coins' });
    await updates.next('fill', 'coins');
    const stop = { symbol: 'BTCUSD', qty: '1', stop_price: '90', time_in_force: 'gtc' };
    expect((await sell({ ...stop, type: 'stop' })).body['message']).toBe(
      'invalid order type for crypto order',
    );
    expect((await sell({ ...stop, type: 'stop_limit', limit_price: '89' })).status).toBe(200);
  });

  it('against an open order of the other side, as Alpaca does; a trailing stop is taken', async () => {
    const { body: entry } = await exchange.order({ symbol: 'AAPL', limit_price: '80' });
    expect(await sell({ type: 'stop', stop_price: '95' })).toMatchObject({
      status: 403,
      body: { existing_order_id: entry['id'] },
    });
    expect((await sell({ type: 'stop_limit', stop_price: '95', limit_price: '94' })).status).toBe(200);
    const trailing = { type: 'trailing_stop', trail_price: '5', client_order_id: 'trail' };
    expect((await sell(trailing)).status).toBe(200);
  });
});
