/** PATCH through the gateway: the larger of the two is held, and both outcomes of the race are followed. */
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { useRedis } from '../support/fixtures.ts';
import {
  type Answer,
  type Json,
  startTestGateway,
  type TestBot,
  type TestGateway,
} from '../support/gateway.ts';
import { until } from '../support/keeper.ts';

const redis = useRedis();
const MILLION = 1_000_000;
let gateway: TestGateway;
let bot: TestBot;

/** The cap is 1,000 USD, AAPL is at 110. */
const rules = { WORK_STEALING_LEVERAGE: '1', WORK_STEALING_COOLDOWN: '0' };

const patch = (id: unknown, changes: Json): Promise<Answer> =>
  bot.ask('PATCH', `/v2/orders/${String(id)}`, changes);
const seen = async (id: unknown): Promise<Json> => (await bot.ask('GET', `/v2/orders/${String(id)}`)).body;
const becomes = (id: unknown, status: string) =>
  until(`${String(id)} is ${status}`, async () => (await seen(id))['status'] === status);
const holds = (id: string, dollars: number) =>
  until(
    `${id} holds ${dollars}`,
    async () => (await gateway.stage.order(id))?.heldMicros === dollars * MILLION,
  );
const alreadyIn = (status: string) => ({
  status: 422,
  body: { code: 42210000, message: `order is already in "${status}" state` },
});

async function ended(): Promise<void> {
  await bot.ask('DELETE', '/v2/orders');
  await until('every order has ended', async () => (await bot.ask('GET', '/v2/orders')).body.length === 0);
  await gateway.stage.agrees();
  expect(await gateway.stage.judge()).toMatchObject({ violations: [], doubleOrders: 0 });
}

