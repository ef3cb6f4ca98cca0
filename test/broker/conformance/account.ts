/** The account, its positions, and what of it can't be read. */
import { describe, expect, it } from 'vitest';
import type { Oddity } from '../../../src/broker/port.ts';
import { toNanos } from '../../../src/domain/decimal.ts';
import { type BrokerStage, confirmed, now } from './stage.ts';

export function accountSentences(stage: () => BrokerStage): void {
  describe('the account', () => {
    it('has a number that a key can be made of, equity and buying power in whole micro-dollars', async () => {
      const account = await stage().broker.account();
      expect(account).toMatchObject({ number: expect.stringMatching(/^[A-Za-z0-9_-]{0,64}$/), shut: '' });
      const { equityMicros, buyingPowerMicros, cashBuyingPowerMicros } = account;
      for (const micros of [equityMicros, buyingPowerMicros, cashBuyingPowerMicros])
        expect(Number.isSafeInteger(micros)).toBe(true);
      expect(buyingPowerMicros).toBeGreaterThanOrEqual(20_000_000_000);
    });

    it('has less buying power by what a live order may cost', async () => {
      const before = await stage().broker.account();
      await confirmed(stage());
      const after = await stage().broker.account();
      expect(before.buyingPowerMicros - after.buyingPowerMicros).toBeGreaterThanOrEqual(1_800_000_000);
      expect(after.equityMicros).toBe(before.equityMicros);
    });

    it('has no positions and no orders at first', async () => {
      expect(await stage().broker.positions()).toEqual([]);
      expect(await stage().broker.openOrders()).toEqual([]);
      expect(await stage().broker.endedOrders()).toEqual([]);
    });
  });

  describe('a position', () => {
    it('is what was bought, at its cost', async () => {
      const order = await confirmed(stage());
      await stage().fill(order, 'part');
      const { filledQty } = await now(stage(), order);
      const [position, ...others] = await stage().broker.positions();
      expect(others).toEqual([]);
      expect(position).toMatchObject({ symbol: stage().symbol, qty: filledQty, avgEntryPrice: '180' });
      expect(position?.costMicros).toBe(Number((toNanos(filledQty) * 180n) / 1_000n));
      expect(['stock', 'crypto']).toContain(position?.assetClass);
    });

    it('is gone when it was sold', async () => {
      await stage().fill(await confirmed(stage()), 'whole');
      await stage().fill(await confirmed(stage(), { side: 'sell', limit: '220' }), 'whole');
      expect(await stage().broker.positions()).toEqual([]);
    });

    it('that cannot be read is told, and the others are read', async () => {
      await stage().fill(await confirmed(stage()), 'whole');
      await stage().addUnreadable('position');
      const odd: Oddity[] = [];
      expect(await stage().broker.positions(undefined, (oddity) => void odd.push(oddity))).toHaveLength(1);
      expect(odd).toMatchObject([{ what: 'position', why: expect.stringMatching(/./) }]);
    });
  });

  it('an order that cannot be read is told, and the others are read', async () => {
    const order = await confirmed(stage());
    await stage().addUnreadable('order');
    const odd: Oddity[] = [];
    const listed = await stage().broker.openOrders(undefined, (oddity) => void odd.push(oddity));
    expect(listed.map(({ id }) => id)).toEqual([order.id]);
    expect(odd).toMatchObject([{ what: 'order', isLive: true, why: expect.stringMatching(/./) }]);
  });

  it('an order without a limit, placed by a person, has none', async ({ skip }) => {
    const { broker, buyAtMarket } = stage();
    if (buyAtMarket === undefined) return skip('no order can be placed at the market at this broker');
    const brokerId = await buyAtMarket();
    expect(await broker.orderByBrokerId(brokerId)).toMatchObject({
      kind: 'found',
      order: { brokerId, limit: null, qty: '1', state: 'filled', filledQty: '1', filledAvgPrice: '200' },
    });
  });
}
