/** The Alpaca adapter against the paper exchange (I4, I6). */
import { randomUUID } from 'node:crypto';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { AlpacaBroker } from '../../src/broker/alpaca/alpaca.ts';
import { unlimited } from '../../src/broker/limiter.ts';
import type { BrokerOrder, OrderRequest, TradeUpdate } from '../../src/broker/port.ts';
import type { ExchangeSettingsInput } from '../../src/exchange/options.ts';
import { type RunningExchange, startExchange } from '../../src/exchange/server.ts';
import { PriceFeed } from '../../src/prices/feed.ts';
import { ManualMarket } from '../../src/prices/manual.ts';

const log = { debug: () => {}, info: () => {}, warn: () => {} };
const keys = { key: 'the-key', secret: 'the-secret' };

let market: ManualMarket;
let exchange: RunningExchange;
let broker: AlpacaBroker;
let stop: AbortController;
let following: Promise<void>;

async function start(settings: ExchangeSettingsInput = {}): Promise<void> {
  market = new ManualMarket(['AAPL', 'MSFT', 'BTCUSD']);
  exchange = await startExchange(
    { port: 0, equity: '100000', rateLimit: 0, partialRate: 0, tick: 1_000, ...keys, ...settings },
    { market },
  );
  setPrice('AAPL', '200');
  setPrice('BTC/USD', '60000.5');
  broker = aBroker();
}

beforeEach(() => {
  stop = new AbortController();
  following = Promise.resolve();
});
afterEach(async () => {
  stop.abort();
  await following;
  await exchange.close();
});

function aBroker(keyId = keys.key): AlpacaBroker {
  const urls = { tradingUrl: exchange.url, dataUrl: exchange.url };
  return new AlpacaBroker({
    ...urls,
    keyId,
    secretKey: keys.secret,
    limiter: unlimited,
    requestTimeoutMs: 3_000,
    log,
    random: () => 0,
  });
}

function setPrice(symbol: string, price: string): void {
  market.set(symbol, price);
  exchange.advance();
}

async function setFaults(faults: Record<string, unknown>): Promise<void> {
  const response = await fetch(`${exchange.url}/faults`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(faults),
  });
  expect(response.ok).toBe(true);
}

function aRequest(fields: Partial<OrderRequest> = {}): OrderRequest {
  return {
    id: `order-${randomUUID()}`,
    symbol: 'AAPL',
    side: 'buy',
    limit: '180',
    qty: '10',
    ...fields,
  };
}

async function confirmed(request: OrderRequest): Promise<BrokerOrder> {
  const answer = await broker.submit(request);
  if (answer.kind !== 'confirmed') throw new Error(`submit: ${JSON.stringify(answer)}`);
  return answer.order;
}

async function found(id: string): Promise<BrokerOrder> {
  const answer = await broker.order(id);
  if (answer.kind !== 'found') throw new Error(`order: ${JSON.stringify(answer)}`);
  return answer.order;
}

/** Follows the stream; the function returned waits for the next update that matches. */
function followed(): (matches: (update: TradeUpdate) => boolean) => Promise<TradeUpdate> {
  const queue: TradeUpdate[] = [];
  const events = new EventTarget();
  following = broker.follow((update) => {
    queue.push(update);
    events.dispatchEvent(new Event('update'));
  }, stop.signal);
  return async (matches) => {
    while (true) {
      const update = queue.shift();
      if (update === undefined)
        await new Promise((resolve) => events.addEventListener('update', resolve, { once: true }));
      else if (matches(update)) return update;
    }
  };
}

const is = (kind: TradeUpdate['kind'], event?: string) => (update: TradeUpdate) =>
  update.kind === kind && (event === undefined || (update.kind === 'order' && update.event === event));

