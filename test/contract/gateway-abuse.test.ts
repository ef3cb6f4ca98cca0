/** The gateway: what a hostile or unlucky bot must not get, by amounts, ids used twice, or retries. */
import { afterAll, afterEach, beforeAll, expect, it, onTestFinished } from 'vitest';
import type { Broker } from '../../src/broker/port.ts';
import { WorkstealError } from '../../src/domain/errors.ts';
import { key } from '../../src/ledger/keys.ts';
import { useRedis } from '../support/fixtures.ts';
import { startTestGateway, type TestBot, type TestGateway } from '../support/gateway.ts';
import { until } from '../support/keeper.ts';

const redis = useRedis();
let gateway: TestGateway;
let bot: TestBot;
let small: TestBot;
beforeAll(async () => {
  gateway = await startTestGateway(redis.url, {
    exchange: { equity: '10000', replaceDelay: 1 },
    rules: { WORK_STEALING_LEVERAGE: '1', WORK_STEALING_COOLDOWN: '0' },
  });
  bot = gateway.bot('one');
  small = gateway.bot('small', { maxNotional: '500' });
});
afterAll(() => gateway.close());
afterEach(async () => {
  for (const one of [bot, small]) await one.ask('DELETE', '/v2/orders');
  await gateway.stage.agrees();
});

/** Replaces one function of the broker until the test ends. */
function broken<Name extends keyof Broker>(name: Name, by: Broker[Name]): () => void {
  const broker = gateway.stage.broker as Broker;
  const mend = (): void => void Reflect.deleteProperty(broker, name);
  Object.defineProperty(broker, name, { value: by, configurable: true, writable: true });
  onTestFinished(mend);
  return mend;
}

const position = async (symbol: string) => {
  const { redis: ledger, account } = gateway.stage.ledger;
  return await ledger.hgetall(key(account, `position:${symbol}`));
};
const lost = async () => ({ kind: 'unknown' as const, message: 'lost' });

it('counts a short sale at the price, not at its limit, against the largest order of a key', async () => {
  const sale = { symbol: 'MSFT', side: 'sell', client_order_id: 'A1' };
  expect(await small.order({ ...sale, qty: '50', limit_price: '1' })).toMatchObject({ status: 403 });
  const { status, body } = await small.order({ ...sale, qty: '2', limit_price: '200' });
  expect(status).toBe(200);
  const larger = { qty: '40', limit_price: '5' };
  expect(await small.ask('PATCH', `/v2/orders/${body['id']}`, larger)).toMatchObject({ status: 403 });
});

it('sells no amount of money without a quote to divide by', async () => {
  expect(await bot.order({ qty: '6', limit_price: '111' })).toMatchObject({ status: 200 });
  await until('it is held', async () => (await position('AAPL'))['qty'] === '6');
  const noQuote = async () => [];
  const mend = broken('quotes', noQuote);
  const sale = { side: 'sell', limit_price: null, qty: null, notional: '300' };
  await until('no price is known any more', async () => {
    const refused = await small.order({ qty: '100', type: 'market', limit_price: null });
    return /no quote/.test(String(refused.body['message']));
  });
  const answer = await bot.order({ ...sale, type: 'market' });
  expect(answer).toMatchObject({ status: 422, body: { message: expect.stringMatching(/no quote/) } });
  const limited = await bot.order({ ...sale, limit_price: '1' });
  expect(limited).toMatchObject({ status: 422 });
  expect(await position('AAPL')).toMatchObject({ qty: '6', side: 'long' });
  mend();
  await bot.ask('DELETE', '/v2/positions/AAPL');
  await until('it is sold', async () => (await position('AAPL'))['qty'] === undefined);
});

it('opens no position for an order that is to close one, nor the other way round', async () => {
  const order = { symbol: 'MSFT', side: 'sell', limit_price: '200', position_intent: 'sell_to_close' };
  expect(await bot.order(order)).toMatchObject({
    status: 422,
    body: { message: 'position intent mismatch, inferred: sell_to_open, specified: sell_to_close' },
  });
  expect(await bot.order({ ...order, position_intent: 'sell_to_open' })).toMatchObject({ status: 200 });
  expect(await bot.order({ position_intent: 'buy_to_close' })).toMatchObject({ status: 422 });
  expect(await bot.order({ position_intent: 'to_close' })).toMatchObject({ status: 422 });
});

