/** Which orders of one account the paper exchange lets rest against each other, as Alpaca does. */
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type Answer, type Json, startTestExchange, type TestExchange } from '../support/exchange.ts';

let exchange: TestExchange;
afterEach(() => exchange.close());

const WASH = 'potential wash trade detected. use complex orders';
const buy = (limit: string, more: Json = {}): Promise<Answer> =>
  exchange.order({ symbol: 'AAPL', side: 'buy', limit_price: limit, ...more });
const sell = (limit: string | undefined, more: Json = {}): Promise<Answer> =>
  exchange.order({ symbol: 'AAPL', side: 'sell', limit_price: limit, ...more });

describe('Where nothing is held', () => {
  beforeEach(async () => {
    exchange = await startTestExchange();
  });

  it('a buy and a short sale exclude each other, whatever their limits', async () => {
    await buy('100');
    expect(await sell('110')).toMatchObject({
      status: 403,
      body: { code: 40310000, message: 'cannot open a short sell while a long buy order is open' },
    });
    await exchange.order({ symbol: 'MSFT', side: 'sell', limit_price: '110' });
    expect((await exchange.order({ symbol: 'MSFT' })).body['message']).toBe(
      'cannot open a long buy while a short sell order is open',
    );
  });
});

describe('Where a position is held', () => {
  let entry: Answer;
  beforeEach(async () => {
    exchange = await startTestExchange();
    exchange.price('AAPL', '105');
    expect((await buy('105', { qty: '10' })).status).toBe(200);
    entry = await buy('100');
    expect(entry.body['status']).toBe('pending_new');
  });

  it('an exit may rest above an entry, and an entry below an exit', async () => {
    expect((await sell('110')).status).toBe(200);
    expect((await buy('101')).status).toBe(200);
  });

  it('an exit may not meet an entry, nor an entry an exit, and the answer names the other', async () => {
    expect(await sell('100')).toMatchObject({
      status: 403,
      body: {
        ...{ code: 40310000, message: WASH, existing_order_id: entry.body['id'] },
        reject_reason: 'opposite side limit order exists',
      },
    });
    const exit = await sell('110');
    expect(await buy('110')).toMatchObject({ status: 403, body: { existing_order_id: exit.body['id'] } });
  });

  it('an exit at the market meets every entry', async () => {
    expect(await sell(undefined, { type: 'market' })).toMatchObject({ status: 403, body: { message: WASH } });
  });

  it('a replacement may not meet an order of the other side either', async () => {
    const exit = await sell('110');
    const path = `/v2/orders/${exit.body['id']}`;
    expect(await exchange.call('PATCH', path, { limit_price: '100' })).toMatchObject({
      status: 403,
      body: { message: WASH },
    });
    expect((await exchange.call('PATCH', path, { limit_price: '100.01' })).status).toBe(200);
  });
});
