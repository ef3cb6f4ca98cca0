/** Cash and positions. Exact: amounts are attos. A position never changes its sign in one fill. */
import { assert } from '../domain/errors.ts';
import type { Side } from '../domain/order.ts';
import type { AssetClass } from '../prices/market.ts';
import { type Attos, abs, divide } from './amounts.ts';
import type { Exposure } from './exposure.ts';

/**
 * `qtyNanos`: signed. `cost`: what was paid (for a short: received), unsigned. `lastNanos`: the last fill's
 * price.
 */
export type Position = {
  symbol: string;
  assetClass: AssetClass;
  qtyNanos: bigint;
  cost: Attos;
  lastNanos: bigint;
};

export class Account {
  private cashAttos: Attos;
  private readonly open = new Map<string, Position>();
  private readonly exposure: Exposure;
  private readonly changing: (symbol: string, before: Position | undefined) => void;

  /** @param changing is called with each position before it changes */
  constructor(
    cash: Attos,
    exposure: Exposure,
    changing: (symbol: string, before: Position | undefined) => void = () => {},
  ) {
    this.cashAttos = cash;
    this.exposure = exposure;
    this.changing = changing;
  }

  get cash(): Attos {
    return this.cashAttos;
  }

  /** Deposits cash, or withdraws it (`change` below 0). */
  move(change: Attos): void {
    this.cashAttos += change;
  }

  position(symbol: string): Position | undefined {
    return this.open.get(symbol);
  }

  positions(): Iterable<Position> {
    return this.open.values();
  }

  /**
   * Books one fill, and adds the change of the position's cost to the exposure. A reduction removes its share
   * of the cost.
   */
  fill(symbol: string, assetClass: AssetClass, side: Side, qtyNanos: bigint, priceNanos: bigint): void {
    const amount = qtyNanos * priceNanos;
    const signed = side === 'buy' ? qtyNanos : -qtyNanos;
    this.cashAttos += side === 'buy' ? -amount : amount;
    this.changing(symbol, this.open.get(symbol));
    const position = this.open.get(symbol) ?? {
      symbol,
      assetClass,
      qtyNanos: 0n,
      cost: 0n,
      lastNanos: priceNanos,
    };
    const before = position.cost;
    const reduces = position.qtyNanos !== 0n && position.qtyNanos > 0n !== signed > 0n;
    if (reduces) {
      const held = abs(position.qtyNanos);
      assert(qtyNanos <= held, `a fill of ${symbol} would reverse its position`);
      position.cost = divide(position.cost * (held - qtyNanos), held, 'up');
    } else {
      position.cost += amount;
    }
    position.qtyNanos += signed;
    this.exposure.addPosition(assetClass, position.cost - before);
    if (position.qtyNanos === 0n) this.open.delete(symbol);
    else this.open.set(symbol, position);
  }

  /**
   * Cash plus the market value of every position. Without a price the last fill's price counts.
   */
  equity(priceOf: (symbol: string) => bigint | undefined): Attos {
    let equity = this.cashAttos;
    for (const position of this.open.values()) equity += this.marketValue(position, priceOf);
    return equity;
  }

  /** The position's market value, signed. */
  marketValue(position: Position, priceOf: (symbol: string) => bigint | undefined): Attos {
    return position.qtyNanos * (priceOf(position.symbol) ?? position.lastNanos);
  }
}
