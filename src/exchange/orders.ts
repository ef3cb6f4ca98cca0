/**
 * An order at the exchange, and the meaning of its status. Quantities and prices are in nanos, times are
 * market time in ns.
 */
import { randomUUID } from 'node:crypto';
import type { Side } from '../domain/order.ts';
import type { AssetClass } from '../prices/market.ts';
import type { Attos } from './amounts.ts';

export type OrderType = 'limit' | 'market' | 'stop' | 'stop_limit' | 'trailing_stop';
export type TimeInForce = 'day' | 'gtc' | 'ioc';

export const LIVE_STATUSES = [
  'pending_new',
  'accepted',
  'new',
  'partially_filled',
  'pending_cancel',
  'pending_replace',
] as const;
export const FINAL_STATUSES = ['filled', 'canceled', 'expired', 'rejected', 'replaced'] as const;
export type OrderStatus = (typeof LIVE_STATUSES)[number] | (typeof FINAL_STATUSES)[number];

/** How far a trailing stop stays behind: dollars, or percent. Nanos. */
export type Trail = { priceNanos: bigint } | { percentNanos: bigint };

/** A client's request after parsing. Exactly one of `qtyNanos` and `notionalNanos` is set. */
export type NewOrder = {
  clientId: string;
  symbol: string;
  side: Side;
  type: OrderType;
  timeInForce: TimeInForce;
  limitNanos: bigint | null;
  stopNanos: bigint | null;
  trail: Trail | null;
  qtyNanos: bigint | null;
  notionalNanos: bigint | null;
  extendedHours: boolean;
};

export type PaperOrder = {
  /** Grows with every order: the order of submission. */
  readonly seq: number;
  readonly id: string;
  readonly clientId: string;
  readonly symbol: string;
  readonly assetClass: AssetClass;
  readonly side: Side;
  /** `exit` reduces a position that existed at acceptance and adds no exposure; fixed for life. */
  readonly kind: 'entry' | 'exit';
  readonly type: OrderType;
  timeInForce: TimeInForce;
  readonly extendedHours: boolean;
  readonly limitNanos: bigint | null;
  /** Of a trailing stop it follows the price, and is null before the first one. */
  stopNanos: bigint | null;
  readonly trail: Trail | null;
  /** The best price that a trailing stop has seen. */
  hwmNanos: bigint | null;
  /** Of a stop: the price has reached it. */
  isTriggered: boolean;
  qtyNanos: bigint;
  readonly notionalNanos: bigint | null;
  status: OrderStatus;
  filledNanos: bigint;
  filledCost: Attos;
  /** Its exposure now; 0 for an exit, and after its end. */
  hold: Attos;
  /** A random part was filled already; the rest fills at the next price that reaches it. */
  wasPart: boolean;
  /** Market time; null for none. */
  expiresAtMs: number | null;
  replaces: string | null;
  replacedBy: string | null;
  readonly submittedNs: bigint;
  updatedNs: bigint;
  filledNs: bigint | null;
  expiredNs: bigint | null;
  canceledNs: bigint | null;
  failedNs: bigint | null;
  replacedNs: bigint | null;
};

type Acceptance = Pick<
  PaperOrder,
  'seq' | 'assetClass' | 'kind' | 'qtyNanos' | 'expiresAtMs' | 'submittedNs'
>;

/** An order at its acceptance, with a new id and without exposure yet. */
export function draftOrder(request: NewOrder, accepted: Acceptance): PaperOrder {
  return {
    ...request,
    ...accepted,
    id: randomUUID(),
    status: 'pending_new',
    filledNanos: 0n,
    filledCost: 0n,
    hold: 0n,
    wasPart: false,
    hwmNanos: null,
    isTriggered: false,
    replaces: null,
    replacedBy: null,
    updatedNs: accepted.submittedNs,
    filledNs: null,
    expiredNs: null,
    canceledNs: null,
    failedNs: null,
    replacedNs: null,
  };
}

export function isLive(order: PaperOrder): boolean {
  return !(FINAL_STATUSES as readonly string[]).includes(order.status);
}

export function unfilled(order: PaperOrder): bigint {
  return order.qtyNanos - order.filledNanos;
}

/** The status of a live order without a pending cancel or replacement. */
export function restingStatus(order: PaperOrder): OrderStatus {
  return order.filledNanos > 0n ? 'partially_filled' : 'new';
}
