/** What an order is, and the states it passes through (docs/architecture.md, 1 and 2). */
import type { Micros } from './money.ts';

/** Of an order. */
export type Side = 'buy' | 'sell';

/** `probe`: a small test order; never a victim. */
export type Mode = 'normal' | 'probe';

/**
 * `exit` reduces a position: it needs no room and is never a victim. `external`: placed outside worksteal;
 * counts, never a victim.
 */
export type Kind = 'entry' | 'exit' | 'external';

/** In which form an order is sent. Only an exit has another form than `limit`. */
export const ORDER_TYPES = ['limit', 'stop_limit', 'market', 'stop', 'trailing_stop'] as const;
/** One of ORDER_TYPES: in which form an order is sent. */
export type OrderType = (typeof ORDER_TYPES)[number];

/**
 * `pending`: waits for its victims. `reserved`: has its room. `working`, `cancelling`: at the broker. The
 * others are final.
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
/** One of ORDER_STATES: how far an order is. */
export type OrderState = (typeof ORDER_STATES)[number];

export const FINAL_STATES = ['filled', 'cancelled', 'rejected', 'expired'] as const;
/** One of FINAL_STATES: how an order ended. */
export type FinalState = (typeof FINAL_STATES)[number];

export function isFinal(state: OrderState): state is FinalState {
  return (FINAL_STATES as readonly string[]).includes(state);
}

/**
 * How an order ended. `filledQty`: units, a decimal string. `costMicros`: their total cost, rounded up.
 * `reason`: one word.
 */
export type Ending = { state: FinalState; filledQty: string; costMicros: Micros; reason: string };

/**
 * An order may replace others at the broker. This is what those had filled in total: units as a decimal
 * string, and their cost, rounded up.
 */
export type Before = { qty: string; micros: Micros };

/**
 * A watcher's request for room. Prices (USD), quantities (units) and PnL are decimal strings with at most
 * nine decimals.
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
  /** Forecasted PnL in USD; missing counts as 0 (docs/rules.md, 7). */
  pnl?: string;
  /** The forecasted probability that its limit trades, 0 to 1; missing counts as 1 (docs/rules.md, 7.5). */
  fillProbability?: string;
  /** The pool that it counts in besides `total`, if any. */
  pool?: string;
  /** Who holds it: the host that renews its lease. */
  owner: string;
  /**
   * Default `limit`. Of an exit: entries may rest beside one whose limit is apart from theirs (docs/rules.md,
   * 4.8).
   */
  type?: OrderType;
  /** The plan it came from, if any. */
  plan?: string;
};
