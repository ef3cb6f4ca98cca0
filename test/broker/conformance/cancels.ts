/** Cancelling: an accepted request is no end, and a fill may come first (I4). */
import { describe, expect, it } from 'vitest';
import { type BrokerStage, confirmed, liveIds, now, SOON } from './stage.ts';

export function cancelSentences(stage: () => BrokerStage): void {
  describe('a cancellation', () => {
    it('is accepted, and the order ends with nothing filled', async () => {
      const order = await confirmed(stage());
      expect(await stage().broker.cancel(order.brokerId)).toEqual({ kind: 'accepted' });
      await expect
        .poll(() => now(stage(), order), SOON)
        .toMatchObject({ state: 'cancelled', filledQty: '0', filledAvgPrice: null });
      expect(await liveIds(stage())).toEqual([]);
    });

    it('that the broker has accepted and not carried out yet leaves the order live', async () => {
      const order = await confirmed(stage());
      await stage().nextCancel('held');
      expect(await stage().broker.cancel(order.brokerId)).toEqual({ kind: 'accepted' });
      expect(await now(stage(), order)).toMatchObject({ state: 'live', cancelRequested: true });
      expect(await stage().broker.openOrders()).toMatchObject([{ id: order.id, cancelRequested: true }]);
      await stage().finishCancel(order);
      await expect.poll(() => now(stage(), order), SOON).toMatchObject({ state: 'cancelled' });
      expect(await now(stage(), order)).not.toHaveProperty('cancelRequested');
    });

    it('that the broker gives up leaves the order live, without the request', async () => {
      const order = await confirmed(stage());
      await stage().nextCancel('given_up');
      expect(await stage().broker.cancel(order.brokerId)).toEqual({ kind: 'accepted' });
      await expect.poll(() => now(stage(), order), SOON).not.toHaveProperty('cancelRequested');
      expect(await now(stage(), order)).toMatchObject({ state: 'live' });
    });

    it('that a fill overtakes leaves a filled order', async () => {
      const order = await confirmed(stage());
      await stage().nextCancel('filled_first');
      expect(await stage().broker.cancel(order.brokerId)).toEqual({ kind: 'accepted' });
      await expect.poll(() => now(stage(), order), SOON).toMatchObject({ state: 'filled', filledQty: '10' });
    });

    it('of an order that is filled in part keeps that part', async () => {
      const order = await confirmed(stage());
      await stage().fill(order, 'part');
      const { filledQty, filledAvgPrice } = await now(stage(), order);
      await stage().broker.cancel(order.brokerId);
      await expect
        .poll(() => now(stage(), order), SOON)
        .toMatchObject({ state: 'cancelled', filledQty, filledAvgPrice });
    });

    it('of an order that has ended says so', async () => {
      const order = await confirmed(stage());
      await stage().fill(order, 'whole');
      expect(await stage().broker.cancel(order.brokerId)).toEqual({ kind: 'ended' });
    });

    it('of an order that the broker does not know is not found', async () => {
      expect(await stage().broker.cancel('nobody')).toEqual({ kind: 'not_found' });
    });

    it('whose answer is lost is unknown; the order says what came of it', async () => {
      const order = await confirmed(stage());
      await stage().nextCancel('reply_lost');
      expect(await stage().broker.cancel(order.brokerId)).toMatchObject({ kind: 'unknown' });
      await expect.poll(() => now(stage(), order), SOON).toMatchObject({ state: 'cancelled' });
    });
  });
}