describe('A PATCH', () => {
  beforeAll(async () => {
    gateway = await startTestGateway(redis.url, { exchange: { equity: '1000', replaceDelay: 1 }, rules });
    bot = gateway.bot('one');
  });
  afterAll(() => gateway.close());
  afterEach(ended);

  it("is answered with the broker's new order, whose id follows, under an id of the bot's own", async () => {
    const { body: old } = await bot.order({ client_order_id: 'a' });
    const { status, body } = await patch(old['id'], { limit_price: 101.5, qty: '2', client_order_id: 'b 2' });
    expect({ status, body }).toMatchObject({
      status: 200,
      body: { client_order_id: 'b 2', replaces: old['id'], limit_price: '101.5', qty: '2', symbol: 'AAPL' },
    });
    expect(body['id']).not.toBe(old['id']);
    await becomes(old['id'], 'replaced');
    expect(await seen(old['id'])).toMatchObject({ client_order_id: 'a', replaced_by: body['id'] });
    const byId = await bot.ask('GET', '/v2/orders:by_client_order_id?client_order_id=b%202');
    expect(byId.body).toMatchObject({ id: body['id'], status: 'new' });
    await until('the ledger follows', async () => (await gateway.stage.order('one--a'))?.limit === '101.5');
    expect(await gateway.stage.order('one--a')).toMatchObject({
      ...{ state: 'working', qty: '2', heldMicros: 203 * MILLION, brokerId: body['id'] },
    });
    expect(await patch(old['id'], { limit_price: '99' })).toMatchObject(alreadyIn('replaced'));
  });

  it('may come again and again, and any of them be cancelled', async () => {
    const { body } = await bot.order({ client_order_id: 'first' });
    let id = body['id'];
    for (let cents = 1; cents <= 34; cents += 1) {
      await becomes(id, 'new');
      const next = await patch(id, { limit_price: `100.${String(cents).padStart(2, '0')}` });
      expect(next.status).toBe(200);
      id = next.body['id'];
    }
    expect(await bot.ask('DELETE', `/v2/orders/${String(id)}`)).toMatchObject({ status: 204 });
    await becomes(id, 'canceled');
    expect(await gateway.stage.order('one--first')).toMatchObject({ limit: '100.34' });
  });

  it('that needs more room than is free is refused, as Alpaca does; the order stays', async () => {
    const { body } = await bot.order({ qty: '9', client_order_id: 'big' });
    const answer = await patch(body['id'], { qty: '11' });
    expect(answer).toMatchObject({
      status: 403,
      body: {
        code: 40310000,
        message: expect.stringMatching(/^insufficient buying power: the change needs more room .* 200 USD/),
        buying_power: '100',
        cost_basis: '200',
        worksteal: { reason: 'no_room' },
      },
    });
    expect(await patch(body['id'], { qty: '10' })).toMatchObject({ status: 200 });
  });

  it('that needs no more room is taken on a full account, and while it is halted', async () => {
    const { halt } = await import('../../src/ledger/commands/halt.ts');
    const { resume } = await import('../../src/ledger/commands/resume.ts');
    const { ledger } = gateway.stage;
    const { body } = await bot.order({ qty: '10' });
    const lower = await patch(body['id'], { limit_price: '99' });
    expect(lower).toMatchObject({ status: 200 });
    await becomes(lower.body['id'], 'new');
    await halt(ledger, 'lunch', 'me@here');
    expect(await patch(lower.body['id'], { limit_price: '98' })).toMatchObject({ status: 200 });
    await becomes(lower.body['id'], 'replaced');
    const [live] = (await bot.ask('GET', '/v2/orders')).body;
    await becomes(live?.['id'], 'new');
    expect(await patch(live?.['id'], { limit_price: '100' })).toMatchObject({
      status: 403,
      body: { message: expect.stringMatching(/^new orders are rejected by user request/) },
    });
    await resume(ledger, '', 'me@here');
  });

  it("is refused in Alpaca's words where nothing changes, or the body is malformed", async () => {
    const { body } = await bot.order();
    const unchanged = { status: 403, body: { message: 'order parameters are not changed' } };
    expect(await patch(body['id'], {})).toMatchObject(unchanged);
    expect(await patch(body['id'], { limit_price: '100', qty: '1' })).toMatchObject(unchanged);
    expect(await patch(body['id'], { qty: '-1' })).toMatchObject({
      status: 422,
      body: { code: 40010001, message: expect.stringMatching(/^qty: /) },
    });
    expect(await patch(body['id'], { stop_price: '90' })).toMatchObject({ status: 422 });
    expect(await patch('nobody', { qty: '2' })).toMatchObject({ status: 404, body: { code: 40410000 } });
    await gateway.stage.agrees();
  });

  it("gives back what it held where the broker refuses, in the broker's words", async () => {
    const { body } = await bot.order({ client_order_id: 'kept' });
    await gateway.stage.faults({ haltedSymbols: ['AAPL'] });
    const answer = await patch(body['id'], { qty: '5' });
    await gateway.stage.faults({ haltedSymbols: [] });
    expect(answer).toMatchObject({ status: 422, body: { message: 'asset AAPL is not tradable' } });
    expect(await gateway.stage.order('one--kept')).toMatchObject({ heldMicros: 100 * MILLION, nextQty: '' });
  });

  it("is only for the bot's own orders, within the rights of its key", async () => {
    const small = gateway.bot('small', { maxNotional: '150' });
    const { body } = await small.order();
    expect(await patch(body['id'], { qty: '2' })).toMatchObject({ status: 404 });
    expect(await small.ask('PATCH', `/v2/orders/${body['id']}`, { qty: '2' })).toMatchObject({
      status: 403,
      body: { message: expect.stringMatching(/may enter 150 USD at once/) },
    });
    await small.ask('DELETE', '/v2/orders');
  });

  it('under an id that the bot has used is 422; from a POST, too', async () => {
    const { body } = await bot.order({ client_order_id: 'used 1' });
    const unique = { status: 422, body: { message: 'client_order_id must be unique' } };
    expect(await patch(body['id'], { qty: '2', client_order_id: 'used 1' })).toMatchObject(unique);
    const next = await patch(body['id'], { qty: '2', client_order_id: 'used-2' });
    expect(next.status).toBe(200);
    await becomes(next.body['id'], 'new');
    const again = { qty: '3', client_order_id: 'used-2' };
    expect(await patch(next.body['id'], again)).toMatchObject(unique);
    expect(await bot.order({ qty: '2', client_order_id: 'used-2' })).toMatchObject(unique);
  });

  it('of an exit closes no more than before', async () => {
    const buy = await bot.order({ type: 'market', limit_price: null, qty: '4', client_order_id: 'in' });
    await until('it is held', async () => (await gateway.stage.order('one--in'))?.state === 'filled');
    expect(buy.status).toBe(200);
    const { body } = await bot.order({ side: 'sell', limit_price: '120', qty: '3' });
    expect(await patch(body['id'], { qty: '4' })).toMatchObject({
      status: 403,
      body: { message: 'insufficient qty available for order (requested: 4, available: 3)' },
    });
    const sold = await patch(body['id'], { limit_price: '109' });
    expect(sold).toMatchObject({ status: 200 });
    await becomes(sold.body['id'], 'filled');
    await bot.ask('DELETE', '/v2/orders');
    const out = { side: 'sell', type: 'market', limit_price: null, qty: '1' };
    expect(await bot.order(out)).toMatchObject({ status: 200 });
    await until('nothing is held', async () => (await gateway.stage.used()) === 0);
  });

  it('whose answer is lost is found, and asked for once', async () => {
    const { body } = await bot.order({ client_order_id: 'lost' });
    await gateway.stage.faults({ loseReplaceReplies: 1 });
    const { status, body: next } = await patch(body['id'], { qty: '2', client_order_id: 'found' });
    expect({ status, next }).toMatchObject({
      status: 200,
      next: { client_order_id: 'found', replaces: body['id'] },
    });
    expect((await bot.ask('GET', '/v2/orders')).body).toHaveLength(1);
  });
});

