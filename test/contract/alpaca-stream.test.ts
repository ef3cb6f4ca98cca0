/** The trade updates stream against a server that refuses, sends garbage, falls silent or disconnects. */
import { once } from 'node:events';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { WebSocket } from 'ws';
import { AlpacaBroker } from '../../src/broker/alpaca/alpaca.ts';
import { unlimited } from '../../src/broker/limiter.ts';
import type { TradeUpdate } from '../../src/broker/port.ts';
import type { ScriptedAlpaca } from '../support/scripted-alpaca.ts';
import { startScriptedAlpaca, wireOrder } from '../support/scripted-alpaca.ts';

let server: ScriptedAlpaca;
let stop: AbortController;
let following: Promise<void>;
let updates: AsyncGenerator<TradeUpdate>;

beforeEach(async () => {
  server = await startScriptedAlpaca();
  stop = new AbortController();
  following = Promise.resolve();
});
afterEach(async () => {
  stop.abort();
  await following;
  await server.close();
});

function follow({ pingMs = 5_000, requestTimeoutMs = 3_000 } = {}): void {
  const queue: TradeUpdate[] = [];
  const events = new EventTarget();
  const log = { debug: () => {}, info: () => {}, warn: () => {} };
  const urls = { tradingUrl: server.url, dataUrl: server.url };
  const keys = { keyId: 'the-key', secretKey: 'the-secret' };
  const broker = new AlpacaBroker({
    ...urls,
    ...keys,
    limiter: unlimited,
    requestTimeoutMs,
    log,
    pingMs,
    random: () => 0,
  });
  updates = (async function* () {
    while (true) {
      const update = queue.shift();
      if (update === undefined)
        await new Promise((resolve) => events.addEventListener('update', resolve, { once: true }));
      else yield update;
    }
  })();
  following = broker.follow((update) => {
    queue.push(update);
    events.dispatchEvent(new Event('update'));
  }, stop.signal);
}

const next = async (): Promise<TradeUpdate> => (await updates.next()).value;

/** Sends as the paper host does: JSON in a binary frame. */
const send = (socket: WebSocket, frame: unknown): void => socket.send(Buffer.from(JSON.stringify(frame)));

async function handshake(socket: WebSocket): Promise<unknown[]> {
  const heard: unknown[] = [];
  for (const reply of [
    { stream: 'authorization', data: { status: 'authorized', action: 'authenticate' } },
    { stream: 'listening', data: { streams: ['trade_updates'] } },
  ]) {
    const [data] = await once(socket, 'message');
    heard.push(JSON.parse(String(data)));
    send(socket, reply);
  }
  return heard;
}

const fill = {
  stream: 'trade_updates',
  data: { event: 'fill', execution_id: 'x', order: wireOrder({ status: 'filled', filled_qty: '10' }) },
};

describe('The trade updates', () => {
  it('start with the keys, then listen, then report that they are connected', async () => {
    const heard = new Promise<unknown[]>((resolve) =>
      server.onSocket((socket) => resolve(handshake(socket))),
    );
    follow();
    expect(await next()).toEqual({ kind: 'connected' });
    expect(await heard).toEqual([
      { action: 'auth', key: 'the-key', secret: 'the-secret' },
      { action: 'listen', data: { streams: ['trade_updates'] } },
    ]);
  });

  it('report an unreadable order by its name, and continue', async () => {
    const legs = wireOrder({
      symbol: '',
      side: '',
      order_class: 'mleg',
      limit_price: '-0.35',
      status: 'canceled',
    });
    server.onSocket(async (socket) => {
      await handshake(socket);
      send(socket, { stream: 'trade_updates', data: { event: 'canceled', order: legs } });
      send(socket, fill);
    });
    follow();
    await next();
    expect(await next()).toMatchObject({
      kind: 'odd',
      event: 'canceled',
      oddity: { id: 'order-1', why: expect.stringContaining('several legs') },
    });
    expect(await next()).toMatchObject({ kind: 'order', order: { id: 'order-1' } });
  });

  it('report an order as REST does', async () => {
    server.onSocket(async (socket) => {
      await handshake(socket);
      send(socket, { stream: 'account_updates', data: {} });
      send(socket, fill);
    });
    follow();
    await next();
    expect(await next()).toMatchObject({
      kind: 'order',
      event: 'fill',
      order: { id: 'order-1', state: 'filled', filledQty: '10' },
    });
  });

  it('reconnect by themselves after a drop, and say so', async () => {
    let connections = 0;
    server.onSocket(async (socket) => {
      connections += 1;
      await handshake(socket);
      if (connections === 1) socket.terminate();
      else send(socket, fill);
    });
    follow();
    const kinds = [await next(), await next(), await next(), await next()].map((update) => update.kind);
    expect(kinds).toEqual(['connected', 'disconnected', 'connected', 'order']);
  });

  it('start over after a frame that cannot be read: it may have been an update', async () => {
    let connections = 0;
    server.onSocket(async (socket) => {
      connections += 1;
      await handshake(socket);
      if (connections === 1)
        send(socket, { stream: 'trade_updates', data: { event: 'fill', order: { id: 'x' } } });
    });
    follow();
    expect((await next()).kind).toBe('connected');
    expect(await next()).toMatchObject({
      kind: 'disconnected',
      message: expect.stringContaining('unreadable'),
    });
    expect((await next()).kind).toBe('connected');
  });

  it('are given up when the other side falls silent, and start over', async () => {
    let connections = 0;
    server.onSocket(async (socket) => {
      connections += 1;
      await handshake(socket);
      if (connections === 1) socket.pause(); // reads nothing, so it answers no ping
    });
    follow({ pingMs: 50 });
    expect((await next()).kind).toBe('connected');
    expect(await next()).toMatchObject({ kind: 'disconnected', message: expect.stringContaining('silent') });
    expect((await next()).kind).toBe('connected');
  });

  it('say that the keys were not accepted, and keep trying', async () => {
    let connections = 0;
    server.onSocket(async (socket) => {
      connections += 1;
      if (connections > 1) return void handshake(socket);
      await once(socket, 'message');
      send(socket, { stream: 'authorization', data: { status: 'unauthorized', action: 'authenticate' } });
    });
    follow();
    expect(await next()).toMatchObject({
      kind: 'disconnected',
      message: expect.stringContaining('not accepted'),
    });
    expect((await next()).kind).toBe('connected');
  });

  it('do not wait for ever for a handshake', async () => {
    server.onSocket(() => {});
    follow({ requestTimeoutMs: 300 });
    expect(await next()).toMatchObject({
      kind: 'disconnected',
      message: expect.stringContaining('not listening within 300 ms'),
    });
  });

  it('end with their signal, connected or not', async () => {
    server.onSocket((socket) => void handshake(socket));
    follow();
    await next();
    stop.abort();
    await following;
  });
});