describe('An order at the paper exchange', () => {
  beforeEach(() => start({ cancelDelay: 5 }));

  it('is confirmed, found by its id and listed while it lives', async () => {
    const request = aRequest({ limit: '180.25', qty: '10.5' });
    const order = await confirmed(request);
    expect(order).toMatchObject({
      id: request.id,
      symbol: 'AAPL',
      side: 'buy',
      limit: '180.25',
      qty: '10.5',
      filledQty: '0',
      state: 'live',
    });
    expect((await found(request.id)).brokerId).toBe(order.brokerId);
    expect((await broker.openOrders()).map(({ id }) => id)).toEqual([request.id]);
  });

  it('of a crypto keeps the spelling of the ledger', async () => {
    const request = aRequest({ symbol: 'BTCUSD', limit: '50000', qty: '0.123456789' });
    expect(await confirmed(request)).toMatchObject({ symbol: 'BTCUSD', qty: '0.123456789' });
    expect(await broker.openOrders()).toMatchObject([{ symbol: 'BTCUSD' }]);
  });

  it.each([
    ['AAPL', 'until the close', 'day'],
    ['BTCUSD', 'until it is cancelled', 'gtc'],
  ])('of %s rests %s', async (symbol, _, timeInForce) => {
    await confirmed(aRequest({ symbol }));
    const headers = { 'APCA-API-KEY-ID': keys.key, 'APCA-API-SECRET-KEY': keys.secret };
    const orders: unknown = await (await fetch(`${exchange.url}/v2/orders`, { headers })).json();
    expect(orders).toMatchObject([{ time_in_force: timeInForce }]);
  });

  it('sent twice is one order', async () => {
    const request = aRequest();
    const first = await confirmed(request);
    expect((await confirmed(request)).brokerId).toBe(first.brokerId);
    expect(await broker.openOrders()).toHaveLength(1);
  });

  it('of another size under the same id is refused', async () => {
    const request = aRequest();
    await confirmed(request);
    expect(await broker.submit({ ...request, qty: '11' })).toMatchObject({
      kind: 'refused',
      why: 'duplicate',
    });
    expect(await broker.openOrders()).toHaveLength(1);
  });

  it('whose reply is lost is unknown, then found, and is not made again', async () => {
    await setFaults({ loseReplies: 1 });
    const request = aRequest();
    expect((await broker.submit(request)).kind).toBe('unknown');
    const order = await found(request.id);
    expect((await confirmed(request)).brokerId).toBe(order.brokerId);
    expect(await broker.openOrders()).toHaveLength(1);
  });

  it('that asks for too much is refused for want of buying power', async () => {
    expect(await broker.submit(aRequest({ qty: '5000' }))).toMatchObject({
      kind: 'refused',
      why: 'buying_power',
    });
  });

  it('that breaks a rule is rejected, with the reason', async () => {
    expect(await broker.submit(aRequest({ qty: '0' }))).toMatchObject({
      kind: 'refused',
      why: 'order',
      message: expect.stringContaining('qty'),
    });
  });

  it('that the broker does not know is not found, by either id', async () => {
    expect(await broker.order('nobody')).toEqual({ kind: 'not_found' });
    expect(await broker.cancel(randomUUID())).toEqual({ kind: 'not_found' });
  });

  it('is cancelled only when the broker says so; then a further cancel says that it ended', async () => {
    const next = followed();
    await next(is('connected'));
    const request = aRequest();
    const { brokerId } = await confirmed(request);
    expect(await broker.cancel(brokerId)).toEqual({ kind: 'accepted' });
    const update = await next(is('order', 'canceled'));
    expect(update).toMatchObject({ order: { id: request.id, state: 'cancelled', filledQty: '0' } });
    expect(await broker.cancel(brokerId)).toEqual({ kind: 'ended' });
    expect(await broker.openOrders()).toEqual([]);
  });

  it('that fills while it is being cancelled is filled', async () => {
    await setFaults({ cancelDelayMs: 60_000 });
    const request = aRequest();
    const { brokerId } = await confirmed(request);
    expect(await broker.cancel(brokerId)).toEqual({ kind: 'accepted' });
    expect(await found(request.id)).toMatchObject({ state: 'live', status: 'pending_cancel' });
    expect(await broker.cancel(brokerId)).toEqual({ kind: 'accepted' });
    setPrice('AAPL', '179');
    expect(await found(request.id)).toMatchObject({
      state: 'filled',
      filledQty: '10',
      filledAvgPrice: '180',
    });
    expect(await broker.cancel(brokerId)).toEqual({ kind: 'ended' });
  });

  it('whose cancel is rejected stays live', async () => {
    await setFaults({ rejectCancels: 1 });
    const next = followed();
    await next(is('connected'));
    const request = aRequest();
    const { brokerId } = await confirmed(request);
    await broker.cancel(brokerId);
    expect(await next(is('order', 'order_cancel_rejected'))).toMatchObject({ order: { state: 'live' } });
    expect(await broker.openOrders()).toHaveLength(1);
  });
});

