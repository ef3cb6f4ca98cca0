/** A market whose prices are set by hand: for tests and hand-written scenarios. */
import { toNanos } from '../domain/decimal.ts';
import { toSymbol } from '../domain/symbol.ts';
import { assetClassOf, type Market, type MarketPrice, type PriceStep, type SymbolInfo } from './market.ts';

export class ManualMarket implements Market {
  private readonly prices = new Map<string, MarketPrice>();
  private readonly frozen = new Set<string>();
  private readonly known: SymbolInfo[];
  private pending: { symbol: string; priceNanos: bigint }[] = [];
  private nowMs = 0;

  /** `symbols`: these exist from the start, without a price. */
  constructor(symbols: readonly string[] = []) {
    this.known = symbols.map((name) => ({
      symbol: toSymbol(name),
      assetClass: assetClassOf(toSymbol(name)),
    }));
  }

  /** Takes effect at the next `advance`. Several prices of a symbol become one step each, in order. */
  set(symbol: string, price: string): void {
    const name = toSymbol(symbol);
    if (!this.known.some((info) => info.symbol === name))
      this.known.push({ symbol: name, assetClass: assetClassOf(name) });
    this.frozen.delete(name);
    this.pending.push({ symbol: name, priceNanos: toNanos(price, 'price') });
  }

  /** From now on the symbol's price gets older, until it is set again. */
  freeze(symbol: string): void {
    this.frozen.add(toSymbol(symbol));
  }

  symbols(): readonly SymbolInfo[] {
    return this.known;
  }

  advance(toMs: number): PriceStep[] {
    this.nowMs = Math.max(this.nowMs, toMs);
    const steps = this.pending.map((change) => ({ ...change, atMs: this.nowMs }));
    this.pending = [];
    for (const { symbol, priceNanos, atMs } of steps) this.prices.set(symbol, { priceNanos, atMs });
    return steps;
  }

  price(symbol: string): MarketPrice | undefined {
    const last = this.prices.get(symbol);
    if (!last || this.frozen.has(symbol)) return last;
    return { priceNanos: last.priceNanos, atMs: this.nowMs };
  }
}
