/** The clients of npm, as bots of a busy market. */
import { createRequire } from 'node:module';
import type { Client } from './bot.ts';

export type Access = { url: string; keyId: string; secret: string };

type Order = { id: string; symbol: string };
type AlpacaOrder = Order & { qty: string | null };
type CcxtOrder = Order & { amount: number };
type AlpacaClient = {
  createOrder(order: object): Promise<Order>;
  getOrders(filter: object): Promise<AlpacaOrder[]>;
  cancelOrder(id: string): Promise<unknown>;
  replaceOrder(id: string, change: object): Promise<Order>;
  cancelAllOrders(): Promise<unknown>;
  getPositions(): Promise<{ symbol: string; qty: string }[]>;
};
type CcxtClient = {
  urls: { api: Record<string, string> };
  headers: Record<string, string>;
  createOrder(
    pair: string,
    type: string,
    side: string,
    amount: number | undefined,
    price?: number,
    more?: object,
  ): Promise<Order>;
  fetchOpenOrders(): Promise<CcxtOrder[]>;
  editOrder(
    id: string,
    pair: string,
    type: string,
    side: string,
    amount: number,
    price: number,
  ): Promise<Order>;
  cancelOrder(id: string, pair: string): Promise<unknown>;
  cancelAllOrders(): Promise<unknown>;
  traderPrivateGetV2Positions(): Promise<{ symbol: string; qty: string }[]>;
};

type AxiosError = Error & { isAxiosError?: boolean; response?: { data?: { message?: string } } };

const require = createRequire(import.meta.url);
const Alpaca = require('@alpacahq/alpaca-trade-api') as new (options: object) => AlpacaClient;
const ccxt = require('ccxt') as {
  alpaca: new (options: object) => CcxtClient;
  BaseError: new () => Error;
};

const STOCKS = ['AAPL', 'MSFT', 'NVDA', 'AMZN', 'GOOG', 'META', 'TSLA', 'AMD'];
const PAIRS = ['BTC/USD', 'ETH/USD', 'SOL/USD', 'LTC/USD', 'LINK/USD', 'UNI/USD', 'AVAX/USD'];

/** Alpaca's own client trades stocks. Its errors are those of axios. */
export function alpacaBot(name: string, { url, keyId, secret }: Access): Client {
  const client = new Alpaca({ keyId, secretKey: secret, baseUrl: url, dataBaseUrl: url, paper: true });
  const day = { side: 'buy', time_in_force: 'day' };
  const isMine = ({ symbol }: Order): boolean => STOCKS.includes(symbol);
  return {
    ...{ name, symbols: STOCKS, step: 1 },
    limit: (symbol, qty, price) =>
      client.createOrder({ ...day, symbol, qty, type: 'limit', limit_price: price.toFixed(2) }),
    market: (symbol, side, qty) => client.createOrder({ ...day, symbol, side, qty, type: 'market' }),
    money: (symbol, notional) => client.createOrder({ ...day, symbol, notional, type: 'market' }),
    async open() {
      const orders = await client.getOrders({ status: 'open', limit: 500 });
      return orders.filter(isMine).map(({ id, symbol, qty }) => ({ id, symbol, qty: Number(qty ?? 1) }));
    },
    replace: ({ id }, qty, price) =>
      client.replaceOrder(id, { qty: Math.round(qty), limit_price: price.toFixed(2) }),
    cancel: async ({ id }) => (await client.cancelOrder(id)) ?? true,
    cancelAll: async () => (await client.cancelAllOrders()) ?? true,
    held: async () => (await client.getPositions()).map(({ symbol, qty }) => ({ symbol, qty: Number(qty) })),
    refusal(error) {
      const { response, isAxiosError } = error as AxiosError;
      return isAxiosError === true ? response?.data?.message : undefined;
    },
  };
}

/** ccxt's client trades cryptos, each order with a forecast of its own. */
export function ccxtBot(name: string, { url, keyId, secret }: Access, forecast: () => number): Client {
  const client = new ccxt.alpaca({ apiKey: keyId, secret, enableRateLimit: false });
  for (const api of Object.keys(client.urls.api)) client.urls.api[api] = url;
  const create = async (...args: Parameters<CcxtClient['createOrder']>): Promise<Order> => {
    client.headers = { 'Worksteal-Pnl': forecast().toFixed(2) };
    return await client.createOrder(...args);
  };
  return {
    ...{ name, symbols: PAIRS, step: 0.0001 },
    limit: (pair, qty, price) => create(pair, 'limit', 'buy', qty, price),
    market: (pair, side, qty) => create(pair, 'market', side, qty),
    money: (pair, cost) => create(pair, 'market', 'buy', undefined, undefined, { cost }),
    async open() {
      const orders = await client.fetchOpenOrders();
      return orders.map(({ id, symbol, amount }) => ({ id, symbol, qty: amount }));
    },
    replace: ({ id, symbol }, qty, price) => client.editOrder(id, symbol, 'limit', 'buy', qty, price),
    cancel: ({ id, symbol }) => client.cancelOrder(id, symbol),
    cancelAll: () => client.cancelAllOrders(),
    async held() {
      const positions = await client.traderPrivateGetV2Positions();
      const pairOf = (symbol: string): string =>
        symbol.includes('/') ? symbol : symbol.replace(/USD$/, '/USD');
      return positions.map(({ symbol, qty }) => ({ symbol: pairOf(symbol), qty: Number(qty) }));
    },
    // For a 403 whose words it does not know ccxt raises ExchangeNotAvailable.
    refusal: (error) => (error instanceof ccxt.BaseError ? messageIn(error.message) : undefined),
  };
}

/** Of the answer that ccxt quotes: `alpaca POST https://… 403 Forbidden {"code": …, "message": …}`. */
function messageIn(quoted: string): string | undefined {
  return /"message":"((?:[^"\\]|\\.)*)"/.exec(quoted)?.[1];
}
