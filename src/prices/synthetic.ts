/**
 * A seeded synthetic market. Each symbol swings around a slowly moving anchor (mean-reverting, within about
 * two percent in an hour), jumps now and then, and has quiet and busy hours. A demo of stealing needs both of
 * what follows: prices often reach limits that are some tenths of a percent away, and often move away again.
 *
 * It moves in steps of one second of market time, so a seed gives the same prices however often it is
 * advanced.
 */
import { NANOS } from '../domain/decimal.ts';
import { assetClassOf, type Market, type MarketPrice, type PriceStep, type SymbolInfo } from './market.ts';
import { type Random, seededRandom } from './random.ts';

const STEP_MS = 1000;
/** A longer span uses longer steps, so that a host that slept does not hang when it wakes up. */
const MAX_STEPS = 3600;
/** Time constant of the mean reversion: after it a swing is down to 37 %. */
const REVERSION_MS = 8 * 60_000;
const JUMPS_PER_HOUR = 0.4;
/** Makes an hour's range about five deviations, or two percent. */
const SWING_SCALE = 0.5;

/** Start price in USD, deviation of the swings in percent, smallest change of the price in nanos. */
type Spec = { price: number; swingPercent: number; tickNanos: number };

const SPECS: Readonly<Record<string, Spec>> = {
  BTCUSD: { price: 96_000, swingPercent: 0.7, tickNanos: 10_000_000 },
  ETHUSD: { price: 3_300, swingPercent: 0.9, tickNanos: 10_000_000 },
  SOLUSD: { price: 190, swingPercent: 1.1, tickNanos: 1_000_000 },
  XRPUSD: { price: 2.4, swingPercent: 1.1, tickNanos: 10_000 },
  ADAUSD: { price: 0.95, swingPercent: 1.1, tickNanos: 10_000 },
  DOGEUSD: { price: 0.33, swingPercent: 1.3, tickNanos: 10_000 },
  LTCUSD: { price: 105, swingPercent: 0.9, tickNanos: 1_000_000 },
  LINKUSD: { price: 22, swingPercent: 1.1, tickNanos: 1_000_000 },
  UNIUSD: { price: 13, swingPercent: 1.3, tickNanos: 1_000_000 },
  AVAXUSD: { price: 38, swingPercent: 1.2, tickNanos: 1_000_000 },
  AAPL: { price: 230, swingPercent: 0.5, tickNanos: 10_000_000 },
  MSFT: { price: 430, swingPercent: 0.5, tickNanos: 10_000_000 },
  NVDA: { price: 135, swingPercent: 0.9, tickNanos: 10_000_000 },
  AMZN: { price: 220, swingPercent: 0.6, tickNanos: 10_000_000 },
  GOOG: { price: 190, swingPercent: 0.6, tickNanos: 10_000_000 },
  META: { price: 600, swingPercent: 0.7, tickNanos: 10_000_000 },
  TSLA: { price: 400, swingPercent: 1.0, tickNanos: 10_000_000 },
  NFLX: { price: 880, swingPercent: 0.6, tickNanos: 10_000_000 },
  AMD: { price: 125, swingPercent: 0.9, tickNanos: 10_000_000 },
  INTC: { price: 20, swingPercent: 0.8, tickNanos: 10_000_000 },
  PLTR: { price: 75, swingPercent: 1.0, tickNanos: 10_000_000 },
  NET: { price: 110, swingPercent: 0.9, tickNanos: 10_000_000 },
  NYT: { price: 52, swingPercent: 0.5, tickNanos: 10_000_000 },
  YELP: { price: 39, swingPercent: 0.6, tickNanos: 10_000_000 },
  IBM: { price: 270, swingPercent: 0.5, tickNanos: 10_000_000 },
};

/** The demo's plans leave it to bots, whose first order meets no other of the symbol. */
export const LEFT_TO_BOTS = 'IBM';

/** The symbols that the synthetic market knows. */
export const SYNTHETIC_SYMBOLS: readonly string[] = Object.keys(SPECS);

