/**
 * The exchange's own check of I1: exposure at every acceptance, against the highest cap that its account
 * answers implied.
 */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, describe, expect, it } from 'vitest';
import type { ExposureLine } from '../../src/exchange/exposure-log.ts';
import type { ExchangeSettingsInput } from '../../src/exchange/options.ts';
import { startTestExchange, type TestExchange } from '../support/exchange.ts';

let exchange: TestExchange;
afterEach(() => exchange.close());

/** Equity 1000, cap 2000, and a broker that would allow more: what is judged is not what is enforced. */
async function aJudge(settings: ExchangeSettingsInput = {}): Promise<void> {
  exchange = await startTestExchange({
    equity: '1000',
    buyingPower: false,
    judgeWindow: 10_000,
    ...settings,
  });
}

const account = () => exchange.call('GET', '/v2/account');

describe('The judge', () => {
  it('finds nothing wrong with exposure up to the cap, equality included', async () => {
    await aJudge();
    await exchange.order({ qty: '20' });
    expect(await exchange.judge()).toMatchObject({
      pools: { total: { highestExposureMicros: 2_000_000_000, highestRatio: 1, capMicros: 2_000_000_000 } },
      acceptances: 1,
      violationCount: 0,
      violations: [],
      doubleOrders: 0,
    });
  });

  it('counts and describes what was accepted beyond it, however little', async () => {
    await aJudge();
    await exchange.order({ qty: '20.000000001', client_order_id: 'a' });
    const { violationCount, violations } = await exchange.judge();
    expect(violationCount).toBe(1);
    expect(violations).toEqual([
      {
        at: expect.any(String),
        pool: 'total',
        exposureMicros: 2_000_000_001,
        capMicros: 2_000_000_000,
        orderId: 'a',
      },
    ]);
  });

  it('counts positions at cost, and orders by their unfilled part', async () => {
    await aJudge();
    exchange.price('BTCUSD', '80');
    await exchange.order({ qty: '10' });
    await exchange.order({ symbol: 'ETHUSD', qty: '5' });
    exchange.price('BTCUSD', '70');
    expect((await exchange.judge()).exposureMicros).toBe(1_300_000_000);
  });

  it('judges each pool by its own leverage', async () => {
    await aJudge({ pools: 'crypto:0.5,stock:4' });
    await exchange.order({ symbol: 'AAPL', qty: '9' });
    await exchange.order({ qty: '6', client_order_id: 'a' });
    const { pools, violations } = await exchange.judge();
    expect(violations).toMatchObject([
      { pool: 'crypto', exposureMicros: 600_000_000, capMicros: 500_000_000, orderId: 'a' },
    ]);
    expect(pools).toMatchObject({
      total: { highestRatio: 0.75 },
      stock: { highestRatio: 0.225 },
      crypto: { highestRatio: 1.2 },
    });
  });

  it('allows the highest cap that was answered within the window, and the last one before it', async () => {
    await aJudge();
    exchange.price('BTCUSD', '100');
    await exchange.order({ qty: '10' }); // 1000 of exposure
    await account();
    exchange.price('BTCUSD', '50'); // equity 500
    exchange.pass(11_000);
    await exchange.order({ symbol: 'AAPL', qty: '10' }); // still by the answer of 1000: the last one
    expect((await exchange.judge()).violationCount).toBe(0);
    await account();
    exchange.pass(9000);
    // The answer of 1000 came before the window's start, but not before 500's.
    await exchange.order({ symbol: 'AAPL', qty: '1' });
    expect((await exchange.judge()).violations).toMatchObject([
      { exposureMicros: 2_100_000_000, capMicros: 2_000_000_000 },
    ]);
    exchange.pass(2000);
    await exchange.order({ symbol: 'AAPL', qty: '1' });
    expect((await exchange.judge()).violations[1]).toMatchObject({ capMicros: 1_000_000_000 });
  });

  it('finds a short sale that fits at its limit, and not at the market where it fills', async () => {
    await aJudge();
    exchange.price('AAPL', '150');
    await exchange.order({ symbol: 'AAPL', side: 'sell', qty: '20', client_order_id: 'a' });
    const { violations, exposureMicros, pools } = await exchange.judge();
    expect(violations).toEqual([
      {
        at: expect.any(String),
        pool: 'total',
        exposureMicros: 3_000_000_000,
        capMicros: 2_000_000_000,
        orderId: 'a',
      },
    ]);
    expect([exposureMicros, pools.total?.highestRatio]).toEqual([3_000_000_000, 1.5]);
  });

  it('does not blame a short sale for what the market moved after it was accepted', async () => {
    await aJudge({ stockHours: 'session', start: '2025-01-15T12:00:00Z' });
    exchange.price('AAPL', '110');
    await exchange.order({ symbol: 'AAPL', side: 'sell', qty: '18', client_order_id: 'a' });
    exchange.price('AAPL', '120');
    exchange.pass(3 * 3_600_000);
    exchange.price('AAPL', '121');
    expect(await exchange.judge()).toMatchObject({ exposureMicros: 2_160_000_000, violations: [], fills: 1 });
  });

  it('neither counts nor judges an exit', async () => {
    await aJudge();
    exchange.price('BTCUSD', '100');
    await exchange.order({ qty: '20' });
    exchange.price('BTCUSD', '60');
    await account();
    exchange.pass(11_000);
    await exchange.order({ side: 'sell', qty: '20', limit_price: '110' });
    expect(await exchange.judge()).toMatchObject({
      acceptances: 2,
      violationCount: 0,
      exposureMicros: 2_000_000_000,
    });
    exchange.price('BTCUSD', '110');
    expect(await exchange.judge()).toMatchObject({
      exposureMicros: 0,
      equityMicros: 1_200_000_000,
      fills: 2,
    });
  });

  it('lists every cancel request by client order id', async () => {
    await aJudge();
    const updates = await exchange.updates();
    const { body } = await exchange.order({ client_order_id: 'a' });
    await exchange.call('DELETE', `/v2/orders/${body['id']}`);
    await updates.next('canceled', 'a');
    await exchange.call('DELETE', `/v2/orders/${body['id']}`);
    expect(await exchange.judge()).toMatchObject({
      cancels: 1,
      cancelRequests: [{ id: 'a' }, { id: 'a' }],
      exposureMicros: 0,
    });
  });

  it('judges by the leverage, whatever more the broker itself would lend', async () => {
    await aJudge({ buyingPower: true, multiplier: '4' });
    expect((await account()).body).toMatchObject({ multiplier: '4', buying_power: '4000' });
    expect((await exchange.order({ qty: '30', client_order_id: 'a' })).status).toBe(200);
    expect(await exchange.judge()).toMatchObject({
      violationCount: 1,
      violations: [{ orderId: 'a', capMicros: 2_000_000_000 }],
    });
    expect((await exchange.order({ qty: '11' })).status).toBe(403);
  });

  it('reports refusals for lack of buying power', async () => {
    await aJudge({ buyingPower: true });
    await exchange.order({ qty: '21' });
    expect(await exchange.judge()).toMatchObject({
      acceptances: 0,
      buyingPowerRefusals: 1,
      violationCount: 0,
    });
  });

  describe('writes an exposure log', () => {
    const folder = mkdtempSync(join(tmpdir(), 'worksteal-exchange-'));
    afterAll(() => rmSync(folder, { recursive: true }));

    /** What was logged of one order, or of all. */
    async function lines(log: string, order?: string): Promise<ExposureLine[]> {
      await exchange.close();
      const all = readFileSync(log, 'utf8').trimEnd().split('\n');
      return all
        .map((line) => JSON.parse(line) as ExposureLine)
        .filter((line) => order === undefined || line['order'] === order);
    }

    it('of acceptances, fills, ends and account answers', async () => {
      const log = join(folder, 'all.jsonl');
      await aJudge({ log });
      exchange.price('BTCUSD', '100');
      await account();
      await exchange.order({ qty: '21', client_order_id: 'a' });
      const all = await lines(log);
      expect(all.map(({ event }) => event)).toEqual(['account', 'violation', 'accepted', 'fill', 'ended']);
      expect(all.at(-2)).toMatchObject({
        order: 'a',
        symbol: 'BTCUSD',
        status: 'filled',
        qty: '21',
        price: '100',
        exposureUsd: '2100',
      });
      expect(all.at(-1)).toMatchObject({
        order: 'a',
        side: 'buy',
        kind: 'entry',
        status: 'filled',
        filledQty: '21',
        exposureUsd: '2100',
      });
    });

    it("that records each order's life: its cancel requests, its partial fills, its one end", async () => {
      const log = join(folder, 'lives.jsonl');
      await aJudge({ log });
      const updates = await exchange.updates();
      await exchange.call('POST', '/faults', { partFills: 1 });
      const { body } = await exchange.order({ client_order_id: 'a', qty: '10' });
      exchange.price('BTCUSD', '100');
      const part = await updates.next('partial_fill', 'a');
      await exchange.call('DELETE', `/v2/orders/${body['id']}`);
      await updates.next('canceled', 'a');
      await exchange.call('DELETE', `/v2/orders/${body['id']}`);
      const filledQty = part.order['filled_qty'];
      expect(await lines(log, 'a')).toMatchObject([
        { event: 'accepted', qty: '10', limit: '100', kind: 'entry', replaces: null },
        { event: 'fill', status: 'partially_filled', qty: filledQty, filledQty },
        { event: 'cancel_requested', status: 'partially_filled' },
        { event: 'cancel' },
        { event: 'ended', status: 'canceled', filledQty },
        { event: 'cancel_requested', status: 'canceled' },
      ]);
    });

    it.each([
      ['expired', () => exchange.pass(91 * 86_400_000)],
      ['replaced', (id: string) => exchange.call('PATCH', `/v2/orders/${id}`, { limit_price: '101' })],
    ])('of an order that was %s', async (status, make) => {
      const log = join(folder, `${status}.jsonl`);
      await aJudge({ log });
      const updates = await exchange.updates();
      const { body } = await exchange.order({ client_order_id: 'a' });
      await make(String(body['id']));
      await updates.next(status, 'a');
      expect((await lines(log, 'a')).filter(({ event }) => event === 'ended')).toMatchObject([
        { status, filledQty: '0' },
      ]);
    });
  });
});
