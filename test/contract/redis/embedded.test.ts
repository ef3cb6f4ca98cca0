import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { Redis } from 'ioredis';
import { afterEach, describe, expect, it } from 'vitest';
import { type EmbeddedRedis, startEmbedded } from '../../../src/redis/embedded.ts';
import { startPrivateRedis } from '../../support/redis.ts';

const cleanups: (() => unknown)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});

async function start(...args: Parameters<typeof startPrivateRedis>): Promise<EmbeddedRedis> {
  const server = await startPrivateRedis(...args);
  cleanups.push(() => server.close());
  return server;
}

function connect(url: string): Redis {
  const redis = new Redis(url);
  redis.on('error', () => {});
  cleanups.push(() => redis.disconnect());
  return redis;
}

function folder(): string {
  const path = mkdtempSync(join(tmpdir(), 'worksteal-test-'));
  cleanups.push(() => rmSync(path, { recursive: true, force: true }));
  return path;
}

const runs = (pid: number): boolean => {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
};

/** Redis says that it is busy after 5 s, and is made to end 5 s after it was asked to. */
const BUSY = { timeout: 60_000, interval: 200 };

describe('a Redis of our own', () => {
  it('answers on loopback, never evicts, and is gone with its folder after close', async () => {
    const server = await start();
    const redis = connect(server.url);
    expect(await redis.ping()).toBe('PONG');
    expect(await redis.config('GET', 'maxmemory-policy')).toEqual(['maxmemory-policy', 'noeviction']);
    expect(await redis.config('GET', 'bind')).toEqual(['bind', '127.0.0.1']);
    const [, dir = ''] = (await redis.config('GET', 'dir')) as string[];
    redis.disconnect();
    await server.close();
    await server.close();
    expect(runs(server.pid)).toBe(false);
    expect(existsSync(dir)).toBe(false);
  });

  it('keeps what was written in a folder that it was given', async () => {
    const data = folder();
    const first = await start({ persistence: 'everysec', folder: data });
    await connect(first.url).set('kept', 'yes');
    await first.close();
    const second = await start({ persistence: 'everysec', folder: data });
    expect(await connect(second.url).get('kept')).toBe('yes');
  });

  it('starts again on the port that it had, with further arguments', async () => {
    const first = await start();
    await first.close();
    const second = await start({ port: first.port, args: ['--busy-reply-threshold', '123'] });
    expect(second.url).toBe(first.url);
    expect(await connect(second.url).config('GET', 'busy-reply-threshold')).toEqual([
      'busy-reply-threshold',
      '123',
    ]);
  });

  it('reports that the server died by itself', async () => {
    const server = await start();
    process.kill(server.pid, 'SIGKILL');
    await server.ended;
    expect(runs(server.pid)).toBe(false);
  });

  /** A process of its own that owns a server; ends with the test. */
  async function anOwner(temporary: string): Promise<{ owner: ChildProcess; pid: number; redis: Redis }> {
    const owner: ChildProcess = spawn(process.execPath, [new URL('./owner.ts', import.meta.url).pathname], {
      env: { ...process.env, TMPDIR: temporary },
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    cleanups.push(() => owner.kill('SIGKILL'));
    if (owner.stdout === null) throw new Error('no output');
    const [line] = (await once(createInterface({ input: owner.stdout }), 'line')) as [string];
    const { pid, url } = JSON.parse(line) as { pid: number; url: string };
    const redis = connect(url);
    expect(await redis.ping()).toBe('PONG');
    expect(readdirSync(temporary)).toHaveLength(1);
    return { owner, pid, redis };
  }

  it('is stopped and cleaned up when its owner is killed', async () => {
    const temporary = folder();
    const { owner, pid, redis } = await anOwner(temporary);
    owner.kill('SIGKILL');
    await once(redis, 'close');
    await expect.poll(() => runs(pid) || readdirSync(temporary).length > 0).toBe(false);
  });

  it('is stopped even when it is busy with a script that does not end', async () => {
    const temporary = folder();
    const { owner, pid, redis } = await anOwner(temporary);
    redis.eval("redis.call('SET', 'a', 'b'); while true do end", 0).catch(() => {});
    await expect
      .poll(() => connect(`redis://127.0.0.1:${redis.options.port}`).ping().catch(String), BUSY)
      .toContain('BUSY');
    owner.kill('SIGKILL');
    await expect.poll(() => runs(pid) || readdirSync(temporary).length > 0, BUSY).toBe(false);
  });

  it('names the server and its last words when it does not come up', async () => {
    const binary = join(folder(), 'absent-server');
    await expect(startEmbedded({ binary, persistence: 'none' })).rejects.toThrow(
      /absent-server ended with code 127: .*not found/,
    );
  });

  it('does not touch a server that already listens', async () => {
    const other = createServer().listen(0, '127.0.0.1');
    await once(other, 'listening');
    cleanups.push(() => other.close());
    const connections: unknown[] = [];
    other.on('connection', (socket) => connections.push(socket.destroy()));
    await start();
    expect(connections).toHaveLength(0);
  });
});
