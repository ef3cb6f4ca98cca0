/** Other people's clients through the gateway: base URL and keys are all that they change. */
import { execFile } from 'node:child_process';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { useRedis } from '../support/fixtures.ts';
import { startTestGateway, type TestBot, type TestGateway } from '../support/gateway.ts';
import { until } from '../support/keeper.ts';

type Order = { id: string; client_order_id: string; status: string; qty: string; limit_price: string };
type AlpacaClient = {
  getAccount(): Promise<{ buying_power: string }>;
  createOrder(order: object): Promise<Order>;
  getOrders(filter: object): Promise<Order[]>;
  getOrderByClientId(id: string): Promise<Order>;
  replaceOrder(id: string, changes: object): Promise<Order & { replaces: string }>;
  closePosition(symbol: string): Promise<Order>;
  closeAllPositions(): Promise<{ symbol: string; status: number }[]>;
  cancelOrder(id: string): Promise<unknown>;
  trade_ws: {
    connect(): void;
    disconnect(): void;
    onConnect(handle: () => void): void;
    subscribe(channels: string[]): void;
    onOrderUpdate(handle: (update: { event: string; order: Order }) => void): void;
  };
};
type CcxtOrder = { id: string; status: string; price: number; amount: number; clientOrderId: string };
type CcxtClient = {
  loadMarkets(): Promise<Record<string, object>>;
  createOrder(
    pair: string,
    type: string,
    side: string,
    amount: number,
    price?: number,
    params?: object,
  ): Promise<CcxtOrder>;
  editOrder(
    id: string,
    pair: string,
    type: string,
    side: string,
    qty: number,
    price: number,
  ): Promise<CcxtOrder>;
  fetchOrder(id: string, pair: string): Promise<CcxtOrder>;
  fetchOpenOrders(pair: string): Promise<CcxtOrder[]>;
  cancelOrder(id: string, pair: string): Promise<unknown>;
};
type Thrown = Error & { response: { status: number; data: { message: string; worksteal: object } } };

const require = createRequire(import.meta.url);
const Alpaca = require('@alpacahq/alpaca-trade-api') as new (options: object) => AlpacaClient;
const ccxt = require('ccxt') as {
  alpaca: new (options: object) => CcxtClient;
  InsufficientFunds: new () => Error;
};
const PAIR = 'BTC/USD';

const redis = useRedis();
let gateway: TestGateway;
let alpacaBot: TestBot;
let ccxtBot: TestBot;
let alpaca: AlpacaClient;
let crypto: CcxtClient;

/** The cap is 1,000 USD. AAPL and BTC are at 110. */
beforeAll(async () => {
  gateway = await startTestGateway(redis.url, {
    exchange: { equity: '1000' },
    rules: { WORK_STEALING_LEVERAGE: '1' },
  });
  alpacaBot = gateway.bot('alpaca-js');
  ccxtBot = gateway.bot('ccxt');
  alpaca = new Alpaca({
    ...{ keyId: alpacaBot.keys.keyId, secretKey: alpacaBot.keys.secret },
    ...{ baseUrl: gateway.url, dataBaseUrl: gateway.url, paper: true },
  });
  crypto = new ccxt.alpaca({
    ...{ apiKey: ccxtBot.keys.keyId, secret: ccxtBot.keys.secret, enableRateLimit: false },
    urls: { api: { trader: gateway.url } },
  });
});
afterAll(async () => {
  await gateway.close();
});

/** The broker's word that an order has ended may come before the ledger's, and until then it counts. */
afterEach(() => gateway.settled());

const limit = (changes: object = {}) =>
  alpaca.createOrder({
    ...{ symbol: 'AAPL', qty: 1, side: 'buy', type: 'limit', time_in_force: 'day', limit_price: 100 },
    ...changes,
  });

const caught = async (asked: Promise<unknown>): Promise<unknown> =>
  await asked.then(
    () => undefined,
    (error: unknown) => error,
  );

