/** Orders that the fleet itself replaces: the request, its answer, and the race with a fill. */
import { randomUUID } from 'node:crypto';
import type { BrokerOrder, ReplaceRequest, SubmitAnswer } from '../port.ts';
import { has, type Promised, soon } from './case.ts';
import { type BrokerStage, confirmed, now } from './stage.ts';

function replacing(
  { broker }: BrokerStage,
  { brokerId, symbol, side }: BrokerOrder,
  changes: Partial<ReplaceRequest> = {},
  mayLeave?: () => boolean,
): Promise<SubmitAnswer> {
  const request = { brokerId, symbol, side, id: `order-${randomUUID()}`, limit: '179', ...changes };
  return broker.replace?.(request, undefined, mayLeave) as Promise<SubmitAnswer>;
}

const isAsItWas = async (stage: BrokerStage, order: BrokerOrder): Promise<void> => {
  const { limit, qty } = order;
  has(await now(stage, order), { state: 'live', limit, qty });
  has(await stage.broker.openOrders(), [{ brokerId: order.brokerId }]);
};

export const REPLACEMENTS: readonly Promised[] = [
  {
    name: 'a replacement is confirmed as the new order, which names the old one and takes its place',
    needs: 'nextReplace',
    async check(stage) {
      const order = await confirmed(stage);
      const answer = await replacing(stage, order, { id: 'the-next', qty: '5' });
      has(answer, {
        kind: 'confirmed',
        order: { id: 'the-next', replaces: order.brokerId, limit: '179', qty: '5', state: 'live' },
      });
      await soon(async () => has(await now(stage, order), { state: 'cancelled', replaced: true }));
      has(await stage.broker.openOrders(), [{ id: 'the-next', limit: '179', qty: '5' }]);
    },
  },
  {
    name: 'a replacement keeps what it does not name',
    needs: 'nextReplace',
    async check(stage) {
      const order = await confirmed(stage);
      has(await replacing(stage, order), { kind: 'confirmed', order: { limit: '179', qty: order.qty } });
    },
  },
  {
    name: 'a replacement whose order fills first is rejected',
    needs: 'nextReplace',
    async check(stage) {
      const order = await confirmed(stage);
      const answer = await replacing(stage, order, { id: 'too-late' });
      has(answer, { kind: 'confirmed' });
      await stage.fill(order, 'whole');
      await soon(async () => has(await now(stage, order), { state: 'filled' }));
      await soon(async () =>
        has(await now(stage, { id: 'too-late' }), { state: 'rejected', filledQty: '0' }),
      );
    },
  },
  {
    name: 'a replacement whose answer is lost is unknown, and is found under its id',
    needs: 'nextReplace',
    async check(stage) {
      const order = await confirmed(stage);
      await stage.nextReplace?.('reply_lost');
      has(await replacing(stage, order, { id: 'lost' }), { kind: 'unknown' });
      has(await stage.broker.order('lost'), { kind: 'found', order: { replaces: order.brokerId } });
    },
  },
  {
    name: 'a replacement whose request is lost is unknown, and nothing is replaced',
    needs: 'nextReplace',
    async check(stage) {
      const order = await confirmed(stage);
      await stage.nextReplace?.('request_lost');
      has(await replacing(stage, order, { id: 'lost' }), { kind: 'unknown' });
      has(await stage.broker.order('lost'), { kind: 'not_found' });
      await isAsItWas(stage, order);
    },
  },
  {
    name: 'a replacement that may not leave any more is refused as not_sent',
    needs: 'nextReplace',
    async check(stage) {
      const order = await confirmed(stage);
      has(await replacing(stage, order, {}, () => false), { kind: 'refused', why: 'not_sent' });
      await isAsItWas(stage, order);
    },
  },
  {
    name: 'a replacement that the account can not pay for is refused, and the order stays',
    needs: 'nextReplace',
    async check(stage) {
      const order = await confirmed(stage);
      has(await replacing(stage, order, { qty: '100000' }), { kind: 'refused', why: 'buying_power' });
      await isAsItWas(stage, order);
    },
  },
  {
    name: 'a replacement of an order that has ended is refused',
    needs: 'nextReplace',
    async check(stage) {
      const order = await confirmed(stage);
      await stage.fill(order, 'whole');
      await soon(async () => has(await now(stage, order), { state: 'filled' }));
      has(await replacing(stage, order), { kind: 'refused' });
    },
  },
];
