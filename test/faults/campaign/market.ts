/**
 * A busy market: each symbol swings around its base within a few seconds, by some tenths of a percent up to
 * two percent. So at any moment some orders are near their limit and some are far from it. Each symbol's
 * waves have their own lengths, plus a little noise, all derived from the seed.
 */
import {
  assetClassOf,
  type Market,
  type MarketPrice,
  type PriceStep,
  type SymbolInfo,
} from '../../../src/prices/market.ts';
import { type Random, seededRandom } from '../../../src/prices/random.ts';

const CRYPTOS = 12;
const STOCKS = 28;
/** Every symbol's base, USD. */
export const BASE_DOLLARS = 100;
/** How far above its base a symbol comes, and below it. */
const TOP = 0.02;
const BOTTOM = 0.006;
const NOISE = 0.0004;
const SHORTEST_WAVE_MS = 900;
const LONGEST_WAVE_MS = 3_000;
const STEP_MS = 20;
/** Cents, in nanos. */
const TICK_NANOS = 10_000_000n;

export const SYMBOLS: readonly string[] = [
  ...Array.from({ length: CRYPTOS }, (_, at) => `C${letters(at)}USD`),
  ...Array.from({ length: STOCKS }, (_, at) => `S${letters(at)}`),
];

type Wave = { lengthMs: number; phase: number };

export class BusyMarket implements Market {
  readonly #random: Random;
  readonly #waves: ReadonlyMap<string, Wave>;
  readonly #known: readonly SymbolInfo[] = SYMBOLS.map((symbol) => ({
    symbol,
    assetClass: assetClassOf(symbol),
  }));
  readonly #prices = new Map<string, bigint>();
  #nowMs = 0;

  constructor(seed: number) {
    this.#random = seededRandom(seed);
    const span = LONGEST_WAVE_MS - SHORTEST_WAVE_MS;
    const wave = (): Wave => ({
      lengthMs: SHORTEST_WAVE_MS + span * this.#random.next(),
      phase: this.#random.next(),
    });
    this.#waves = new Map(SYMBOLS.map((symbol) => [symbol, wave()]));
  }

  symbols(): readonly SymbolInfo[] {
    return this.#known;
  }

  /** At most one step a call: a market that was not looked at for a while has just been quiet. */
  advance(toMs: number): PriceStep[] {
    if (toMs - this.#nowMs < STEP_MS) return [];
    this.#nowMs = toMs;
    const steps: PriceStep[] = [];
    for (const [symbol, { lengthMs, phase }] of this.#waves) {
      const height = (1 + Math.sin(2 * Math.PI * (toMs / lengthMs + phase))) / 2;
      const away = -BOTTOM + (TOP + BOTTOM) * height + NOISE * this.#random.normal();
      const priceNanos = (BigInt(Math.round(BASE_DOLLARS * (1 + away) * 1e9)) / TICK_NANOS) * TICK_NANOS;
      if (this.#prices.get(symbol) === priceNanos) continue;
      this.#prices.set(symbol, priceNanos);
      steps.push({ symbol, atMs: toMs, priceNanos });
    }
    return steps;
  }

  price(symbol: string): MarketPrice | undefined {
    const priceNanos = this.#prices.get(symbol);
    return priceNanos === undefined ? undefined : { priceNanos, atMs: this.#nowMs };
  }
}

/** 0 -> AA, 1 -> AB, … */
function letters(at: number): string {
  return String.fromCharCode(65 + Math.floor(at / 26), 65 + (at % 26));
}
