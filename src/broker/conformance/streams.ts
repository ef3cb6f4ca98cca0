/** The trade updates: what is told, and what a gap means. */
import assert from 'node:assert/strict';
import type { TradeUpdate } from '../port.ts';
import { has, type Promised } from './case.ts';
import { confirmed, following, is, liveIds, now, tells } from './stage.ts';

export const STREAMS: readonly Promised[] = [
  {
    name: 'the trade updates begin with `connected`, and tell of each order that ends, as the broker has it',
    async check(stage) {
      const updates = following(stage);
      assert.deepEqual(await updates.next(() => true), { kind: 'connected' });
      const filled = await confirmed(stage);
      await stage.fill(filled, 'whole');
      has(await updates.next(tells('filled', filled)), { order: await now(stage, filled) });
      const cancelled = await confirmed(stage);
      await stage.broker.cancel(cancelled.brokerId);
      await updates.next(tells('cancelled', cancelled));
      await updates.stop();
    },
  },
  {
    name: 'the trade updates tell of a fill of a part',
    async check(stage) {
      const updates = following(stage);
      await updates.next(is('connected'));
      const order = await confirmed(stage);
      await stage.fill(order, 'part');
      const { filledQty } = await now(stage, order);
      const isPart = (update: TradeUpdate): boolean =>
        tells('live', order)(update) && update.kind === 'order' && update.order.filledQty === filledQty;
      await updates.next(isPart);
      await updates.stop();
    },
  },
  {
    name: 'the trade updates that break off say so, come back, and say `connected`: some may be missing',
    async check(stage) {
      const updates = following(stage);
      await updates.next(is('connected'));
      await stage.cutStream();
      has(await updates.next(is('disconnected')), { kind: 'disconnected', message: /./ });
      const missed = await confirmed(stage);
      await updates.next(is('connected'));
      assert.deepEqual(await liveIds(stage), [missed.id]);
      await stage.broker.cancel(missed.brokerId);
      await updates.next(tells('cancelled', missed));
      await updates.stop();
    },
  },
  {
    name: 'the trade updates go on when their receiver throws',
    async check(stage) {
      const stopping = new AbortController();
      const seen = Promise.withResolvers<void>();
      let isFirst = true;
      const ended = stage.broker.follow((update) => {
        if (update.kind === 'connected' && isFirst) {
          isFirst = false;
          seen.resolve();
          throw new Error('the receiver');
        }
        if (update.kind === 'order') stopping.abort();
      }, stopping.signal);
      await seen.promise;
      await confirmed(stage);
      await ended;
    },
  },
  {
    name: 'the trade updates end with their signal',
    async check(stage) {
      const updates = following(stage);
      await updates.next(is('connected'));
      await updates.stop();
      await stage.broker.follow(() => {}, AbortSignal.abort());
    },
  },
];