export type SyntheticOptions = {
  seed: number;
  startMs: number;
  /** Some of SYNTHETIC_SYMBOLS; all by default. */
  symbols?: readonly string[];
  /**
   * Is the stock exchange open? Stocks do not move while it is closed. Default: always open.
   */
  stocksOpen?: (atMs: number) => boolean;
};

type Walk = {
  info: SymbolInfo;
  spec: Spec;
  random: Random;
  anchor: number;
  swing: number;
  price: MarketPrice;
};

/** Busy and quiet hours, as a factor of the swings. The US session is the busiest time. */
function activity(info: SymbolInfo, atMs: number): number {
  const hour = (atMs / 3_600_000) % 24;
  const bell = Math.exp(-(((hour - 16.5) / 4) ** 2));
  return info.assetClass === 'crypto' ? 0.7 + 0.6 * bell : 0.5 + 0.9 * bell;
}

export class SyntheticMarket implements Market {
  private readonly walks: Walk[];
  private readonly bySymbol: Map<string, Walk>;
  private readonly stocksOpen: (atMs: number) => boolean;
  private nowMs: number;

  constructor({ seed, startMs, symbols = SYNTHETIC_SYMBOLS, stocksOpen = () => true }: SyntheticOptions) {
    this.nowMs = startMs;
    this.stocksOpen = stocksOpen;
    this.walks = symbols.map((symbol, index) => {
      const spec = SPECS[symbol] ?? { price: 100, swingPercent: 0.9, tickNanos: 10_000_000 };
      const walk: Walk = {
        info: { symbol, assetClass: assetClassOf(symbol) },
        spec,
        random: seededRandom(seed * 1000 + index),
        anchor: Math.log(spec.price),
        swing: 0,
        price: { priceNanos: 0n, atMs: startMs },
      };
      walk.price = { priceNanos: quantize(walk), atMs: startMs };
      return walk;
    });
    this.bySymbol = new Map(this.walks.map((walk) => [walk.info.symbol, walk]));
  }

  symbols(): readonly SymbolInfo[] {
    return this.walks.map((walk) => walk.info);
  }

  advance(toMs: number): PriceStep[] {
    const steps: PriceStep[] = [];
    const seconds = Math.max(1, Math.ceil((toMs - this.nowMs) / STEP_MS / MAX_STEPS));
    const stepMs = STEP_MS * seconds;
    while (this.nowMs + stepMs <= toMs) {
      this.nowMs += stepMs;
      const open = this.stocksOpen(this.nowMs);
      for (const walk of this.walks) {
        if (!open && walk.info.assetClass === 'stock') continue;
        const before = walk.price.priceNanos;
        move(walk, this.nowMs, stepMs);
        if (walk.price.priceNanos !== before) {
          steps.push({ symbol: walk.info.symbol, atMs: this.nowMs, priceNanos: walk.price.priceNanos });
        }
      }
    }
    return steps;
  }

  price(symbol: string): MarketPrice | undefined {
    return this.bySymbol.get(symbol)?.price;
  }
}

function quantize({ anchor, swing, spec }: Walk): bigint {
  const tick = BigInt(spec.tickNanos);
  const ticks = BigInt(Math.max(1, Math.round((Math.exp(anchor + swing) * Number(NANOS)) / spec.tickNanos)));
  return ticks * tick;
}

/**
 * One step: the swing reverts to the anchor (Ornstein-Uhlenbeck) and may jump; the anchor moves at random.
 */
function move(walk: Walk, atMs: number, stepMs: number): void {
  const { random, spec } = walk;
  const sigma = SWING_SCALE * (spec.swingPercent / 100) * activity(walk.info, atMs);
  const keep = Math.exp(-stepMs / REVERSION_MS);
  walk.swing = walk.swing * keep + sigma * Math.sqrt(1 - keep * keep) * random.normal();
  walk.anchor += sigma * 0.3 * Math.sqrt(stepMs / 3_600_000) * random.normal();
  if (random.next() < (JUMPS_PER_HOUR * stepMs) / 3_600_000) walk.swing += 2 * sigma * random.normal();
  walk.price = { priceNanos: quantize(walk), atMs };
}
