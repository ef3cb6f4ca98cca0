/** The paper exchange answers malformed requests with errors in Alpaca's format, and keeps running. */
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { startTestExchange, type TestExchange } from '../support/exchange.ts';

let exchange: TestExchange;
beforeEach(async () => {
  exchange = await startTestExchange();
});
afterEach(() => exchange.close());

async function opened(): Promise<Socket> {
  const socket = connect(Number(new URL(exchange.url).port), '127.0.0.1');
  await once(socket, 'connect');
  return socket;
}

/** Sends text as it is; what comes back until the server closes. */
async function raw(text: string): Promise<string> {
  const socket = await opened();
  socket.end(text, 'latin1');
  let received = '';
  for await (const chunk of socket) received += String(chunk);
  return received;
}

describe('A request', () => {
  it.each([
    ['a path that cannot be decoded', 'GET', '/v2/orders/%zz', 400],
    ['a symbol that decodes to a percent sign', 'GET', '/v2/assets/%25', 422],
    [
      'an id that is named twice',
      'GET',
      '/v2/orders:by_client_order_id?client_order_id=a&client_order_id=b',
      422,
    ],
    ['an id of thousands of characters', 'GET', `/v2/orders?after_order_id=${'x'.repeat(5_000)}`, 422],
    ['a path of a thousand characters', 'GET', `/v2/orders/${'x'.repeat(1_000)}`, 414],
  ])('with %s is refused', async (_, method, path, status) => {
    const answer = await exchange.call(method, path);
    expect(answer).toMatchObject({
      status,
      body: { code: expect.any(Number), message: expect.stringMatching(/^.{5,300}$/) },
    });
  });

  it.each([
    ['no HTTP', 'hello\r\n\r\n', 400],
    ['too large a head', `GET / HTTP/1.1\r\nhost: x\r\nx: ${'x'.repeat(20_000)}\r\n\r\n`, 431],
    [
      'two lengths',
      'POST /v2/orders HTTP/1.1\r\nhost: x\r\ncontent-length: 1\r\ncontent-length: 2\r\n\r\n{}',
      400,
    ],
  ])('that is %s is refused', async (_, text, status) => {
    const [head = '', body = ''] = (await raw(text)).split('\r\n\r\n');
    expect(head).toMatch(new RegExp(`^HTTP/1\\.1 ${status} `));
    expect(JSON.parse(body)).toEqual({ code: 40010000, message: expect.stringMatching(/./) });
    expect((await exchange.call('GET', '/health')).status).toBe(200);
  });

  it('for a fault of an invalid symbol is refused, so that quotes keep working', async () => {
    exchange.price('AAPL', '100');
    expect((await exchange.call('POST', '/faults', { zeroQuotes: ['__proto__'] })).status).toBe(422);
    expect((await exchange.call('POST', '/faults', { zeroQuotes: ['aapl', 'BTC/USD'] })).status).toBe(200);
    const quotes = await exchange.call('GET', '/v2/stocks/quotes/latest?symbols=AAPL');
    expect(quotes).toMatchObject({ status: 200, body: { quotes: { AAPL: { ap: 0 } } } });
  });
});

describe('An upgrade', () => {
  const head = (path: string): string =>
    `GET ${path} HTTP/1.1\r\nhost: x\r\nconnection: upgrade\r\nupgrade: ` +
    'websocket\r\nsec-websocket-version: 13\r\nsec-websocket-key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n';

  it.each([
    ['//', 404],
    ['//[', 404],
    ['http://[', 400],
    ['/%zz', 400],
    ['/stream/..%2f', 404],
    ['/nowhere', 404],
  ])('of %s is answered with %i', async (path, status) => {
    expect(await raw(head(path))).toMatch(new RegExp(`^HTTP/1\\.1 ${status} `));
    expect((await exchange.call('GET', '/health')).status).toBe(200);
  });

  it('that is refused and reset meanwhile ends nothing else', async () => {
    for (let i = 0; i < 20; i += 1) {
      const socket = await opened();
      socket.on('error', () => {});
      socket.write(head('/nowhere'));
      socket.resetAndDestroy();
    }
    expect((await exchange.call('GET', '/health')).status).toBe(200);
  });
});
