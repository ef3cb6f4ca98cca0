/** What a plan does with what it holds: the rows `holding` and `exiting` of decide-next.ts. */
import { fromNanos, toNanos } from '../../domain/decimal.ts';
import { isFinal } from '../../domain/order.ts';
import { BY_HAND } from '../../ledger/commands/settle.ts';
import { marketableLimit, usualPriceSteps } from '../../rules/legal-price.ts';
import { type Action, wait } from './action.ts';
import { exitSide } from './order-ids.ts';
import type { OrderView, View } from './view.ts';

export function whileHolding(view: View): Action {
  const { plan, heldQty } = view;
  if (heldQty === undefined) return { do: 'look' };
  const open = toNanos(heldQty) - toNanos(view.closedQty);
  if (open <= 0n) return { do: 'finish', stage: 'done', reason: 'nothing_held' };
  if (!hasExit(view)) return { do: 'finish', stage: 'done', reason: 'filled' };
  return nextExit(view, plan.exitAttempt + 1, fromNanos(open));
}

export function whileExiting(view: View): Action {
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
    if (exit.state === 'working' && isClosing(view) && isShortOfLimit(view, exit))
      return { do: 'cancel_exit' };
    return wait(exit.state);
  }
  const left = open - toNanos(exit.filledQty);
  if (left <= 0n) return { do: 'finish', stage: 'done', reason: 'closed' };
  if (isCoolingOff(view, exit)) return wait('by_hand');
  return nextExit(view, plan.exitAttempt + 1, fromNanos(left));
}

/** Will the plan close what it holds? */
export function hasExit({ plan }: View): boolean {
  return plan.takeProfit !== '' || plan.holdMs > 0 || plan.closeAskedMs > 0;
}

/** Is it to be closed at the market, or has the price reached the take-profit? */
export function isExitDue(view: View): boolean {
  const { plan, price } = view;
  if (isClosing(view)) return true;
  if (plan.takeProfit === '' || price === undefined) return false;
  const [now, target] = [toNanos(price), toNanos(plan.takeProfit)];
  return exitSide(plan) === 'sell' ? now >= target : now <= target;
}

/**
 * Did a person cancel the order, and is the pause after that still running? A later request to close the plan
 * ends it.
 */
export function isCoolingOff({ nowMs, byHand, plan }: View, order: OrderView): boolean {
  const isPaused = order.reason === BY_HAND && nowMs < order.endedMs + byHand.pauseMs;
  return isPaused && plan.closeAskedMs < order.endedMs;
}

/** Is what is held to be closed at the market: the holding time is over, or a person asked for it? */
function isClosing({ plan, nowMs, heldSinceMs }: View): boolean {
  return plan.closeAskedMs > 0 || (plan.holdMs > 0 && nowMs >= heldSinceMs + plan.holdMs);
}

/** The price has not reached the exit's limit: it is a take-profit, or the price moved away. */
function isShortOfLimit({ price, plan }: View, { limit }: OrderView): boolean {
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
