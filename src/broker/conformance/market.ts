/** Assets, prices and trading days. */
import assert from 'node:assert/strict';
import { toNanos } from '../../domain/decimal.ts';
import { readBrokerCalendar } from '../../rules/broker-calendar.ts';
import { legalPrice } from '../../rules/legal-price.ts';
import { type Asset, whyUntakeable } from '../../rules/takeable.ts';
import { has, type Promised } from './case.ts';
import { aRequest, type BrokerStage } from './stage.ts';

const WEEK = ['2026-01-05', '2026-01-06', '2026-01-07', '2026-01-08', '2026-01-09', '2026-01-12'];

async function assetOf({ broker }: BrokerStage, symbol: string): Promise<Asset> {
  const answer = await broker.asset(symbol);
  if (answer.kind !== 'found') assert.fail(`asset ${symbol}: ${answer.message}`);
  return answer.asset;
}

export const MARKET: readonly Promised[] = [
  {
    name: 'an asset that is traded says so, and has steps above 0 in ascending order',
    async check(stage) {
      const asset = await assetOf(stage, stage.symbol);
      has(asset, { symbol: stage.symbol, shut: '' });
      const from = asset.priceSteps.map((step) => toNanos(step.from));
      assert.deepEqual(
        from,
        from.toSorted((a, b) => (a < b ? -1 : 1)),
      );
      const { qtyStep, shortQtyStep, minQty, minCost } = asset;
      for (const amount of [
        ...asset.priceSteps.map(({ step }) => step),
        ...[qtyStep, shortQtyStep, minQty, minCost].filter((one) => one !== null),
      ])
        assert.ok(toNanos(amount) > 0n, `${amount} is not above 0`);
    },
  },
  {
    name: 'an asset takes an order at one of its price steps',
    async check(stage) {
      const asset = await assetOf(stage, stage.symbol);
      const limit = legalPrice(asset.priceSteps, toNanos('180.123456789'), 'down');
      const request = aRequest(stage, { limit });
      assert.equal(whyUntakeable(request, asset, true), undefined);
      has(await stage.broker.submit(request), { kind: 'confirmed', order: { limit } });
    },
  },
  {
    name: 'an asset that is not traded now, or not known, is found and says why it is shut',
    async check(stage) {
      await stage.halt(stage.symbol);
      for (const symbol of [stage.symbol, stage.unknown])
        has(await assetOf(stage, symbol), { symbol, shut: /./ });
    },
  },
  {
    name: 'quotes have a price and an age; a symbol without a price is left out, and it is told why',
    async check({ broker, symbol, unpriced }) {
      const without: { name: string; why: string }[] = [];
      const onUnpriced = (name: string, why: string): void => void without.push({ name, why });
      const quotes = await broker.quotes([symbol, unpriced], undefined, onUnpriced);
      has(quotes, [{ symbol, price: '200' }]);
      for (const { ageMs } of quotes) assert.ok(ageMs >= 0, `an age of ${ageMs} ms`);
      has(without, [{ name: unpriced, why: /./ }]);
    },
  },
  {
    name: 'quotes of nothing are nothing',
    async check({ broker }) {
      assert.deepEqual(await broker.quotes([]), []);
    },
  },
  {
    name: 'quotes are not needed for the last trade',
    async check({ broker, symbol, unpriced }) {
      assert.deepEqual(await broker.lastTrades([symbol, unpriced]), [{ symbol, price: '200' }]);
    },
  },
  {
    name: 'the calendar has the trading days between two days, in order, with their hours',
    async check({ broker }) {
      const days = await broker.calendar(WEEK[0] ?? '', WEEK.at(-1) ?? '');
      assert.deepEqual(
        days.map(({ date }) => date),
        WEEK,
      );
      assert.equal(readBrokerCalendar(days).hours.size, WEEK.length);
    },
  },
];
