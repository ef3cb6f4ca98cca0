/**
 * Bytes that are not HTTP, and frames that are not stream messages: the paper exchange refuses or ignores
 * them, and keeps serving its other clients.
 */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { WebSocket } from 'ws';
import { startTestExchange, type TestExchange, Updates } from '../support/exchange.ts';
import { CALLS, type Chance, chanceOf } from './input/chance.ts';
import { spoilLeaves } from './input/odd-values.ts';
import { RawHttp } from './input/raw-http.ts';
import { spoil } from './input/spoil.ts';

let exchange: TestExchange;
beforeAll(async () => {
  exchange = await startTestExchange();
  exchange.price('BTCUSD', '100');
});
afterAll(() => exchange.close());

const RIGHT =
  'POST /v2/orders HTTP/1.1\r\nhost: exchange\r\ncontent-type: application/json\r\ncontent-length: ' +
  '2\r\nconnection: close\r\n\r\n{}';
const UPGRADE =
  'GET /stream HTTP/1.1\r\nhost: exchange\r\nconnection: upgrade\r\nupgrade: ' +
  'websocket\r\nsec-websocket-version: 13\r\nsec-websocket-key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n';
const FRAMES = [
  { action: 'auth', key: 'k', secret: 's' },
  { action: 'authenticate', data: { key_id: 'k', secret_key: 's' } },
  { action: 'listen', data: { streams: ['trade_updates'] } },
];

/**
 * A request in which bytes changed, went or came; with an end, so that the server has nothing to wait for.
 */
function spoiledBytes(chance: Chance): Buffer {
  const bytes = [...Buffer.from(chance.pick([RIGHT, UPGRADE]))];
  for (let times = 1 + chance.below(6); times > 0; times -= 1) {
    const at = chance.below(bytes.length);
    bytes.splice(
      at,
      chance.below(3),
      ...Buffer.from(spoil(String.fromCharCode(bytes[at] ?? 0), chance)).subarray(0, 2_000),
    );
  }
  return Buffer.concat([Buffer.from(bytes), Buffer.from('\r\n\r\n')]);
}

function spoiledFrame(chance: Chance): string | Buffer {
  const frame = chance.pick(FRAMES);
  switch (chance.below(4)) {
    case 0:
      return chance.bytes(chance.below(200));
    case 1:
      return chance.pick([
        '',
        '{',
        '['.repeat(50_000),
        'null',
        '1',
        '"auth"',
        '[]',
        `"${'x'.repeat(60_000)}"`,
        '{"__proto__":{"action":"auth"}}',
      ]);
    case 2:
      return Buffer.from(spoil(JSON.stringify(frame), chance)).subarray(0, 60_000);
    default:
      return JSON.stringify(spoilLeaves(frame, chance), (_, value: unknown) =>
        typeof value === 'bigint' ? Number(value) : value,
      ).slice(0, 60_000);
  }
}

/** Orders, and what is told of them to a client that does as it should. */
async function expectAlive(id: string, updates: Updates): Promise<void> {
  expect((await exchange.order({ client_order_id: id, limit_price: '90' })).status).toBe(200);
  await updates.next('new', id);
}

describe('the wire', () => {
  it('refuses bytes that are no request', async () => {
    const chance = chanceOf('bytes');
    const updates = await exchange.updates();
    const before = exchange.core.report().acceptances;
    for (let i = 0; i < Math.ceil(CALLS / 10); i += 1) {
      const bytes = spoiledBytes(chance);
      const http = new RawHttp(exchange.url);
      const answer = await http.send(bytes, false, true);
      http.close();
      const show = (): string =>
        `${JSON.stringify(answer)} to ${JSON.stringify(bytes.toString('latin1')).slice(0, 3_000)}`;
      if (answer !== 'closed' && !(answer.status < 500 && (answer.status >= 400 || answer.status === 101)))
        expect.fail(show());
    }
    expect(exchange.core.report().acceptances).toBe(before);
    await expectAlive('after-bytes', updates);
  });

  it('answers frames that are no messages with an error, and cuts off those that are no frames', async () => {
    const chance = chanceOf('frames');
    const updates = await exchange.updates();
    const report = (): string => JSON.stringify(exchange.core.report());
    const before = report();
    let sent = 0;
    while (sent < CALLS) {
      const client = await Updates.connect(exchange.url);
      // One answer per message; a pong shows that all messages before it were handled.
      for (let i = 0; i < 500; i += 1) client.socket.send(spoiledFrame(chance));
      const pong = new Promise((resolve) => client.socket.once('pong', resolve));
      client.socket.ping();
      await pong;
      sent += 500;
      await expect.poll(() => client.frames.length).toBe(500);
      for (const { message } of client.frames) {
        if (!['error', 'authorization', 'listening'].includes(String(message['stream'])))
          expect.fail(JSON.stringify(message));
      }
      client.close();
    }
    for (let i = 0; i < 50; i += 1) {
      const socket = new WebSocket(`${exchange.url.replace('http', 'ws')}/stream`);
      await new Promise((resolve) => socket.once('open', resolve));
      const closed = new Promise((resolve) => socket.once('close', resolve));
      socket.on('error', () => {});
      // Against the protocol: no mask, a reserved bit, a wrong length; and a message that is too
      // long.
      const raw = (socket as unknown as { _socket: { write: (bytes: Buffer) => void } })._socket;
      if (chance.once(5)) socket.send('x'.repeat(70_000));
      else raw.write(Buffer.concat([Buffer.from([0xf1 + chance.below(14), 0x7f]), chance.bytes(20)]));
      await closed;
    }
    expect(report()).toBe(before);
    await expectAlive('after-frames', updates);
  });
});
