/** Orders that a person changes at the broker: one ends, another goes on (src/broker/succession.ts). */
import { has, type Promised, soon } from './case.ts';
import { confirmed, now } from './stage.ts';

export const CHANGES: readonly Promised[] = [
  {
    name: 'an order that a person changes lives on, with the request, until the broker has carried it out',
    needs: 'change',
    async check(stage) {
      const order = await confirmed(stage);
      await stage.change?.(order, { limit: '179' }, 'pending');
      has(await now(stage, order), { state: 'live', replaceRequested: true });
    },
  },
  {
    name: 'an order that a person changes ends as replaced; it and its successor name each other',
    needs: 'change',
    async check(stage) {
      const order = await confirmed(stage);
      await stage.change?.(order, { limit: '179' }, 'done');
      await soon(async () => has(await now(stage, order), { state: 'cancelled', replaced: true }));
      const { replacedBy = '' } = await now(stage, order);
      has(await stage.broker.orderByBrokerId(replacedBy), {
        kind: 'found',
        order: { replaces: order.brokerId, brokerId: replacedBy, limit: '179', state: 'live' },
      });
    },
  },
];
