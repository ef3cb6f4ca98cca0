/**
 * Requests as widely used clients send them: the paper exchange accepts and refuses the same ones as Alpaca.
 */
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { startTestExchange, type TestExchange } from '../support/exchange.ts';

let exchange: TestExchange;
beforeEach(async () => {
  exchange = await startTestExchange({ replaceDelay: 60_000 });
  exchange.price('AAPL', '100');
  exchange.price('BTCUSD', '50000');
});
afterEach(async () => await exchange.close());

/** Places a resting buy and returns its id. */
async function resting(): Promise<string> {
  const { body } = await exchange.order({ symbol: 'AAPL', side: 'buy', qty: '1', limit_price: '50' });
  return String(body['id']);
}

const raw = async (method: string, path: string, contentType: string): Promise<number> => {
  const response = await fetch(exchange.url + path, { method, headers: { 'content-type': contentType } });
  return response.status;
};

describe('a DELETE without a body', () => {
  it.each([
    ['an empty content type', ''],
    ['JSON', 'application/json'],
    ['JSON with a charset', 'application/json; charset=utf-8'],
    ['a form', 'application/x-www-form-urlencoded'],
  ])('is taken with %s as its content type', async (_name, contentType) => {
    expect(await raw('DELETE', `/v2/orders/${await resting()}`, contentType)).toBe(204);
    expect(await raw('DELETE', '/v2/orders', contentType)).toBe(207);
    expect(await raw('DELETE', '/v2/positions', contentType)).toBe(207);
  });
});

describe('a body that is not JSON', () => {
  it('is refused, whatever its content type', async () => {
    for (const [contentType, status] of [
      ['text/csv', 415],
      ['application/json', 400],
    ] as const) {
      const headers = { 'content-type': contentType };
      const response = await fetch(`${exchange.url}/v2/orders`, { method: 'POST', headers, body: 'qty=1' });
      expect([contentType, response.status]).toEqual([contentType, status]);
    }
  });
});

describe('the list of assets', () => {
  const symbols = async (query: string): Promise<unknown[]> =>
    (await exchange.call<{ symbol: string }[]>('GET', `/v2/assets${query}`)).body.map(({ symbol }) => symbol);

  it('holds those of the class that was asked for', async () => {
    expect(await symbols('?asset_class=crypto')).toEqual(['BTC/USD', 'ETH/USD']);
    expect(await symbols('?asset_class=us_equity&status=active')).toEqual(['AAPL', 'MSFT']);
    expect(await symbols('?asset_class=us_option')).toEqual([]);
    expect(await symbols('?status=inactive')).toEqual([]);
    expect(await symbols('')).toHaveLength(4);
  });

  it('refuses an unknown class', async () => {
    expect((await exchange.call('GET', '/v2/assets?asset_class=bonds')).status).toBe(422);
  });
});

describe('a limit between two steps', () => {
  const buy = async (symbol: string, limit: string) =>
    await exchange.order({ symbol, side: 'buy', qty: '1', limit_price: limit });

  it('is refused for a stock, in Alpaca’s words', async () => {
    expect(await buy('AAPL', '90.005')).toMatchObject({
      status: 422,
      body: {
        code: 42210000,
        message: 'invalid limit_price 90.005. sub-penny increment does not fulfill minimum pricing criteria',
      },
    });
    expect((await buy('AAPL', '0.99995')).status).toBe(422);
  });

  it.each(['90', '90.01', '1.01', '0.9999'])('is not %s', async (limit) => {
    expect((await buy('AAPL', limit)).status).toBe(200);
  });

  it('is taken for a crypto', async () => {
    expect((await buy('BTCUSD', '20000.000000001')).status).toBe(200);
  });

  it('is refused in a replacement, too', async () => {
    const changed = await exchange.call('PATCH', `/v2/orders/${await resting()}`, { limit_price: '50.005' });
    expect(changed).toMatchObject({ status: 422, body: { code: 42210000 } });
  });
});

describe('a position', () => {
  const held = async (symbol: string): Promise<unknown> =>
    (await exchange.call('GET', `/v2/positions/${symbol}`)).body['qty'];
  beforeEach(async () => {
    await exchange.order({ symbol: 'AAPL', side: 'buy', qty: '4', type: 'market', limit_price: null });
    await exchange.order({ symbol: 'BTCUSD', side: 'buy', qty: '1', type: 'market', limit_price: null });
    expect([await held('AAPL'), await held('BTCUSD')]).toEqual(['4', '1']);
  });

  it('is closed at the market, in whole or in part', async () => {
    const part = await exchange.call('DELETE', '/v2/positions/AAPL?qty=1');
    expect(part).toMatchObject({ status: 200, body: { side: 'sell', qty: '1', type: 'market' } });
    expect(await held('AAPL')).toBe('3');
    expect((await exchange.call('DELETE', '/v2/positions/AAPL?percentage=50')).body['qty']).toBe('1.5');
    expect((await exchange.call('DELETE', '/v2/positions/AAPL')).status).toBe(200);
    expect((await exchange.call('GET', '/v2/positions/AAPL')).status).toBe(404);
    expect((await exchange.call('DELETE', '/v2/positions/AAPL')).status).toBe(404);
  });

  it.each(['qty=5', 'qty=0', 'qty=-1', 'qty=x', 'percentage=101', 'qty=1&percentage=1'])(
    'is not closed by %s',
    async (query) => {
      expect((await exchange.call('DELETE', `/v2/positions/AAPL?${query}`)).status).toBe(422);
      expect(await held('AAPL')).toBe('4');
    },
  );

  it('is closed with all others, and open orders are cancelled where that is asked for', async () => {
    const id = await resting();
    const { status, body } = await exchange.call<unknown[]>('DELETE', '/v2/positions');
    expect(status).toBe(207);
    // A resting buy of the same symbol makes its sale a wash trade; the other position is closed all the
    // same.
    expect(body).toEqual([
      { symbol: 'AAPL', status: 403, body: expect.objectContaining({ code: 40310000 }) },
      { symbol: 'BTCUSD', status: 200, body: expect.objectContaining({ side: 'sell' }) },
    ]);
    // An order that is being replaced can't be cancelled; the others are, all the same.
    const other = (await exchange.order({ symbol: 'MSFT', side: 'buy', qty: '1', limit_price: '10' })).body[
      'id'
    ];
    await exchange.call('PATCH', `/v2/orders/${other}`, { limit_price: '11' });
    expect((await exchange.call('DELETE', '/v2/positions?cancel_orders=true')).status).toBe(207);
    const order = await exchange.call('GET', `/v2/orders/${id}`);
    expect(['pending_cancel', 'canceled']).toContain(order.body['status']);
  });
});