describe('A replacement that waits', () => {
  const waiting = async (replaceDelay: number): Promise<void> => {
    gateway = await startTestGateway(redis.url, { exchange: { equity: '1000', replaceDelay }, rules });
    bot = gateway.bot('one');
  };
  beforeEach(() => waiting(3_600_000));
  afterEach(() => gateway.close());

  it('is rejected when the old order fills first: that is all that is held', async () => {
    const { body: old } = await bot.order({ client_order_id: 'a' });
    const { body: next } = await patch(old['id'], { qty: '3' });
    await holds('one--a', 300);
    expect(await patch(old['id'], { qty: '4' })).toMatchObject(alreadyIn('pending_replace'));
    gateway.stage.price('AAPL', '100');
    await becomes(old['id'], 'filled');
    await becomes(next['id'], 'rejected');
    await until('the ledger follows', async () => (await gateway.stage.order('one--a'))?.state === 'filled');
    expect(await gateway.stage.used()).toBe(100 * MILLION);
    await gateway.stage.agrees();
  });

  it('is cancelled with its order as soon as the broker has decided', async () => {
    await gateway.close();
    await waiting(200);
    const { body: old } = await bot.order({ client_order_id: 'a' });
    const { body: next } = await patch(old['id'], { qty: '3' });
    expect(await bot.ask('DELETE', `/v2/orders/${String(next['id'])}`)).toMatchObject({ status: 204 });
    await becomes(old['id'], 'replaced');
    await becomes(next['id'], 'canceled');
    await until('the ledger follows', async () => (await gateway.stage.used()) === 0);
  });

  it('of an exit keeps its shares twice; another exit that waits for them in vain is told so', async () => {
    const waits = { symbol: 'AAPL', side: 'sell', limit_price: '120' };
    expect((await bot.order({ qty: '4', limit_price: '111' })).status).toBe(200);
    const position = () =>
      gateway.stage.ledger.redis.hget(`ws:{${gateway.stage.account}}:position:AAPL`, 'qty');
    await until('they are held', async () => (await position()) === '4');
    const { body: old } = await bot.order({ ...waits, qty: '2', client_order_id: 'profit' });
    expect(await patch(old['id'], { limit_price: '121' })).toMatchObject({ status: 200 });
    expect(await bot.order({ ...waits, qty: '3' })).toMatchObject({
      status: 403,
      body: { available: '2', held_for_orders: '2' },
    });
    expect(await bot.order({ ...waits, qty: '2', client_order_id: 'rest' })).toMatchObject({
      status: 403,
      body: {
        message: expect.stringMatching(
          /^insufficient qty available for order \(requested: 2, available: 0\): the order profit is being/,
        ),
        worksteal: { by: 'profit' },
      },
    });
    expect(await gateway.stage.order('one--rest')).toBeUndefined();
  });

  it('keeps the room of the larger from others, also of a smaller one', async () => {
    const { body: old } = await bot.order({ qty: '9', client_order_id: 'a' });
    await patch(old['id'], { qty: '1' });
    expect(await bot.order({ symbol: 'MSFT', qty: '2' })).toMatchObject({ status: 403 });
    expect(await gateway.stage.order('one--a')).toMatchObject({ heldMicros: 900 * MILLION });
  });
});
