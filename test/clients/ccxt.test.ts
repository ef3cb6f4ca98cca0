/** ccxt's Alpaca class on the paper exchange: cryptos, by their pairs. */
import { createRequire } from 'node:module';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startTestExchange, type TestExchange } from '../support/exchange.ts';

type Order = { id: string; status: string; price: number; amount: number };
type Client = {
  urls: { api: Record<string, string> };
  loadMarkets(): Promise<Record<string, object>>;
  fetchTime(): Promise<number>;
  createOrder(pair: string, type: string, side: string, amount: number, price?: number): Promise<Order>;
  fetchOrder(id: string, pair: string): Promise<Order>;
  fetchOpenOrders(pair: string): Promise<Order[]>;
  fetchClosedOrders(pair: string): Promise<Order[]>;
  editOrder(
    id: string,
    pair: string,
    type: string,
    side: string,
    amount: number,
    price: number,
  ): Promise<Order>;
  cancelOrder(id: string, pair: string): Promise<unknown>;
  cancelAllOrders(pair: string): Promise<unknown>;
};

const require = createRequire(import.meta.url);
const ccxt = require('ccxt') as { alpaca: new (options: object) => Client };
const PAIR = 'BTC/USD';

let exchange: TestExchange;
let client: Client;
beforeAll(async () => {
  exchange = await startTestExchange({ key: 'key', secret: 'secret' });
  exchange.price('BTCUSD', '50000');
  exchange.price('ETHUSD', '3000');
  client = new ccxt.alpaca({ apiKey: 'key', secret: 'secret', enableRateLimit: false });
  for (const api of Object.keys(client.urls.api)) client.urls.api[api] = exchange.url;
});
afterAll(async () => await exchange.close());

describe("ccxt's client", () => {
  it('loads the cryptos, and no stock', async () => {
    expect(Object.keys(await client.loadMarkets())).toEqual([PAIR, 'ETH/USD']);
    expect(await client.fetchTime()).toBeGreaterThan(0);
  });

  it('places, finds, changes and cancels an order', async () => {
    const { id } = await client.createOrder(PAIR, 'limit', 'buy', 0.01, 40_000);
    expect(await client.fetchOrder(id, PAIR)).toMatchObject({ price: 40_000, amount: 0.01, status: 'open' });
    expect(await client.fetchOpenOrders(PAIR)).toHaveLength(1);
    const { id: replacing } = await client.editOrder(id, PAIR, 'limit', 'buy', 0.01, 41_000);
    await expect.poll(async () => (await client.fetchOrder(id, PAIR)).status).toBe('canceled');
    await client.cancelOrder(replacing, PAIR);
    await expect.poll(async () => (await client.fetchOrder(replacing, PAIR)).status).toBe('canceled');
    expect((await client.fetchClosedOrders(PAIR)).length).toBeGreaterThan(0);
  });

  it('buys at the market, and cancels all orders', async () => {
    const { id } = await client.createOrder(PAIR, 'market', 'buy', 0.01);
    expect(await client.fetchOrder(id, PAIR)).toMatchObject({ status: 'closed' });
    await client.createOrder(PAIR, 'limit', 'buy', 0.01, 40_000);
    await client.cancelAllOrders(PAIR);
    await expect.poll(async () => await client.fetchOpenOrders(PAIR)).toEqual([]);
  });
});
