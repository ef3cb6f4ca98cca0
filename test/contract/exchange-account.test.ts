/** Account, positions, clock, calendar, assets and quotes of the paper exchange. */
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type Json, startTestExchange, type TestExchange } from '../support/exchange.ts';

let exchange: TestExchange;
beforeEach(async () => {
  exchange = await startTestExchange();
});
afterEach(() => exchange.close());

const get = async <T = Json>(path: string): Promise<T> => (await exchange.call<T>('GET', path)).body;

describe('The account', () => {
  it('reports its amounts as strings', async () => {
    expect(await get('/v2/account')).toMatchObject({
      status: 'ACTIVE',
      crypto_status: 'ACTIVE',
      equity: '100000',
      last_equity: '100000',
      cash: '100000',
      buying_power: '200000',
      non_marginable_buying_power: '200000',
      multiplier: '2',
      trading_blocked: false,
      account_blocked: false,
      trade_suspended_by_user: false,
    });
  });

  it('follows orders, fills and prices', async () => {
    exchange.price('AAPL', '100');
    await exchange.order({ symbol: 'AAPL', qty: '10' });
    await exchange.order({ qty: '5' });
    exchange.price('AAPL', '90');
    expect(await get('/v2/account')).toMatchObject({
      equity: '99900',
      cash: '99000',
      long_market_value: '900',
      buying_power: '198300', // 2 x 99900 - 1000 at cost - 500 open
    });
  });

  it('keeps a short sale as a negative position', async () => {
    exchange.price('AAPL', '100');
    await exchange.order({ symbol: 'AAPL', side: 'sell', qty: '10' });
    exchange.price('AAPL', '90');
    expect(await get('/v2/account')).toMatchObject({
      equity: '100100',
      cash: '101000',
      short_market_value: '-900',
    });
    await exchange.order({ symbol: 'AAPL', side: 'buy', qty: '10', limit_price: '95' });
    expect(await get('/v2/account')).toMatchObject({ equity: '100100', cash: '100100' });
    expect(await get('/v2/positions')).toEqual([]);
  });

  it('checks cryptos against cash on request', async () => {
    await exchange.close();
    exchange = await startTestExchange({ cryptoCash: true });
    exchange.price('AAPL', '100');
    await exchange.order({ symbol: 'AAPL', qty: '600' });
    await exchange.order({ qty: '300' });
    expect(await get('/v2/account')).toMatchObject({
      cash: '40000',
      non_marginable_buying_power: '10000',
      buying_power: '110000',
    });
    const refused = await exchange.order({ symbol: 'ETHUSD', qty: '101' });
    expect(refused).toMatchObject({
      status: 403,
      body: { code: 40310000, buying_power: '10000', cost_basis: '10100' },
    });
    expect((await exchange.order({ symbol: 'ETHUSD', qty: '100' })).status).toBe(200);
    expect((await exchange.order({ symbol: 'MSFT', qty: '1000' })).status).toBe(200);
  });
});

describe('A position', () => {
  it('reports cost and average, rounded up, and disappears when closed', async () => {
    exchange.price('BTCUSD', '100.000000001');
    await exchange.order({ qty: '0.333333333', limit_price: '101' });
    expect(await get('/v2/positions/BTC%2FUSD')).toMatchObject({
      symbol: 'BTCUSD',
      asset_class: 'crypto',
      qty: '0.333333333',
      qty_available: '0.333333333',
      side: 'long',
      cost_basis: '33.333334',
      avg_entry_price: '100.000000001',
    });
    await exchange.order({ side: 'sell', qty: '0.333333333' });
    expect(await get('/v2/positions')).toEqual([]);
    expect((await exchange.call('GET', '/v2/positions/BTCUSD')).status).toBe(404);
  });

  it('gives up its share of the cost when a part is sold', async () => {
    exchange.price('AAPL', '100');
    await exchange.order({ symbol: 'AAPL', qty: '10' });
    exchange.price('AAPL', '120');
    await exchange.order({ symbol: 'AAPL', side: 'sell', qty: '4' });
    expect(await get('/v2/positions/AAPL')).toMatchObject({
      qty: '6',
      cost_basis: '600',
      market_value: '720',
      unrealized_pl: '120',
    });
  });
});