describe('More than a page of open orders', () => {
  it('is listed whole', async () => {
    await start();
    const orders = Array.from({ length: 501 }, () => aRequest({ limit: '1', qty: '1' }));
    for (let from = 0; from < orders.length; from += 50)
      await Promise.all(orders.slice(from, from + 50).map(confirmed));
    const listed = await broker.openOrders();
    expect(listed.map(({ id }) => id).sort()).toEqual(orders.map(({ id }) => id).sort());
  });
});

describe('A partly filled order', () => {
  it('that is cancelled keeps its filled part, which is a position', async () => {
    await start({ partialRate: 1, cancelDelay: 5 });
    const next = followed();
    await next(is('connected'));
    const request = aRequest();
    const { brokerId } = await confirmed(request);
    setPrice('AAPL', '180');
    const part = await next(is('order', 'partial_fill'));
    expect(part).toMatchObject({ order: { state: 'live', status: 'partially_filled' } });
    await broker.cancel(brokerId);
    const end = await next(is('order', 'canceled'));
    if (end.kind !== 'order') throw new Error('not an order');
    expect(end.order.state).toBe('cancelled');
    expect(Number(end.order.filledQty)).toBeGreaterThan(0);
    expect(Number(end.order.filledQty)).toBeLessThan(10);
    expect(await found(request.id)).toEqual(end.order);
    expect(await broker.positions()).toMatchObject([
      { symbol: 'AAPL', qty: end.order.filledQty, avgEntryPrice: '180', assetClass: 'stock' },
    ]);
  });
});

describe('The account', () => {
  beforeEach(() => start());

  it('reports equity and the remaining buying power', async () => {
    await confirmed(aRequest());
    expect(await broker.account()).toEqual({
      number: expect.stringMatching(/^PA[0-9A-F]{10}$/),
      equityMicros: 100_000_000_000,
      buyingPowerMicros: 198_200_000_000,
      cashBuyingPowerMicros: expect.any(Number),
      shut: '',
      shorting: true,
      multiplier: '2',
      cryptoShut: '',
      nowMs: expect.any(Number),
    });
  });

  it('reports long and short positions at their cost', async () => {
    await confirmed(aRequest({ symbol: 'BTCUSD', limit: '60000.5', qty: '0.5' }));
    await confirmed(aRequest({ side: 'sell', limit: '200', qty: '3' }));
    expect((await broker.positions()).sort((a, b) => a.symbol.localeCompare(b.symbol))).toEqual([
      {
        symbol: 'AAPL',
        qty: '-3',
        availableQty: '3',
        costMicros: 600_000_000,
        avgEntryPrice: '200',
        assetClass: 'stock',
      },
      {
        symbol: 'BTCUSD',
        qty: '0.5',
        availableQty: '0.5',
        costMicros: 30_000_250_000,
        avgEntryPrice: '60000.5',
        assetClass: 'crypto',
      },
    ]);
  });

  it('with the wrong keys refuses, and every order is refused', async () => {
    const stranger = aBroker('another-key');
    await expect(stranger.account()).rejects.toMatchObject({ code: 'keys', details: { status: '401' } });
    expect(await stranger.submit(aRequest())).toMatchObject({ kind: 'refused', why: 'keys' });
  });
});

