/** Orders that a person changes at the broker: one ends, another goes on (src/broker/succession.ts). */
import { describe, expect, it } from 'vitest';
import { type BrokerStage, confirmed, now, SOON } from './stage.ts';

export function changeSentences(stage: () => BrokerStage): void {
  describe('an order that a person changes', () => {
    it('lives on, with the request, while the broker has not carried it out', async ({ skip }) => {
      const { change } = stage();
      if (change === undefined) return skip('no order can be changed at this broker');
      const order = await confirmed(stage());
      await change(order, { limit: '179' }, 'pending');
      expect(await now(stage(), order)).toMatchObject({ state: 'live', replaceRequested: true });
    });

    it('ends as replaced, and names the order that goes on, which names it', async ({ skip }) => {
      const { change, broker } = stage();
      if (change === undefined) return skip('no order can be changed at this broker');
      const order = await confirmed(stage());
      await change(order, { limit: '179' }, 'done');
      await expect
        .poll(() => now(stage(), order), SOON)
        .toMatchObject({ state: 'cancelled', replaced: true });
      const { replacedBy = '' } = await now(stage(), order);
      expect(await broker.orderByBrokerId(replacedBy)).toMatchObject({
        kind: 'found',
        order: { replaces: order.brokerId, brokerId: replacedBy, limit: '179', state: 'live' },
      });
    });
  });
}