it('sells a part of a share for money, where the broker takes parts', async () => {
  expect(await bot.order({ qty: '3', limit_price: '111' })).toMatchObject({ status: 200 });
  await until('it is held', async () => (await position('AAPL'))['qty'] === '3');
  const sale = { side: 'sell', type: 'market', limit_price: null, qty: null, notional: '55' };
  expect(await bot.order(sale)).toMatchObject({ status: 200, body: { qty: '0.5', side: 'sell' } });
  await until('it is sold', async () => (await position('AAPL'))['qty'] === '2.5');
  await bot.ask('DELETE', '/v2/positions/AAPL');
  await until('all is sold', async () => (await position('AAPL'))['qty'] === undefined);
});

it('sends nothing for keys that are taken back while it waits', async () => {
  const gone = gateway.bot('gone');
  const { broker } = gateway.stage;
  const quotes = broker.quotes.bind(broker);
  gateway.stage.price('BTC/USD', '100');
  broken('quotes', async (...asked) => {
    gateway.revoke('gone');
    return await quotes(...asked);
  });
  const order = { symbol: 'BTC/USD', qty: '0.2', type: 'market', limit_price: null, time_in_force: 'gtc' };
  expect(await gone.order(order)).toMatchObject({ status: 401 });
  expect(await gateway.stage.used()).toBe(0);
});

it('replaces nothing for keys that are taken back while the broker is asked about the order', async () => {
  const gone = gateway.bot('left');
  const { body } = await gone.order();
  const { broker } = gateway.stage;
  const ask = broker.orderByBrokerId.bind(broker);
  broken('orderByBrokerId', async (...asked) => {
    gateway.revoke('left');
    return await ask(...asked);
  });
  const path = `/v2/orders/${body['id']}`;
  expect(await gone.ask('PATCH', path, { limit_price: '101' })).toMatchObject({ status: 401 });
  expect(await gateway.stage.order(`left--${body['client_order_id']}`)).toMatchObject({ limit: '100' });
  await gateway.stage.broker.cancel(String(body['id']), AbortSignal.timeout(5_000));
});

it('says that nothing was done where the broker does not say what is held', async () => {
  broken('positions', async () => {
    throw new WorkstealError('unclear', 'broker: no answer within 1000 ms');
  });
  const answer = await bot.order({ symbol: 'MSFT', side: 'sell', limit_price: '200' });
  expect(answer).toMatchObject({ status: 503 });
});

it('binds no order to one that replaced another under its id', async () => {
  const { body: first } = await bot.order({ client_order_id: 'D1' });
  const { body: next } = await bot.ask('PATCH', `/v2/orders/${first['id']}`, {
    ...{ limit_price: '101', client_order_id: 'D2' },
  });
  expect(next['client_order_id']).toBe('D2');
  const mend = broken('submit', lost);
  const post = { client_order_id: 'D2', symbol: 'MSFT', qty: '7', limit_price: '50' };
  expect(await bot.order(post)).toMatchObject({ status: 422 });
  mend();
  expect(await gateway.stage.used()).toBe(101_000_000);
});

it('takes no order for a replacement because it has its id', async () => {
  const { body: first } = await bot.order({ client_order_id: 'F1' });
  const { body: other } = await bot.order({ client_order_id: 'F9', qty: '3', limit_price: '90' });
  const { body: next } = await bot.ask('PATCH', `/v2/orders/${first['id']}`, {
    ...{ limit_price: '101', client_order_id: 'F2' },
  });
  const mend = broken('replace', lost);
  const patch = { qty: '4', client_order_id: 'F2' };
  expect(await bot.ask('PATCH', `/v2/orders/${other['id']}`, patch)).toMatchObject({ status: 422 });
  mend();
  await until('it is replaced', async () => {
    const { body } = await bot.ask('GET', `/v2/orders/${next['id']}`);
    return body['status'] === 'new';
  });
  expect((await bot.ask('DELETE', `/v2/orders/${next['id']}`)).status).toBe(204);
  await until('it is cancelled', async () => {
    const { body } = await bot.ask('GET', `/v2/orders/${next['id']}`);
    return body['status'] === 'canceled';
  });
  expect((await bot.ask('GET', `/v2/orders/${other['id']}`)).body).toMatchObject({ status: 'new', qty: '3' });
});

