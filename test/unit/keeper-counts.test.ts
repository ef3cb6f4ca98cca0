/** What the keeper makes of the broker's lists and of the events, for people. */
import { describe, expect, it } from 'vitest';
import type { BrokerOrder } from '../../src/broker/port.ts';
import { brokerCount, driftMicros } from '../../src/keeper/broker-count.ts';
import { KeeperTotals } from '../../src/keeper/keeper-report.ts';
import type { LedgerOrder, LedgerPosition } from '../../src/ledger/commands/snapshot.ts';

const DOLLAR = 1_000_000;

function listed(changes: Partial<BrokerOrder>): BrokerOrder {
  const usual = { id: 'a', brokerId: 'b-a', symbol: 'AAPL', side: 'buy', limit: '10', qty: '5' } as const;
  return { ...usual, filledQty: '0', filledAvgPrice: null, state: 'live', status: 'new', ...changes };
}

const position = (symbol: string, dollars: number, side: 'long' | 'short' = 'long'): LedgerPosition => ({
  ...{ symbol, side, qty: '5', pool: '' },
  costMicros: dollars * DOLLAR,
});

describe("the broker's own count", () => {
  it('is its positions at cost and the unfilled rest of its orders', () => {
    const orders = [listed({}), listed({ brokerId: 'b-b', filledQty: '2' })];
    expect(brokerCount(orders, [position('MSFT', 100)], [])).toBe((100 + 50 + 30) * DOLLAR);
  });

  it('leaves out an order that closes a position', () => {
    expect(brokerCount([listed({ side: 'sell', symbol: 'MSFT' })], [position('MSFT', 100)], [])).toBe(
      100 * DOLLAR,
    );
  });

  it('takes for an order without a limit what the ledger holds, or the amount that it is for', () => {
    const market = listed({ limit: null, notionalMicros: 7 * DOLLAR });
    const ours = { brokerId: 'b-a', heldMicros: 9 * DOLLAR } as LedgerOrder;
    expect(brokerCount([market], [], [ours])).toBe(9 * DOLLAR);
    expect(brokerCount([market], [], [])).toBe(7 * DOLLAR);
  });
});

describe('the drift', () => {
  it('is the sum of the differences, those of a symbol on one side alone included', () => {
    const ours = [position('MSFT', 100), position('GME', 30)];
    const theirs = [position('MSFT', 90), position('IBM', 5)];
    expect(driftMicros(ours, theirs)).toBe((10 + 30 + 5) * DOLLAR);
    expect(driftMicros(ours, ours)).toBe(0);
  });

  it('between a long and a short position is both of them', () => {
    expect(driftMicros([position('MSFT', 100)], [position('MSFT', 100, 'short')])).toBe(200 * DOLLAR);
  });
});

describe("a keeper's totals", () => {
  it('have how long steals took, victims that filled and fights, by the events', () => {
    const totals = new KeeperTotals();
    const hear = (id: string, type: string, fields: Record<string, string> = {}) =>
      totals.countEvent({ id, type, fields });
    hear('1000-0', 'stolen', { order: 't1' });
    hear('1400-0', 'ended', { order: 'v1', state: 'filled', robbed_by: 't1' });
    hear('1500-0', 'steal_failed', { order: 't1', reason: 'a victim was filled' });
    hear('2000-0', 'stolen', { order: 't2' });
    hear('2250-1', 'granted', { order: 't2' });
    hear('2300-0', 'granted', { order: 'unknown' });
    // The clock of Redis went back.
    hear('2900-0', 'stolen', { order: 't3' });
    hear('2800-0', 'granted', { order: 't3' });
    hear('2400-0', 'fight', { pair: 'A|B' });
    hear('2500-0', 'judged', { order: 't2', regret: '1.25', gain: '12.0000015' });
    hear('2600-0', 'judged', { order: 't3', regret: '-3', gain: '0' });
    expect(totals.report()).toMatchObject({
      stealMs: [500, 250, 0],
      victimFills: 1,
      fights: 1,
      regretMicros: 1_250_000,
      gainMicros: 12_000_002,
      steals: { granted: 3, failed: 1 },
    });
    expect(totals.report().stealMs).toEqual([]);
  });
});
