/** The gateway: one exchange, one Redis and one gateway for all that it promises to bots. */
import { randomUUID } from 'node:crypto';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { ledgerIdOf } from '../../src/ledger/bot-ids.ts';
import { readClock } from '../../src/ledger/clock-reading.ts';
import { admit } from '../../src/ledger/commands/admit.ts';
import { audit } from '../../src/ledger/commands/audit.ts';
import { dropPlan, type PlanSeries, readSeries, replacePlan } from '../../src/ledger/commands/plan-series.ts';
import { release } from '../../src/ledger/commands/release.ts';
import { readLedgerOrder } from '../../src/ledger/commands/snapshot.ts';
import { fileForecast, removeForecast } from '../../src/ledger/filed-forecasts.ts';
import { key } from '../../src/ledger/keys.ts';
import { useRedis } from '../support/fixtures.ts';
import {
  type Answer,
  LEASE_MS,
  startTestGateway,
  type TestBot,
  type TestGateway,
} from '../support/gateway.ts';
import { until } from '../support/keeper.ts';

const redis = useRedis();
let gateway: TestGateway;
let one: TestBot;
let other: TestBot;

/** The cap is 1,000 USD. AAPL and MSFT are at 110. */
beforeAll(async () => {
  gateway = await startTestGateway(redis.url, {
    exchange: { equity: '1000' },
    rules: { WORK_STEALING_LEVERAGE: '1', WORK_STEALING_COOLDOWN: '0' },
  });
  one = gateway.bot('one');
  other = gateway.bot('other');
});
afterAll(() => gateway.close());

/** No order is left, and the judge of the exchange found nothing. */
afterEach(async () => {
  for (const bot of [one, other]) await bot.ask('DELETE', '/v2/orders');
  await until('every order has ended', async () => (await openIds()).length === 0);
  await gateway.stage.agrees();
  expect(await gateway.stage.judge()).toMatchObject({ violations: [] });
});

async function openIds(): Promise<unknown[]> {
  const { body } = await one.ask('GET', '/v2/orders?status=open');
  return body.map((order) => order['client_order_id']);
}

const byClientId = (bot: TestBot, id: string): Promise<Answer> =>
  bot.ask('GET', `/v2/orders:by_client_order_id?client_order_id=${encodeURIComponent(id)}`);

const refused = (status: number, message: RegExp) => ({
  status,
  body: { message: expect.stringMatching(message) },
});

describe('A limit entry', () => {
  it("is answered with the broker's order under the bot's own id", async () => {
    const { status, body, headers } = await one.order({ client_order_id: 'a', time_in_force: 'gtc' });
    expect({ status, body }).toMatchObject({
      status: 200,
      body: { client_order_id: 'a', symbol: 'AAPL', qty: '1', limit_price: '100', time_in_force: 'gtc' },
    });
    expect(headers.get('x-request-id')).toMatch(/^[0-9a-f]{32}$/);
    expect(await gateway.stage.order('one--a')).toMatchObject({ state: 'working', brokerId: body['id'] });
    expect(await byClientId(one, 'a')).toMatchObject({ status: 200, body: { id: body['id'] } });
    expect((await one.ask('GET', `/v2/orders/${body['id']}`)).body).toMatchObject({ client_order_id: 'a' });
  });

  it('may have numbers instead of text, and no id', async () => {
    const { status, body } = await one.order({ qty: 2, limit_price: 100.5 });
    expect({ status, body }).toMatchObject({ status: 200, body: { qty: '2', limit_price: '100.5' } });
    expect(await byClientId(one, String(body['client_order_id']))).toMatchObject({ status: 200 });
  });

  it('that the broker refuses is refused in its own words', async () => {
    await gateway.stage.faults({ haltedSymbols: ['MSFT'] });
    const answer = await one.order({ symbol: 'MSFT', client_order_id: 'halted' });
    await gateway.stage.faults({ haltedSymbols: [] });
    expect(answer).toMatchObject(refused(422, /asset MSFT is not tradable/));
    expect(await gateway.stage.order('one--halted')).toMatchObject({ state: 'rejected', heldMicros: 0 });
    expect(await one.order({ client_order_id: 'halted' })).toMatchObject(refused(422, /must be unique/));
  });
});

