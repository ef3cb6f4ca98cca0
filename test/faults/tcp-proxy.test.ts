/** The proxy that simulates network faults: each fault does what it claims. Other tests depend on it. */
import { once } from 'node:events';
import { connect, createServer, type Server, type Socket } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { startProxy, type TcpProxy } from '../support/tcp-proxy.ts';

let server: Server;
let proxy: TcpProxy;
/** What reached the server. */
let arrived = 0;
const accepted: Socket[] = [];
const clients: Socket[] = [];

beforeEach(async () => {
  arrived = 0;
  server = createServer((socket) => {
    accepted.push(socket);
    socket.on('error', () => {});
    socket.on('data', (bytes) => {
      arrived += bytes.length;
      socket.write(bytes);
    });
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  proxy = await startProxy({
    host: '127.0.0.1',
    port: typeof address === 'object' ? (address?.port ?? 0) : 0,
  });
});
afterEach(async () => {
  for (const socket of [...clients.splice(0), ...accepted.splice(0)]) socket.destroy();
  await proxy.close();
  await new Promise((resolve) => server.close(resolve));
});

type Client = { socket: Socket; heard: () => string; ended: Promise<string> };

/** A client of the echo behind the proxy. `ended`: the code of the error that its connection ended with. */
async function aClient(): Promise<Client> {
  const socket = connect(proxy.port, '127.0.0.1');
  clients.push(socket);
  let heard = '';
  socket.on('data', (bytes) => {
    heard += String(bytes);
  });
  const ended = new Promise<string>((resolve) => {
    socket.once('error', (error: NodeJS.ErrnoException) => resolve(error.code ?? ''));
    socket.once('close', () => resolve('closed'));
  });
  await Promise.race([new Promise((resolve) => socket.once('connect', resolve)), ended]);
  return { socket, heard: () => heard, ended };
}

async function echoed(client: Client, text: string): Promise<void> {
  const before = client.heard();
  client.socket.write(text);
  await expect.poll(client.heard).toBe(before + text);
}

describe('a proxy', () => {
  it('passes everything on, in both directions, and ends when either side does', async () => {
    const client = await aClient();
    await echoed(client, 'x'.repeat(300_000));
    expect(proxy.connections).toBe(1);
    client.socket.end();
    expect(await client.ended).toBe('closed');
    await expect.poll(() => proxy.connections).toBe(0);
  });

  it('that is cut resets what is open, and what comes, until it is healed', async () => {
    const client = await aClient();
    await echoed(client, 'hello');
    proxy.cut();
    expect(await client.ended).toBe('ECONNRESET');
    expect(await (await aClient()).ended).toBe('ECONNRESET');
    proxy.heal();
    await echoed(await aClient(), 'again');
  });

  it('that stalls keeps connections and delivers nothing; healing resets them', async () => {
    const before = await aClient();
    await echoed(before, 'hello');
    proxy.stall();
    const during = await aClient();
    before.socket.write('lost');
    during.socket.write('lost');
    const other = await aClient();
    await once(other.socket.setTimeout(100), 'timeout');
    expect([before.heard(), during.heard(), arrived, proxy.connections]).toEqual(['hello', '', 5, 3]);
    proxy.heal();
    expect(await Promise.all([before.ended, during.ended, other.ended])).toEqual([
      'ECONNRESET',
      'ECONNRESET',
      'ECONNRESET',
    ]);
    await echoed(await aClient(), 'again');
    expect(arrived).toBe('hello'.length + 'again'.length);
  });

  it('that forgot its connections delivers nothing on them, and serves new ones', async () => {
    const forgotten = await aClient();
    await echoed(forgotten, 'hello');
    proxy.forget();
    forgotten.socket.write('lost');
    await echoed(await aClient(), 'new');
    expect([forgotten.heard(), arrived]).toEqual(['hello', 8]);
  });

  it('that delays delivers everything in order, later', async () => {
    const client = await aClient();
    proxy.delay(50);
    const startedMs = performance.now();
    for (const text of ['a', 'b', 'c']) client.socket.write(text);
    await expect.poll(client.heard).toBe('abc');
    expect(performance.now() - startedMs).toBeGreaterThanOrEqual(100);
  });

  it('resets in the middle of an answer, a given number of times, after the whole request', async () => {
    const client = await aClient();
    proxy.resetInReply(1);
    client.socket.write('12345678');
    expect(await client.ended).toBe('ECONNRESET');
    expect([client.heard(), arrived]).toEqual(['1234', 8]);
    await echoed(await aClient(), 'again');
  });

  it('resets in the middle of what a client gets, never ahead of bytes already under way', async () => {
    const client = await aClient();
    await echoed(client, 'hello.');
    proxy.delay(1_000);
    accepted[0]?.write('first.');
    await expect.poll(() => proxy.heldBytes, { interval: 10 }).toBe(6);
    proxy.delay(0); // it is still held, and what comes next would be passed on at once
    proxy.resetInReply(1);
    client.socket.write('12345678');
    expect(await client.ended).toBe('ECONNRESET');
    expect(client.heard()).toBe('hello.first.1234');
  });

  it('holds back who sends more than is read', async () => {
    const client = await aClient();
    await echoed(client, 'hello');
    accepted[0]?.pause();
    const megabyte = Buffer.alloc(1024 * 1024);
    for (let sent = 0; sent < 64; sent += 1) client.socket.write(megabyte);
    await once(client.socket.setTimeout(300), 'timeout');
    expect(client.socket.writableLength).toBeGreaterThan(32 * megabyte.length);
  });
});
