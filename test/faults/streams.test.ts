/**
 * The API's streams, while servers and Redis are restarted, the ledger loses events, and clients do not read.
 */
import { connect } from 'node:net';
import { afterAll, beforeAll, beforeEach, describe, expect, it, onTestFinished } from 'vitest';
import { key } from '../../src/ledger/keys.ts';
import { type Ledger, openLedger } from '../../src/ledger/ledger.ts';
import { serverBinary } from '../../src/redis/open.ts';
import { startTestApi, type TestApi } from '../support/api.ts';
import { type FaultyRedis, startFaultyRedis } from '../support/faulty-redis.ts';
import { anOrder, openAccount, type TestAccount } from '../support/ledger.ts';
import { freshAccount } from '../support/redis.ts';
import { SseClient } from '../support/sse-client.ts';

const LIMIT = { timeout: 60_000 };

let redis: FaultyRedis;
let ledger: Ledger;
let account: TestAccount;
let api: TestApi;

beforeAll(async () => {
  const { path } = await serverBinary(process.env, { info: () => {}, warn: () => {} });
  redis = await startFaultyRedis({ binary: path });
});
afterAll(() => redis.close());
beforeEach(async () => {
  ledger = await openLedger(redis.url, freshAccount('streams'));
  account = await openAccount(ledger, { equity: '100000' });
  api = await startTestApi(redis.url, [account]);
  return async () => {
    await api.close();
    await ledger.close();
  };
});

function client(path: string, after?: string, token = api.token.read): SseClient {
  const made = new SseClient(() => `${api.url}/v1/accounts/${account.name}/${path}`, token, after);
  onTestFinished(() => made.close());
  return made;
}

async function idsOf(): Promise<string[]> {
  return (await ledger.redis.xrange(key(account.name, 'events'), '-', '+')).map(([id]) => id);
}

const synced = (): Promise<boolean> =>
  account.sync('100000').then(
    () => true,
    () => false,
  );

