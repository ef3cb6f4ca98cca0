/** An order in Alpaca's JSON: every amount is a string or null, every time is UTC with nanoseconds. */
import { fromNanos } from '../domain/decimal.ts';
import { averageNanos } from './amounts.ts';
import { isoNanos } from './market-clock.ts';
import type { PaperOrder } from './orders.ts';

export type OrderJson = Readonly<Record<string, string | boolean | null>>;

function amount(nanos: bigint | null): string | null {
  return nanos === null ? null : fromNanos(nanos);
}

function time(ns: bigint | null): string | null {
  return ns === null ? null : isoNanos(ns);
}

/**
 * The average price is rounded up to nine decimals for both sides, so that a client that computes exposure
 * from it never gets less than the exchange.
 */
export function orderJson(order: PaperOrder, assetId: string): OrderJson {
  const average = order.filledNanos === 0n ? null : averageNanos(order.filledCost, order.filledNanos, 'up');
  return {
    id: order.id,
    client_order_id: order.clientId,
    created_at: time(order.submittedNs),
    updated_at: time(order.updatedNs),
    submitted_at: time(order.submittedNs),
    filled_at: time(order.filledNs),
    expired_at: time(order.expiredNs),
    expires_at:
      order.expiresAtMs === null ? null : isoNanos(BigInt(Math.floor(order.expiresAtMs)) * 1_000_000n),
    canceled_at: time(order.canceledNs),
    failed_at: time(order.failedNs),
    replaced_at: time(order.replacedNs),
    replaced_by: order.replacedBy,
    replaces: order.replaces,
    asset_id: assetId,
    symbol: order.symbol,
    asset_class: order.assetClass === 'crypto' ? 'crypto' : 'us_equity',
    notional: amount(order.notionalNanos),
    qty: order.notionalNanos === null ? fromNanos(order.qtyNanos) : null,
    filled_qty: fromNanos(order.filledNanos),
    filled_avg_price: amount(average),
    order_class: '',
    order_type: order.type,
    type: order.type,
    side: order.side,
    position_intent: `${order.side}_to_${order.kind === 'exit' ? 'close' : 'open'}`,
    time_in_force: order.timeInForce,
    limit_price: amount(order.limitNanos),
    stop_price: amount(order.stopNanos),
    status: order.status,
    extended_hours: order.extendedHours,
    legs: null,
    trail_percent:
      order.trail !== null && 'percentNanos' in order.trail ? fromNanos(order.trail.percentNanos) : null,
    trail_price:
      order.trail !== null && 'priceNanos' in order.trail ? fromNanos(order.trail.priceNanos) : null,
    hwm: amount(order.hwmNanos),
  };
}
