/**
 * A plan's life as a pure function: what its watcher does next, from what is known. It decides and does
 * nothing; the same view always gives the same action, so any host can go on where another one stopped.
 *
 *   waiting -> entering -> holding -> exiting -> done            waiting | entering -> withdrawn | expired
 *
 * An entry that was robbed or ended unfilled sends the plan back to waiting with the next attempt; what was
 * filled is held.
 *
 *   entering, a part is filled: its holding time begins -> the rest is cancelled, at once or when its exit is
 *   due -> holding
 *
 * The broker takes no exit beside a resting entry, so the rest has to end first; the exit is for all that was
 * filled by then.
 */
import { fromNanos, toNanos } from '../../domain/decimal.ts';
import { isFinal, type OrderState } from '../../domain/order.ts';
import type { LeasedPlan } from '../../ledger/commands/plans.ts';
import { BY_HAND } from '../../ledger/commands/settle.ts';
import { isWithin } from '../../rules/distance.ts';
import { marketableLimit, usualPriceSteps } from '../../rules/legal-price.ts';
import { exitSide } from './order-ids.ts';

/**
 * What of an order matters here. `sent`: it may be at the broker. `filledSinceMs`, `endedMs`: ledger time; 0
 * before, or where nobody knows.
 */
export type OrderView = {
  state: OrderState;
  limit: string;
  filledQty: string;
  filledSinceMs: number;
  sent: boolean;
  robbedBy: string;
  reason: string;
  endedMs: number;
};

/** `undefined`: nobody looked yet; `null`: neither the ledger nor the broker knows the id. */
export type Looked = OrderView | null | undefined;

/**
 * What an order that a person cancelled at the broker means to its plan, and for how long it begins nothing.
 */
export type ByHandRule = { entry: 'withdraw' | 'pause'; pauseMs: number };

/**
 * An entry is filled in part, and its plan has an exit: the rest is cancelled at once, so that the exit can
 * be placed (`cancel`), or it rests until the price or the time calls for the exit (`rest`).
 */
export type PartialEntryRule = 'cancel' | 'rest';

export type View = {
  plan: LeasedPlan;
  /** The order of the current attempt, and of the current exit attempt. */
  entry: Looked;
  exit: Looked;
  /** What entries filled, what ended exits before the current one closed; undefined: not known yet. */
  heldQty: string | undefined;
  closedQty: string;
  /** Ledger time since which it, or a part of it, is held; 0 while nothing is. */
  heldSinceMs: number;
  /** Undefined where there is no fresh one. */
  price: string | undefined;
  /** The entry rule of this moment (docs/rules.md, 11). */
  rule: { tolerance: string; forceImmediate: boolean };
  nowMs: number;
  /** It was refused or robbed a moment ago. */
  paused: boolean;
  /** The host ends: nothing new is begun. */
  stopping: boolean;
  byHand: ByHandRule;
  partialEntry: PartialEntryRule;
  /**
   * Its entry is said to be live under this attempt, the current one or a later one: the ledger may have lost
   * the record of how far it was.
   */
  liveAttempt: number | undefined;
};

export type Action =
  | { do: 'wait'; why: string }
  /** Ask the ledger for the order of the current attempt. */
  | { do: 'look' }
  /** `forced`: at any distance, by rank out of hours. */
  | { do: 'enter'; forced: boolean }
  /** Give back a reservation that was never sent. */
  | { do: 'release'; reason: string }
  | { do: 'cancel_entry'; reason: string }
  /** The first part of its entry is filled: its holding time begins. */
  | { do: 'hold_part' }
  /** Its entry is at the broker already: go on from there. */
  | { do: 'resume'; attempt: number }
  /** Back to waiting with the next attempt. */
  | { do: 'retry'; why: 'robbed' | 'rejected' | 'ended' }
  /** Back to waiting with the same attempt: nothing came of it. */
  | { do: 'reconsider' }
  | { do: 'hold' }
  | { do: 'exit'; exitAttempt: number; qty: string; limit: string; closing: boolean }
  | { do: 'cancel_exit' }
  | { do: 'finish'; stage: 'done' | 'withdrawn' | 'expired'; reason: string };

