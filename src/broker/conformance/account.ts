/** The account, its positions, and what of it can't be read. */
import assert from 'node:assert/strict';
import { toNanos } from '../../domain/decimal.ts';
import type { Oddity } from '../port.ts';
import { has, type Promised } from './case.ts';
import { confirmed, now } from './stage.ts';

export const ACCOUNT: readonly Promised[] = [
  {
    name: 'the account has a number that a key can be made of, and amounts in whole micro-dollars',
    async check({ broker }) {
      const account = await broker.account();
      has(account, { number: /^[A-Za-z0-9_-]{0,64}$/, shut: '' });
      const { equityMicros, buyingPowerMicros, cashBuyingPowerMicros } = account;
      for (const micros of [equityMicros, buyingPowerMicros, cashBuyingPowerMicros])
        assert.ok(Number.isSafeInteger(micros), `${micros} is no safe integer`);
      assert.ok(buyingPowerMicros >= 20_000_000_000, `${buyingPowerMicros} pays for less than 100 at 200`);
    },
  },
  {
    name: 'the account has less buying power by what a live order may cost',
    async check(stage) {
      const before = await stage.broker.account();
      await confirmed(stage);
      const after = await stage.broker.account();
      const less = before.buyingPowerMicros - after.buyingPowerMicros;
      assert.ok(less >= 1_800_000_000, `${less} micro-USD less for an order of 1,800 USD`);
      assert.equal(after.equityMicros, before.equityMicros);
    },
  },
  {
    name: 'the account has no positions and no orders at first',
    async check({ broker }) {
      assert.deepEqual(await broker.positions(), []);
      assert.deepEqual(await broker.openOrders(), []);
      assert.deepEqual(await broker.endedOrders(), []);
    },
  },
  {
    name: 'a position is what was bought, at its cost',
    async check(stage) {
      const order = await confirmed(stage);
      await stage.fill(order, 'part');
      const { filledQty } = await now(stage, order);
      const costMicros = Number((toNanos(filledQty) * 180n) / 1_000n);
      const { symbol } = stage;
      has(await stage.broker.positions(), [
        { symbol, qty: filledQty, avgEntryPrice: '180', costMicros, assetClass: /^(stock|crypto)$/ },
      ]);
    },
  },
  {
    name: 'a position is gone when it was sold',
    async check(stage) {
      await stage.fill(await confirmed(stage), 'whole');
      await stage.fill(await confirmed(stage, { side: 'sell', limit: '220' }), 'whole');
      assert.deepEqual(await stage.broker.positions(), []);
    },
  },
  {
    name: 'a position that cannot be read is told, and the others are read',
    async check(stage) {
      await stage.fill(await confirmed(stage), 'whole');
      await stage.addUnreadable('position');
      const odd: Oddity[] = [];
      const positions = await stage.broker.positions(undefined, (oddity) => void odd.push(oddity));
      assert.equal(positions.length, 1);
      has(odd, [{ what: 'position', why: /./ }]);
    },
  },
  {
    name: 'an order that cannot be read is told, and the others are read',
    async check(stage) {
      const { id } = await confirmed(stage);
      await stage.addUnreadable('order');
      const odd: Oddity[] = [];
      has(await stage.broker.openOrders(undefined, (oddity) => void odd.push(oddity)), [{ id }]);
      has(odd, [{ what: 'order', isLive: true, why: /./ }]);
    },
  },
  {
    name: 'an order without a limit, placed by a person, has none',
    needs: 'buyAtMarket',
    async check({ broker, buyAtMarket }) {
      const brokerId = (await buyAtMarket?.()) ?? '';
      has(await broker.orderByBrokerId(brokerId), {
        kind: 'found',
        order: { brokerId, limit: null, qty: '1', state: 'filled', filledQty: '1', filledAvgPrice: '200' },
      });
    },
  },
];
