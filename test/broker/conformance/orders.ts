/** Submitting, asking and filling (I4, I6). */
import { describe, expect, it } from 'vitest';
import { toNanos } from '../../../src/domain/decimal.ts';
import { aRequest, type BrokerStage, confirmed, liveIds, now } from './stage.ts';

export function orderSentences(stage: () => BrokerStage): void {
  describe('an order', () => {
    it('is confirmed as it was asked for, and lives', async () => {
      const request = aRequest(stage(), { limit: '180.25', qty: '3' });
      expect(await stage().broker.submit(request)).toMatchObject({
        kind: 'confirmed',
        order: { ...request, filledQty: '0', filledAvgPrice: null, state: 'live' },
      });
    });

    it('is found by its client order id and by the id of the broker', async () => {
      const order = await confirmed(stage());
      const found = { kind: 'found', order: { id: order.id, brokerId: order.brokerId } };
      expect(await stage().broker.order(order.id)).toMatchObject(found);
      expect(await stage().broker.orderByBrokerId(order.brokerId)).toMatchObject(found);
    });

    it('is listed while it lives, with all others', async () => {
      const orders = [await confirmed(stage()), await confirmed(stage())];
      expect((await liveIds(stage())).sort()).toEqual(orders.map(({ id }) => id).sort());
    });

    it('that nobody placed is not found', async () => {
      expect(await stage().broker.order('nobody')).toEqual({ kind: 'not_found' });
      expect(await stage().broker.orderByBrokerId('nobody')).toEqual({ kind: 'not_found' });
    });

    it('sent again under the same id is the same order', async () => {
      const request = aRequest(stage());
      const first = await stage().broker.submit(request);
      if (first.kind !== 'confirmed') throw new Error(first.message);
      const { id, brokerId } = first.order;
      expect(await stage().broker.submit(request)).toMatchObject({
        kind: 'confirmed',
        order: { id, brokerId },
      });
      expect(await liveIds(stage())).toEqual([request.id]);
    });

    it('with other terms under an id that exists is refused as a duplicate', async () => {
      const request = aRequest(stage());
      await stage().broker.submit(request);
      expect(await stage().broker.submit({ ...request, qty: '11' })).toMatchObject({
        kind: 'refused',
        why: 'duplicate',
      });
      expect(await liveIds(stage())).toEqual([request.id]);
    });

    it('whose answer is lost is unknown, and found by its id', async () => {
      const request = aRequest(stage());
      await stage().nextSubmit('reply_lost');
      expect(await stage().broker.submit(request)).toMatchObject({ kind: 'unknown' });
      expect(await now(stage(), request)).toMatchObject({ id: request.id, state: 'live' });
    });

    it('whose request is lost is unknown, was not sent again, and is not found', async () => {
      const request = aRequest(stage());
      await stage().nextSubmit('request_lost');
      expect(await stage().broker.submit(request)).toMatchObject({ kind: 'unknown' });
      expect(await stage().broker.order(request.id)).toEqual({ kind: 'not_found' });
    });

    it('that may not leave any more is refused as not sent, and does not exist', async () => {
      const request = aRequest(stage());
      expect(await stage().broker.submit(request, undefined, () => false)).toMatchObject({
        kind: 'refused',
        why: 'not_sent',
      });
      expect(await stage().broker.order(request.id)).toEqual({ kind: 'not_found' });
    });

    it('whose signal has aborted before is refused as not sent, and does not exist', async () => {
      const request = aRequest(stage());
      expect(await stage().broker.submit(request, AbortSignal.abort())).toMatchObject({
        kind: 'refused',
        why: 'not_sent',
      });
      expect(await stage().broker.order(request.id)).toEqual({ kind: 'not_found' });
    });

    it('beyond the buying power is refused for want of it', async () => {
      const { buyingPowerMicros } = await stage().broker.account();
      const qty = String(Math.ceil(buyingPowerMicros / 180_000_000) + 1);
      expect(await stage().broker.submit(aRequest(stage(), { qty }))).toMatchObject({
        kind: 'refused',
        why: 'buying_power',
      });
      expect(await liveIds(stage())).toEqual([]);
    });

    it('of a symbol that is not traded is refused for that', async () => {
      await stage().halt(stage().symbol);
      for (const symbol of [stage().symbol, stage().unknown])
        expect(await stage().broker.submit(aRequest(stage(), { symbol }))).toMatchObject({
          kind: 'refused',
          why: 'not_tradable',
        });
    });
  });

  describe('a fill', () => {
    it('of a part leaves the order live, with that part at its price', async () => {
      const order = await confirmed(stage());
      await stage().fill(order, 'part');
      const part = await now(stage(), order);
      expect(part).toMatchObject({ state: 'live', qty: '10' });
      expect(toNanos(part.filledQty)).toBeGreaterThan(0n);
      expect(toNanos(part.filledQty)).toBeLessThan(toNanos('10'));
      expect(toNanos(part.filledAvgPrice ?? '0')).toBe(toNanos('180'));
    });

    it('of the whole ends the order as filled, and it is listed as ended', async () => {
      const [first, second] = [await confirmed(stage()), await confirmed(stage(), { limit: '181' })];
      await stage().fill(second, 'whole');
      expect(await now(stage(), second)).toMatchObject({ state: 'filled', filledQty: '10' });
      expect(await liveIds(stage())).toEqual([first.id]);
      expect(await stage().broker.endedOrders()).toMatchObject([
        { id: second.id, brokerId: second.brokerId },
      ]);
    });
  });

  it('orders that ended are listed by their submission, the last first', async () => {
    const orders = [await confirmed(stage(), { limit: '181' }), await confirmed(stage())];
    for (const order of orders) await stage().fill(order, 'whole');
    expect((await stage().broker.endedOrders()).map(({ id }) => id)).toEqual(
      orders.map(({ id }) => id).reverse(),
    );
  });
}
