/**
 * The adapter against a faulty broker: which answers count as confirmed, refused or unknown (I4), and what
 * must never be sent twice (I6).
 */
import { type AddressInfo, createServer } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { AlpacaSettings } from '../../src/broker/alpaca/alpaca.ts';
import { AlpacaBroker } from '../../src/broker/alpaca/alpaca.ts';
import type { Limiter } from '../../src/broker/limiter.ts';
import { unlimited } from '../../src/broker/limiter.ts';
import type { OrderRequest } from '../../src/broker/port.ts';
import { WorkstealError } from '../../src/domain/errors.ts';
import type { Reply, ScriptedAlpaca } from '../support/scripted-alpaca.ts';
import { startScriptedAlpaca, wireOrder } from '../support/scripted-alpaca.ts';

const request: OrderRequest = {
  id: 'order-1',
  symbol: 'AAPL',
  side: 'buy',
  limit: '180.5',
  qty: '10',
};
const log = { debug: () => {}, info: () => {}, warn: () => {} };

let server: ScriptedAlpaca;
beforeEach(async () => {
  server = await startScriptedAlpaca();
});
afterEach(() => server.close());

function aBroker(settings: Partial<AlpacaSettings> = {}): AlpacaBroker {
  return new AlpacaBroker({
    tradingUrl: server.url,
    dataUrl: server.url,
    keyId: 'the-key',
    secretKey: 'the-secret',
    limiter: unlimited,
    requestTimeoutMs: 400,
    log,
    random: () => 0,
    ...settings,
  });
}

const failure = (code: number, message: string, more: Record<string, string> = {}) => ({
  code,
  message,
  ...more,
});

