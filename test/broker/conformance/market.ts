/** Assets, prices and trading days. */
import { describe, expect, it } from 'vitest';
import { toNanos } from '../../../src/domain/decimal.ts';
import { readBrokerCalendar } from '../../../src/rules/broker-calendar.ts';
import { legalPrice } from '../../../src/rules/legal-price.ts';
import { type Asset, whyUntakeable } from '../../../src/rules/takeable.ts';
import { aRequest, type BrokerStage } from './stage.ts';

async function assetOf({ broker }: BrokerStage, symbol: string): Promise<Asset> {
  const answer = await broker.asset(symbol);
  if (answer.kind !== 'found') throw new Error(`asset ${symbol}: ${answer.message}`);
  return answer.asset;
}

export function marketSentences(stage: () => BrokerStage): void {
  describe('an asset', () => {
    it('that is traded says so, and has steps above 0 in ascending order', async () => {
      const { symbol } = stage();
      const asset = await assetOf(stage(), symbol);
      expect(asset).toMatchObject({ symbol, shut: '' });
      const from = asset.priceSteps.map((step) => toNanos(step.from));
      expect(from).toEqual(from.toSorted((a, b) => (a < b ? -1 : 1)));
      const { qtyStep, shortQtyStep, minQty, minCost } = asset;
      for (const amount of [
        ...asset.priceSteps.map(({ step }) => step),
        ...[qtyStep, shortQtyStep, minQty, minCost].filter((one) => one !== null),
      ])
        expect(toNanos(amount)).toBeGreaterThan(0n);
    });

    it('takes an order at one of its price steps', async () => {
      const asset = await assetOf(stage(), stage().symbol);
      const limit = legalPrice(asset.priceSteps, toNanos('180.123456789'), 'down');
      const request = aRequest(stage(), { limit });
      expect(whyUntakeable(request, asset, true)).toBeUndefined();
      expect(await stage().broker.submit(request)).toMatchObject({ kind: 'confirmed', order: { limit } });
    });

    it('that is not traded now, or not known, is found and says why it is shut', async () => {
      await stage().halt(stage().symbol);
      for (const symbol of [stage().symbol, stage().unknown])
        expect(await assetOf(stage(), symbol)).toMatchObject({ symbol, shut: expect.stringMatching(/./) });
    });
  });

  describe('quotes', () => {
    it('have a price and an age; a symbol without a price is left out, and it is told why', async () => {
      const { broker, symbol, unpriced } = stage();
      const without = new Map<string, string>();
      const quotes = await broker.quotes(
        [symbol, unpriced],
        undefined,
        (name, why) => void without.set(name, why),
      );
      expect(quotes).toMatchObject([{ symbol, price: '200' }]);
      for (const { ageMs } of quotes) expect(ageMs).toBeGreaterThanOrEqual(0);
      expect([...without]).toEqual([[unpriced, expect.stringMatching(/./)]]);
    });

    it('of nothing are nothing', async () => {
      expect(await stage().broker.quotes([])).toEqual([]);
    });

    it('are not needed for the last trade', async () => {
      const { broker, symbol, unpriced } = stage();
      expect(await broker.lastTrades([symbol, unpriced])).toEqual([{ symbol, price: '200' }]);
    });
  });

  it('the calendar has the trading days between two days, in order, with their hours', async () => {
    const days = await stage().broker.calendar('2026-01-05', '2026-01-12');
    expect(days.map(({ date }) => date)).toEqual([
      ...['2026-01-05', '2026-01-06', '2026-01-07', '2026-01-08', '2026-01-09'],
      '2026-01-12',
    ]);
    expect(readBrokerCalendar(days).hours.size).toBe(6);
  });
}
