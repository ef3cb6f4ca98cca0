/** Several gateways of one account, as behind a balancer; and what one bot may ask of each. */
import { once } from 'node:events';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { WebSocket } from 'ws';
import { useRedis } from '../support/fixtures.ts';
import {
  type Json,
  type LoneGateway,
  startTestGateway,
  type TestBot,
  type TestGateway,
} from '../support/gateway.ts';
import { until } from '../support/keeper.ts';

const redis = useRedis();
let first: TestGateway;
let second: LoneGateway;
/** The same bot at both. */
let here: TestBot;
let there: TestBot;
const open = new Set<WebSocket>();

beforeAll(async () => {
  first = await startTestGateway(redis.url, {
    exchange: { equity: '1000', replaceDelay: 1 },
    rules: { WORK_STEALING_LEVERAGE: '1', WORK_STEALING_COOLDOWN: '0' },
  });
  second = await first.another();
  here = first.bot('one');
  there = second.bot('one', {}, here.keys);
});
afterAll(async () => {
  await second.close();
  await first.close();
});
afterEach(async () => {
  for (const socket of open) socket.terminate();
  open.clear();
  await here.ask('DELETE', '/v2/orders');
  await until('every order has ended', async () => (await here.ask('GET', '/v2/orders')).body.length === 0);
  expect(await first.stage.judge()).toMatchObject({ violations: [], doubleOrders: 0 });
});

type Listener = { socket: WebSocket; told: string[]; replies: Json[] };

/** As soon as the gateway takes connections. */
async function listen({ url }: LoneGateway, { keys: { keyId, secret } }: TestBot): Promise<Listener> {
  let socket: WebSocket | undefined;
  await until('the stream is there', async () => {
    const trying = new WebSocket(`${url.replace('http', 'ws')}/stream`);
    open.add(trying);
    const isOpen = await once(trying, 'open').then(
      () => true,
      () => false,
    );
    if (isOpen) socket = trying;
    return isOpen;
  });
  const listener: Listener = { socket: socket as WebSocket, told: [], replies: [] };
  listener.socket.on('message', (data) => {
    const { stream, data: said } = JSON.parse(String(data)) as { stream: string; data: Json };
    if (stream !== 'trade_updates') listener.replies.push(said);
    else listener.told.push(`${said['event']} ${(said['order'] as Json)['client_order_id']}`);
  });
  listener.socket.send(JSON.stringify({ action: 'auth', key: keyId, secret }));
  listener.socket.send(JSON.stringify({ action: 'listen', data: { streams: ['trade_updates'] } }));
  await until('it is answered', () => listener.replies.length > 0);
  return listener;
}

describe('Two gateways', () => {
  it('make one order of the same POST at both', async () => {
    for (const id of ['plain', 'über 1', 'again']) {
      const answers = await Promise.all([here, there].map((bot) => bot.order({ client_order_id: id })));
      expect(answers.map(({ status }) => status).sort()).toEqual([200, 422]);
      expect(answers.find(({ status }) => status === 422)).toMatchObject({
        body: { code: 40010001, message: 'client_order_id must be unique' },
      });
    }
    expect((await there.ask('GET', '/v2/orders')).body).toHaveLength(3);
  });

  it('find, replace and cancel what the other one sent, each under the ids of the bot', async () => {
    const { body } = await here.order({ client_order_id: 'über 2' });
    expect((await there.ask('GET', `/v2/orders/${body['id']}`)).body).toMatchObject({
      ...{ id: body['id'], client_order_id: 'über 2' },
    });
    const path = '/v2/orders:by_client_order_id?client_order_id=';
    const byId = await there.ask('GET', `${path}${encodeURIComponent('über 2')}`);
    expect(byId.body).toMatchObject({ id: body['id'] });
    const next = await there.ask('PATCH', `/v2/orders/${body['id']}`, {
      ...{ limit_price: '101', client_order_id: 'über 3' },
    });
    expect(next).toMatchObject({ status: 200, body: { replaces: body['id'] } });
    const seen = (await here.ask('GET', `/v2/orders/${next.body['id']}`)).body;
    expect(seen).toMatchObject({ client_order_id: 'über 3' });
    expect(await here.ask('DELETE', `/v2/orders/${next.body['id']}`)).toMatchObject({ status: 204 });
  });

  it('take only one of two replacements at once', async () => {
    const { body } = await here.order({ client_order_id: 'raced' });
    const answers = await Promise.all(
      [here, there].map((bot, at) => bot.ask('PATCH', `/v2/orders/${body['id']}`, { qty: `${at + 2}` })),
    );
    expect(answers.map(({ status }) => status).sort()).toEqual([200, 422]);
    expect((await here.ask('GET', '/v2/orders')).body).toHaveLength(1);
  });

  it('tell the bot of all its orders, whichever it is connected to', async () => {
    const [left, right] = [await listen(first, here), await listen(second, there)];
    await here.order({ client_order_id: 'a 1' });
    await there.order({ client_order_id: 'b' });
    const all = ['new a 1', 'new b'];
    for (const { told } of [left, right])
      await until('both are told', () => all.every((one) => told.includes(one)));
  });
});

describe('One bot', () => {
  let strict: LoneGateway;
  let bot: TestBot;
  beforeAll(async () => {
    strict = await first.another({ requestsPerMinute: 5, streams: 2 });
    bot = strict.bot('strict');
  });
  afterAll(() => strict.close());

  it('may send so many requests a minute; another bot still may', async () => {
    const left: (string | null)[] = [];
    for (let sent = 0; sent < 5; sent += 1)
      left.push((await bot.ask('GET', '/v2/clock')).headers.get('x-ratelimit-remaining'));
    expect(left).toEqual(['4', '3', '2', '1', '0']);
    const answer = await bot.order();
    expect(answer).toMatchObject({ status: 429, body: { code: 42910000, message: 'rate limit exceeded' } });
    expect(answer.headers.get('x-ratelimit-limit')).toBe('5');
    expect(Number(answer.headers.get('x-ratelimit-reset'))).toBeGreaterThan(0);
    expect(await strict.bot('other').ask('GET', '/v2/clock')).toMatchObject({ status: 200 });
  });

  it('may have so many streams open; an ended one makes room', async () => {
    const [one] = [await listen(strict, bot), await listen(strict, bot)];
    const third = await listen(strict, bot);
    expect(third.replies[0]).toEqual({
      ...{ status: 'unauthorized', action: 'auth', code: 406, message: 'connection limit exceeded' },
    });
    await until('it is ended', () => third.socket.readyState === WebSocket.CLOSED);
    one.socket.close();
    await until('it has ended', () => one.socket.readyState === WebSocket.CLOSED);
    const isTaken = async () => (await listen(strict, bot)).replies[0]?.['status'] === 'authorized';
    await until('there is room', isTaken);
    expect((await listen(strict, strict.bot('other'))).replies[0]).toMatchObject({ status: 'authorized' });
  });

  it('may send bodies of 64 KiB at most', async () => {
    const words = 'x'.repeat(70_000);
    expect(await here.order({ client_order_id: words })).toMatchObject({
      status: 413,
      body: { code: 40010000, message: 'request body is larger than 65536 bytes' },
    });
  });
});
