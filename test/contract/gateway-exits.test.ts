/** Exits through the gateway while other orders of the symbol rest: what is sent, and what is refused. */
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { admit } from '../../src/ledger/commands/admit.ts';
import { settle } from '../../src/ledger/commands/settle.ts';
import { submit } from '../../src/ledger/commands/submit.ts';
import { key } from '../../src/ledger/keys.ts';
import { useRedis } from '../support/fixtures.ts';
import { startTestGateway, type TestBot, type TestGateway } from '../support/gateway.ts';
import { until } from '../support/keeper.ts';

/** Of an order whose fate is unknown, longer than an exit waits. */
const LEASE_MS = 60_000;
const NEVER_SENT = { state: 'rejected', filledQty: '0', costMicros: 0, reason: 'not_sent' } as const;

const redis = useRedis();
let gateway: TestGateway;
let one: TestBot;
let other: TestBot;
let held = 0;

/** The cap is 5,000 USD; AAPL is at 110. */
beforeAll(async () => {
  gateway = await startTestGateway(redis.url, {
    exchange: { equity: '5000' },
    rules: { WORK_STEALING_LEVERAGE: '1', WORK_STEALING_COOLDOWN: '0' },
    settings: { waitMs: 1_500 },
  });
  one = gateway.bot('one');
  other = gateway.bot('other');
});
afterAll(() => gateway.close());

/** Four shares are held. */
beforeEach(async () => {
  expect((await one.order({ qty: '4', limit_price: '111' })).status).toBe(200);
  await until('they are held', async () => (await heldQty()) === '4');
});
afterEach(async () => {
  for (const bot of [one, other]) await bot.ask('DELETE', '/v2/positions?cancel_orders=true');
  await until('nothing is held', async () => (await gateway.stage.used()) === 0);
  await gateway.stage.agrees();
  expect(await gateway.stage.judge()).toMatchObject({ violations: [] });
});

const heldQty = (): Promise<string | null> =>
  gateway.stage.ledger.redis.hget(`ws:{${gateway.stage.account}}:position:AAPL`, 'qty');
const sell = (more: Record<string, unknown>) => one.order({ side: 'sell', limit_price: '120', ...more });
const market = { type: 'market', limit_price: null };
/** An entry of the bot that rests at 100. */
async function resting(bot: TestBot): Promise<{ id: string; clientId: string }> {
  held += 1;
  const clientId = `rests-${held}`;
  const { status, body } = await bot.order({ client_order_id: clientId });
  expect(status).toBe(200);
  return { id: String(body['id']), clientId };
}
const statusOf = async (id: string) => (await one.ask('GET', `/v2/orders/${id}`)).body['status'];

