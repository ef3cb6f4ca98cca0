/** Faults of the paper exchange on demand (POST /faults), once or as often as requested. */
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { startTestExchange, type TestExchange } from '../support/exchange.ts';

let exchange: TestExchange;
beforeEach(async () => {
  exchange = await startTestExchange();
});
afterEach(() => exchange.close());

const faults = (changes: object) => exchange.call('POST', '/faults', changes);
const cancel = (body: { id?: unknown }) => exchange.call('DELETE', `/v2/orders/${String(body.id)}`);
const position = async (symbol: string) =>
  (await exchange.call('GET', `/v2/positions/${symbol}`)).body['qty'];

describe('A fault', () => {
  it('loses the reply to an order that was accepted', async () => {
    await faults({ loseReplies: 1 });
    await expect(exchange.order({ client_order_id: 'a' })).rejects.toThrow();
    expect(await exchange.byClientId('a')).toMatchObject({ status: 'new' });
    expect((await exchange.order({ client_order_id: 'b' })).status).toBe(200);
  });

  it('fails requests without carrying them out', async () => {
    await faults({ failRequests: 1, failStatus: 503 });
    expect((await exchange.order({ client_order_id: 'a' })).status).toBe(503);
    expect((await exchange.order({ client_order_id: 'a' })).status).toBe(200);
  });

  it('keeps a cancel pending until it is lifted, or gives it up', async () => {
    const updates = await exchange.updates();
    await faults({ rejectCancels: 1 });
    const { body } = await exchange.order({ client_order_id: 'a' });
    await exchange.call('DELETE', `/v2/orders/${body['id']}`);
    expect((await updates.next('order_cancel_rejected', 'a')).order).toMatchObject({ status: 'new' });
    await faults({ stickCancels: 1, cancelDelayMs: 0 });
    await exchange.call('DELETE', `/v2/orders/${body['id']}`);
    await faults({ stickCancels: 0 });
    expect((await updates.next('canceled', 'a')).order).toMatchObject({ status: 'canceled' });
  });

  it('that is not known is a 422', async () => {
    expect((await exchange.call('POST', '/faults', { loseReply: 1 })).status).toBe(422);
    expect((await exchange.call('GET', '/faults')).body).toMatchObject({ loseReplies: 0 });
  });

  it('answers a new order with a failure, though it was accepted', async () => {
    await faults({ failReplies: 1, failStatus: 504 });
    expect((await exchange.order({ client_order_id: 'a' })).status).toBe(504);
    expect(await exchange.byClientId('a')).toMatchObject({ status: 'new' });
  });

  it('loses the reply to a cancel that was taken', async () => {
    const updates = await exchange.updates();
    const { body } = await exchange.order({ client_order_id: 'a' });
    await faults({ loseCancelReplies: 1 });
    await expect(cancel(body)).rejects.toThrow();
    await updates.next('canceled', 'a');
  });

  it('refuses requests as over the rate limit, with its headers, and carries nothing out', async () => {
    await faults({ limitRequests: 1 });
    const refused = await exchange.order({ client_order_id: 'a' });
    expect(refused).toMatchObject({ status: 429, body: { code: 42910000 } });
    expect(refused.headers.get('x-ratelimit-remaining')).toBe('0');
    expect(refused.headers.get('x-ratelimit-reset')).toBe(String(Date.parse('2026-06-01T12:00:02Z') / 1000));
    expect((await exchange.order({ client_order_id: 'a' })).status).toBe(200);
  });

  it('refuses an order for want of buying power that is there, and the judge does not count it', async () => {
    await faults({ refuseBuyingPower: 1 });
    const refused = await exchange.order({ client_order_id: 'a' });
    expect(refused).toMatchObject({
      status: 403,
      body: { code: 40310000, message: 'insufficient buying power', buying_power: '0' },
    });
    expect(await exchange.judge()).toMatchObject({ buyingPowerRefusals: 0, acceptances: 0 });
    expect((await exchange.order({ client_order_id: 'a' })).status).toBe(200);
  });

  it('refuses new orders with the configured message until it is removed; cancels pass', async () => {
    const { body } = await exchange.order({ client_order_id: 'a' });
    await faults({
      refuseOrders: {
        status: 403,
        code: 40310100,
        message: 'trade denied due to pattern day trading protection',
      },
    });
    const refused = await exchange.order({ client_order_id: 'b' });
    expect(refused).toMatchObject({
      status: 403,
      body: { code: 40310100, message: 'trade denied due to pattern day trading protection' },
    });
    expect((await exchange.call('PATCH', `/v2/orders/${body['id']}`, { limit_price: '99' })).status).toBe(
      403,
    );
    expect((await cancel(body)).status).toBe(204);
    await faults({ refuseOrders: null });
    expect((await exchange.order({ client_order_id: 'b' })).status).toBe(200);
  });

  it('reports the configured account status', async () => {
    await faults({
      accountSays: {
        status: 'ACCOUNT_CLOSED',
        trading_blocked: true,
        shorting_enabled: false,
        multiplier: '1',
      },
    });
    expect((await exchange.call('GET', '/v2/account')).body).toMatchObject({
      ...{
        status: 'ACCOUNT_CLOSED',
        trading_blocked: true,
        account_blocked: false,
        shorting_enabled: false,
        multiplier: '1',
      },
    });
    await faults({ accountSays: {} });
    expect((await exchange.call('GET', '/v2/account')).body).toMatchObject({
      status: 'ACTIVE',
      trading_blocked: false,
    });
  });

  it('delays the report of an action', async () => {
    await faults({ answerDelayMs: 60_000 });
    const updates = await exchange.updates();
    const answered = exchange.order({ client_order_id: 'a' }).then(
      () => 'answered',
      () => 'closed',
    );
    await updates.next('new', 'a');
    expect(await Promise.race([answered, sleep(50).then(() => 'waits')])).toBe('waits');
    await exchange.close();
    expect(await answered).toBe('closed');
    exchange = await startTestExchange();
  });

  it('overtakes a cancel with a fill', async () => {
    const updates = await exchange.updates();
    const { body } = await exchange.order({ client_order_id: 'a', qty: '10' });
    await faults({ fillOnCancel: 1, fillOnCancelShare: 1 });
    await cancel(body);
    expect((await updates.next('fill', 'a')).order).toMatchObject({
      status: 'filled',
      filled_qty: '10',
      filled_avg_price: '100',
    });
    expect(updates.events('a')).toEqual(['new', 'pending_cancel', 'fill']);
    expect(await position('BTCUSD')).toBe('10');
  });

  it('overtakes a cancel with a fill of a part, and cancels the rest', async () => {
    const updates = await exchange.updates();
    const { body } = await exchange.order({ client_order_id: 'a', qty: '10' });
    await faults({ fillOnCancel: 1, fillOnCancelShare: 0.3 });
    await cancel(body);
    expect((await updates.next('canceled', 'a')).order).toMatchObject({
      status: 'canceled',
      filled_qty: '3',
    });
    expect(updates.events('a')).toEqual(['new', 'pending_cancel', 'partial_fill', 'canceled']);
    expect(await exchange.judge()).toMatchObject({ exposureMicros: 300_000_000, fills: 1, cancels: 1 });
  });

  it('holds an update up, behind those that come after it', async () => {
    const updates = await exchange.updates();
    await faults({ delayUpdates: 1, delayUpdateMs: 100 });
    await exchange.order({ client_order_id: 'late' });
    await exchange.order({ client_order_id: 'next' });
    await updates.next('new', 'late');
    expect(updates.seen.map(({ order }) => order['client_order_id'])).toEqual(['next', 'late']);
  });

  it('halts a symbol: no order is taken or fills, live ones can be cancelled; then resumes it', async () => {
    const updates = await exchange.updates();
    await exchange.order({ client_order_id: 'stays' });
    const { body } = await exchange.order({ client_order_id: 'goes' });
    await faults({ haltedSymbols: ['BTC/USD'] });
    expect(await exchange.order({})).toMatchObject({
      status: 422,
      body: { code: 42210000, message: 'asset BTCUSD is not tradable' },
    });
    expect(await exchange.call('PATCH', `/v2/orders/${body['id']}`, { limit_price: '101' })).toMatchObject({
      status: 422,
    });
    expect((await exchange.order({ symbol: 'ETHUSD' })).status).toBe(200);
    await cancel(body);
    await updates.next('canceled', 'goes');
    exchange.price('BTCUSD', '90');
    expect(await exchange.byClientId('stays')).toMatchObject({ status: 'new' });
    await faults({ haltedSymbols: [] });
    expect((await updates.next('fill', 'stays')).price).toBe('100');
  });

  it('takes money from the account until its equity is below its exposure, and pays it back', async () => {
    await exchange.close();
    exchange = await startTestExchange({ equity: '1000', leverage: '1', judgeWindow: 0 });
    await exchange.order({ qty: '9', client_order_id: 'a' });
    await faults({ withdrawUsd: '600.5' });
    expect((await exchange.call('GET', '/v2/account')).body).toMatchObject({
      equity: '399.5',
      cash: '399.5',
      buying_power: '0',
    });
    expect((await exchange.order({ qty: '1' })).status).toBe(403);
    expect(await exchange.judge()).toMatchObject({
      violationCount: 0,
      exposureMicros: 900_000_000,
      equityMicros: 399_500_000,
    });
    await faults({ depositUsd: '600.5' });
    expect((await exchange.order({ qty: '1' })).status).toBe(200);
    expect((await faults({ withdrawUsd: '-1' })).status).toBe(422);
  });
});
