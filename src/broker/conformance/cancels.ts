/** Cancelling: an accepted request is no end, and a fill may come first (I4). */
import assert from 'node:assert/strict';
import { has, type Promised, soon } from './case.ts';
import { confirmed, liveIds, now } from './stage.ts';

const ACCEPTED = { kind: 'accepted' };

export const CANCELS: readonly Promised[] = [
  {
    name: 'a cancellation is accepted, and the order ends with nothing filled',
    async check(stage) {
      const order = await confirmed(stage);
      assert.deepEqual(await stage.broker.cancel(order.brokerId), ACCEPTED);
      const ended = { state: 'cancelled', filledQty: '0', filledAvgPrice: null };
      await soon(async () => has(await now(stage, order), ended));
      assert.deepEqual(await liveIds(stage), []);
    },
  },
  {
    name: 'a cancellation that the broker has accepted and not carried out yet leaves the order live',
    async check(stage) {
      const order = await confirmed(stage);
      await stage.nextCancel('held');
      assert.deepEqual(await stage.broker.cancel(order.brokerId), ACCEPTED);
      has(await now(stage, order), { state: 'live', cancelRequested: true });
      has(await stage.broker.openOrders(), [{ id: order.id, cancelRequested: true }]);
      await stage.finishCancel(order);
      await soon(async () => has(await now(stage, order), { state: 'cancelled' }));
      assert.ok(
        !('cancelRequested' in (await now(stage, order))),
        'it has ended, and is still to be cancelled',
      );
    },
  },
  {
    name: 'a cancellation that the broker gives up leaves the order live, without the request',
    async check(stage) {
      const order = await confirmed(stage);
      await stage.nextCancel('given_up');
      assert.deepEqual(await stage.broker.cancel(order.brokerId), ACCEPTED);
      await soon(async () => assert.ok(!('cancelRequested' in (await now(stage, order))), 'still requested'));
      has(await now(stage, order), { state: 'live' });
    },
  },
  {
    name: 'a cancellation that a fill overtakes leaves a filled order',
    async check(stage) {
      const order = await confirmed(stage);
      await stage.nextCancel('filled_first');
      assert.deepEqual(await stage.broker.cancel(order.brokerId), ACCEPTED);
      await soon(async () => has(await now(stage, order), { state: 'filled', filledQty: '10' }));
    },
  },
  {
    name: 'a cancellation of an order that is filled in part keeps that part',
    async check(stage) {
      const order = await confirmed(stage);
      await stage.fill(order, 'part');
      const { filledQty, filledAvgPrice } = await now(stage, order);
      await stage.broker.cancel(order.brokerId);
      const ended = { state: 'cancelled', filledQty, filledAvgPrice };
      await soon(async () => has(await now(stage, order), ended));
    },
  },
  {
    name: 'a cancellation of an order that has ended says so',
    async check(stage) {
      const order = await confirmed(stage);
      await stage.fill(order, 'whole');
      assert.deepEqual(await stage.broker.cancel(order.brokerId), { kind: 'ended' });
    },
  },
  {
    name: 'a cancellation of an order that the broker does not know is not found',
    async check({ broker }) {
      assert.deepEqual(await broker.cancel('nobody'), { kind: 'not_found' });
    },
  },
  {
    name: 'a cancellation whose answer is lost is unknown; the order says what came of it',
    async check(stage) {
      const order = await confirmed(stage);
      await stage.nextCancel('reply_lost');
      has(await stage.broker.cancel(order.brokerId), { kind: 'unknown' });
      await soon(async () => has(await now(stage, order), { state: 'cancelled' }));
    },
  },
];