describe("Beside another bot's entry that rests", () => {
  it('an exit with a limit above it rests, too, as at the broker', async () => {
    const { id } = await resting(other);
    expect(await sell({ qty: '4' })).toMatchObject({ status: 200, body: { side: 'sell', qty: '4' } });
    expect(await statusOf(id)).toBe('new');
  });

  it.each([
    ['at the market', market],
    ['with a limit that meets it', { limit_price: '100' }],
  ])('an exit %s is sent; the entry is cancelled for it, and the ledger says so', async (_how, terms) => {
    const { id, clientId } = await resting(other);
    const exit = await sell({ qty: '4', ...terms });
    expect(exit.status).toBe(200);
    await until('it is sold', async () => (await heldQty()) === null);
    expect(await statusOf(id)).toBe('canceled');
    const order = `order:other--${clientId}`;
    const { ledger } = gateway.stage;
    const told = await ledger.redis.hmget(key(ledger.account, order), 'reason', 'cancel_by');
    expect(told).toEqual(['makes_way', `one--${String(exit.body['client_order_id'])}`]);
  });

  it('that does not end in time an exit is refused, which names it', async () => {
    const { clientId } = await resting(other);
    await gateway.stage.faults({ stickCancels: 1_000 });
    const answer = await sell({ qty: '4', ...market });
    await gateway.stage.faults({ stickCancels: 0 });
    expect(answer).toMatchObject({
      status: 403,
      body: {
        code: 40310000,
        message: expect.stringMatching(/^potential wash trade detected\. use complex orders: .*try again/),
        worksteal: { reason: 'opposite', by: `other--${clientId}`, bot: 'other' },
      },
    });
    expect(await heldQty()).toBe('4');
  });

  it('of which the broker has not said whether it took it, an exit is told just that', async () => {
    const { ledger } = gateway.stage;
    const wish = gateway.stage.wish('other--lost', { qty: '1' });
    expect(await admit(ledger, wish, LEASE_MS)).toMatchObject({ outcome: 'fits' });
    expect(await submit(ledger, wish.id, LEASE_MS)).toEqual({ outcome: 'send' });
    expect(await sell({ qty: '4', ...market })).toMatchObject({
      status: 403,
      body: {
        message: expect.stringMatching(/other--lost .* may be at the broker, which has not said yet/),
        worksteal: { reason: 'opposite', by: 'other--lost', bot: 'other' },
      },
    });
    expect(await gateway.stage.order(wish.id)).toMatchObject({ state: 'reserved' });
    expect(await settle(ledger, wish.id, NEVER_SENT)).toMatchObject({ outcome: 'settled' });
  });

  it('that is being cancelled, an exit waits, and is not sent once its keys are taken back', async () => {
    const { clientId } = await resting(other);
    const gone = gateway.bot('gone');
    await gateway.stage.faults({ stickCancels: 1_000 });
    const answer = gone.order({ side: 'sell', qty: '4', ...market });
    const way = `other--${clientId}`;
    await until('it waits', async () => (await gateway.stage.order(way))?.state === 'cancelling');
    gateway.revoke('gone');
    await gateway.stage.faults({ stickCancels: 0 });
    expect(await answer).toMatchObject({ status: 401 });
    expect(await heldQty()).toBe('4');
  });
});

it('An exit of what the bot has just bought waits until the ledger has heard of it', async () => {
  await gateway.stage.faults({ dropUpdates: 2 });
  const { status, body } = await one.order({ qty: '2', limit_price: '111' });
  expect(status).toBe(200);
  await until('the broker has filled it', async () => (await statusOf(String(body['id']))) === 'filled');
  expect(await sell({ qty: '7', ...market })).toMatchObject({ status: 403 });
  expect(await sell({ qty: '6', ...market })).toMatchObject({ status: 200, body: { qty: '6' } });
});

it('A stop that was cancelled holds no shares: what it would have sold is sold at once', async () => {
  for (const _ of [1, 2, 3]) {
    const stop = await sell({ type: 'stop', limit_price: null, stop_price: '100', qty: '4' });
    expect(stop.status).toBe(200);
    expect(await sell({ qty: '1', ...market })).toMatchObject({ status: 403 });
    await one.ask('DELETE', `/v2/orders/${stop.body['id']}`);
    await until('it is cancelled', async () => (await statusOf(String(stop.body['id']))) === 'canceled');
  }
  expect(await sell({ qty: '4', ...market })).toMatchObject({ status: 200 });
});

describe('An exit that would meet', () => {
  it("an entry of its own bot is refused as at the broker, under the bot's own id", async () => {
    const { id, clientId } = await resting(one);
    expect(await sell({ qty: '4', ...market })).toMatchObject({
      status: 403,
      body: {
        code: 40310000,
        message: [
          `potential wash trade detected. use complex orders: your order ${clientId} (buy 1 AAPL at 100) `,
          'is in its way; cancel it first, or send a limit order above 100',
        ].join(''),
        existing_order_id: id,
        worksteal: { reason: 'opposite', by: clientId, bot: 'one' },
      },
    });
    expect(await statusOf(id)).toBe('new');
  });

  it('an order that was placed by hand is refused, too: it is nobody’s to cancel', async () => {
    await gateway.stage.person.buy('AAPL', '1', '90');
    const { body: open } = await one.ask('GET', '/v2/orders');
    const byHand = String(open[0]?.['id']);
    expect(await sell({ qty: '4', ...market })).toMatchObject({
      status: 403,
      body: {
        message: expect.stringMatching(/: the order [0-9a-f-]{36} \(buy 1 AAPL at 90\) is in its way/),
        existing_order_id: byHand,
      },
    });
    await gateway.stage.person.cancelAll();
    await until('it is cancelled', async () => (await statusOf(byHand)) === 'canceled');
  });
});

