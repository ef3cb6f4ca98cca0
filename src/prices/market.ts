/**
 * A market: the prices of some symbols on its own clock, the market time (ms since 1970, UTC). Its owner
 * moves that clock forward; a market never reads another clock. Prices are bigint nanos (domain/decimal.ts).
 */
import { isCryptoSymbol } from '../domain/symbol.ts';

export type AssetClass = 'stock' | 'crypto';

export type SymbolInfo = { symbol: string; assetClass: AssetClass };

/** A price that the market reached, in time order. */
export type PriceStep = { symbol: string; atMs: number; priceNanos: bigint };

/**
 * `atMs`: the market time of the price; it stays behind while there are no trades (a gap between bars).
 */
export type MarketPrice = { priceNanos: bigint; atMs: number };

export interface Market {
  symbols(): readonly SymbolInfo[];
  /**
   * Moves the clock to `toMs` and returns every change of a price on the way, in time order. A time in the
   * past changes nothing.
   */
  advance(toMs: number): PriceStep[];
  /** The current price; undefined for an unknown symbol, and before its first price. */
  price(symbol: string): MarketPrice | undefined;
}

/** By the spelling: a pair against the dollar is a crypto, everything else a stock. */
export function assetClassOf(symbol: string): AssetClass {
  return isCryptoSymbol(symbol) ? 'crypto' : 'stock';
}
