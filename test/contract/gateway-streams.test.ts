/** The gateway: trade_updates (what bots hear, and when their connections end), and what passes through. */
import { once } from 'node:events';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { WebSocket } from 'ws';
import { key } from '../../src/ledger/keys.ts';
import { useRedis } from '../support/fixtures.ts';
import { type Json, startTestGateway, type TestBot, type TestGateway } from '../support/gateway.ts';
import { until } from '../support/keeper.ts';

const redis = useRedis();
let gateway: TestGateway;
let one: TestBot;
let other: TestBot;
const open = new Set<WebSocket>();

beforeAll(async () => {
  gateway = await startTestGateway(redis.url, {
    exchange: { equity: '1000' },
    rules: { WORK_STEALING_LEVERAGE: '1', WORK_STEALING_COOLDOWN: '0' },
  });
  one = gateway.bot('one');
  other = gateway.bot('other');
});
afterAll(() => gateway.close());

afterEach(async () => {
  for (const socket of open) socket.terminate();
  open.clear();
  for (const bot of [one, other]) await bot.ask('DELETE', '/v2/orders');
  await gateway.stage.agrees();
});

type Update = { event: string; order: { id: string; client_order_id: string; status: string } };
type Listener = { socket: WebSocket; updates: Update[]; replies: Json[]; ended: Promise<unknown> };

const url = (): string => `${gateway.url.replace('http', 'ws')}/stream`;

async function connect(auth: object): Promise<Listener> {
  const socket = new WebSocket(url());
  open.add(socket);
  const ended = new Promise((resolve) => socket.once('close', resolve));
  const listener: Listener = { socket, updates: [], replies: [], ended };
  socket.on('message', (data) => {
    const { stream, data: told } = JSON.parse(String(data)) as { stream: string; data: Json };
    if (stream === 'trade_updates') listener.updates.push(told as Update);
    else listener.replies.push(told);
  });
  await once(socket, 'open');
  socket.send(JSON.stringify(auth));
  socket.send(JSON.stringify({ action: 'listen', data: { streams: ['trade_updates'] } }));
  await until('it is answered', () => listener.replies.length === 2);
  return listener;
}

const authOf = ({ keys: { keyId, secret } }: TestBot) => ({ action: 'auth', key: keyId, secret });

/** As soon as the gateway takes connections. */
async function listen(bot: TestBot): Promise<Listener> {
  let listener: Listener | undefined;
  await until('the stream is there', async () => {
    listener = await connect(authOf(bot)).catch(() => undefined);
    return listener !== undefined;
  });
  return listener as Listener;
}

const told = ({ updates }: Listener) =>
  updates.map(({ event, order }) => `${event} ${order.client_order_id}`);

describe('trade_updates', () => {
  it('takes both forms of authentication, and no wrong keys', async () => {
    const { keyId, secret } = one.keys;
    const listening = [{ status: 'authorized' }, { streams: ['trade_updates'] }];
    expect((await listen(one)).replies).toMatchObject(listening);
    const long = { action: 'authenticate', data: { key_id: keyId, secret_key: secret } };
    expect((await connect(long)).replies).toMatchObject(listening);
    const wrong = await connect({ action: 'auth', key: keyId, secret: `${secret}x` });
    expect(wrong.replies).toMatchObject([{ status: 'unauthorized' }, { status: 'unauthorized' }]);
  });

  it('tells a bot of its own orders, with its own ids', async () => {
    const [first, second] = [await listen(one), await listen(other)];
    const odd = 'über 1';
    await one.order({ client_order_id: 'plain' });
    await one.order({ client_order_id: odd });
    await other.order({ client_order_id: 'mine' });
    await until('the updates are there', () => told(first).length >= 2 && told(second).length >= 1);
    expect(new Set(told(first))).toEqual(new Set(['new plain', `new ${odd}`]));
    expect(told(second)).toEqual(['new mine']);
    expect(first.updates[0]).toMatchObject({ order: { symbol: 'AAPL', status: 'new' } });
  });

  it("tells a victim's bot that its order is cancelled", async () => {
    const victim = await listen(one);
    await one.order({ qty: '9', client_order_id: 'far' }, { 'worksteal-pnl': '1' });
    const better = { symbol: 'MSFT', qty: '5', limit_price: '109.9' };
    const { ledger } = gateway.stage;
    const head = () => ledger.redis.hget(key(ledger.account, 'heads:total'), 'AAPL');
    await until('a price has come for it', async () => (await head())?.endsWith(':one--far') ?? false);
    const answer = await other.order(better, { 'worksteal-pnl': '10' });
    expect(answer.status, JSON.stringify(answer.body)).toBe(200);
    await until('it is told', () => told(victim).includes('canceled far'));
  });

  it('ends with the keys', async () => {
    const gone = gateway.bot('gone');
    const listener = await listen(gone);
    gateway.revoke('gone');
    await listener.ended;
  });

  it('ends when updates may be missing, and is taken again once the broker tells again', async () => {
    const before = await listen(one);
    await gateway.stage.faults({ disconnectStreams: true });
    await before.ended;
    const after = await listen(one);
    await one.order({ client_order_id: 'later' });
    await until('it is told', () => told(after).includes('new later'));
  });

  it('is served only at its path, and answers what it does not know', async () => {
    const { socket, replies } = await listen(one);
    const lost = new WebSocket(url().replace('/stream', '/v2/else'));
    expect(String(await once(lost, 'error'))).toMatch(/404/);
    socket.send('nonsense');
    await until('it is answered', () => replies.length === 3);
    expect(replies[2]).toMatchObject({ error: expect.stringMatching(/unknown message/) });
  });
});

describe('What passes through', () => {
  const get = async (path: string) => await one.ask('GET', path);

  it("is the account, with no more buying power than the ledger's room", async () => {
    expect(await get('/v2/account')).toMatchObject({ body: { equity: '1000', buying_power: '1000' } });
    await one.order({ qty: '4' });
    expect(await get('/v2/account')).toMatchObject({ body: { equity: '1000', buying_power: '600' } });
  });

  it('is the market, its data and the positions', async () => {
    expect((await get('/v2/clock')).body).toMatchObject({ is_open: expect.any(Boolean) });
    expect((await get('/v2/calendar?start=2026-01-19&end=2026-01-21')).body).toHaveLength(2);
    expect((await get('/v2/assets?asset_class=us_equity')).body).toHaveLength(2);
    expect((await get('/v2/assets/BTC%2FUSD')).body).toMatchObject({ symbol: 'BTC/USD' });
    expect((await get('/v2/positions')).body).toEqual([]);
    expect((await get('/v2/stocks/quotes/latest?symbols=AAPL,MSFT')).body).toMatchObject({
      quotes: { AAPL: {}, MSFT: {} },
    });
    expect((await get('/v1beta3/crypto/us/latest/quotes?symbols=BTC/USD')).body).toMatchObject({
      quotes: { 'BTC/USD': {} },
    });
  });

  it("is refused in the broker's own words, and nothing else passes", async () => {
    expect(await get('/v2/positions/AAPL')).toMatchObject({
      status: 404,
      body: { code: 40410000, message: 'position does not exist' },
    });
    expect(await get('/v2/watchlists')).toMatchObject({ status: 404, body: { code: 40410000 } });
    for (const path of ['/v2/stocks/..%2forders', '/v2/stocks/'])
      expect(await get(path)).toMatchObject({ status: 404 });
    expect(await get('/v2/assets?status=active&status=inactive')).toMatchObject({ status: 422 });
    const nobody = await fetch(`${gateway.url}/v2/clock`);
    expect(nobody.status).toBe(401);
  });
});
