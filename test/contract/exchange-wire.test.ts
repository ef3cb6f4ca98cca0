/** Common to all routes of the paper exchange: keys, request ids, the rate limit, error bodies, options. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { startExchange } from '../../src/exchange/server.ts';
import { startTestExchange, type TestExchange } from '../support/exchange.ts';
import { PROGRAM } from '../support/program.ts';

let exchange: TestExchange | undefined;
afterEach(async () => {
  await exchange?.close();
  exchange = undefined;
});

describe('Every answer', () => {
  it('carries a unique request id', async () => {
    exchange = await startTestExchange();
    const [one, two] = [await exchange.call('GET', '/v2/clock'), await exchange.call('GET', '/nowhere')];
    expect(one.headers.get('x-request-id')).toMatch(/^[0-9a-f]{32}$/);
    expect(two.headers.get('x-request-id')).not.toBe(one.headers.get('x-request-id'));
    expect(two).toMatchObject({ status: 404, body: { code: 40410000 } });
  });

  it('requires the keys if some are set', async () => {
    exchange = await startTestExchange({ key: 'k', secret: 's' });
    const headers = { 'APCA-API-KEY-ID': 'k', 'APCA-API-SECRET-KEY': 's' };
    expect((await exchange.call('GET', '/v2/account')).status).toBe(401);
    expect(
      (await exchange.call('GET', '/v2/account', undefined, { ...headers, 'APCA-API-SECRET-KEY': 'x' }))
        .status,
    ).toBe(401);
    expect((await exchange.call('GET', '/v2/account', undefined, headers)).status).toBe(200);
  });

  it('counts against the rate limit, which resets every minute', async () => {
    exchange = await startTestExchange({ rateLimit: 2 });
    const first = await exchange.call('GET', '/v2/clock');
    expect(first.headers.get('x-ratelimit-limit')).toBe('2');
    expect(first.headers.get('x-ratelimit-remaining')).toBe('1');
    expect(first.headers.get('x-ratelimit-reset')).toBe(String(Date.parse('2026-06-01T12:01:00Z') / 1000));
    await exchange.call('GET', '/v2/clock');
    const third = await exchange.call('GET', '/v2/clock');
    expect(third).toMatchObject({ status: 429, body: { code: 42910000, message: 'rate limit exceeded' } });
    expect(third.headers.get('x-ratelimit-remaining')).toBe('0');
    expect((await exchange.call('GET', '/judge')).status).toBe(200);
    exchange.pass(60_000);
    expect((await exchange.call('GET', '/v2/clock')).status).toBe(200);
  });

  it('to a body that is not JSON is a 400', async () => {
    exchange = await startTestExchange();
    const response = await fetch(`${exchange.url}/v2/orders`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: '{',
    });
    expect(response.status).toBe(400);
    expect(await response.json()).toMatchObject({ code: 40010000 });
  });
});

describe('The options', () => {
  it('are refused together, each named', async () => {
    const started = startExchange({ port: '70000', pools: 'gold:1', equity: '-5', key: 'k' });
    await expect(started).rejects.toMatchObject({ code: 'settings' });
    await expect(started).rejects.toThrow(/--port: .*--equity: .*--pools: "gold:1"/s);
  });

  it('report a port that is in use', async () => {
    exchange = await startTestExchange();
    const { port } = new URL(exchange.url);
    await expect(startExchange({ port })).rejects.toMatchObject({ code: 'unavailable' });
  });

  it('replay a folder of data, from its first bar', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'worksteal-exchange-'));
    writeFileSync(
      join(folder, 'AAPL.csv'),
      'timestamp,open,high,low,close,volume\n2026-01-20T15:00:00Z,100,110,90,105,1\n',
    );
    const running = await startExchange({ port: 0, data: folder });
    const clock = (await (await fetch(`${running.url}/v2/clock`)).json()) as { timestamp: string };
    const quotes = await (await fetch(`${running.url}/v2/stocks/quotes/latest?symbols=AAPL`)).json();
    await running.close();
    rmSync(folder, { recursive: true });
    expect(clock.timestamp).toMatch(/^2026-01-20T10:00:/);
    expect(quotes).toMatchObject({ quotes: { AAPL: { ap: expect.any(Number) } } });
  });

  it('without data give a synthetic market with prices at once', async () => {
    const running = await startExchange({ port: 0 });
    const assets = (await (await fetch(`${running.url}/v2/assets`)).json()) as unknown[];
    const quotes = await (
      await fetch(`${running.url}/v1beta3/crypto/us/latest/quotes?symbols=BTC/USD,ETH/USD`)
    ).json();
    await running.close();
    expect(assets).toHaveLength(25);
    expect(quotes).toMatchObject({ quotes: { 'BTC/USD': { ap: 96_000 }, 'ETH/USD': { ap: 3300 } } });
  });
});

describe('The command', () => {
  it('prints its address in one line, and stops when asked', async () => {
    const child = spawn(process.execPath, [PROGRAM, 'exchange', '--port', '0', '--speed', '60'], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const exited = once(child, 'exit');
    const [line] = (await once(child.stdout.setEncoding('utf8'), 'data')) as [string];
    const url = /^exchange listening on (http:\/\/127\.0\.0\.1:\d+)\n$/.exec(line)?.[1];
    const judge = await (await fetch(`${url}/judge`)).json();
    child.kill('SIGTERM');
    expect(await exited).toEqual([0, null]);
    expect(judge).toMatchObject({ violationCount: 0, equityMicros: 100_000_000_000 });
  });
});