describe('A client order id', () => {
  const ODD = `${'täglich/7 '.repeat(12)}end 5`;

  it('is kept to the bot whatever it is', async () => {
    const { status, body } = await one.order({ client_order_id: ODD });
    expect({ status, id: body['client_order_id'] }).toEqual({ status: 200, id: ODD });
    expect((await one.ask('GET', `/v2/orders/${body['id']}`)).body['client_order_id']).toBe(ODD);
    expect((await byClientId(one, ODD)).body).toMatchObject({ id: body['id'], client_order_id: ODD });
    expect(await openIds()).toEqual([ODD]);
    const { body: seen } = await other.ask('GET', '/v2/orders');
    expect(seen[0]?.['client_order_id']).toMatch(/^one--h_[0-9a-f]{32}$/);
  });

  it('of one bot is one order, and of two bots two', async () => {
    const same = await Promise.all(Array.from({ length: 8 }, () => one.order({ client_order_id: 'same' })));
    expect(same.map(({ status }) => status).sort()).toEqual([200, 422, 422, 422, 422, 422, 422, 422]);
    expect(await one.order({ client_order_id: 'same' })).toMatchObject({
      status: 422,
      body: { code: 40010001, message: 'client_order_id must be unique' },
    });
    expect(await other.order({ client_order_id: 'same' })).toMatchObject({ status: 200 });
    expect((await openIds()).sort()).toEqual(['other--same', 'same']);
  });

  it('of a refused order may be used again', async () => {
    expect(await one.order({ client_order_id: 'again', qty: '11' })).toMatchObject({ status: 403 });
    expect(await one.order({ client_order_id: 'again' })).toMatchObject({ status: 200 });
  });
});

describe('An order whose gateway died', () => {
  /** What a gateway leaves that ends after it has reserved the room. */
  const left = async (id: string): Promise<void> => {
    const { ledger, wish } = gateway.stage;
    const reserved = await admit(ledger, wish(id, { qty: '1', owner: 'gateway-one' }), 10_000);
    expect(reserved.outcome).toBe('fits');
  };

  it('before it was sent is sent when the bot posts it again', async () => {
    await left('one--left');
    expect(await one.order({ client_order_id: 'left' })).toMatchObject({
      status: 200,
      body: { client_order_id: 'left', qty: '1' },
    });
    expect(await openIds()).toEqual(['left']);
  });

  it('is no other order under the same id', async () => {
    await left('one--mine');
    expect(await one.order({ client_order_id: 'mine', qty: '2' })).toMatchObject({ status: 422 });
    await release(gateway.stage.ledger, 'one--mine', 'test');
  });

  it('and that was never sent is not said to exist: a bot learns to use a new id', async () => {
    await left('one--gone');
    await release(gateway.stage.ledger, 'one--gone', 'test');
    const refusal = refused(
      503,
      /^service unavailable: the order was not sent \(test\); .* new client_order_id$/,
    );
    expect(await one.order({ client_order_id: 'gone' })).toMatchObject(refusal);
    expect(await byClientId(one, 'gone')).toMatchObject({ status: 404 });
  });

  it('keeps its id from others for no longer than a reservation lasts', async () => {
    const { redis: ledger, account } = gateway.stage.ledger;
    await gateway.stage.faults({ answerDelayMs: 300 });
    const posting = one.order({ client_order_id: 'slow' });
    const ttl = (): Promise<number> => ledger.pttl(key(account, 'posting:one--slow'));
    await until('it is being posted', async () => (await ttl()) > 0);
    expect(await ttl()).toBeLessThanOrEqual(LEASE_MS);
    expect(await posting).toMatchObject({ status: 200 });
    await until('it is free', async () => (await ttl()) === -2);
    await gateway.stage.faults({ answerDelayMs: 0 });
  });
});