describe('Positions that lag', () => {
  it('are reported as of that long ago, whatever changed since', async () => {
    exchange.price('AAPL', '100');
    await exchange.order({ symbol: 'AAPL', qty: '10' });
    await exchange.call('POST', '/faults', { positionLagMs: 500 });
    exchange.pass(1_000);
    await exchange.order({ symbol: 'AAPL', side: 'sell', qty: '4' });
    exchange.pass(300);
    await exchange.order({ symbol: 'AAPL', side: 'sell', qty: '6' });
    expect(await get('/v2/positions/AAPL')).toMatchObject({ qty: '10', cost_basis: '1000' });
    exchange.pass(200);
    expect(await get('/v2/positions')).toMatchObject([{ symbol: 'AAPL', qty: '6', cost_basis: '600' }]);
    exchange.pass(300);
    expect(await get('/v2/positions')).toEqual([]);
    expect((await get('/v2/account'))['cash']).toBe('100000');
  });
});

describe("The market's clock", () => {
  it('reports the session in New York', async () => {
    expect(await get('/v2/clock')).toEqual({
      timestamp: '2026-01-20T10:30:00.000000000-05:00',
      is_open: true,
      next_open: '2026-01-21T09:30:00-05:00',
      next_close: '2026-01-20T16:00:00-05:00',
    });
  });

  it('runs at its speed, from its start', async () => {
    await exchange.close();
    exchange = await startTestExchange({ speed: 60 });
    exchange.pass(6 * 60_000);
    expect(await get('/v2/clock')).toMatchObject({
      timestamp: '2026-01-20T16:30:00.000000000-05:00',
      is_open: false,
    });
  });

  it('has a calendar with holidays and early closes', async () => {
    const days = await get<Json[]>('/v2/calendar?start=2026-11-25&end=2026-11-30');
    expect(
      days.map(({ date, open, close, settlement_date }) => [date, open, close, settlement_date]),
    ).toEqual([
      ['2026-11-25', '09:30', '16:00', '2026-11-27'],
      ['2026-11-27', '09:30', '13:00', '2026-11-30'],
      ['2026-11-30', '09:30', '16:00', '2026-12-01'],
    ]);
    expect((await exchange.call('GET', '/v2/calendar?start=soon')).status).toBe(422);
  });
});

describe('Market data', () => {
  it('has assets of both classes', async () => {
    expect(await get('/v2/assets/AAPL')).toMatchObject({
      class: 'us_equity',
      marginable: true,
      shortable: true,
      tradable: true,
    });
    const crypto = {
      symbol: 'BTC/USD',
      class: 'crypto',
      marginable: false,
      shortable: false,
      min_order_size: '0.000000001',
    };
    expect(await get('/v2/assets/BTC%2FUSD')).toMatchObject(crypto);
    expect(await get('/v2/assets/BTCUSD')).toMatchObject(crypto);
    expect((await exchange.call('GET', '/v2/assets/NOPE')).status).toBe(404);
  });

  it('has quotes as numbers, by the name that was asked for; none for a symbol without a price', async () => {
    exchange.price('AAPL', '100.25');
    exchange.price('BTCUSD', '0.000000001');
    expect(await get('/v2/stocks/quotes/latest?symbols=AAPL,MSFT,BTCUSD')).toEqual({
      quotes: {
        AAPL: expect.objectContaining({ ap: 100.25, bp: 100.25, t: '2026-06-01T12:00:00.000000000Z' }),
      },
    });
    expect(await get('/v1beta3/crypto/us/latest/quotes?symbols=BTC/USD')).toEqual({
      quotes: { 'BTC/USD': expect.objectContaining({ ap: 1e-9, bp: 1e-9 }) },
    });
  });

  it("reports a quote's age in real time, whatever the market's speed", async () => {
    await exchange.close();
    exchange = await startTestExchange({ speed: 3600 });
    exchange.price('AAPL', '100');
    exchange.price('MSFT', '200');
    exchange.market.freeze('AAPL');
    exchange.pass(20_000);
    const { quotes } = await get<{ quotes: Record<string, { t: string }> }>(
      '/v2/stocks/quotes/latest?symbols=AAPL,MSFT',
    );
    expect(quotes['AAPL']?.t).toBe('2026-06-01T12:00:00.000000000Z');
    expect(quotes['MSFT']?.t).toBe('2026-06-01T12:00:20.000000000Z');
  });

  it('quotes 0 on demand', async () => {
    exchange.price('AAPL', '100');
    await exchange.call('POST', '/faults', { zeroQuotes: ['AAPL'] });
    expect(await get('/v2/stocks/quotes/latest?symbols=AAPL')).toMatchObject({
      quotes: { AAPL: { ap: 0, bp: 0 } },
    });
  });
});
