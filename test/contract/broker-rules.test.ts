/** No order is cancelled for one that the broker would refuse (src/coordinator/broker-rules.ts). */
import { afterEach, describe, expect, it } from 'vitest';
import { usualPriceSteps } from '../../src/rules/legal-price.ts';
import {
  type Coordination,
  type CoordinationOptions,
  coordinate,
  pricesFor,
  worseOrders,
} from '../support/coordination.ts';
import { useLedgers } from '../support/fixtures.ts';
import { anOrder, type OrderBuilder } from '../support/ledger.ts';

const ledgers = useLedgers();
const closing: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close();
});

const thief = (id = 'p_1'): OrderBuilder => anOrder(id).of('BBB').worth(100).pnl('10').plan('p');

/** Full with ten worse orders; BBB is at its limit. */
async function aFullWorld(options: CoordinationOptions = {}): Promise<Coordination> {
  const all = await coordinate(ledgers.url, await ledgers.account(), options);
  closing.push(() => all.close());
  const worse = worseOrders(10, 100);
  await pricesFor(all.account, worse, [thief()]);
  await all.live(...worse);
  return all;
}

const asked = (all: Coordination, symbol: string): string[] => {
  const seen: string[] = [];
  const answer = all.broker.asset.bind(all.broker);
  all.broker.asset = async (of) => {
    if (of === symbol) seen.push(of);
    return await answer(of);
  };
  return seen;
};

describe('a thief', () => {
  it('whose symbol takes no orders makes no victim, and gets the reason', async () => {
    const all = await aFullWorld();
    all.broker.assets = { BBB: { shut: 'it is inactive' } };
    expect(await all.enter(thief())).toMatchObject({
      outcome: 'refused',
      reason: 'untakeable',
      numbers: {
        why: 'not_tradable',
        words: 'BBB is not tradable: it is inactive',
        need_micros: '100000000',
        room_micros: '0',
      },
    });
    expect(all.broker.cancelled).toEqual([]);
    expect(await all.account.field('refusal:p', 'reason')).toBe('untakeable');
  });

  it('that would sell short in an account without short selling makes no victim', async () => {
    const all = await aFullWorld();
    const account = await all.broker.account();
    all.broker.account = async () => ({ ...account, shorting: false });
    expect(await all.enter(thief().selling())).toMatchObject({
      reason: 'untakeable',
      numbers: { why: 'short' },
    });
    expect(all.broker.cancelled).toEqual([]);
  });

  it('steals once the cause is gone', async () => {
    let nowMs = 0;
    const all = await aFullWorld({ monotonicMs: () => nowMs });
    all.broker.assets = { BBB: { shut: 'it is halted' } };
    await all.enter(thief());
    all.broker.assets = {};
    expect(await all.enter(thief())).toMatchObject({ reason: 'untakeable' }); // asked a moment ago
    nowMs += 30_001;
    expect(await all.enter(thief())).toMatchObject({ outcome: 'reserved', how: 'stolen' });
  });

  it('steals if the broker gives no answer', async () => {
    const all = await aFullWorld();
    all.broker.asset = async () => {
      throw new Error('no answer');
    };
    expect(await all.enter(thief())).toMatchObject({ outcome: 'reserved', how: 'stolen' });
  });
});

it('an asset is asked for once, however many thieves and hosts want to know', async () => {
  const all = await aFullWorld();
  all.broker.assets = { BBB: { priceSteps: [{ from: '0', step: '3' }] } };
  const other = await coordinate(ledgers.url, all.account);
  closing.push(() => other.close());
  const seen = [asked(all, 'BBB'), asked(other, 'BBB')];
  await Promise.all([1, 2, 3].map((n) => all.enter(thief(`q${n}_1`).plan(`q${n}`))));
  expect(await other.enter(thief())).toMatchObject({ reason: 'untakeable', numbers: { why: 'price_step' } });
  expect(seen).toEqual([['BBB'], []]);
});

it('after the broker refused an order, its asset is queried again before it takes room', async () => {
  const all = await coordinate(ledgers.url, await ledgers.account());
  closing.push(() => all.close());
  all.broker.nextSubmits('not_tradable');
  expect(await all.enter(thief())).toMatchObject({ outcome: 'reserved', how: 'fits' });
  await all.coordinator.place(thief().wish, new AbortController().signal);
  all.broker.assets = { BBB: { shut: 'it is inactive' } };
  expect(await all.enter(thief('p_2'))).toMatchObject({
    reason: 'untakeable',
    numbers: { why: 'not_tradable' },
  });
  expect(all.broker.submitted).toEqual([]);
});

it('an old answer that kept orders out is asked for again before an order takes free room', async () => {
  let nowMs = 0;
  const all = await coordinate(ledgers.url, await ledgers.account(), { monotonicMs: () => nowMs });
  closing.push(() => all.close());
  await pricesFor(all.account, [], [thief()]);
  all.broker.assets = { BBB: { shut: 'it is halted' } };
  expect(await all.coordinator.asset('BBB', new AbortController().signal)).toBeDefined();
  nowMs += 30_001;
  expect(await all.enter(thief())).toMatchObject({ reason: 'untakeable' });
  nowMs += 30_001;
  all.broker.assets = {};
  expect(await all.enter(thief())).toMatchObject({ outcome: 'reserved', how: 'fits' });
});

it('an exit is never asked about', async () => {
  const all = await aFullWorld();
  all.broker.assets = { BBB: { shut: 'it is halted' } };
  await all.enter(thief());
  expect(await all.enter(anOrder('x').of('BBB').selling().exiting())).not.toMatchObject({
    reason: 'untakeable',
  });
});

describe('the price steps of a symbol', () => {
  const steps = [{ from: '0', step: '0.05' }];

  it("are the broker's, asked for once", async () => {
    const all = await aFullWorld();
    all.broker.assets = { BBB: { priceSteps: steps } };
    const seen = asked(all, 'BBB');
    for (let times = 0; times < 2; times += 1)
      expect(await all.coordinator.priceSteps('BBB', AbortSignal.timeout(5_000))).toEqual(steps);
    expect(seen).toEqual(['BBB']);
  });

  it('are the usual ones where the broker does not answer', async () => {
    const all = await aFullWorld();
    all.broker.asset = async () => ({ kind: 'unknown', message: 'no answer' });
    expect(await all.coordinator.priceSteps('BBB', AbortSignal.timeout(5_000))).toEqual(
      usualPriceSteps('BBB'),
    );
  });
});