describe('An entry without room', () => {
  it('is refused as Alpaca does, with why, the numbers, and what would help', async () => {
    await one.order({ qty: '9', client_order_id: 'big' });
    expect(await other.order({ symbol: 'MSFT', qty: '2', limit_price: '109.9' })).toMatchObject({
      status: 403,
      body: {
        code: 40310000,
        message: expect.stringMatching(/^insufficient buying power: it is not enough better .* 219\.8 USD/),
        buying_power: '100',
        cost_basis: '219.8',
        worksteal: { reason: 'pnl_not_better', needMicros: 219_800_000, roomMicros: 100_000_000 },
      },
    });
    expect(await other.order({ symbol: 'MSFT', qty: '2', limit_price: '90' })).toMatchObject({
      status: 403,
      body: { worksteal: { reason: 'not_close_enough' } },
    });
  });

  it('takes the room of a worse order, which the broker reports as cancelled', async () => {
    const victim = await one.order({ qty: '9' }, { 'worksteal-pnl': '1' });
    const thief = await other.order(
      { symbol: 'MSFT', qty: '5', limit_price: '109.9' },
      { 'worksteal-pnl': '10' },
    );
    expect(thief).toMatchObject({ status: 200, body: { symbol: 'MSFT', qty: '5' } });
    expect((await one.ask('GET', `/v2/orders/${victim.body['id']}`)).body).toMatchObject({
      status: 'canceled',
    });
  });

  it('with the default forecast of its key takes room, too; a probe is never robbed', async () => {
    const rich = gateway.bot('rich', { pnl: '10' });
    const probe = gateway.bot('probe', { mode: 'probe' });
    await probe.order({ qty: '9' });
    const entry = { symbol: 'MSFT', qty: '5', limit_price: '109.9' };
    expect(await rich.order(entry)).toMatchObject({
      status: 403,
      body: { worksteal: { reason: 'no_candidates' } },
    });
    await probe.ask('DELETE', '/v2/orders');
    await until('the probe has ended', async () => (await openIds()).length === 0);
    await one.order({ qty: '9' });
    expect(await rich.order(entry)).toMatchObject({ status: 200 });
    await rich.ask('DELETE', '/v2/orders');
  });

  it('has the forecast of its request, else a filed one, else that of a plan, else of its key', async () => {
    const { ledger } = gateway.stage;
    const series = { strategy: 'model', symbol: 'AAPL', side: 'buy' } as const;
    const bot = gateway.bot('modelled', { strategy: 'model', pnl: '1' });
    const pnlOf = async (header?: string): Promise<string> => {
      const id = randomUUID();
      const headers = header === undefined ? {} : { 'worksteal-pnl': header };
      expect(await bot.order({ client_order_id: id }, headers)).toMatchObject({ status: 200 });
      return (await readLedgerOrder(ledger, ledgerIdOf('modelled', id)))?.pnl ?? '';
    };
    expect(await pnlOf()).toBe('1');
    const times = { startsAtMs: 0, expiresAtMs: 0, holdMs: 0 };
    const terms = { mode: 'normal', limit: '9', qty: '1', pnl: '2', pool: '', takeProfit: '' } as const;
    await replacePlan(ledger, { ...series, ...terms, ...times, id: 'model-AAPL-buy', terms: 'x' });
    expect(await pnlOf()).toBe('2');
    const { nowMs } = await readClock(ledger);
    await fileForecast(ledger, series, { pnl: '3', expiresAtMs: nowMs + 3_600_000 });
    expect(await pnlOf()).toBe('3');
    expect(await pnlOf('4')).toBe('4');
    // One that has ended counts no more.
    await ledger.redis.hset(key(ledger.account, 'forecasts:model'), 'AAPL buy', `3 ${nowMs}`);
    expect(await pnlOf()).toBe('2');
    await fileForecast(ledger, series, { pnl: '-5', expiresAtMs: 0 });
    expect(await pnlOf()).toBe('-5');
    expect(await removeForecast(ledger, series)).toBe('removed');
    expect(await pnlOf()).toBe('2');
    const [plan] = await readSeries(ledger, 'model');
    await dropPlan(ledger, plan as PlanSeries, 'test');
    await bot.ask('DELETE', '/v2/orders');
  });

  it('has the probability of a fill from the same places, of a header for itself', async () => {
    const { ledger } = gateway.stage;
    const bot = gateway.bot('likely', { strategy: 'likely', pnl: '1' });
    const headers = { 'worksteal-fill-probability': '0.25' };
    const told = async (sent: Record<string, string>) => {
      const id = randomUUID();
      expect(await bot.order({ client_order_id: id }, sent)).toMatchObject({ status: 200 });
      return await readLedgerOrder(ledger, ledgerIdOf('likely', id));
    };
    expect(await told({})).toMatchObject({ pnl: '1', fillProbability: '1' });
    expect(await told(headers)).toMatchObject({ pnl: '1', fillProbability: '0.25' });
    const series = { strategy: 'likely', symbol: 'AAPL', side: 'buy' } as const;
    await fileForecast(ledger, series, { pnl: '3', fillProbability: '0.5', expiresAtMs: 0 });
    expect(await told({})).toMatchObject({ pnl: '3', fillProbability: '0.5' });
    expect(await told({ 'worksteal-pnl': '4' })).toMatchObject({ pnl: '4', fillProbability: '0.5' });
    for (const wrong of ['1.1', '-0.1', 'likely'])
      expect(await bot.order({}, { 'worksteal-fill-probability': wrong })).toMatchObject(
        refused(422, /Worksteal-Fill-Probability: must be a decimal from 0 to 1/),
      );
    await removeForecast(ledger, series);
    await bot.ask('DELETE', '/v2/orders');
  });

  it('may be halted for all', async () => {
    const { halt } = await import('../../src/ledger/commands/halt.ts');
    const { resume } = await import('../../src/ledger/commands/resume.ts');
    const { ledger } = gateway.stage;
    await halt(ledger, 'lunch', 'me@here');
    expect(await one.order()).toMatchObject(refused(403, /new orders are rejected by user request/));
    await resume(ledger, '', 'me@here');
    expect(await one.order()).toMatchObject({ status: 200 });
  });
});

