import { describe, expect, it } from 'vitest';
import { seededRandom } from '../../src/prices/random.ts';
import { SYNTHETIC_SYMBOLS, SyntheticMarket } from '../../src/prices/synthetic.ts';

const START_MS = Date.parse('2026-01-20T15:00:00Z');
const HOUR_MS = 3_600_000;

function walk(market: SyntheticMarket, everyMs: number): string[] {
  const seen: string[] = [];
  for (let atMs = START_MS; atMs <= START_MS + HOUR_MS; atMs += everyMs) {
    for (const { symbol, priceNanos } of market.advance(atMs)) seen.push(`${symbol} ${priceNanos}`);
  }
  return seen;
}

describe('The seeded random source', () => {
  it('gives the same numbers for a seed, others for another, all below 1 and even', () => {
    const take = (seed: number) => Array.from({ length: 10_000 }, seededRandom(seed).next);
    const numbers = take(7);
    expect(take(7)).toEqual(numbers);
    expect(take(8)).not.toEqual(numbers);
    expect(numbers.every((x) => x >= 0 && x < 1)).toBe(true);
    expect(numbers.reduce((sum, x) => sum + x) / numbers.length).toBeCloseTo(0.5, 1);
  });

  it('gives normal numbers around 0 with deviation 1', () => {
    const { normal } = seededRandom(7);
    const numbers = Array.from({ length: 10_000 }, normal);
    const mean = numbers.reduce((sum, x) => sum + x) / numbers.length;
    const variance = numbers.reduce((sum, x) => sum + (x - mean) ** 2, 0) / numbers.length;
    expect(mean).toBeCloseTo(0, 1);
    expect(variance).toBeCloseTo(1, 1);
  });
});

describe('The synthetic market', () => {
  it('gives the same prices for a seed, however often it is advanced', () => {
    const fine = walk(new SyntheticMarket({ seed: 3, startMs: START_MS }), 1500);
    expect(walk(new SyntheticMarket({ seed: 3, startMs: START_MS }), 60_000)).toEqual(fine);
    expect(walk(new SyntheticMarket({ seed: 4, startMs: START_MS }), 60_000)).not.toEqual(fine);
  });

  it('swings by half a percent to some percent in an hour, and stays near its start for a day', () => {
    const market = new SyntheticMarket({ seed: 3, startMs: START_MS });
    const ranges = new Map<string, { low: number; high: number; first: number }>();
    for (const symbol of SYNTHETIC_SYMBOLS) {
      const first = Number(market.price(symbol)?.priceNanos);
      ranges.set(symbol, { low: first, high: first, first });
    }
    for (const { symbol, priceNanos } of market.advance(START_MS + HOUR_MS)) {
      const range = ranges.get(symbol);
      if (range)
        Object.assign(range, {
          low: Math.min(range.low, Number(priceNanos)),
          high: Math.max(range.high, Number(priceNanos)),
        });
    }
    const percents = [...ranges.values()]
      .map(({ low, high }) => (high / low - 1) * 100)
      .sort((a, b) => a - b);
    expect(percents.at(0)).toBeGreaterThan(0.4);
    expect(percents[12]).toBeGreaterThan(1);
    expect(percents[12]).toBeLessThan(4);
    for (let hour = 2; hour <= 24; hour += 1) market.advance(START_MS + hour * HOUR_MS);
    for (const [symbol, { first }] of ranges) {
      const ratio = Number(market.price(symbol)?.priceNanos) / first;
      expect(ratio, symbol).toBeGreaterThan(0.8);
      expect(ratio, symbol).toBeLessThan(1.25);
    }
  });

  it('lets stocks stand still and grow old while their exchange is closed, if asked', () => {
    const market = new SyntheticMarket({ seed: 3, startMs: START_MS, stocksOpen: () => false });
    const moved = new Set(market.advance(START_MS + 60_000).map(({ symbol }) => symbol));
    expect(moved.has('BTCUSD')).toBe(true);
    expect(moved.has('AAPL')).toBe(false);
    expect(market.price('AAPL')?.atMs).toBe(START_MS);
    expect(market.price('BTCUSD')?.atMs).toBe(START_MS + 60_000);
  });

  it('goes on after a leap of days without walking every second', () => {
    const market = new SyntheticMarket({ seed: 3, startMs: START_MS });
    expect(market.advance(START_MS + 72 * HOUR_MS).length).toBeLessThan(3601 * SYNTHETIC_SYMBOLS.length);
  });
});
