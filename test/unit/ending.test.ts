/** How a broker's order ended: its quantity decides, not its name for the end (I1, I4). */
import { describe, expect, it } from 'vitest';
import { endingOf } from '../../src/broker/ending.ts';
import type { BrokerOrder } from '../../src/broker/port.ts';

const order = (fields: Partial<BrokerOrder>): BrokerOrder => ({
  ...{ id: 'a_0', brokerId: 'b-a_0', symbol: 'AAPL', side: 'buy', limit: '100', qty: '10' },
  ...{ filledQty: '0', filledAvgPrice: null, state: 'cancelled', status: 'canceled', ...fields },
});
const known = { qty: '10', limit: '100' };
const all = { filledQty: '10', filledAvgPrice: '99' };

describe('An order that is over', () => {
  it.each([
    [
      'filled in full is filled',
      { state: 'filled', ...all },
      { state: 'filled', filledQty: '10', costMicros: 990_000_000 },
    ],
    [
      'cancelled with everything filled is filled',
      { state: 'cancelled', ...all },
      { state: 'filled', reason: 'filled' },
    ],
    [
      'replaced with everything filled is filled',
      { state: 'cancelled', status: 'replaced', replaced: true, ...all },
      { state: 'filled' },
    ],
    [
      'expired with everything filled is filled',
      { state: 'expired', ...all },
      { state: 'filled', costMicros: 990_000_000 },
    ],
    [
      'rejected with everything filled is filled',
      { state: 'rejected', ...all },
      { state: 'filled', costMicros: 990_000_000 },
    ],
    [
      'written with more decimals is the same quantity',
      { ...all, filledQty: '10.000' },
      { state: 'filled', filledQty: '10' },
    ],
    [
      'cancelled half filled is cancelled',
      { ...all, filledQty: '5' },
      { state: 'cancelled', filledQty: '5', costMicros: 495_000_000 },
    ],
    [
      'expired half filled is expired',
      { ...all, state: 'expired', filledQty: '5' },
      { state: 'expired', filledQty: '5', reason: 'expired' },
    ],
    [
      'rejected without a fill is rejected',
      { state: 'rejected' },
      { state: 'rejected', filledQty: '0', costMicros: 0, reason: 'rejected' },
    ],
    [
      'called filled with less than its quantity ends with what was filled',
      { ...all, state: 'filled', filledQty: '4' },
      { state: 'cancelled', filledQty: '4', costMicros: 396_000_000, reason: 'filled_in_part' },
    ],
    [
      'called filled without a quantity is filled, at its limit',
      { state: 'filled' },
      { state: 'filled', filledQty: '10', costMicros: 1e9 },
    ],
    [
      'filled without a price costs its limit',
      { ...all, filledAvgPrice: null },
      { state: 'filled', costMicros: 1e9 },
    ],
    [
      'filled at a price of zero costs its limit',
      { ...all, filledAvgPrice: '0' },
      { state: 'filled', costMicros: 1e9 },
    ],
    [
      'half filled without a price costs its limit',
      { filledQty: '5' },
      { state: 'cancelled', costMicros: 500_000_000 },
    ],
    [
      'filled without price and limit costs the limit that was asked for',
      { filledQty: '10', limit: null },
      { costMicros: 1e9 },
    ],
    [
      'that filled more than was asked for costs all of it',
      { ...all, filledQty: '50' },
      { filledQty: '10', costMicros: 4_950_000_000 },
    ],
  ] as const)('%s', (_, fields, ending) => {
    expect(endingOf(order(fields), known)).toMatchObject(ending);
  });

  it('and live has no ending', () => {
    expect(endingOf(order({ state: 'live', ...all }), known)).toBeUndefined();
  });

  it.each([
    ['the reason of its cancellation', { filledQty: '5' }, 'stolen'],
    ['no reason of a cancellation that came too late', { filledQty: '10' }, 'filled'],
    ['no reason of a cancellation that it expired before', { state: 'expired' }, 'expired'],
  ] as const)('is on record with %s', (_, fields, reason) => {
    expect(endingOf(order(fields), { ...known, why: 'stolen' })).toMatchObject({ reason });
  });

  it.each([
    ['cancelled', { state: 'cancelled', filledQty: '5', costMicros: 495_000_000 }],
    ['expired', { state: 'expired', filledQty: '5', costMicros: 495_000_000 }],
  ] as const)('%s with less filled than was told before keeps what was filled', (state, ending) => {
    const before = { ...known, filledQty: '5', filledMicros: 495_000_000 };
    expect(endingOf(order({ state, filledQty: '0' }), before)).toMatchObject(ending);
  });

  it('of an order for an amount is filled in the quantity that was estimated for it', () => {
    const told = { state: 'filled', filledQty: '9.8', filledAvgPrice: '102', notionalMicros: 1e9 } as const;
    expect(endingOf(order(told), known)).toMatchObject({
      state: 'filled',
      filledQty: '10',
      costMicros: 999_600_000,
    });
  });
});