describe('Prices', () => {
  beforeEach(() => start());

  it('come for stocks and cryptos, without those that have none', async () => {
    await setFaults({ zeroQuotes: ['MSFT'] });
    setPrice('MSFT', '400');
    const quotes = await broker.quotes(['AAPL', 'BTCUSD', 'MSFT', 'NOBODY']);
    expect(quotes.map(({ symbol, price }) => [symbol, price])).toEqual([
      ['AAPL', '200'],
      ['BTCUSD', '60000.5'],
    ]);
    for (const { ageMs } of quotes) expect(ageMs).toBeLessThan(2_000);
  });

  it('reach a feed as they change', async () => {
    const seen: string[] = [];
    const feed = new PriceFeed({
      broker,
      intervalMs: 5,
      onQuotes: ([quote]) => {
        if (quote !== undefined && seen.at(-1) !== quote.price) seen.push(quote.price);
        if (seen.length === 1) setPrice('AAPL', '201.5');
        if (seen.length === 2) stop.abort();
      },
      onError: (error) => expect.fail(String(error)),
    });
    feed.follow(['AAPL']);
    await feed.run(stop.signal);
    expect(seen).toEqual(['200', '201.5']);
  });
});

describe('The trade updates of the paper exchange', () => {
  it('report an order from its start to its fill', async () => {
    await start();
    const next = followed();
    await next(is('connected'));
    const request = aRequest();
    await confirmed(request);
    setPrice('AAPL', '180');
    expect(await next(is('order', 'fill'))).toMatchObject({
      order: { id: request.id, state: 'filled', filledQty: '10' },
    });
  });

  it('resume after the stream was cut, and report a possible gap', async () => {
    await start();
    const next = followed();
    await next(is('connected'));
    await setFaults({ disconnectStreams: true });
    await next(is('disconnected'));
    const missed = aRequest();
    await confirmed(missed);
    await next(is('connected'));
    expect((await broker.openOrders()).map(({ id }) => id)).toEqual([missed.id]);
    const { brokerId } = await confirmed(aRequest());
    await broker.cancel(brokerId);
    await next(is('order', 'canceled'));
  });

  it('are not sent to wrong keys', async () => {
    await start();
    broker = aBroker('another-key');
    const next = followed();
    expect(await next(is('disconnected'))).toMatchObject({
      message: expect.stringContaining('not accepted'),
    });
  });
});

describe('an asset', () => {
  it('of a stock: cents from a dollar on, short sales in whole shares', async () => {
    await start();
    expect(await broker.asset('AAPL')).toEqual({
      kind: 'found',
      asset: {
        ...{
          symbol: 'AAPL',
          shut: '',
          shortable: true,
          qtyStep: null,
          shortQtyStep: '1',
          minQty: null,
          minCost: null,
        },
        priceSteps: [
          { from: '0', step: '0.0001' },
          { from: '1', step: '0.01' },
        ],
      },
    });
  });

  it('of a crypto: never short, ten dollars at least', async () => {
    await start();
    const least = '0.000000001';
    expect(await broker.asset('BTCUSD')).toEqual({
      kind: 'found',
      asset: {
        ...{
          symbol: 'BTCUSD',
          shut: '',
          shortable: false,
          qtyStep: least,
          shortQtyStep: null,
          minQty: least,
          minCost: '10',
        },
        priceSteps: [{ from: '0', step: least }],
      },
    });
  });

  it('that is halted, inactive, not shortable or unknown says so', async () => {
    await start();
    await setFaults({ haltedSymbols: ['AAPL'], inactiveSymbols: ['MSFT'] });
    expect(await broker.asset('AAPL')).toMatchObject({ asset: { shut: 'it is not tradable' } });
    expect(await broker.asset('MSFT')).toMatchObject({ asset: { shut: 'it is inactive' } });
    expect(await broker.asset('NONE')).toMatchObject({
      kind: 'found',
      asset: { shut: 'asset not found for NONE' },
    });
    await setFaults({ haltedSymbols: [], inactiveSymbols: [], unshortableSymbols: ['MSFT'] });
    expect(await broker.asset('AAPL')).toMatchObject({ asset: { shut: '', shortable: true } });
    expect(await broker.asset('MSFT')).toMatchObject({ asset: { shut: '', shortable: false } });
  });
});