describe('A submit', () => {
  it('carries the keys, the ids and the amounts as strings', async () => {
    server.script({ status: 200, body: wireOrder({ status: 'accepted' }) });
    const answer = await aBroker().submit(request);
    expect(answer).toMatchObject({
      kind: 'confirmed',
      order: { id: 'order-1', brokerId: 'broker-1', state: 'live' },
    });
    const [seen] = server.seen;
    expect(seen).toMatchObject({
      method: 'POST',
      headers: { 'apca-api-key-id': 'the-key', 'apca-api-secret-key': 'the-secret' },
    });
    expect(JSON.parse(seen?.body ?? '')).toEqual({
      symbol: 'AAPL',
      qty: '10',
      side: 'buy',
      type: 'limit',
      time_in_force: 'day',
      limit_price: '180.5',
      client_order_id: 'order-1',
    });
  });

  it('of a crypto is sent with the slash', async () => {
    server.script({ status: 200, body: wireOrder({ symbol: 'BTC/USD' }) });
    await aBroker().submit({ ...request, symbol: 'BTCUSD' });
    expect(JSON.parse(server.seen[0]?.body ?? '').symbol).toBe('BTC/USD');
  });

  it.each<[string, Reply]>([
    ['times out', 'hang'],
    ['loses its connection', 'reset'],
    ['is answered with half a body', 'cut'],
    ['is answered with 500', { status: 500, body: failure(50010000, 'internal server error') }],
    ['is answered with 504', { status: 504, body: '<html>gateway</html>' }],
    ['is answered with 408', { status: 408 }],
    ['is answered with 200 and no JSON', { status: 200, body: '<html>hello</html>' }],
    ['is answered with 200 and no order', { status: 200, body: {} }],
    ['is answered with another order', { status: 200, body: wireOrder({ client_order_id: 'order-2' }) }],
    ['is sent elsewhere by a redirect', { status: 307, headers: { location: '/v2/orders' } }],
  ])('that %s is unknown, and is not sent again', async (_, reply) => {
    server.script(reply);
    expect((await aBroker().submit(request)).kind).toBe('unknown');
    expect(server.seen).toHaveLength(1);
  });

  it('that the caller aborts is unknown', async () => {
    server.script('hang');
    const answer = await aBroker({ requestTimeoutMs: 5_000 }).submit(request, AbortSignal.timeout(50));
    expect(answer).toEqual({ kind: 'unknown', message: 'POST /v2/orders: given up' });
  });

  it('to an unreachable server is unknown', async () => {
    const broker = aBroker();
    await server.close();
    expect((await broker.submit(request)).kind).toBe('unknown');
    server = await startScriptedAlpaca();
  });

  it.each<[string, string, number, unknown]>([
    [
      'buying_power',
      'lacks buying power',
      403,
      failure(40310000, 'insufficient buying power', { buying_power: '0', cost_basis: '1805' }),
    ],
    [
      'buying_power',
      'lacks cash',
      403,
      failure(40310000, 'insufficient balance for USD (requested: 10, available: 5)'),
    ],
    [
      'opposite',
      'might be a wash trade',
      403,
      failure(40310000, 'potential wash trade detected. use complex orders'),
    ],
    ['minimum', 'is too small', 403, failure(40310000, 'cost basis must be >= minimal amount of order 10')],
    ['order', 'is not valid', 422, failure(42210000, 'fractional orders must be DAY orders')],
    [
      'keys',
      'has keys that are not accepted (an HTML page)',
      401,
      '<html><body><h1>401 Authorization Required</h1></body></html>',
    ],
    ['rate_limited', 'comes too soon', 429, failure(42910000, 'rate limit exceeded')],
  ])('is refused (%s) that %s', async (why, _, status, body) => {
    server.script({ status, body });
    expect(await aBroker().submit(request)).toMatchObject({ kind: 'refused', why });
    expect(server.seen).toHaveLength(1);
  });

  it('names in its refusal what the HTML page says, without the markup', async () => {
    server.script({ status: 401, body: '<html><body><h1>401 Authorization\n Required</h1></body></html>' });
    expect(await aBroker().submit(request)).toEqual({
      kind: 'refused',
      why: 'keys',
      message: '401 Authorization Required',
      wire: { status: 401 },
    });
  });

  it('a sale refused for a missing asset does not count as a lack of buying power', async () => {
    server.script({
      status: 403,
      body: failure(40310000, 'insufficient balance for BTC (requested: 1, available: 0)'),
    });
    expect(await aBroker().submit({ ...request, symbol: 'BTCUSD', side: 'sell' })).toMatchObject({
      kind: 'refused',
      why: 'held',
    });
  });

  it('that the limiter holds back was not sent, so it is refused', async () => {
    const limiter: Limiter = {
      take: () => Promise.reject(new WorkstealError('timeout', 'no request to spare')),
    };
    expect(await aBroker({ limiter }).submit(request)).toMatchObject({ kind: 'refused', why: 'not_sent' });
    expect(server.seen).toHaveLength(0);
  });

  it('that is too late once its connection is open was not sent, so it is refused', async () => {
    expect(await aBroker().submit(request, undefined, () => false)).toMatchObject({
      kind: 'refused',
      why: 'not_sent',
    });
    expect(server.seen).toHaveLength(0);
  });

  it('is checked again on a reused connection', async () => {
    const broker = aBroker();
    server.script({ status: 200, body: wireOrder({ client_order_id: request.id }) });
    expect(await broker.submit(request, undefined, () => true)).toMatchObject({ kind: 'confirmed' });
    expect(await broker.submit(request, undefined, () => false)).toMatchObject({
      kind: 'refused',
      why: 'not_sent',
    });
    expect(server.seen).toHaveLength(1);
  });

  it('that is aborted resets its connection', async () => {
    const { promise: ended, resolve } = Promise.withResolvers<string>();
    const rude = createServer((socket) => {
      socket.on('error', (error: NodeJS.ErrnoException) => resolve(error.code ?? ''));
      socket.on('end', () => resolve('closed in order'));
      socket.resume();
    });
    await new Promise<void>((listening) => rude.listen(0, '127.0.0.1', listening));
    const { port } = rude.address() as AddressInfo;
    const broker = aBroker({ tradingUrl: `http://127.0.0.1:${port}` });
    expect(await broker.submit(request, AbortSignal.timeout(50))).toMatchObject({ kind: 'unknown' });
    expect(await ended).toBe('ECONNRESET');
    await new Promise((closed) => rude.close(closed));
  });
});

