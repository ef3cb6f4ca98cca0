/** src/history: what events alone tell of a period. */
import { describe, expect, it } from 'vitest';
import { CancelTimes } from '../../src/history/cancel-times.ts';
import { CapacitySteps } from '../../src/history/capacity.ts';
import { RefusalSteps } from '../../src/history/refusals.ts';
import { StealPairs } from '../../src/history/steal-pairs.ts';
import type { LedgerEvent } from '../../src/ledger/events.ts';

const event = (atMs: number, type: string, fields: Record<string, string> = {}): LedgerEvent => ({
  id: `${atMs}-0`,
  type,
  fields: { type, ...fields },
});

const victims = (...symbols: string[]): string =>
  symbols.map((symbol) => `of-${symbol} ${symbol} 1.5 100`).join(';');
const stolen = (atMs: number, symbol: string, ...from: string[]): LedgerEvent =>
  event(atMs, 'stolen', { order: `by-${symbol}`, symbol, victims: victims(...from), held_micros: '50' });

describe('Capacity from events', () => {
  const steps = (...events: LedgerEvent[]): CapacitySteps => {
    const made = new CapacitySteps(0, 10);
    for (const one of events) made.note(one);
    return made;
  };

  it('begins with the first event that says what the cap holds', () => {
    const samples = steps(
      event(5, 'working', { order: 'a' }),
      event(25, 'fill', { order: 'a', totals: '1000 300 200' }),
    ).until(40);
    expect(samples.map(({ atMs, positionsMicros }) => [atMs, positionsMicros])).toEqual([
      [30, 300],
      [40, 300],
    ]);
  });

  it('splits what orders hold by state, and never below nothing', () => {
    const samples = steps(
      event(1, 'reserved', { order: 'a', held_micros: '100', totals: '1000 0 100' }),
      event(11, 'working', { order: 'a' }),
      stolen(21, 'NEW', 'OLD'),
      event(22, 'ended', { order: 'of-X', totals: '1000 0 400' }),
      event(31, 'ended', { order: 'of-OLD', totals: '1000 0 120' }),
      event(32, 'granted', { order: 'by-NEW', held_micros: '150', totals: '1000 0 120' }),
      event(41, 'rebuilt', { totals: '1000 0 120' }),
    ).until(50);
    expect(
      samples.map((one) => [
        one.workingMicros,
        one.reservedMicros,
        one.cancellingMicros,
        one.earmarkedMicros,
      ]),
    ).toEqual([
      [0, 100, 0, 0],
      [100, 0, 0, 0],
      [250, 0, 100, 50],
      [0, 120, 0, 0],
      [120, 0, 0, 0],
    ]);
  });

  it('passes over totals that are none', () => {
    expect(
      steps(event(1, 'fill', { totals: '1 2' }), event(2, 'fill', { totals: '1 2 x' })).until(90),
    ).toEqual([]);
  });
});

describe('Steals per pair', () => {
  it('count each symbol of a steal once, in one direction, the most frequent first', () => {
    const pairs = new StealPairs();
    for (const one of [stolen(1, 'A', 'B', 'C', 'B'), stolen(2, 'B', 'A'), stolen(3, 'A', 'B')])
      pairs.note(one);
    expect(pairs.pairs()).toEqual([
      { thief: 'A', victim: 'B', steals: 2, lastAtMs: 3 },
      { thief: 'B', victim: 'A', steals: 1, lastAtMs: 2 },
      { thief: 'A', victim: 'C', steals: 1, lastAtMs: 1 },
    ]);
    pairs.since(2);
    expect(pairs.pairs().map(({ thief, steals }) => [thief, steals])).toEqual([
      ['A', 1],
      ['B', 1],
    ]);
  });

  it('name the fights of the period, and those in force', () => {
    const pairs = new StealPairs();
    pairs.note(event(1, 'fight', { pair: 'A|B', until_ms: '90' }));
    pairs.note(event(5, 'fight', { pair: 'C|D', until_ms: '95' }));
    pairs.since(2);
    expect(pairs.fights(['C|D', '99', 'E|F', '70'])).toEqual([
      { symbols: ['C', 'D'], untilMs: 99 },
      { symbols: ['E', 'F'], untilMs: 70 },
    ]);
  });

  it('remember a bounded number of steals', () => {
    const pairs = new StealPairs();
    for (let at = 0; at < 20_000; at += 1) pairs.add({ atMs: at, thief: 'A', victim: 'B' });
    expect(pairs.count).toBeLessThanOrEqual(7_500);
  });
});

describe('Cancel latency', () => {
  it('lasts from the request, or the steal, to the end', () => {
    const cancels = new CancelTimes();
    cancels.note(event(100, 'cancelling', { order: 'a' }));
    cancels.note(stolen(110, 'NEW', 'OLD', 'AGE'));
    cancels.note(event(130, 'ended', { order: 'a' }));
    cancels.note(event(150, 'ended', { order: 'of-OLD' }));
    cancels.note(event(160, 'ended', { order: 'never-asked' }));
    expect(cancels.summary()).toEqual({
      ...{ count: 2, p50Ms: 30, p99Ms: 40, lastMs: 40, recentMs: [30, 40], waiting: 1 },
    });
    cancels.note(event(170, 'rebuilt'));
    cancels.since(140);
    expect(cancels.summary()).toMatchObject({ count: 1, p50Ms: 40, waiting: 0 });
  });

  it('is nothing without a cancellation', () => {
    expect(new CancelTimes().summary()).toMatchObject({ count: 0, p50Ms: null, p99Ms: null, lastMs: null });
  });
});

describe('Refusals over time', () => {
  it('are counted by reason, in the order of the rules, in steps', () => {
    const steps = new RefusalSteps(10);
    steps.add(12, 'barred', 1);
    steps.add(19, 'no_price', 3);
    steps.add(21, 'barred', 1);
    steps.add(22, 'barred', 0);
    expect(steps.steps()).toEqual([
      {
        atMs: 10,
        reasons: [
          { reason: 'no_price', count: 3 },
          { reason: 'barred', count: 1 },
        ],
      },
      { atMs: 20, reasons: [{ reason: 'barred', count: 1 }] },
    ]);
    steps.since(20);
    expect(steps.steps()).toHaveLength(1);
  });
});
