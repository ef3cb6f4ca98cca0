/**
 * What counts against the caps, by asset class: positions at cost and live entry orders' unfilled notional at
 * their limit.
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

  /** Live orders alone. */
  ordersOf(assetClass: AssetClass): Attos {
    return this.orders[assetClass];
  }

  /** Of a pool: `total` is everything. */
  of(pool: 'total' | AssetClass): Attos {
    return pool === 'total' ? this.of('stock') + this.of('crypto') : this.positions[pool] + this.orders[pool];
  }
}