describe('A submit whose id exists at the broker', () => {
  const duplicate: Reply = { status: 422, body: failure(40010001, 'client_order_id must be unique') };

  it('is confirmed with the order that was made before', async () => {
    server.script(duplicate, {
      status: 200,
      body: wireOrder({ limit_price: '180.50', status: 'partially_filled', filled_qty: '4' }),
    });
    expect(await aBroker().submit(request)).toMatchObject({
      kind: 'confirmed',
      order: { brokerId: 'broker-1', filledQty: '4' },
    });
    expect(server.seen[1]?.url.pathname).toBe('/v2/orders:by_client_order_id');
    expect(server.seen[1]?.url.searchParams.get('client_order_id')).toBe('order-1');
  });

  it.each([
    { symbol: 'MSFT' },
    { side: 'sell' },
    { qty: '11' },
    { limit_price: '180.51' },
    { limit_price: null },
  ])('is refused when that order differs: %o', async (difference) => {
    server.script(duplicate, { status: 200, body: wireOrder(difference) });
    const answer = await aBroker().submit(request);
    expect(answer).toMatchObject({ kind: 'refused', why: 'duplicate' });
    expect(answer).toHaveProperty('message', expect.stringContaining('belongs to another order'));
  });

  it('is unknown when that order cannot be found', async () => {
    server.script(duplicate, { status: 404, body: failure(40410000, 'order is not found.') });
    expect((await aBroker().submit(request)).kind).toBe('unknown');
  });
});

describe('A cancel', () => {
  it.each<[string, string, Reply]>([
    ['accepted', 'is answered with 204', { status: 204 }],
    [
      'ended',
      'comes after the fill',
      { status: 422, body: failure(42210000, 'order is already in "filled" state') },
    ],
    [
      'ended',
      'comes after the cancellation',
      { status: 422, body: failure(42210000, 'order is already in "canceled" state') },
    ],
    [
      'accepted',
      'comes twice',
      { status: 422, body: failure(42210000, 'order is already in "pending_cancel" state') },
    ],
    [
      'unknown',
      'meets a replacement',
      { status: 422, body: failure(42210000, 'order is already in "pending_replace" state') },
    ],
    [
      'unknown',
      'is refused for another reason',
      { status: 422, body: failure(42210000, 'order pending replacement') },
    ],
    [
      'not_found',
      'names an id that the broker does not know',
      { status: 404, body: failure(40410000, 'order not found') },
    ],
    ['unknown', 'comes too soon', { status: 429, body: failure(42910000, 'rate limit exceeded') }],
    ['unknown', 'is answered with 500', { status: 500 }],
    ['unknown', 'times out', 'hang'],
    ['unknown', 'loses its connection', 'reset'],
  ])('is %s when it %s', async (kind, _, reply) => {
    server.script(reply);
    expect((await aBroker().cancel('broker-1')).kind).toBe(kind);
    expect(server.seen).toHaveLength(1);
    expect(server.seen[0]).toMatchObject({ method: 'DELETE', url: { pathname: '/v2/orders/broker-1' } });
  });
});

