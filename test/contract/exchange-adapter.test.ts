/** Every method of the broker port, with the Alpaca adapter, against the paper exchange over HTTP. */
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { AlpacaBroker } from '../../src/broker/alpaca/alpaca.ts';
import { unlimited } from '../../src/broker/limiter.ts';
import type { OrderRequest, TradeUpdate } from '../../src/broker/port.ts';
import { startTestExchange, type TestExchange } from '../support/exchange.ts';

const log = { debug: () => {}, info: () => {}, warn: () => {} };
const request: OrderRequest = {
  id: 'order-1',
  symbol: 'BTCUSD',
  side: 'buy',
  limit: '100',
  qty: '2.5',
};

let exchange: TestExchange;
let broker: AlpacaBroker;

beforeEach(async () => {
  exchange = await startTestExchange();
  const url = { tradingUrl: exchange.url, dataUrl: exchange.url };
  broker = new AlpacaBroker({
    ...url,
    keyId: 'k',
    secretKey: 's',
    limiter: unlimited,
    requestTimeoutMs: 2000,
    log,
  });
});
afterEach(() => exchange.close());

describe('The adapter, with the paper exchange', () => {
  it('reads the account', async () => {
    expect(await broker.account()).toEqual({
      number: expect.stringMatching(/^PA[0-9A-F]{10}$/),
      equityMicros: 100_000_000_000,
      buyingPowerMicros: 200_000_000_000,
      cashBuyingPowerMicros: 200_000_000_000,
      shut: '',
      shorting: true,
      multiplier: '2',
      cryptoShut: '',
      nowMs: expect.any(Number),
    });
  });

  it('submits, and a second submit of the same id finds the first', async () => {
    const first = await broker.submit(request);
    expect(first).toMatchObject({
      kind: 'confirmed',
      order: { id: 'order-1', symbol: 'BTCUSD', limit: '100', qty: '2.5', state: 'live' },
    });
    const second = await broker.submit(request);
    expect(second).toMatchObject({ kind: 'confirmed', order: { id: 'order-1' } });
    expect(await broker.openOrders()).toHaveLength(1);
  });

  it('reports unknown when the reply is lost, and finds the order by asking', async () => {
    await exchange.call('POST', '/faults', { loseReplies: 1 });
    expect(await broker.submit(request)).toMatchObject({ kind: 'unknown' });
    expect(await broker.order('order-1')).toMatchObject({ kind: 'found', order: { state: 'live' } });
  });

  it('is refused beyond the buying power, and for what the market does not take', async () => {
    expect(await broker.submit({ ...request, qty: '2001' })).toMatchObject({
      kind: 'refused',
      why: 'buying_power',
    });
    expect(await broker.submit({ ...request, id: 'b', qty: '0' })).toMatchObject({
      kind: 'refused',
      why: 'order',
    });
  });

  it('reads a position at its cost after a fill', async () => {
    exchange.price('BTCUSD', '99.5');
    await broker.submit(request);
    expect(await broker.order('order-1')).toMatchObject({
      kind: 'found',
      order: { state: 'filled', filledQty: '2.5', filledAvgPrice: '99.5' },
    });
    expect(await broker.positions()).toEqual([
      {
        symbol: 'BTCUSD',
        qty: '2.5',
        availableQty: '2.5',
        costMicros: 248_750_000,
        avgEntryPrice: '99.5',
        assetClass: 'crypto',
      },
    ]);
  });

  it('cancels: accepted, then ended; an unknown id is not found', async () => {
    const updates = await exchange.updates();
    const answer = await broker.submit(request);
    const brokerId = answer.kind === 'confirmed' ? answer.order.brokerId : '';
    expect(await broker.cancel(brokerId)).toEqual({ kind: 'accepted' });
    await updates.next('canceled', 'order-1');
    expect(await broker.cancel(brokerId)).toEqual({ kind: 'ended' });
    expect(await broker.order('order-1')).toMatchObject({ kind: 'found', order: { state: 'cancelled' } });
    expect(await broker.cancel('00000000-0000-4000-8000-000000000000')).toEqual({ kind: 'not_found' });
  });

  it('reads more than a page of open orders', async () => {
    const ids = Array.from({ length: 501 }, (_, n) => `o${n}`);
    for (const client_order_id of ids) await exchange.order({ qty: '0.1', client_order_id });
    expect((await broker.openOrders()).map(({ id }) => id)).toEqual(ids);
  });

  it('reads prices of stocks and cryptos, without those that have none', async () => {
    exchange.price('BTCUSD', '100.5');
    exchange.price('AAPL', '200.25');
    const quotes = await broker.quotes(['BTCUSD', 'AAPL', 'MSFT']);
    expect(quotes.map(({ symbol, price }) => [symbol, price]).sort()).toEqual([
      ['AAPL', '200.25'],
      ['BTCUSD', '100.5'],
    ]);
  });

  it('follows the trade updates', async () => {
    const stop = new AbortController();
    const seen: string[] = [];
    const filled = Promise.withResolvers<void>();
    const connected = Promise.withResolvers<void>();
    const onUpdate = (update: TradeUpdate): void => {
      if (update.kind === 'connected') connected.resolve();
      if (update.kind !== 'order') return;
      seen.push(`${update.event} ${update.order.id} ${update.order.state}`);
      if (update.event === 'fill') filled.resolve();
    };
    const following = broker.follow(onUpdate, stop.signal);
    await connected.promise;
    await broker.submit(request);
    exchange.price('BTCUSD', '100');
    await filled.promise;
    stop.abort();
    await following;
    expect(seen).toEqual(['new order-1 live', 'fill order-1 filled']);
  });
});
