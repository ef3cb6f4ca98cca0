import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Redis } from 'ioredis';
import { afterEach, describe, expect, it } from 'vitest';
import { openLedger } from '../../../src/ledger/ledger.ts';
import { connect } from '../../../src/redis/connect.ts';
import { openRedis } from '../../../src/redis/open.ts';
import { requireVersion } from '../../../src/redis/server-binary.ts';
import { startPrivateRedis } from '../../support/redis.ts';

const cleanups: (() => unknown)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});

function aLog(): { lines: string[]; info(message: string): void; warn(message: string): void } {
  const lines: string[] = [];
  return { lines, info: (message) => void lines.push(message), warn: (message) => void lines.push(message) };
}

/** A PATH of one folder that holds these programs. */
function aPath(programs: Record<string, string>): string {
  const folder = mkdtempSync(join(tmpdir(), 'worksteal-path-'));
  cleanups.push(() => rmSync(folder, { recursive: true, force: true }));
  for (const [name, script] of Object.entries(programs)) {
    writeFileSync(join(folder, name), `#!/bin/sh\n${script}\n`);
    chmodSync(join(folder, name), 0o755);
  }
  return folder;
}

describe('which Redis a process works on', () => {
  it('is the one REDIS_URL names, which is left running', async () => {
    const server = await startPrivateRedis();
    cleanups.push(() => server.close());
    const opened = await openRedis({ env: { REDIS_URL: server.url }, log: aLog() });
    expect(opened).toMatchObject({ url: server.url, owned: false });
    await opened.close();
    const redis = new Redis(server.url);
    cleanups.push(() => redis.disconnect());
    expect(await redis.ping()).toBe('PONG');
  });

  it('is one of our own without REDIS_URL', async () => {
    const opened = await openRedis({ env: { PATH: process.env['PATH'] }, log: aLog() });
    cleanups.push(() => opened.close());
    expect(opened.owned).toBe(true);
  });

  it('is refused where the server may evict keys, and taken where its memory has no limit', async () => {
    const server = await startPrivateRedis();
    cleanups.push(() => server.close());
    const redis = new Redis(server.url);
    cleanups.push(() => redis.disconnect());
    await redis.config('SET', 'maxmemory-policy', 'allkeys-lru');
    const open = () => openRedis({ env: { REDIS_URL: server.url }, log: aLog() });
    await open();
    await redis.config('SET', 'maxmemory', '100mb');
    const message = expect.stringMatching(
      /^127\.0\.0\.1:\d+ evicts keys .*allkeys-lru.*CONFIG SET maxmemory-policy noeviction/,
    );
    await expect(open()).rejects.toMatchObject({ code: 'settings', message });
  });

  it('is refused where the server has no database of that number, and no connection stays', async () => {
    const server = await startPrivateRedis({ args: ['--databases', '2'] });
    cleanups.push(() => server.close());
    const env = (database: string) => ({ REDIS_URL: `${server.url}/${database}` });
    await openRedis({ env: env('1'), log: aLog() });
    const message = expect.stringMatching(
      /^REDIS_URL: 127\.0\.0\.1:\d+ refuses database 2 \(ERR .*\); use a database that it has/,
    );
    await expect(openRedis({ env: env('2'), log: aLog() })).rejects.toMatchObject({
      code: 'settings',
      message,
    });
    await expect(openLedger(`${server.url}/2`, 'main')).rejects.toMatchObject({ code: 'settings', message });
    const queue = connect(`${server.url}/2`, 'main', { retryStrategy: null });
    queue.on('error', () => {});
    const copy = queue.duplicate();
    copy.on('error', () => {});
    await Promise.all([queue, copy].map((redis) => new Promise((resolve) => redis.once('end', resolve))));
    const redis = new Redis(server.url);
    cleanups.push(() => redis.disconnect());
    expect(await redis.dbsize()).toBe(0);
  });

  it('is refused with the reason where nothing answers', async () => {
    const attempt = openRedis({ env: { REDIS_URL: 'redis://127.0.0.1:1' }, log: aLog() });
    await expect(attempt).rejects.toMatchObject({
      code: 'unavailable',
      message: expect.stringMatching(/127\.0\.0\.1:1 \(.*ECONNREFUSED/),
    });
  });

  it.each([
    'http://127.0.0.1:6379',
    'localhost',
    'redis://',
    'redis://localhost/main',
    ' redis://localhost',
    'redis://localhost?db=1',
  ])('is refused where REDIS_URL is %s', async (url) => {
    await expect(openRedis({ env: { REDIS_URL: url }, log: aLog() })).rejects.toMatchObject({
      code: 'settings',
    });
  });
});

describe('a machine without a server', () => {
  it('gets one line with what to install if no package manager is known', async () => {
    const attempt = openRedis({ env: { PATH: aPath({}) }, log: aLog() });
    await expect(attempt).rejects.toMatchObject({
      code: 'missing',
      message: expect.stringMatching(/install redis-server or valkey-server/),
    });
  });

  it('prints each command before it runs, and why it failed', async () => {
    const path = aPath({
      dnf: 'exit 1',
      sudo: 'case "$2" in true) exit 0;; esac; shift; exec "$@"',
      sh: 'echo "no such package" >&2; exit 1',
    });
    const log = aLog();
    const attempt = openRedis({ env: { PATH: path }, log });
    await expect(attempt).rejects.toMatchObject({
      code: 'missing',
      message: expect.stringMatching(/dnf failed to install it \(no such package\)/),
    });
    expect(log.lines).toEqual([
      expect.stringMatching(/^no Redis server on the PATH; installing one: .*dnf install -y -q redis/),
    ]);
  });

  it('uses what the package manager brought', async () => {
    const path = aPath({});
    const real = process.env['PATH'] ?? '';
    const folder = aPath({
      'apt-get':
        `PATH='${real}'; ln -sf "$(command -v redis-server || command -v valkey-server)" ` +
        `'${path}/redis-server'`,
    });
    const sudo = aPath({
      sudo: 'case "$2" in true) exit 0;; esac; shift; exec "$@"',
      env: `export PATH='${folder}'; shift 2; exec "$@"`,
    });
    const log = aLog();
    const opened = await openRedis({ env: { PATH: [folder, path, sudo].join(':') }, log });
    cleanups.push(() => opened.close());
    expect(opened.owned).toBe(true);
    expect(log.lines).toHaveLength(2);
  });

  it('is refused a server that is too old', async () => {
    const path = aPath({
      'redis-server':
        'echo "Redis server v=6.0.16 sha=00000000:0 malloc=jemalloc-5.2.1 bits=64 build=a3fdef44459b3ad6"',
    });
    const attempt = openRedis({ env: { PATH: path }, log: aLog() });
    await expect(attempt).rejects.toMatchObject({
      code: 'missing',
      message: expect.stringMatching(/is version 6\.0\.16; .* 6\.2 or newer/),
    });
  });

  it.each(['6.2.0', '6.10', '7.0.15', '8.1'])('takes version %s', (version) => {
    expect(() => requireVersion(version, 'server')).not.toThrow();
  });
});