describe('A key', () => {
  it('that is wrong, or was taken back, is refused', async () => {
    const gone = gateway.bot('gone');
    expect(await gone.order({ client_order_id: 'x' })).toMatchObject({ status: 200 });
    await gone.ask('DELETE', '/v2/orders');
    gateway.revoke('gone');
    expect(await gone.order()).toMatchObject({ status: 401, body: { code: 40110000 } });
    const headers = { 'APCA-API-SECRET-KEY': 'wrong' };
    expect(await one.order({}, headers)).toMatchObject({ status: 401 });
  });

  it('limits symbols and size', async () => {
    const narrow = gateway.bot('narrow', { symbols: ['AAPL'], maxNotional: '150' });
    expect(await narrow.order({ symbol: 'MSFT' })).toMatchObject(refused(403, /may not trade MSFT/));
    expect(await narrow.order({ qty: '2' })).toMatchObject(refused(403, /may enter 150 USD at once/));
  });
});

describe('A cancellation', () => {
  it('ends an order of the bot, and of no other', async () => {
    const { body } = await one.order();
    const path = `/v2/orders/${body['id']}`;
    expect(await other.ask('DELETE', path)).toMatchObject({ status: 404, body: { code: 40410000 } });
    expect(await one.ask('DELETE', path)).toMatchObject({ status: 204, body: null });
    await until('it has ended', async () => (await openIds()).length === 0);
    expect(await one.ask('DELETE', path)).toMatchObject({
      status: 422,
      body: { code: 42210000, message: 'order is already in "canceled" state' },
    });
    expect(await one.ask('DELETE', '/v2/orders/nothing')).toMatchObject({ status: 404 });
  });

  it('of all ends those of the bot alone', async () => {
    const mine = [await one.order(), await one.order()].map(({ body }) => body['id']);
    await other.order({ client_order_id: 'stays' });
    const { status, body } = await one.ask('DELETE', '/v2/orders');
    expect({ status, ids: body.map(({ id }) => id).sort() }).toEqual({ status: 207, ids: mine.sort() });
    await until('two have ended', async () => (await openIds()).length === 1);
    expect(await openIds()).toEqual(['other--stays']);
  });
});

