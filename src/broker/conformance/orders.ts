/** Submitting, asking and filling (I4, I6). */
import assert from 'node:assert/strict';
import { toNanos } from '../../domain/decimal.ts';
import { has, type Promised } from './case.ts';
import { aRequest, confirmed, liveIds, now } from './stage.ts';

export const ORDERS: readonly Promised[] = [
  {
    name: 'an order is confirmed as it was asked for, and lives',
    async check(stage) {
      const request = aRequest(stage, { limit: '180.25', qty: '3' });
      has(await stage.broker.submit(request), {
        kind: 'confirmed',
        order: { ...request, filledQty: '0', filledAvgPrice: null, state: 'live' },
      });
    },
  },
  {
    name: 'an order is found by its client order id and by the id of the broker',
    async check(stage) {
      const { id, brokerId } = await confirmed(stage);
      const found = { kind: 'found', order: { id, brokerId } };
      has(await stage.broker.order(id), found);
      has(await stage.broker.orderByBrokerId(brokerId), found);
    },
  },
  {
    name: 'an order is listed while it lives, with all others',
    async check(stage) {
      const orders = [await confirmed(stage), await confirmed(stage)];
      assert.deepEqual((await liveIds(stage)).sort(), orders.map(({ id }) => id).sort());
    },
  },
  {
    name: 'an order that nobody placed is not found',
    async check({ broker }) {
      assert.deepEqual(await broker.order('nobody'), { kind: 'not_found' });
      assert.deepEqual(await broker.orderByBrokerId('nobody'), { kind: 'not_found' });
    },
  },
  {
    name: 'an order sent again under the same id is the same order',
    async check(stage) {
      const request = aRequest(stage);
      const { id, brokerId } = await confirmed(stage, request);
      has(await stage.broker.submit(request), { kind: 'confirmed', order: { id, brokerId } });
      assert.deepEqual(await liveIds(stage), [request.id]);
    },
  },
  {
    name: 'an order with other terms under an id that exists is refused as a duplicate',
    async check(stage) {
      const request = aRequest(stage);
      await stage.broker.submit(request);
      has(await stage.broker.submit({ ...request, qty: '11' }), { kind: 'refused', why: 'duplicate' });
      assert.deepEqual(await liveIds(stage), [request.id]);
    },
  },
  {
    name: 'an order in the form of a market order has no limit, or is refused for its form',
    async check(stage) {
      const form = { type: 'market', timeInForce: 'day' } as const;
      const answer = await stage.broker.submit(aRequest(stage, { qty: '1', form }));
      if (answer.kind === 'refused') assert.equal(answer.why, 'order');
      else has(answer, { kind: 'confirmed', order: { limit: null, qty: '1' } });
    },
  },
  {
    name: 'an order whose answer is lost is unknown, and found by its id',
    async check(stage) {
      const request = aRequest(stage);
      await stage.nextSubmit('reply_lost');
      has(await stage.broker.submit(request), { kind: 'unknown' });
      has(await now(stage, request), { id: request.id, state: 'live' });
    },
  },
  {
    name: 'an order whose request is lost is unknown, was not sent again, and is not found',
    async check(stage) {
      const request = aRequest(stage);
      await stage.nextSubmit('request_lost');
      has(await stage.broker.submit(request), { kind: 'unknown' });
      assert.deepEqual(await stage.broker.order(request.id), { kind: 'not_found' });
    },
  },
  {
    name: 'an order that may not leave any more is refused as not sent, and does not exist',
    async check(stage) {
      const request = aRequest(stage);
      const answer = await stage.broker.submit(request, undefined, () => false);
      has(answer, { kind: 'refused', why: 'not_sent' });
      assert.deepEqual(await stage.broker.order(request.id), { kind: 'not_found' });
    },
  },
  {
    name: 'an order whose signal has aborted before is refused as not sent, and does not exist',
    async check(stage) {
      const request = aRequest(stage);
      const answer = await stage.broker.submit(request, AbortSignal.abort());
      has(answer, { kind: 'refused', why: 'not_sent' });
      assert.deepEqual(await stage.broker.order(request.id), { kind: 'not_found' });
    },
  },
  {
    name: 'an order beyond the buying power is refused for want of it',
    async check(stage) {
      const { buyingPowerMicros } = await stage.broker.account();
      const qty = String(Math.ceil(buyingPowerMicros / 180_000_000) + 1);
      has(await stage.broker.submit(aRequest(stage, { qty })), { kind: 'refused', why: 'buying_power' });
      assert.deepEqual(await liveIds(stage), []);
    },
  },
  {
    name: 'an order of a symbol that is not traded is refused for that',
    async check(stage) {
      await stage.halt(stage.symbol);
      for (const symbol of [stage.symbol, stage.unknown])
        has(await stage.broker.submit(aRequest(stage, { symbol })), {
          kind: 'refused',
          why: 'not_tradable',
        });
    },
  },
  {
    name: 'a fill of a part leaves the order live, with that part at its price',
    async check(stage) {
      const order = await confirmed(stage);
      await stage.fill(order, 'part');
      const part = await now(stage, order);
      has(part, { state: 'live', qty: '10' });
      const filled = toNanos(part.filledQty);
      assert.ok(filled > 0n && filled < toNanos('10'), `${part.filledQty} is no part of 10`);
      assert.equal(toNanos(part.filledAvgPrice ?? '0'), toNanos('180'));
    },
  },
  {
    name: 'a fill of the whole ends the order as filled, and it is listed as ended',
    async check(stage) {
      const [first, second] = [await confirmed(stage), await confirmed(stage, { limit: '181' })];
      await stage.fill(second, 'whole');
      has(await now(stage, second), { state: 'filled', filledQty: '10' });
      assert.deepEqual(await liveIds(stage), [first.id]);
      const { id, brokerId } = second;
      has(await stage.broker.endedOrders(), [{ id, brokerId }]);
    },
  },
  {
    name: 'orders that ended are listed by their submission, the last first',
    async check(stage) {
      const orders = [await confirmed(stage, { limit: '181' }), await confirmed(stage)];
      for (const order of orders) await stage.fill(order, 'whole');
      const ended = (await stage.broker.endedOrders()).map(({ id }) => id);
      assert.deepEqual(ended, orders.map(({ id }) => id).reverse());
    },
  },
];
