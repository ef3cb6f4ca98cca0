/** What an order is, and the states it passes through (architecture.md, sections 1 and 2). */
import type { Micros } from './money.ts';

export type Side = 'buy' | 'sell';

/** `probe`: a small test order; never a victim. */
export type Mode = 'normal' | 'probe';

/**
 * `exit` reduces a position: it needs no room and is never a victim. `external`: placed outside worksteal;
 * counts, never a victim.
 */
export type Kind = 'entry' | 'exit' | 'external';

/**
 * `pending` waits for its victims, `reserved` has its room, `working` and `cancelling` are at the broker; the
 * rest are ends.
 */
export const ORDER_STATES = [
  'pending',
  'reserved',
  'working',
  'cancelling',
  'filled',
  'cancelled',
  'rejected',
  'expired',
] as const;
export type OrderState = (typeof ORDER_STATES)[number];

export const FINAL_STATES = ['filled', 'cancelled', 'rejected', 'expired'] as const;
export type FinalState = (typeof FINAL_STATES)[number];

export function isFinal(state: OrderState): state is FinalState {
  return (FINAL_STATES as readonly string[]).includes(state);
}

/**
 * How an order ended. `filledQty` decimal units, `costMicros` what they cost in all, rounded up, `reason` one
 * word.
 */
export type Ending = { state: FinalState; filledQty: string; costMicros: Micros; reason: string };

/**
 * What the orders that one replaces at the broker had filled in all: decimal units, and their cost rounded
 * up.
 */
export type Before = { qty: string; micros: Micros };

/**
 * The wish: what a watcher asks room for. Prices, quantities and PnL are decimal strings with at most nine
 * decimals.
 */
export type OrderWish = {
  /**
   * The client's id, made before anything is sent; the broker's client order id. `[A-Za-z0-9_-]`, at most 64.
   */
  id: string;
  symbol: string;
  side: Side;
  kind: 'entry' | 'exit';
  mode: Mode;
  limit: string;
  qty: string;
  /** Forecasted PnL in USD; missing counts as 0 (rules.md, Ranking). */
  pnl?: string;
  /** The pool besides `total` that it counts in, if any. */
  pool?: string;
  /** Who holds it: the host that renews its lease. */
  owner: string;
  /** The plan it came from, if any. */
  plan?: string;
};
