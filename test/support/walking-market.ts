/** Markets for tests of the evidence engine: random walks, and bars whose minutes are written by hand. */
import type { Bar, BarLimits, Market, SymbolBars } from '../../src/evidence/types.ts';
import { seededRandom } from '../../src/prices/random.ts';

const HOUR_MS = 3_600_000;
const MINUTES = 60;

/** A Monday, outside of New York's session until 14:30. */
export const START_MS = Date.parse('2025-01-06T00:00:00Z');

/** Cryptos that walk without drift; bars made of the minutes, which are given too where asked for. */
export function walkingMarket(options: {
  symbols: number;
  hours: number;
  seed: number;
  minutes?: boolean;
}): Market {
  const symbols = Array.from({ length: options.symbols }, (_, at): SymbolBars => {
    const random = seededRandom(options.seed * 100 + at);
    const deviation = 0.004 + 0.0005 * at;
    let price = 100;
    const bars: Bar[] = [];
    const minutes: number[][] = [];
    for (let hour = 0; hour < options.hours; hour++) {
      const open = price;
      const path = Array.from({ length: MINUTES }, () => {
        price *= Math.exp((deviation / Math.sqrt(MINUTES)) * random.normal());
        return price;
      });
      bars.push(barOf(hour, open, path));
      minutes.push(path);
    }
    const symbol = `W${at}USD`;
    return { symbol, crypto: true, bars, ...(options.minutes === true ? { minutes } : {}) };
  });
  return { symbols };
}

/** A price that holds for some minutes: [price, minutes]. */
export type Stretch = readonly [price: number, minutes: number];

/**
 * A stock by its hours: each the stretches of its 60 minutes, and the plan for the hour AFTER it. The open of
 * an hour is the last price of the one before.
 */
export function handMade(symbol: string, hours: { path: Stretch[]; plan?: BarLimits }[]): SymbolBars {
  const minutes = hours.map(({ path }) => path.flatMap(([price, count]) => Array<number>(count).fill(price)));
  const bars = minutes.map((path, hour) => barOf(hour, minutes[hour - 1]?.at(-1) ?? path[0] ?? 1, path));
  return { symbol, crypto: false, bars, minutes, limits: hours.map(({ plan }) => plan) };
}

function barOf(hour: number, open: number, path: number[]): Bar {
  return {
    startMs: START_MS + hour * HOUR_MS,
    open,
    high: Math.max(open, ...path),
    low: Math.min(open, ...path),
    close: path.at(-1) ?? open,
  };
}