const wait = (why: string): Action => ({ do: 'wait', why });

/** What next? */
export function decideNext(view: View): Action {
  switch (view.plan.stage) {
    case 'waiting':
      return whileWaiting(view);
    case 'entering':
      return whileEntering(view);
    case 'holding':
      return whileHolding(view);
    case 'exiting':
      return whileExiting(view);
    default:
      return wait('ended');
  }
}

/** Why its entry is not wanted any more, if so. */
export function unwanted({ plan, nowMs }: Pick<View, 'plan' | 'nowMs'>): 'withdrawn' | 'expired' | undefined {
  if (plan.withdrawAsked) return 'withdrawn';
  return plan.expiresAtMs > 0 && nowMs >= plan.expiresAtMs ? 'expired' : undefined;
}

/**
 * Is the price near enough its limit to enter? `forced` by rank, at any distance; but never without a price.
 */
export function mayEnter({
  plan,
  price,
  rule,
}: Pick<View, 'plan' | 'price' | 'rule'>): 'near' | 'forced' | 'far' | 'no_price' {
  if (price === undefined) return 'no_price';
  if (isWithin(plan.side, price, plan.limit, rule.tolerance)) return 'near';
  return rule.forceImmediate ? 'forced' : 'far';
}

function whileWaiting(view: View): Action {
  const { plan, nowMs, entry, liveAttempt } = view;
  if (liveAttempt !== undefined) {
    if (entry === undefined) return { do: 'look' };
    if (entry?.sent && !isFinal(entry.state)) return { do: 'resume', attempt: liveAttempt };
  }
  const over = unwanted(view);
  if (over) return { do: 'finish', stage: over, reason: over };
  if (view.stopping) return wait('stopping');
  if (nowMs < plan.startsAtMs) return wait('not_started');
  if (view.paused) return wait('paused');
  const nearness = mayEnter(view);
  if (nearness === 'far' || nearness === 'no_price') return wait(nearness);
  return { do: 'enter', forced: nearness === 'forced' };
}

function whileEntering(view: View): Action {
  const { entry } = view;
  const over = unwanted(view);
  if (entry === undefined) return { do: 'look' };
  if (entry === null) return over ? { do: 'finish', stage: over, reason: over } : { do: 'reconsider' };
  if (isFinal(entry.state)) return afterEntry(view, entry, over);
  if (view.heldSinceMs === 0 && isPartHeld(view, entry)) return { do: 'hold_part' };
  if (entry.state === 'working') return whileWorking(view, entry, over);
  if (entry.sent || entry.state === 'cancelling') return wait(entry.state);
  // A reservation that nobody has in hand any more: its host died between admission and submission.
  if (over) return { do: 'release', reason: over };
  if (view.stopping) return { do: 'release', reason: 'stopping' };
  return view.paused ? wait('paused') : { do: 'enter', forced: false };
}

/** A part of the entry is filled, which the plan wants closed some time. */
function isPartHeld(view: View, { filledQty }: OrderView): boolean {
  return hasExit(view) && toNanos(filledQty) > 0n;
}

function whileWorking(view: View, entry: OrderView, over: ReturnType<typeof unwanted>): Action {
  if (over) return { do: 'cancel_entry', reason: over };
  if (!isPartHeld(view, entry)) return wait('working');
  if (view.partialEntry === 'rest' && !isExitDue(view)) return wait('partly_filled');
  return view.paused ? wait('paused') : { do: 'cancel_entry', reason: 'partly_filled' };
}

