/** DELETE of positions through the gateway: exits that the ledger judges, answered in Alpaca's shape. */
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { useRedis } from '../support/fixtures.ts';
import { startTestGateway, type TestBot, type TestGateway } from '../support/gateway.ts';
import { until } from '../support/keeper.ts';

const redis = useRedis();
let gateway: TestGateway;
let one: TestBot;
let other: TestBot;

/** The cap is 2,000 USD; AAPL, MSFT and BTC/USD are at 110. */
beforeAll(async () => {
  gateway = await startTestGateway(redis.url, {
    exchange: { equity: '2000' },
    rules: { WORK_STEALING_LEVERAGE: '1', WORK_STEALING_COOLDOWN: '0' },
  });
  one = gateway.bot('one');
  other = gateway.bot('other', { symbols: ['MSFT'] });
});
afterAll(() => gateway.close());
afterEach(async () => {
  await one.ask('DELETE', '/v2/positions?cancel_orders=true');
  await until('nothing is held', async () => (await gateway.stage.used()) === 0);
  await gateway.stage.agrees();
  expect(await gateway.stage.judge()).toMatchObject({ violations: [] });
});

async function holding(symbol: string, qty: string): Promise<void> {
  const entry = { symbol, qty, type: 'market', limit_price: null, time_in_force: 'gtc' };
  expect((await one.order(entry)).status).toBe(200);
  await until(`${symbol} is held`, async () => (await heldQty(symbol)) === qty);
}
const heldQty = (symbol: string): Promise<string | null> =>
  gateway.stage.ledger.redis.hget(`ws:{${gateway.stage.account}}:position:${symbol.replace('/', '')}`, 'qty');
const close = (bot: TestBot, path: string) => bot.ask('DELETE', `/v2/positions${path}`);

describe('DELETE of a position', () => {
  it('closes it at the market, as an exit in the ledger', async () => {
    await holding('AAPL', '4');
    const { status, body } = await close(one, '/AAPL');
    expect({ status, body }).toMatchObject({
      status: 200,
      body: { symbol: 'AAPL', side: 'sell', qty: '4', type: 'market', time_in_force: 'day' },
    });
    await until('it is closed', async () => (await heldQty('AAPL')) === null);
    const id = `one--${String(body['client_order_id'])}`;
    expect(await gateway.stage.order(id)).toMatchObject({ kind: 'exit', state: 'filled' });
    expect(await close(one, '/AAPL')).toMatchObject({
      status: 404,
      body: { code: 40410000, message: 'position does not exist' },
    });
  });

  it('closes a quantity, or a percentage', async () => {
    await holding('BTC/USD', '2');
    expect(await close(one, '/BTCUSD?percentage=25')).toMatchObject({
      status: 200,
      body: { symbol: 'BTCUSD', qty: '0.5', time_in_force: 'gtc' },
    });
    await until('a part is closed', async () => (await heldQty('BTC/USD')) === '1.5');
    expect(await close(one, '/BTC%2FUSD?qty=1')).toMatchObject({ status: 200, body: { qty: '1' } });
    await until('more is closed', async () => (await heldQty('BTC/USD')) === '0.5');
    expect(await close(one, '/BTCUSD?qty=1')).toMatchObject({
      status: 403,
      body: { message: expect.stringMatching(/^insufficient qty available for order/) },
    });
    for (const query of ['qty=1&percentage=5', 'percentage=101', 'qty=-1', 'qty=x'])
      expect(await close(one, `/BTCUSD?${query}`)).toMatchObject({ status: 422 });
  });

  it('does not close what other exits close', async () => {
    await holding('AAPL', '4');
    const exit = await one.order({ side: 'sell', limit_price: '120', qty: '3' });
    expect(exit.status).toBe(200);
    expect(await close(one, '/AAPL')).toMatchObject({
      status: 403,
      body: { code: 40310000, available: '1', held_for_orders: '3' },
    });
    expect(await close(one, '/AAPL?qty=1')).toMatchObject({ status: 200 });
  });

  it('is only for the symbols of the key', async () => {
    await holding('AAPL', '1');
    expect(await close(other, '/AAPL')).toMatchObject({
      status: 403,
      body: { message: expect.stringMatching(/may not trade AAPL/) },
    });
  });
});

describe('DELETE of all positions', () => {
  it('is answered with a result for each, of those that the key may trade', async () => {
    await holding('AAPL', '2');
    await holding('MSFT', '3');
    expect(await close(other, '')).toMatchObject({
      status: 207,
      body: [{ symbol: 'MSFT', status: 200, body: { symbol: 'MSFT', side: 'sell', qty: '3' } }],
    });
    await until('it is closed', async () => (await heldQty('MSFT')) === null);
    expect(await heldQty('AAPL')).toBe('2');
  });

  it("says of each what is refused; cancels the bot's own orders first, if asked", async () => {
    await holding('AAPL', '2');
    await holding('MSFT', '3');
    expect((await one.order({ side: 'sell', limit_price: '120', qty: '2' })).status).toBe(200);
    const { status, body } = await close(one, '');
    expect({
      status,
      body: body.sort((a, b) => (String(a['symbol']) < String(b['symbol']) ? -1 : 1)),
    }).toMatchObject({
      status: 207,
      body: [
        { symbol: 'AAPL', status: 403, body: { code: 40310000, held_for_orders: '2' } },
        { symbol: 'MSFT', status: 200, body: { qty: '3' } },
      ],
    });
    await until('it is closed', async () => (await heldQty('MSFT')) === null);
    expect(await close(one, '?cancel_orders=True')).toMatchObject({
      status: 207,
      body: [{ symbol: 'AAPL', status: 200, body: { qty: '2', type: 'market' } }],
    });
    expect(await close(one, '?cancel_orders=perhaps')).toMatchObject({ status: 422 });
  });
});
