/** What a plan does until its entry has ended: the rows `waiting` and `entering` of decide-next.ts. */
import { toNanos } from '../../domain/decimal.ts';
import { isFinal } from '../../domain/order.ts';
import { BY_HAND } from '../../ledger/commands/settle.ts';
import { isWithin } from '../../rules/distance.ts';
import { type Action, wait } from './action.ts';
import { hasExit, isCoolingOff, isExitDue } from './decide-exit.ts';
import { attemptOf } from './order-ids.ts';
import type { OrderView, View } from './view.ts';

/** Why the entry is no longer wanted; undefined while it is. */
export function unwanted({ plan, nowMs }: Pick<View, 'plan' | 'nowMs'>): 'withdrawn' | 'expired' | undefined {
  if (plan.withdrawAsked || plan.closeAskedMs > 0) return 'withdrawn';
  return plan.expiresAtMs > 0 && nowMs >= plan.expiresAtMs ? 'expired' : undefined;
}

/** Is the price near enough to enter? `forced`: by rank, at any distance. Never without a price. */
export function mayEnter({
  plan,
  price,
  rule,
}: Pick<View, 'plan' | 'price' | 'rule'>): 'near' | 'forced' | 'far' | 'no_price' {
  if (price === undefined) return 'no_price';
  if (isWithin(plan.side, price, plan.limit, rule.tolerance)) return 'near';
  return rule.forceImmediate ? 'forced' : 'far';
}

export function whileWaiting(view: View): Action {
  const { plan, nowMs, entry, liveAttempt } = view;
  if (liveAttempt !== undefined) {
    if (entry === undefined) return { do: 'look' };
    if (entry?.sent && !isFinal(entry.state)) return { do: 'resume', attempt: liveAttempt };
  }
  const over = unwanted(view);
  if (over) return { do: 'finish', stage: over, reason: over };
  if (view.stopping) return wait('stopping');
  if (nowMs < plan.startsAtMs) return wait('not_started');
  const nearness = mayEnter(view);
  const isAway = nearness === 'far' || nearness === 'no_price';
  if (isAway && view.queued) return { do: 'leave', why: nearness };
  if (view.paused) return wait('paused');
  if (isAway) return wait(nearness);
  return { do: 'enter', forced: nearness === 'forced' };
}

export function whileEntering(view: View): Action {
  const { entry } = view;
  const over = unwanted(view);
  if (entry === undefined) return { do: 'look' };
  if (entry === null) return over ? { do: 'finish', stage: over, reason: over } : { do: 'reconsider' };
  if (isFinal(entry.state)) return afterEntry(view, entry, over);
  if (view.heldSinceMs === 0 && isPartHeld(view, entry)) return { do: 'hold_part' };
  if (entry.state === 'working') return whileWorking(view, entry, over);
  if (entry.sent || entry.state === 'cancelling') return wait(entry.state);
  // The host that reserved it died before it sent the order.
  if (over) return { do: 'release', reason: over };
  if (view.stopping) return { do: 'release', reason: 'stopping' };
  // A host that took the plan over may have heard no price yet. The order's lease bounds the wait.
  if (view.price === undefined) return wait('no_price');
  return view.paused ? wait('paused') : { do: 'enter', forced: false };
}

/** Is a part of the entry filled that the plan will close later? */
function isPartHeld(view: View, { filledQty }: OrderView): boolean {
  return hasExit(view) && toNanos(filledQty) > 0n;
}

function whileWorking(view: View, entry: OrderView, over: ReturnType<typeof unwanted>): Action {
  if (over) return { do: 'cancel_entry', reason: over };
  if (!isPartHeld(view, entry)) return wait('working');
  if (view.partialEntry === 'rest' && !isExitDue(view)) return wait('partly_filled');
  return view.paused ? wait('paused') : { do: 'cancel_entry', reason: 'partly_filled' };
}

function afterEntry(view: View, entry: OrderView, over: ReturnType<typeof unwanted>): Action {
  if (toNanos(entry.filledQty) > 0n) return { do: 'hold' };
  if (over) return { do: 'finish', stage: over, reason: over };
  if (entry.keptAs !== '') return { do: 'keep', attempt: attemptOf(entry.keptAs) };
  if (entry.robbedBy !== '') return { do: 'retry', why: 'robbed' };
  if (entry.reason === BY_HAND && view.byHand.entry === 'withdraw')
    return { do: 'finish', stage: 'withdrawn', reason: 'cancelled_by_hand' };
  if (isCoolingOff(view, entry)) return wait('by_hand');
  return { do: 'retry', why: entry.state === 'rejected' ? 'rejected' : 'ended' };
}