it("keeps a bot's own id when the same id is refused for another change", async () => {
  const { body: first } = await bot.order({ client_order_id: 'P1' });
  const change = { limit_price: '101', client_order_id: 'my own 2' };
  const { body: next } = await bot.ask('PATCH', `/v2/orders/${first['id']}`, change);
  const path = `/v2/orders/${next['id']}`;
  await until('it is replaced', async () => (await bot.ask('GET', path)).body['status'] === 'new');
  expect(await bot.ask('PATCH', path, { ...change, limit_price: '102' })).toMatchObject({ status: 422 });
  expect((await bot.ask('GET', path)).body).toMatchObject({ client_order_id: 'my own 2' });
});

it('waits for a request that a dead gateway left, and does not say that its order is there', async () => {
  const { redis: ledger, account } = gateway.stage.ledger;
  await ledger.set(key(account, 'posting:one--K1'), 'dead', 'PX', 500);
  expect(await bot.order({ client_order_id: 'K1' })).toMatchObject({ status: 200 });
  await ledger.set(key(account, 'posting:one--K2'), 'dead', 'PX', 60_000);
  const answer = await bot.order({ client_order_id: 'K2' });
  expect(answer).toMatchObject({ status: 500, body: { worksteal: { reason: 'unclear' } } });
});

it('closes the other positions where one of all cannot be read', async () => {
  expect(await bot.order({ qty: '2', limit_price: '111' })).toMatchObject({ status: 200 });
  await until('it is held', async () => (await position('AAPL'))['qty'] === '2');
  const { broker } = gateway.stage;
  const pass = broker.pass?.bind(broker);
  if (pass === undefined) throw new Error('the broker passes nothing on');
  broken('pass', async (request, signal) => {
    const answer = await pass(request, signal);
    if (request.path === '/v2/positions' && answer.kind === 'answered' && Array.isArray(answer.body))
      answer.body.push({ symbol: '912828Y-X', side: 'long', qty: '1' });
    return answer;
  });
  const answer = await bot.ask('DELETE', '/v2/positions');
  expect(answer.status).toBe(207);
  expect(answer.body.map(({ symbol, status }) => [symbol, status])).toEqual([
    ['AAPL', 200],
    ['912828Y-X', 422],
  ]);
  await until('it is sold', async () => (await position('AAPL'))['qty'] === undefined);
});

it("takes an id under another bot's name for its own, and leaves that bot's orders alone", async () => {
  const { body: mine } = await bot.order({ client_order_id: 'small--x' });
  expect(mine['client_order_id']).toBe('small--x');
  const { status, body: other } = await small.order({ client_order_id: 'x' });
  expect({ status, id: other['client_order_id'] }).toEqual({ status: 200, id: 'x' });
  const path = '/v2/orders:by_client_order_id?client_order_id=x';
  expect((await small.ask('GET', path)).body['id']).toBe(other['id']);
  expect(await bot.ask('DELETE', `/v2/orders/${other['id']}`)).toMatchObject({ status: 404 });
  expect(await bot.ask('DELETE', '/v2/orders')).toMatchObject({ body: [{ id: mine['id'], status: 200 }] });
});

it('answers a request for which the broker never does, and tells nothing else of it', async () => {
  const impatient = await gateway.another({ answerLimitMs: 100 });
  onTestFinished(() => impatient.close());
  const { promise: never, resolve } = Promise.withResolvers<{ kind: 'unknown'; message: string }>();
  broken('pass', () => never);
  const asking = impatient.bot('one', {}, bot.keys);
  for (const [method, path] of [
    ['GET', '/v2/account'],
    ['DELETE', '/v2/orders/x'],
    ['DELETE', '/v2/positions'],
  ] as const)
    expect(await asking.ask(method, path)).toMatchObject({
      status: 500,
      body: { code: 50010000, message: expect.stringMatching(/no answer in time; .*look at your orders/) },
    });
  resolve({ kind: 'unknown', message: 'lost' });
});