describe('An entry below an exit of the position that it adds to', () => {
  const apart = { qty: '1', limit_price: '100' };

  it.each([
    ['a limit', {}],
    ['a stop-limit', { type: 'stop_limit', stop_price: '101', limit_price: '100.01' }],
    ['a trailing stop', { type: 'trailing_stop', limit_price: null, trail_price: '20' }],
  ])('rests beside it, as at the broker: %s', async (_type, terms) => {
    expect((await sell({ qty: '4', ...terms })).status).toBe(200);
    for (const bot of [one, other]) expect((await bot.order(apart)).status).toBe(200);
    expect((await one.ask('GET', '/v2/orders?status=open')).body).toHaveLength(3);
    await gateway.stage.agrees();
  });

  it('is filled beside it, and the position and the exit stay what they are', async () => {
    await sell({ qty: '4', client_order_id: 'profit-2' });
    expect((await other.order({ qty: '2', limit_price: '111' })).status).toBe(200);
    await until('it is bought', async () => (await heldQty()) === '6');
    expect(await gateway.stage.order('one--profit-2')).toMatchObject({ state: 'working', qty: '4' });
    expect(await other.order({ qty: '3', side: 'sell', limit_price: '119' })).toMatchObject({
      status: 403,
      body: { available: '2' },
    });
    expect(await other.order({ qty: '2', side: 'sell', limit_price: '119' })).toMatchObject({ status: 200 });
  });
});

describe('An entry that could trade with an exit', () => {
  it("is refused as at the broker, with the exit's own bot and the limit that would be taken", async () => {
    const exit = await sell({ qty: '4', client_order_id: 'profit' });
    const words =
      'potential wash trade detected. use complex orders: the order one--profit of the bot one ' +
      '(sell 4 AAPL at 120) is in its way; send it again when that has ended, or send a limit order ' +
      'below 120';
    expect(await other.order({ qty: '1', limit_price: '120' })).toMatchObject({
      status: 403,
      body: {
        ...{ code: 40310000, message: words, existing_order_id: exit.body['id'] },
        reject_reason: 'opposite side limit order exists',
        worksteal: { reason: 'opposite', by: 'one--profit', bot: 'one' },
      },
    });
    expect(await one.order({ qty: '1', limit_price: '121' })).toMatchObject({
      status: 403,
      body: {
        message: expect.stringContaining('your order profit (sell 4 AAPL at 120) is in its way; cancel'),
      },
    });
  });

  it('which is a stop, is refused whatever its limit', async () => {
    await sell({ type: 'stop', limit_price: null, stop_price: '90', qty: '4' });
    expect(await other.order({ qty: '1', limit_price: '80' })).toMatchObject({
      status: 403,
      body: {
        message: expect.stringMatching(/send it again when that has ended$/),
        reject_reason: 'opposite side market/stop order exists',
      },
    });
  });

  it('after a PATCH is refused by the broker, in the same words', async () => {
    const { body } = await other.order({ qty: '1', limit_price: '100' });
    await sell({ qty: '4', client_order_id: 'profit-3', limit_price: '112' });
    await until('it works', async () => (await statusOf(String(body['id']))) === 'new');
    expect(await other.ask('PATCH', `/v2/orders/${body['id']}`, { limit_price: '112' })).toMatchObject({
      status: 403,
      body: { message: expect.stringMatching(/^potential wash trade .*one--profit-3 .* below 112$/) },
    });
  });
});

