/** While a server is loading, clients retry soon, whatever loading time the server estimates. */
import { once } from 'node:events';
import { createServer, type Server, type Socket } from 'node:net';
import type { Redis } from 'ioredis';
import { afterEach, expect, it } from 'vitest';
import { connect } from '../../../src/redis/connect.ts';

const closing: (() => void)[] = [];
afterEach(() => {
  for (const close of closing.splice(0).reverse()) close();
});

const SAID = { loading: 'loading:1\r\nloading_eta_seconds:600\r\n', loaded: 'loading:0\r\nrole:master\r\n' };

/** Answers INFO by turns, the last one for ever, and everything else with OK. */
async function aServerThatSays(...infos: string[]): Promise<string> {
  const sockets = new Set<Socket>();
  const server: Server = createServer((socket) => {
    sockets.add(socket);
    socket.on('data', (data) => {
      for (const command of data.toString().split(/(?=\*\d+\r\n\$)/)) {
        const isInfo = /\r\ninfo\r\n/i.test(command);
        const info = (isInfo && infos.length > 1 ? infos.shift() : infos[0]) ?? '';
        socket.write(isInfo ? `$${info.length}\r\n${info}\r\n` : '+OK\r\n');
      }
    });
  });
  closing.push(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return `redis://127.0.0.1:${(server.address() as { port: number }).port}`;
}

it('a connection is ready as soon as the server is, though it had announced ten minutes', async () => {
  const url = await aServerThatSays(SAID.loading, SAID.loading, SAID.loaded);
  const redis: Redis = connect(url, 'demo', { disableClientInfo: true });
  closing.push(() => redis.disconnect());
  redis.on('error', () => {});
  await once(redis, 'ready', { signal: AbortSignal.timeout(8_000) });
  expect(redis.status).toBe('ready');
});
