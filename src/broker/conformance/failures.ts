/** Keys that are refused, a broker that does not answer, and signals: each call says what it is (I4). */
import assert from 'node:assert/strict';
import { fails, has, type Promised } from './case.ts';
import { aRequest, type BrokerStage, confirmed } from './stage.ts';

/** Each question that has no answer of its own for "unknown", and so throws. */
const READS: readonly [what: string, ask: (stage: BrokerStage, signal?: AbortSignal) => Promise<unknown>][] =
  [
    ['account', ({ broker }, signal) => broker.account(signal)],
    ['positions', ({ broker }, signal) => broker.positions(signal)],
    ['open orders', ({ broker }, signal) => broker.openOrders(signal)],
    ['ended orders', ({ broker }, signal) => broker.endedOrders(signal)],
    ['quotes', ({ broker, symbol }, signal) => broker.quotes([symbol], signal)],
    ['last trades', ({ broker, symbol }, signal) => broker.lastTrades([symbol], signal)],
    ['calendar', ({ broker }, signal) => broker.calendar('2026-01-05', '2026-01-12', signal)],
  ];

export const FAILURES: readonly Promised[] = [
  {
    name: 'keys that the broker refuses fail a question as `keys`, which nobody tries again',
    async check(stage) {
      await stage.refuseKeys();
      await fails(stage.broker.account(), { code: 'keys', retriable: false });
    },
  },
  {
    name: 'keys that the broker refuses refuse an order',
    async check(stage) {
      await stage.refuseKeys();
      has(await stage.broker.submit(aRequest(stage)), { kind: 'refused', why: 'keys' });
    },
  },
  ...READS.map(([what, ask]) => ({
    name: `a broker that does not answer fails a question about ${what} as \`unclear\`, to be tried again`,
    async check(stage: BrokerStage) {
      await stage.fallSilent('break');
      await fails(ask(stage), { code: 'unclear', retriable: true });
    },
  })),
  {
    name: 'a broker that does not answer leaves an order, a cancellation and an asset unknown',
    async check(stage) {
      const { broker, symbol } = stage;
      const order = await confirmed(stage);
      await stage.fallSilent('break');
      for (const answer of [
        await broker.submit(aRequest(stage)),
        await broker.order(order.id),
        await broker.orderByBrokerId(order.brokerId),
        await broker.cancel(order.brokerId),
        await broker.asset(symbol),
      ]) {
        has(answer, { kind: 'unknown', message: /./ });
        assert.equal(Object.keys(answer).length, 2, `${JSON.stringify(answer)} says more than that`);
      }
    },
  },
  ...READS.map(([what, ask]) => ({
    name: `a signal ends the wait for ${what}`,
    async check(stage: BrokerStage) {
      await stage.fallSilent('hang');
      await fails(ask(stage, AbortSignal.timeout(20)), { code: 'unclear' });
    },
  })),
  {
    name: 'a signal that ends the wait for a submission leaves it unknown',
    async check(stage) {
      await stage.fallSilent('hang');
      has(await stage.broker.submit(aRequest(stage), AbortSignal.timeout(50)), { kind: 'unknown' });
    },
  },
];
