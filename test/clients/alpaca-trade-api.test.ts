/** Alpaca's own JavaScript client, version 3, on the paper exchange: only its base URL is another one. */
import { createRequire } from 'node:module';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startTestExchange, type TestExchange } from '../support/exchange.ts';

type Order = { id: string; client_order_id: string; status: string; qty: string; limit_price: string };
type Client = {
  getAccount(): Promise<{ equity: string; status: string }>;
  getClock(): Promise<{ is_open: boolean }>;
  getCalendar(range: { start: string; end: string }): Promise<{ date: string }[]>;
  getAssets(filter: object): Promise<{ symbol: string }[]>;
  getAsset(symbol: string): Promise<{ symbol: string; tradable: boolean }>;
  createOrder(order: object): Promise<Order>;
  getOrders(filter: object): Promise<Order[]>;
  getOrder(id: string): Promise<Order>;
  getOrderByClientId(id: string): Promise<Order>;
  replaceOrder(id: string, change: object): Promise<Order>;
  cancelOrder(id: string): Promise<unknown>;
  cancelAllOrders(): Promise<{ id: string; status: number }[]>;
  getPositions(): Promise<{ symbol: string; qty: string }[]>;
  getPosition(symbol: string): Promise<{ qty: string }>;
  closePosition(symbol: string): Promise<Order>;
  closeAllPositions(): Promise<{ symbol: string; status: number }[]>;
};

const require = createRequire(import.meta.url);
const Alpaca = require('@alpacahq/alpaca-trade-api') as new (options: object) => Client;

let exchange: TestExchange;
let client: Client;
beforeAll(async () => {
  exchange = await startTestExchange({ key: 'key', secret: 'secret' });
  exchange.price('AAPL', '100');
  exchange.price('MSFT', '200');
  client = new Alpaca({ keyId: 'key', secretKey: 'secret', baseUrl: exchange.url, paper: true });
});
afterAll(async () => await exchange.close());

const limit = (changes: object = {}) =>
  client.createOrder({
    ...{ symbol: 'AAPL', qty: 1, side: 'buy', type: 'limit', time_in_force: 'day', limit_price: 50 },
    ...changes,
  });

describe("Alpaca's own client", () => {
  it('reads the account, the clock, the calendar and the assets', async () => {
    expect(await client.getAccount()).toMatchObject({ equity: '100000', status: 'ACTIVE' });
    expect((await client.getClock()).is_open).toBe(true);
    expect(await client.getCalendar({ start: '2026-01-19', end: '2026-01-21' })).toHaveLength(2);
    const stocks = await client.getAssets({ status: 'active', asset_class: 'us_equity' });
    expect(stocks.map(({ symbol }) => symbol)).toEqual(['AAPL', 'MSFT']);
    expect(await client.getAsset('AAPL')).toMatchObject({ symbol: 'AAPL', tradable: true });
  });

  it('places, finds, changes and cancels an order', async () => {
    const order = await limit({ client_order_id: 'mine-1' });
    expect(await client.getOrder(order.id)).toMatchObject({ client_order_id: 'mine-1', limit_price: '50' });
    expect((await client.getOrderByClientId('mine-1')).id).toBe(order.id);
    const replacing = await client.replaceOrder(order.id, { limit_price: 51 });
    await expect.poll(async () => (await client.getOrder(order.id)).status).toBe('replaced');
    await client.cancelOrder(replacing.id);
    await expect.poll(async () => (await client.getOrder(replacing.id)).status).toBe('canceled');
    expect(await client.getOrders({ status: 'open' })).toEqual([]);
  });

  it('cancels all orders', async () => {
    const ids = [(await limit()).id, (await limit({ symbol: 'MSFT' })).id];
    expect((await client.cancelAllOrders()).map(({ id }) => id)).toEqual(expect.arrayContaining(ids));
    await expect.poll(async () => await client.getOrders({ status: 'open' })).toEqual([]);
  });

  it('is refused a price between two steps', async () => {
    const refused = (await limit({ limit_price: 50.005 }).catch((error: unknown) => error)) as {
      response: { status: number; data: object };
    };
    expect(refused.response).toMatchObject({ status: 422, data: { code: 42210000 } });
  });

  it('closes one position, and all', async () => {
    for (const symbol of ['AAPL', 'MSFT']) await limit({ symbol, qty: 2, type: 'market', limit_price: null });
    expect(await client.getPositions()).toHaveLength(2);
    expect((await client.getPosition('AAPL')).qty).toBe('2');
    expect(await client.closePosition('AAPL')).toMatchObject({ qty: '2', side: 'sell' });
    expect(await client.closeAllPositions()).toMatchObject([{ symbol: 'MSFT', status: 200 }]);
    expect(await client.getPositions()).toEqual([]);
  });
});