describe('A read', () => {
  it('is sent again after silence, a reset, a 500 and a 429', async () => {
    server.script('reset', { status: 500 }, { status: 429 }, { status: 200, body: [] });
    expect(await aBroker().positions()).toEqual([]);
    expect(server.seen).toHaveLength(4);
  });

  it('waits as long as a 429 says, within limits', async () => {
    const date = new Date('2026-11-20T15:00:00Z');
    const reset = String(date.getTime() / 1000 + 1);
    server.script(
      { status: 429, headers: { date: date.toUTCString(), 'x-ratelimit-reset': reset } },
      { status: 200, body: [] },
    );
    const start = performance.now();
    await aBroker().positions();
    expect(performance.now() - start).toBeGreaterThan(950);
  });

  it('is given up after four attempts, as unclear', async () => {
    server.script(
      { status: 503 },
      { status: 503 },
      { status: 503 },
      { status: 503 },
      { status: 200, body: [] },
    );
    await expect(aBroker().positions()).rejects.toMatchObject({ code: 'unclear', retriable: true });
    expect(server.seen).toHaveLength(4);
  });

  it('ends with its signal, between two attempts too', async () => {
    server.script({ status: 503 }, { status: 503 }, { status: 503 }, { status: 503 });
    const broker = aBroker({ random: () => 0.999 });
    await expect(broker.positions(AbortSignal.timeout(20))).rejects.toMatchObject({ code: 'unclear' });
    expect(server.seen.length).toBeLessThan(3);
  });

  it('that is refused reports the status and is not sent again', async () => {
    server.script({ status: 401, body: '<html>401 Authorization Required</html>' });
    await expect(aBroker().account()).rejects.toMatchObject({
      code: 'keys',
      details: { status: '401', path: '/v2/account' },
    });
    expect(server.seen).toHaveLength(1);
  });

  it('with a malformed answer is unclear and names the fault, never the keys', async () => {
    server.script({ status: 200, body: { equity: 'much', buying_power: '1', cash: '1' } });
    const error = await aBroker()
      .account()
      .then(
        () => undefined,
        (reason: unknown) => reason as WorkstealError,
      );
    expect(error?.code).toBe('unclear');
    expect(error?.message).toContain('equity');
    expect(JSON.stringify([error?.message, error?.details])).not.toMatch(/the-key|the-secret/);
  });

  it('of an order by its id: found, not found, or unknown', async () => {
    const broker = aBroker();
    server.script({ status: 200, body: wireOrder() });
    expect((await broker.order('order-1')).kind).toBe('found');
    server.script({ status: 404, body: failure(40410000, 'order is not found.') });
    expect((await broker.order('order-1')).kind).toBe('not_found');
    server.script('reset', 'reset', 'reset', 'reset');
    expect((await broker.order('order-1')).kind).toBe('unknown');
    server.script({ status: 200, body: wireOrder({ client_order_id: 'order-2' }) });
    expect((await broker.order('order-1')).kind).toBe('unknown');
  });

  it('of the open orders goes on by order id until a page is not full', async () => {
    const page = (from: number, count: number) =>
      Array.from({ length: count }, (_, at) =>
        wireOrder({ id: `broker-${from + at}`, client_order_id: `order-${from + at}` }),
      );
    server.script({ status: 200, body: page(0, 500) }, { status: 200, body: page(499, 3) });
    const orders = await aBroker().openOrders();
    expect(orders.map((order) => order.brokerId)).toEqual(
      Array.from({ length: 502 }, (_, at) => `broker-${at}`),
    );
    expect(server.seen.map(({ url }) => url.searchParams.get('after_order_id'))).toEqual([
      null,
      'broker-499',
    ]);
  });

  it('of the open orders whose pages repeat is unclear', async () => {
    const page = Array.from({ length: 500 }, (_, at) => wireOrder({ id: `broker-${at}` }));
    server.script({ status: 200, body: page }, { status: 200, body: page });
    await expect(aBroker().openOrders()).rejects.toMatchObject({ code: 'unclear' });
  });
});

