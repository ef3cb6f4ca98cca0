/**
 * A market: the prices of some symbols along one clock of its own, the market time (ms since 1970, UTC). Who
 * owns the market moves it forward; it never reads a clock itself. Prices are bigint nanos
 * (domain/decimal.ts).
 */
import { isCryptoSymbol } from '../domain/symbol.ts';

export type AssetClass = 'stock' | 'crypto';

export type SymbolInfo = { symbol: string; assetClass: AssetClass };

/** A price that the market reached, in time order. */
export type PriceStep = { symbol: string; atMs: number; priceNanos: bigint };

/**
 * `atMs`: when it was last known to hold, in market time; it lags where nothing is traded (a gap between
 * bars).
 */
export type MarketPrice = { priceNanos: bigint; atMs: number };

export interface Market {
  symbols(): readonly SymbolInfo[];
  /**
   * Moves on to `toMs` and tells every change of a price on the way, in time order. A time in the past
   * changes nothing.
   */
  advance(toMs: number): PriceStep[];
  /** The current price; undefined for an unknown symbol and while there is none yet. */
  price(symbol: string): MarketPrice | undefined;
}

/** By the spelling: a pair against the dollar is a crypto, everything else a stock. */
export function assetClassOf(symbol: string): AssetClass {
  return isCryptoSymbol(symbol) ? 'crypto' : 'stock';
}