describe('An exit while another one is being replaced', () => {
  it('waits for the shares that both versions hold', async () => {
    const { body } = await sell({ qty: '2' });
    await until('it works', async () => (await statusOf(String(body['id']))) === 'new');
    expect((await one.ask('PATCH', `/v2/orders/${body['id']}`, { limit_price: '121' })).status).toBe(200);
    expect(await sell({ qty: '2', ...market })).toMatchObject({ status: 200, body: { qty: '2' } });
  });
});

describe('An exit that waits for the price to turn', () => {
  const price = (value: string) => gateway.stage.price('AAPL', value);
  afterEach(() => price('110'));

  it.each([
    ['stop', { stop_price: '105' }],
    ['stop_limit', { stop_price: '105', limit_price: '101' }],
    ['trailing_stop', { trail_price: '4' }],
    ['trailing_stop', { trail_percent: 4 }],
  ])('is sent as the bot asks (%s), and the ledger has it as an exit until it fills', async (type, terms) => {
    const { status, body } = await sell({
      type,
      limit_price: null,
      qty: '4',
      ...terms,
      client_order_id: null,
    });
    expect({ status, body }).toMatchObject({ status: 200, body: { type, side: 'sell', qty: '4' } });
    const id = `one--${String(body['client_order_id'])}`;
    await gateway.stage.agrees();
    expect(await gateway.stage.order(id)).toMatchObject({ kind: 'exit', state: 'working', heldMicros: 0 });
    expect(await one.ask('DELETE', '/v2/positions/AAPL')).toMatchObject({
      status: 403,
      body: { available: '0', held_for_orders: '4' },
    });
    price('104');
    await until('it is sold', async () => (await heldQty()) === null);
    expect(await gateway.stage.order(id)).toMatchObject({ state: 'filled', filledQty: '4' });
  });

  it('moves with a PATCH of its stop or its trail, and is cancelled as any other', async () => {
    const stop = await sell({ type: 'stop', limit_price: null, stop_price: '100', qty: '2' });
    const moved = await one.ask('PATCH', `/v2/orders/${stop.body['id']}`, { stop_price: '102' });
    expect(moved).toMatchObject({ status: 200, body: { type: 'stop', stop_price: '102', qty: '2' } });
    /** Until then the old order and the new one both hold their shares. */
    const followed = (clientId: unknown, id: unknown): Promise<void> =>
      until('the ledger has followed', async () => {
        const order = await gateway.stage.order(`one--${String(clientId)}`);
        return order?.brokerId === String(id);
      });
    await followed(stop.body['client_order_id'], moved.body['id']);
    const trailing = await sell({ type: 'trailing_stop', limit_price: null, trail_price: '9', qty: '2' });
    expect(trailing).toMatchObject({ status: 200 });
    const closer = await one.ask('PATCH', `/v2/orders/${trailing.body['id']}`, { trail: '8' });
    expect(closer).toMatchObject({ status: 200, body: { trail_price: '8' } });
    await followed(trailing.body['client_order_id'], closer.body['id']);
    const ids = [moved, closer].map(({ body }) => String(body['id']));
    const { body: cancelled } = await one.ask('DELETE', '/v2/orders');
    expect(cancelled.map(({ id }) => id).sort()).toEqual(ids.toSorted());
    for (const id of ids) await until('it has ended', async () => (await statusOf(id)) === 'canceled');
  });

  it('makes entries of others give way; a trailing stop is taken beside them', async () => {
    const { id } = await resting(other);
    expect(
      (await sell({ type: 'trailing_stop', limit_price: null, trail_price: '9', qty: '1' })).status,
    ).toBe(200);
    expect(await statusOf(id)).toBe('new');
    expect((await sell({ type: 'stop', limit_price: null, stop_price: '100', qty: '1' })).status).toBe(200);
    expect(await statusOf(id)).toBe('canceled');
  });

  it('past which the price is already is refused in the words of the broker', async () => {
    expect(await sell({ type: 'stop', limit_price: null, stop_price: '115', qty: '1' })).toMatchObject({
      status: 422,
      body: { code: 42210000, message: 'stop price must be less than current price' },
    });
  });
});