describe('What a gateway does not take', () => {
  it('is refused with 422 that names the field, or what to use instead', async () => {
    const cases: [object, RegExp][] = [
      [{ order_class: 'bracket' }, /orders of the class bracket are not taken here: send the entry/],
      [{ take_profit: { limit_price: '120' } }, /take_profit, stop_loss or legs/],
      [{ type: 'stop', limit_price: null, stop_price: '120' }, /stop orders can't open a position here/],
      [{ type: 'nonsense' }, /type: invalid order type/],
      [{ qty: '-1' }, /qty: must be > 0/],
      [{ qty: null }, /qty or notional is required/],
      [{ symbol: 'A B' }, /symbol: is not a symbol/],
      [{ client_order_id: 'x'.repeat(129) }, /client_order_id: must be no more than 128 characters/],
      [{ client_order_id: '\ud83d' }, /client_order_id: has characters that are not Unicode/],
    ];
    for (const [changes, message] of cases)
      expect(await one.order({ ...changes })).toMatchObject(refused(422, message));
  });

  it('is answered in Alpaca form, and changes nothing', async () => {
    expect(await one.ask('POST', '/v2/orders', '{')).toMatchObject({ status: 400, body: { code: 40010000 } });
    expect(await one.ask('GET', '/v2/nothing')).toMatchObject({ status: 404, body: { code: 40410000 } });
    expect((await audit(gateway.stage.ledger))?.faults).toEqual([]);
  });
});

describe('A market order', () => {
  it('is sent as a limit order at the quote and a collar, and closed by exits of any type', async () => {
    const bought = await one.order({ type: 'market', limit_price: null, qty: '4' });
    expect(bought).toMatchObject({ status: 200, body: { type: 'limit', limit_price: '110.55', qty: '4' } });
    const money = await one.order({ type: 'market', limit_price: null, qty: null, notional: '221.1' });
    expect(money).toMatchObject({ status: 200, body: { limit_price: '110.55', qty: '2' } });
    await until('the ledger holds six', async () => {
      const held = await gateway.stage.ledger.redis.hget(
        `ws:{${gateway.stage.account}}:position:AAPL`,
        'qty',
      );
      return held === '6';
    });

    const sell = { side: 'sell', limit_price: '120' };
    expect(await one.order({ ...sell, qty: '7' })).toMatchObject({
      status: 403,
      body: {
        code: 40310000,
        message: expect.stringMatching(
          /^insufficient qty available for order \(requested: 7, available: 6\)/,
        ),
        available: '6',
      },
    });
    const both = await Promise.all([one.order({ ...sell, qty: '4' }), other.order({ ...sell, qty: '4' })]);
    expect(both.map(({ status }) => status).sort()).toEqual([200, 403]);
    for (const bot of [one, other]) await bot.ask('DELETE', '/v2/orders');
    const live = `ws:{${gateway.stage.account}}:live`;
    await until(
      'the ledger knows that the exits have ended',
      async () => (await gateway.stage.ledger.redis.scard(live)) === 0,
    );

    const market = { side: 'sell', type: 'market', limit_price: null, qty: '6', client_order_id: 'out' };
    expect(await one.order(market)).toMatchObject({
      status: 200,
      body: { type: 'market', limit_price: null },
    });
    await until(
      'the exit has filled',
      async () => (await byClientId(one, 'out')).body['status'] === 'filled',
    );
    await until('nothing is held', async () => (await gateway.stage.used()) === 0);
    expect(await gateway.stage.order('one--out')).toMatchObject({ kind: 'exit', state: 'filled' });
  });
});