/** The entry has ended. */
function afterEntry(view: View, entry: OrderView, over: ReturnType<typeof unwanted>): Action {
  if (toNanos(entry.filledQty) > 0n) return { do: 'hold' };
  if (over) return { do: 'finish', stage: over, reason: over };
  if (entry.robbedBy !== '') return { do: 'retry', why: 'robbed' };
  if (entry.reason === BY_HAND && view.byHand.entry === 'withdraw')
    return { do: 'finish', stage: 'withdrawn', reason: 'cancelled_by_hand' };
  if (isLeftAlone(view, entry)) return wait('by_hand');
  return { do: 'retry', why: entry.state === 'rejected' ? 'rejected' : 'ended' };
}

/** A person cancelled it not long ago: it is not placed again yet. */
function isLeftAlone({ nowMs, byHand }: View, order: OrderView): boolean {
  return order.reason === BY_HAND && nowMs < order.endedMs + byHand.pauseMs;
}

function whileHolding(view: View): Action {
  const { plan, heldQty } = view;
  if (heldQty === undefined) return { do: 'look' };
  const open = toNanos(heldQty) - toNanos(view.closedQty);
  if (open <= 0n) return { do: 'finish', stage: 'done', reason: 'nothing_held' };
  if (!hasExit(view)) return { do: 'finish', stage: 'done', reason: 'filled' };
  return nextExit(view, plan.exitAttempt + 1, fromNanos(open));
}

function whileExiting(view: View): Action {
  const { plan, exit, heldQty, closedQty } = view;
  if (exit === undefined || heldQty === undefined) return { do: 'look' };
  const open = toNanos(heldQty) - toNanos(closedQty);
  if (exit === null) return nextExit(view, plan.exitAttempt, fromNanos(open));
  if (!isFinal(exit.state)) {
    if (exit.state === 'reserved' && !exit.sent && !view.stopping && !view.paused) {
      return {
        do: 'exit',
        exitAttempt: plan.exitAttempt,
        qty: fromNanos(open),
        limit: exit.limit,
        closing: isClosing(view),
      };
    }
    if (exit.state === 'working' && isClosing(view) && isStuck(view, exit)) return { do: 'cancel_exit' };
    return wait(exit.state);
  }
  const left = open - toNanos(exit.filledQty);
  if (left <= 0n) return { do: 'finish', stage: 'done', reason: 'closed' };
  if (isLeftAlone(view, exit)) return wait('by_hand');
  return nextExit(view, plan.exitAttempt + 1, fromNanos(left));
}

/** Is what it holds to be closed some time? */
function hasExit({ plan }: View): boolean {
  return plan.takeProfit !== '' || plan.holdMs > 0;
}

/** Its time is over, or the price has reached its take-profit. */
function isExitDue(view: View): boolean {
  const { plan, price } = view;
  if (isClosing(view)) return true;
  if (plan.takeProfit === '' || price === undefined) return false;
  const [now, target] = [toNanos(price), toNanos(plan.takeProfit)];
  return exitSide(plan) === 'sell' ? now >= target : now <= target;
}

/** Its time is over: close at the market. */
function isClosing({ plan, nowMs, heldSinceMs }: View): boolean {
  return plan.holdMs > 0 && nowMs >= heldSinceMs + plan.holdMs;
}

/** The price does not reach its limit: it was to take a profit, or the price ran off. */
function isStuck({ price, plan }: View, { limit }: OrderView): boolean {
  if (price === undefined) return false;
  return exitSide(plan) === 'sell' ? toNanos(price) < toNanos(limit) : toNanos(price) > toNanos(limit);
}

function nextExit(view: View, exitAttempt: number, qty: string): Action {
  const { plan, price } = view;
  const closing = isClosing(view);
  if (view.stopping) return wait('stopping');
  if (view.paused) return wait('paused');
  if (!closing)
    return plan.takeProfit === ''
      ? wait('holding')
      : { do: 'exit', exitAttempt, qty, limit: plan.takeProfit, closing };
  if (price === undefined) return wait('no_price');
  return {
    do: 'exit',
    exitAttempt,
    qty,
    limit: marketableLimit(usualPriceSteps(plan.symbol), exitSide(plan), price),
    closing,
  };
}