describe('Quotes', () => {
  const date = 'Fri, 20 Nov 2026 15:00:10 GMT';

  it("come from both markets, in the ledger's spelling, with their age on the server's clock", async () => {
    server.script(
      {
        status: 200,
        headers: { date },
        body: { quotes: { AAPL: { ap: 180.02, bp: 180, t: '2026-11-20T15:00:07.500000001Z' } } },
      },
      {
        status: 200,
        headers: { date },
        body: { quotes: { 'BTC/USD': { ap: 2.02e-7, bp: 1.98e-7, t: '2026-11-20T15:00:10.9Z' } } },
      },
    );
    expect(await aBroker().quotes(['AAPL', 'BTCUSD'])).toEqual([
      { symbol: 'AAPL', price: '180.01', ageMs: 2_500 },
      { symbol: 'BTCUSD', price: '0.0000002', ageMs: 0 },
    ]);
    expect(
      server.seen.map(({ url }) => [
        url.pathname,
        url.searchParams.get('symbols'),
        url.searchParams.get('feed'),
      ]),
    ).toEqual([
      ['/v2/stocks/quotes/latest', 'AAPL', 'iex'],
      ['/v1beta3/crypto/us/latest/quotes', 'BTC/USD', null],
    ]);
  });

  it('without a bid, an ask or a time, too fine, too large or not asked for are left out', async () => {
    const t = '2026-11-20T15:00:07Z';
    const quotes = {
      NOASK: { ap: 0, bp: 180, t },
      NOBID: { ap: 180, bp: 0, t },
      NOTIME: { ap: 180, bp: 180, t: 'now' },
      ZERO: { ap: 180, bp: 180, t: '0001-01-01T00:00:00Z' },
      FINE: { ap: 1e-10, bp: 1e-10, t },
      LARGE: { ap: 9_007_199, bp: 9_007_199, t },
      OTHER: { ap: 180, bp: 180, t },
      GOOD: { ap: 180, bp: 180, t },
    };
    server.script({ status: 200, headers: { date }, body: { quotes } });
    const found = await aBroker().quotes(Object.keys(quotes).filter((symbol) => symbol !== 'OTHER'));
    expect(found.map((quote) => quote.symbol)).toEqual(['GOOD']);
  });

  it('are judged one by one: an invalid quote does not affect the others, and says why', async () => {
    const t = '2026-11-20T15:00:07Z';
    const quotes = {
      AAPL: { ap: 200.22, bp: 200.18, t },
      HALT: null,
      LACKS: { bp: 5, t },
      WORD: { ap: 'much', bp: 5, t },
      TEXT: 'closed',
    };
    server.script({ status: 200, headers: { date }, body: { quotes } });
    const why = new Map<string, string>();
    const asked = [...Object.keys(quotes), 'NONE'];
    const found = await aBroker().quotes(asked, undefined, (symbol, reason) => void why.set(symbol, reason));
    expect(found).toEqual([{ symbol: 'AAPL', price: '200.2', ageMs: 3_000 }]);
    expect([...why.keys()]).toEqual(['HALT', 'LACKS', 'WORD', 'TEXT', 'NONE']);
    expect(why.get('HALT')).toBe('the broker has no quote');
    expect(why.get('LACKS')).toBe('there is no ask');
  });

  it('further apart than the spread allowed are no price; how far is a setting', async () => {
    const body = { quotes: { GOOG: { ap: 70.1, bp: 30, t: '2026-11-20T15:00:07Z' } } };
    const answer = { status: 200, headers: { date }, body };
    server.script(answer, answer);
    const why: string[] = [];
    expect(await aBroker().quotes(['GOOG'], undefined, (_, reason) => void why.push(reason))).toEqual([]);
    expect(why).toEqual(['the bid 30 and the ask 70.1 are 80.12 % apart, more than 5 %']);
    expect(await aBroker({ maxSpread: 1 }).quotes(['GOOG'])).toMatchObject([{ price: '50.05' }]);
  });

  it('are asked for at most 200 at a time, each once', async () => {
    const symbols = Array.from({ length: 201 }, (_, at) => `S${at}`);
    server.script({ status: 200, body: { quotes: {} } }, { status: 200, body: { quotes: {} } });
    await aBroker().quotes([...symbols, 'S0']);
    expect(server.seen.map(({ url }) => url.searchParams.get('symbols')?.split(',').length)).toEqual([
      200, 1,
    ]);
  });
});

describe('The settings', () => {
  it.each(['alpaca', 'ftp://alpaca.example', 'http://api.alpaca.markets'])(
    'with the URL %s are refused',
    (tradingUrl) =>
      expect(() => aBroker({ tradingUrl })).toThrow(expect.objectContaining({ code: 'settings' })),
  );
});
