/** The trade updates: what is told, and what a gap means. */
import { describe, expect, it } from 'vitest';
import type { TradeUpdate } from '../../../src/broker/port.ts';
import { type BrokerStage, confirmed, following, is, liveIds, now, tells } from './stage.ts';

export function streamSentences(stage: () => BrokerStage): void {
  describe('the trade updates', () => {
    it('begin with `connected`, and tell of each order that ends, as the broker has it', async () => {
      const updates = following(stage());
      expect(await updates.next(() => true)).toEqual({ kind: 'connected' });
      const filled = await confirmed(stage());
      await stage().fill(filled, 'whole');
      const told = await updates.next(tells('filled', filled));
      expect(told).toMatchObject({ order: await now(stage(), filled) });
      const cancelled = await confirmed(stage());
      await stage().broker.cancel(cancelled.brokerId);
      await updates.next(tells('cancelled', cancelled));
      await updates.stop();
    });

    it('tell of a fill of a part', async () => {
      const updates = following(stage());
      await updates.next(is('connected'));
      const order = await confirmed(stage());
      await stage().fill(order, 'part');
      const { filledQty } = await now(stage(), order);
      const isPart = (update: TradeUpdate): boolean =>
        tells('live', order)(update) && update.kind === 'order' && update.order.filledQty === filledQty;
      await updates.next(isPart);
      await updates.stop();
    });

    it('that break off say so, come back, and say `connected`: some may be missing', async () => {
      const updates = following(stage());
      await updates.next(is('connected'));
      await stage().cutStream();
      expect(await updates.next(is('disconnected'))).toEqual({
        kind: 'disconnected',
        message: expect.stringMatching(/./),
      });
      const missed = await confirmed(stage());
      await updates.next(is('connected'));
      expect(await liveIds(stage())).toEqual([missed.id]);
      await stage().broker.cancel(missed.brokerId);
      await updates.next(tells('cancelled', missed));
      await updates.stop();
    });

    it('go on when their receiver throws', async () => {
      const stopping = new AbortController();
      const seen = Promise.withResolvers<void>();
      let isFirst = true;
      const ended = stage().broker.follow((update) => {
        if (update.kind === 'connected' && isFirst) {
          isFirst = false;
          seen.resolve();
          throw new Error('the receiver');
        }
        if (update.kind === 'order') stopping.abort();
      }, stopping.signal);
      await seen.promise;
      await confirmed(stage());
      await ended;
    });

    it('end with their signal', async () => {
      const updates = following(stage());
      await updates.next(is('connected'));
      await updates.stop();
      await stage().broker.follow(() => {}, AbortSignal.abort());
    });
  });
}
