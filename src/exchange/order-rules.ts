/**
 * Which kinds of orders the market accepts, and which may be open at the same time. Pure: throws an
 * AlpacaError or returns.
 */

import { forbidden, unprocessable, wrongState } from '../alpaca-server/errors.ts';
import { fromNanos, NANOS } from '../domain/decimal.ts';
import type { AssetClass } from '../prices/market.ts';
import type { Position } from './account.ts';
import { abs, dollarsToAttos } from './amounts.ts';
import type { NewOrder, PaperOrder } from './orders.ts';
import { unfilled } from './orders.ts';

const MIN_CRYPTO_BUY = dollarsToAttos('10');

/** Time in force, fractions and minimum size, by asset class. */
export function checkKind(
  order: NewOrder,
  assetClass: AssetClass,
  qtyNanos: bigint,
  priceNanos: bigint,
): void {
  if (assetClass === 'crypto') {
    if (order.timeInForce !== 'gtc' && order.timeInForce !== 'ioc')
      throw wrongState('invalid crypto time_in_force');
    if (order.side === 'buy' && qtyNanos * priceNanos < MIN_CRYPTO_BUY) {
      throw forbidden('cost basis must be >= minimal amount of order 10');
    }
    return;
  }
  checkStep(order.limitNanos);
  checkStep(order.stopNanos, 'stop_price');
  const fractional = qtyNanos % NANOS !== 0n || order.notionalNanos !== null;
  if (fractional && order.timeInForce !== 'day') throw wrongState('fractional orders must be DAY orders');
}

/** The price steps of stocks: a cent from $1 on, a hundredth of a cent below. */
export function checkStep(nanos: bigint | null, field = 'limit_price'): void {
  if (nanos === null) return;
  const step = nanos >= NANOS ? NANOS / 100n : NANOS / 10_000n;
  if (nanos % step !== 0n)
    throw wrongState(
      `invalid ${field} ${fromNanos(nanos)}. sub-penny increment does not fulfill minimum ` +
        'pricing criteria',
    );
}

/**
 * Is the order an entry or an exit? An order against a position is an exit. It may close at most what no
 * other exit closes, so that no order reverses a position. Any other order is an entry.
 */
export function kindOf(
  { symbol, side }: { symbol: string; side: 'buy' | 'sell' },
  assetClass: AssetClass,
  qtyNanos: bigint,
  position: Position | undefined,
  live: Iterable<PaperOrder>,
): 'entry' | 'exit' {
  let covered = 0n;
  for (const other of live) {
    if (other.kind === 'exit' && other.side === side) covered += unfilled(other);
  }
  const against = position !== undefined && position.qtyNanos > 0n === (side === 'sell');
  if (against) {
    const held = abs(position.qtyNanos);
    if (qtyNanos <= held - covered) return 'exit';
    const [requested, available] = [fromNanos(qtyNanos), fromNanos(held - covered)];
    throw forbidden(
      `insufficient qty available for order (requested: ${requested}, available: ${available})`,
      {
        available,
        existing_qty: fromNanos(held),
        held_for_orders: fromNanos(covered),
        symbol,
      },
    );
  }
  if (side === 'sell' && assetClass === 'crypto') {
    const requested = fromNanos(qtyNanos);
    throw forbidden(`insufficient balance for ${symbol} (requested: ${requested}, available: 0)`, {
      available: '0',
      balance: '0',
      symbol,
    });
  }
  if (side === 'sell' && qtyNanos % NANOS !== 0n) throw wrongState('fractional orders cannot be sold short');
  return 'entry';
}

/** A replacement of a stock order must be in whole shares. */
export function checkReplacementQty(order: PaperOrder, qtyNanos: bigint): void {
  if (order.assetClass === 'stock' && qtyNanos % NANOS !== 0n) {
    throw unprocessable('qty must be a whole number of shares to replace an order');
  }
}