describe('events', () => {
  it('come as they happen, each with its id, type and sentence; never compressed', async () => {
    const viewer = client('events');
    await expect.poll(() => viewer.of('hello').length, LIMIT).toBe(1);
    await account.place(anOrder('a').worth(10));
    await expect
      .poll(() => viewer.of('working'), LIMIT)
      .toMatchObject([
        { id: (await idsOf()).at(-1), data: { type: 'working', sentence: 'AAA a works at the broker' } },
      ]);
    expect(Object.fromEntries(viewer.headers ?? [])).toMatchObject({
      'content-type': 'text/event-stream; charset=utf-8',
      'x-accel-buffering': 'no',
      'x-request-id': expect.any(String),
    });
    expect(viewer.headers?.get('content-encoding')).toBeNull();
  });

  it('are gapless and unique over restarts of server and Redis, for a client that resumes', async () => {
    const begin = await idsOf();
    const viewers = [client('events', begin.at(-1)), client('events', '0-0')];
    let made = 0;
    const work = async (): Promise<void> => {
      for (let i = 0; i < 10; i += 1) {
        made += 1;
        await account.place(anOrder(`o${made}`).worth(1));
      }
    };
    await work();
    const before = api;
    await Promise.all([before.close(), work()]);
    await work();
    api = await startTestApi(redis.url, [account]);
    for (const viewer of viewers) await viewer.close();
    viewers.push(...viewers.map(({ lastId }) => client('events', lastId)));
    await work();
    await redis.restart();
    await expect.poll(synced, LIMIT).toBe(true);
    await work();
    const all = await idsOf();
    const seen = (): string[][] =>
      [0, 1].map((at) => [...(viewers[at]?.ids ?? []), ...(viewers[at + 2]?.ids ?? [])]);
    await expect.poll(seen, LIMIT).toEqual([all.slice(begin.length), all]);
    expect(viewers.flatMap((viewer) => viewer.of('reset'))).toEqual([]);
  });

  it('a client that is ahead of a ledger which lost events is told so, and goes on', async () => {
    const viewer = client('events');
    await account.place(anOrder('kept').worth(10));
    const atMs = redis.moment();
    await account.place(anOrder('lost').worth(10));
    await expect.poll(() => viewer.lastId, LIMIT).toBe((await idsOf()).at(-1));
    await redis.restartLosing(performance.now() - atMs);
    await expect.poll(() => viewer.of('reset'), LIMIT).toMatchObject([{ data: { reason: 'behind' } }]);
    await expect.poll(synced, LIMIT).toBe(true);
    await account.place(anOrder('later').worth(10));
    await expect.poll(() => viewer.lastId, LIMIT).toBe((await idsOf()).at(-1));
  });

  it('a client is told when the ledger was wiped, or has dropped what it missed', async () => {
    const old = (await idsOf()).at(-1);
    await ledger.redis.flushall();
    await openAccount(ledger, { equity: '100000' });
    const late = client('events', old);
    await expect.poll(() => late.of('reset'), LIMIT).toMatchObject([{ data: { reason: 'rebuilt' } }]);
    const first = (await idsOf())[0];
    const filling = ledger.redis.pipeline();
    const stream = key(account.name, 'events');
    for (let i = 0; i < 20_001; i += 1) filling.xadd(stream, 'MAXLEN', 20_000, '*', 'type', 'test');
    await filling.exec();
    const later = client('events', first);
    await expect.poll(() => later.of('reset')[0], LIMIT).toMatchObject({ data: { reason: 'trimmed' } });
  });

  it('end when the token is revoked, and a place that is no id is refused', async () => {
    const token = api.makeToken('short', 'read');
    const viewer = client('events', undefined, token);
    await expect.poll(() => viewer.connects, LIMIT).toBe(1);
    api.revoke('short');
    await expect.poll(() => viewer.status, LIMIT).toBe(401);
    expect(await api.ask('GET', 'events?after=1', { as: 'read' })).toMatchObject({
      status: 422,
      body: { code: 'invalid' },
    });
    expect(await api.ask('GET', 'events', { headers: { 'last-event-id': 'x' } })).toMatchObject({
      status: 422,
    });
  });

  it('a client that does not read is closed after a megabyte', async () => {
    const { hostname, port } = new URL(api.url);
    const socket = connect(Number(port), hostname);
    onTestFinished(() => void socket.destroy());
    const path = `/v1/accounts/${account.name}/events`;
    socket.write(
      `GET ${path} HTTP/1.1\r\nHost: ${hostname}:${port}\r\nAuthorization: Bearer ${api.token.read}\r\n\r\n`,
    );
    await new Promise((resolve) => socket.once('data', resolve));
    socket.pause();
    const watching = client('events');
    await expect.poll(() => watching.connects, LIMIT).toBe(1);
    const filling = ledger.redis.pipeline();
    for (let i = 0; i < 1_500; i += 1)
      filling.xadd(key(account.name, 'events'), '*', 'type', 'test', 'reason', 'x'.repeat(10_000));
    await filling.exec();
    // One that reads gets them all, though it may have to come back; this one is let go.
    await expect.poll(() => watching.lastId, LIMIT).toBe((await idsOf()).at(-1));
    const closed = new Promise<boolean>((resolve) => socket.once('close', () => resolve(true)));
    socket.on('error', () => {});
    socket.resume();
    expect(await closed).toBe(true);
  });
});

describe('live', () => {
  type List = { rows: { id: string }[]; more: number; ids?: string[] };

  it('begins with the whole book; patches, at most four a second, keep it equal', async () => {
    await account.place(anOrder('a').worth(10).pnl('5'), anOrder('b').worth(10).pnl('6'));
    const viewer = client('live');
    await expect.poll(() => viewer.of('frame').length, LIMIT).toBe(1);
    const { orders, status } = (viewer.of('frame')[0]?.data ?? {}) as { orders: List; status: object };
    expect(orders.rows.map(({ id }) => id)).toEqual(['a', 'b']);
    expect(status).toMatchObject({ account: account.name, admits: 'yes' });
    const beganAt = performance.now();
    await account.place(anOrder('c').worth(10).pnl('1'));
    await account.end('b', 'cancelled');
    const shown = (): string[] => {
      const rows = new Map(orders.rows.map((row) => [row.id, row]));
      let ids = orders.rows.map(({ id }) => id);
      for (const { data } of viewer.of('patch')) {
        const patch = data['orders'] as List | undefined;
        for (const row of patch?.rows ?? []) rows.set(row.id, row);
        ids = patch?.ids ?? ids;
      }
      return ids;
    };
    await expect.poll(shown, LIMIT).toEqual(['c', 'a']);
    const seconds = (performance.now() - beganAt) / 1_000;
    expect(viewer.of('patch').length).toBeLessThanOrEqual(4 * seconds + 2);
    const again = client('live');
    await expect.poll(() => again.of('frame').length, LIMIT).toBe(1);
    const frame = again.of('frame')[0]?.data as { orders: List };
    expect(frame.orders.rows.map(({ id }) => id)).toEqual(shown());
  });
});