describe("Alpaca's own client", () => {
  it('enters, finds, lists and cancels, and hears of it', async () => {
    const heard: string[] = [];
    let isConnected = false;
    alpaca.trade_ws.onConnect(() => {
      isConnected = true;
      alpaca.trade_ws.subscribe(['trade_updates']);
    });
    alpaca.trade_ws.onOrderUpdate(({ event, order }) => heard.push(`${event} ${order.client_order_id}`));
    alpaca.trade_ws.connect();
    await until('its stream is connected', () => isConnected);
    const order = await limit({ client_order_id: 'mine 1' });
    expect(order).toMatchObject({ client_order_id: 'mine 1', limit_price: '100' });
    expect((await alpaca.getOrderByClientId('mine 1')).id).toBe(order.id);
    expect(await alpaca.getOrders({ status: 'open' })).toMatchObject([{ client_order_id: 'mine 1' }]);
    expect(await alpaca.getAccount()).toMatchObject({ buying_power: '900' });
    await alpaca.cancelOrder(order.id);
    await until('it is told', () => heard.includes('canceled mine 1'));
    alpaca.trade_ws.disconnect();
  });

  it('replaces an order, and closes positions', async () => {
    const order = await limit({ client_order_id: 'mine 2' });
    const next = await alpaca.replaceOrder(order.id, { limit_price: 112, client_order_id: 'mine 3' });
    expect(next).toMatchObject({ client_order_id: 'mine 3', limit_price: '112', replaces: order.id });
    await until('it has filled', async () => (await alpaca.getOrderByClientId('mine 3')).status === 'filled');
    const out = await alpaca.closePosition('AAPL');
    expect(out).toMatchObject({ qty: '1', side: 'sell' });
    await until(
      'it has filled',
      async () => (await alpaca.getOrderByClientId(out.client_order_id)).status === 'filled',
    );
    expect(await alpaca.closeAllPositions()).toEqual([]);
  });

  it('protects a position with a stop, a stop_limit and a trailing stop', async () => {
    const entry = await limit({ qty: 3, limit_price: 112 });
    const isFilled = async () => (await alpaca.getOrderByClientId(entry.client_order_id)).status === 'filled';
    await until('it has filled', isFilled);
    const exit = (terms: object) => limit({ side: 'sell', limit_price: undefined, ...terms });
    const orders = [
      await exit({ type: 'stop', stop_price: 100 }),
      await exit({ type: 'stop_limit', stop_price: 100, limit_price: 99 }),
      await exit({ type: 'trailing_stop', trail_percent: 5 }),
    ];
    expect(orders).toMatchObject([
      { type: 'stop', stop_price: '100', limit_price: null },
      { type: 'stop_limit', stop_price: '100', limit_price: '99' },
      { type: 'trailing_stop', trail_percent: '5' },
    ]);
    for (const { id } of orders) await alpaca.cancelOrder(id);
    await until('they have ended', async () => (await alpaca.getOrders({ status: 'open' })).length === 0);
    await alpaca.closePosition('AAPL');
  });

  it('raises its own error for a refusal, with why and the numbers', async () => {
    const { response } = (await caught(limit({ qty: 11 }))) as Thrown;
    expect(response).toMatchObject({
      status: 403,
      data: {
        code: 40310000,
        message: expect.stringMatching(/^insufficient buying power: .*it needs 1100 USD/),
        worksteal: { needMicros: 1_100_000_000 },
      },
    });
  });
});

describe("ccxt's client", () => {
  it('enters, finds, lists, edits and cancels', async () => {
    expect(Object.keys(await crypto.loadMarkets())).toEqual([PAIR]);
    const { id } = await crypto.createOrder(PAIR, 'limit', 'buy', 0.5, 100);
    expect(await crypto.fetchOrder(id, PAIR)).toMatchObject({ price: 100, amount: 0.5, status: 'open' });
    expect(await crypto.fetchOpenOrders(PAIR)).toHaveLength(1);
    const edited = await crypto.editOrder(id, PAIR, 'limit', 'buy', 0.6, 99);
    expect(edited).toMatchObject({ price: 99, amount: 0.6 });
    await until('it is in force', async () => (await crypto.fetchOrder(edited.id, PAIR)).status === 'open');
    await crypto.cancelOrder(edited.id, PAIR);
    await until('it has ended', async () => (await crypto.fetchOrder(edited.id, PAIR)).status === 'canceled');
  });

  it('protects a position with a stop that has a limit', async () => {
    const entry = await crypto.createOrder(PAIR, 'limit', 'buy', 0.5, 112);
    await until('it has filled', async () => (await crypto.fetchOrder(entry.id, PAIR)).status === 'closed');
    const exit = await crypto.createOrder(PAIR, 'limit', 'sell', 0.5, 99, { triggerPrice: 100 });
    expect(await crypto.fetchOrder(exit.id, PAIR)).toMatchObject({ triggerPrice: 100, price: 99 });
    await crypto.cancelOrder(exit.id, PAIR);
    await until('it has ended', async () => (await crypto.fetchOrder(exit.id, PAIR)).status === 'canceled');
    const out = await crypto.createOrder(PAIR, 'market', 'sell', 0.5);
    await until('it is sold', async () => (await crypto.fetchOrder(out.id, PAIR)).status === 'closed');
  });

  it('raises its own error for a refusal, with why', async () => {
    const error = await caught(crypto.createOrder(PAIR, 'limit', 'buy', 11, 100));
    expect(error).toBeInstanceOf(ccxt.InsufficientFunds);
    expect((error as Error).message).toMatch(/it needs 1100 USD/);
  });
});

/** The lines that a Python script prints as a bot of this name. */
async function python(script: string, name: string): Promise<string[]> {
  const bot = gateway.bot(name);
  const { stdout } = await promisify(execFile)('python3', [join(import.meta.dirname, script), gateway.url], {
    env: { PATH: process.env['PATH'], KEY: bot.keys.keyId, SECRET: bot.keys.secret },
    timeout: 60_000,
  });
  return stdout.split('\n');
}

it('All requests of alpaca-py are answered with what its models require', async () => {
  expect(await python('alpaca_py_replay.py', 'alpaca-py')).toEqual([
    'reads the account, the market and a quote',
    'enters, finds, replaces, and hears of the fill',
    'protects and closes the position',
    expect.stringMatching(/^403 insufficient buying power: .* it needs 1100 USD/),
    expect.stringMatching(/^422 orders of the class bracket are not taken here/),
    '',
  ]);
}, 180_000);

describe('A Python script on the standard library', () => {
  it('enters, lists, is refused and cancels', async () => {
    expect(await python('gateway_bot.py', 'python')).toEqual([
      'entered py-1 at 100',
      'open: py-1',
      expect.stringMatching(/^refused 403: insufficient buying power: .* it needs 1100 USD/),
      'ended: canceled',
      '',
    ]);
  });
});
