/** What is known of a plan when its watcher decides what to do next. */
import type { OrderState } from '../../domain/order.ts';
import type { LeasedPlan } from '../../ledger/commands/plans.ts';

/**
 * An order, as far as it matters here. `sent`: it may be at the broker. `filledSinceMs`, `endedMs`: ledger
 * time; 0 before it happened, and when it is unknown.
 */
export type OrderView = {
  state: OrderState;
  limit: string;
  filledQty: string;
  filledSinceMs: number;
  sent: boolean;
  robbedBy: string;
  /** The plan's next order, with which it keeps a part of this one's room; '' for none. */
  keptAs: string;
  /** It is such an order: less than the plan asks for. Undefined for any other. */
  kept?: { qty: string; pnl: string };
  reason: string;
  endedMs: number;
};

/** `undefined`: not looked up yet; `null`: neither the ledger nor the broker knows the id. */
export type OrderLookup = OrderView | null | undefined;

/**
 * What a plan does when a person cancels its order at the broker. `withdraw` ends the plan; `pause` tries
 * again after `pauseMs`. An exit is always tried again after `pauseMs`.
 */
export type ByHandRule = { entry: 'withdraw' | 'pause'; pauseMs: number };

/**
 * What happens to the rest of an entry that is partly filled, if the plan has an exit. `cancel`: cancelled at
 * once, to make the exit possible; `rest`: it works until the price or the time calls for the exit.
 */
export type PartialEntryRule = 'cancel' | 'rest';

export type View = {
  plan: LeasedPlan;
  /** The order of the current attempt, and of the current exit attempt. */
  entry: OrderLookup;
  exit: OrderLookup;
  /** Filled by the entry; undefined while unknown. */
  heldQty: string | undefined;
  /** Filled by exits before the current one. */
  closedQty: string;
  /** Ledger time of the first fill that is held; 0 while nothing is. */
  heldSinceMs: number;
  /** Undefined without a fresh quote. */
  price: string | undefined;
  /** The entry rule of this moment (docs/rules.md, 11). */
  rule: { tolerance: string; forceImmediate: boolean };
  nowMs: number;
  /** A retry backoff is running, or it waits for its turn. */
  paused: boolean;
  /** It lacks room, and is in the ledger's queue. */
  queued: boolean;
  /** The host is shutting down. */
  stopping: boolean;
  byHand: ByHandRule;
  partialEntry: PartialEntryRule;
  /**
   * The attempt, current or later, under which events reported a live entry. The ledger may have lost how far
   * the plan is.
   */
  liveAttempt: number | undefined;
};
