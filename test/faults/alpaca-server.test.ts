/** The server of Alpaca's protocol: requests that never end, and requests for another protocol. */
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { alpacaServer } from '../../src/alpaca-server/server.ts';
import { RawHttp } from './input/raw-http.ts';

const LIMIT_MS = 200;
const server = alpacaServer(undefined, LIMIT_MS);
let http: RawHttp;

beforeAll(async () => {
  server.post('/v2/orders', (request) => request.body);
  await server.listen({ port: 0, host: '127.0.0.1' });
  http = new RawHttp(`http://127.0.0.1:${(server.server.address() as AddressInfo).port}`);
});
afterAll(async () => {
  http.close();
  await server.close();
});

const post = (headers: string[], body: string): Buffer => {
  const lines = ['POST /v2/orders HTTP/1.1', 'host: a', 'content-type: application/json', ...headers];
  return Buffer.from(`${lines.join('\r\n')}\r\n\r\n${body}`);
};

it('a body that never ends is refused after a while', async () => {
  expect(await http.send(post(['content-length: 10'], '{'))).toMatchObject({
    status: 408,
    body: JSON.stringify({ code: 40010000, message: 'the request is malformed' }),
  });
});

it('a request that offers HTTP/2, as Java does, is answered as any other', async () => {
  const offer = ['connection: upgrade, http2-settings', 'upgrade: h2c', 'http2-settings: AAMAAABkAAQ'];
  expect(await http.send(post([...offer, 'content-length: 2'], '{}'))).toMatchObject({
    status: 200,
    body: '{}',
  });
});
