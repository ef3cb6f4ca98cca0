/**
 * The exposure that counts against the caps, by asset class: positions at cost, and the unfilled notional of
 * live entry orders at their limit.
 */
import type { AssetClass } from '../prices/market.ts';
import type { Attos } from './amounts.ts';

export class Exposure {
  private readonly positions: Record<AssetClass, Attos> = { stock: 0n, crypto: 0n };
  private readonly orders: Record<AssetClass, Attos> = { stock: 0n, crypto: 0n };

  addPosition(assetClass: AssetClass, change: Attos): void {
    this.positions[assetClass] += change;
  }

  addOrders(assetClass: AssetClass, change: Attos): void {
    this.orders[assetClass] += change;
  }

  /** The exposure of live orders, without positions. */
  ordersOf(assetClass: AssetClass): Attos {
    return this.orders[assetClass];
  }

  /** The exposure of a pool; `total` includes everything. */
  of(pool: 'total' | AssetClass): Attos {
    return pool === 'total' ? this.of('stock') + this.of('crypto') : this.positions[pool] + this.orders[pool];
  }
}
