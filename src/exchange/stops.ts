/**
 * Orders that wait for the price to reach their stop: they are exits, rest unseen, and become a market order
 * (stop, trailing_stop) or a limit order (stop_limit) when it does. A trailing stop follows the best price
 * since it began to work, and never goes back.
 */
import { AlpacaError, unprocessable, wrongState } from '../alpaca-server/errors.ts';
import { fromNanos, NANOS } from '../domain/decimal.ts';
import type { AssetClass } from '../prices/market.ts';
import type { NewOrder, OrderType, PaperOrder } from './orders.ts';

const WHOLE = 100n * NANOS;

export function isStop(type: OrderType): boolean {
  return type === 'stop' || type === 'stop_limit' || type === 'trailing_stop';
}

/** Is it a stop that no price has set off yet? */
export function isArmed(order: PaperOrder): boolean {
  return isStop(order.type) && !order.isTriggered;
}

/** @throws AlpacaError 422 where a stop of this kind is not taken, or the price is past it */
export function checkStop(
  order: Pick<NewOrder, 'type' | 'side' | 'stopNanos' | 'timeInForce'>,
  assetClass: AssetClass,
  kind: 'entry' | 'exit',
  priceNanos: bigint | undefined,
): void {
  const { type, side, stopNanos, timeInForce } = order;
  if (!isStop(type)) return;
  if (assetClass === 'crypto' && type !== 'stop_limit')
    throw unprocessable('invalid order type for crypto order');
  if (timeInForce === 'ioc' && assetClass === 'stock') throw wrongState(`${type} orders must be day or gtc`);
  if (kind === 'entry') throw wrongState(`${type} orders are traded here as exits only`);
  if (stopNanos === null || priceNanos === undefined) return;
  if (side === 'sell' ? stopNanos < priceNanos : stopNanos > priceNanos) return;
  const than = side === 'sell' ? 'less' : 'greater';
  throw new AlpacaError(422, 42210000, `stop price must be ${than} than current price`, {
    stop_price: fromNanos(stopNanos),
    market_price: fromNanos(priceNanos),
  });
}

export class Stops {
  readonly #armed = new Map<string, Set<PaperOrder>>();

  /** From now on prices can set it off. */
  add(order: PaperOrder): void {
    const siblings = this.#armed.get(order.symbol) ?? new Set();
    this.#armed.set(order.symbol, siblings.add(order));
  }

  remove(order: PaperOrder): void {
    this.#armed.get(order.symbol)?.delete(order);
  }

  /** The orders that this price sets off, oldest first. They are removed. */
  reached(symbol: string, priceNanos: bigint): PaperOrder[] {
    const reached: PaperOrder[] = [];
    for (const order of this.#armed.get(symbol) ?? []) {
      follow(order, priceNanos);
      const { side, stopNanos } = order;
      if (stopNanos === null || (side === 'sell' ? priceNanos > stopNanos : priceNanos < stopNanos)) continue;
      order.isTriggered = true;
      reached.push(order);
    }
    for (const order of reached) this.remove(order);
    return reached;
  }
}

/** Moves a trailing stop behind a better price. */
function follow(order: PaperOrder, priceNanos: bigint): void {
  const { trail, side, hwmNanos } = order;
  if (trail === null) return;
  const isSale = side === 'sell';
  if (hwmNanos !== null && (isSale ? priceNanos <= hwmNanos : priceNanos >= hwmNanos)) return;
  const behind = 'priceNanos' in trail ? trail.priceNanos : (priceNanos * trail.percentNanos) / WHOLE;
  order.hwmNanos = priceNanos;
  order.stopNanos = isSale ? priceNanos - behind : priceNanos + behind;
}
