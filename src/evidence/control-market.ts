/**
 * Made-up markets of which the answer is known, with the true path of each minute. `fair`: prices are a
 * random walk without drift, so no rule can earn anything. `edge`: each symbol has good and bad times, in
 * which its price rises or falls, and plans forecast more in good times: who prefers high forecasts earns
 * more.
 */
import { type Random, seededRandom } from '../prices/random.ts';
import type { Bar, BarLimits, Market, SymbolBars } from './types.ts';

export const CONTROL_MARKETS = ['fair', 'edge'] as const;
export type ControlMarket = (typeof CONTROL_MARKETS)[number];

export type ControlOptions = {
  kind: ControlMarket;
  seed: number;
  days: number;
  symbols?: number;
  /** Whether the true minutes are given with the bars; else a run has to draw them. */
  minutes?: boolean;
};

const MINUTES = 60;
const HOUR_MS = 3_600_000;
const START_MS = Date.parse('2025-01-06T00:00:00Z');
/** Deviation of an hour's return: from the calmest symbol to the wildest. */
const SIGMAS = [0.004, 0.009] as const;

/** In deviations of an hour, for each hour. */
const DRIFT = { good: 0.35, bad: -0.15 } as const;
/** Chance that an hour changes from good to bad times, and back. */
const CHANGES = { good: 1 / 10, bad: 1 / 24 } as const;
/** A target lies so many deviations above the close. */
const TARGET = { good: 1.5, bad: 0.4 } as const;

export function controlMarket(options: ControlOptions): Market {
  const { symbols = 12 } = options;
  return { symbols: Array.from({ length: symbols }, (_, at) => controlSymbol(options, at, symbols)) };
}

function controlSymbol(options: ControlOptions, at: number, symbols: number): SymbolBars {
  const { kind, seed, days, minutes: isGiven = true } = options;
  const random = seededRandom(seed * 1_000 + at);
  const sigma = SIGMAS[0] + ((SIGMAS[1] - SIGMAS[0]) * at) / Math.max(1, symbols - 1);
  const bars: Bar[] = [];
  const limits: BarLimits[] = [];
  const minutes: Float64Array[] = [];
  let price = 100;
  let time: 'good' | 'bad' = 'bad';
  for (let hour = 0; hour < days * 24; hour += 1) {
    const drift = kind === 'edge' ? DRIFT[time] * sigma : 0;
    const path = walk(price, sigma, drift, random);
    const close = path[MINUTES - 1] ?? price;
    bars.push({
      startMs: START_MS + hour * HOUR_MS,
      open: price,
      high: Math.max(price, most(path)),
      low: Math.min(price, least(path)),
      close,
    });
    minutes.push(path);
    // The times of the next hour are known to its plan: that is the edge.
    if (random.next() < CHANGES[time]) time = time === 'good' ? 'bad' : 'good';
    limits.push({
      limit: close * Math.exp(-(0.2 + 0.8 * random.next()) * sigma),
      target: close * Math.exp(TARGET[time] * sigma),
    });
    price = close;
  }
  return {
    symbol: `C${String(at + 1).padStart(2, '0')}USD`,
    crypto: true,
    bars,
    ...(kind === 'edge' ? { limits } : {}),
    ...(isGiven ? { minutes } : {}),
  };
}

/** An hour: the price at the end of each minute; without `drift` its expected value stays where it was. */
function walk(from: number, sigma: number, drift: number, random: Random): Float64Array {
  const path = new Float64Array(MINUTES);
  const step = sigma / Math.sqrt(MINUTES);
  let log = Math.log(from);
  for (let minute = 0; minute < MINUTES; minute += 1) {
    log += step * random.normal() - step ** 2 / 2 + drift / MINUTES;
    path[minute] = Math.exp(log);
  }
  return path;
}

const most = (path: Float64Array): number => path.reduce((a, b) => Math.max(a, b));
const least = (path: Float64Array): number => path.reduce((a, b) => Math.min(a, b));
