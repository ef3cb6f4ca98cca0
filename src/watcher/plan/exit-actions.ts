/** The actions on what a plan holds: the exit at its take-profit, and the close after its holding time. */
import type { Entered } from '../../coordinator/coordinator.ts';
import { fromNanos, toNanos } from '../../domain/decimal.ts';
import type { OrderWish } from '../../domain/order.ts';
import type { Fields } from '../../ledger/reply.ts';
import { legalPrice } from '../../rules/legal-price.ts';
import { traced } from '../../tracing/tracing.ts';
import type { Action } from './action.ts';
import { pauseFor, pauseRefused } from './apply-backoff.ts';
import type { PlanContext } from './context.ts';
import { makeWay } from './make-way.ts';
import { attemptOf, exitId, exitSide, exitWish } from './order-ids.ts';
import type { PlanState } from './plan-state.ts';
import { recordProgress } from './record-progress.ts';

/** After this many rejections in a row, the broker is asked what is left to close. */
const ASK_AFTER_REJECTIONS = 2;
/** Admissions of one exit, each for a smaller quantity. */
const MAX_TRIES = 3;
/** The broker must report for this long that nothing is held: its positions may lag behind its orders. */
const GONE_AFTER_MS = 3_000;

/** Records when the holding time began: the entry has its first fill, and is still open. */
export async function holdPart(context: PlanContext, state: PlanState, nowMs: number): Promise<void> {
  const { plan } = state;
  const heldSinceMs = heldSince(state, nowMs);
  if (!(await recordProgress(context, state, { stage: 'entering', heldSinceMs }))) return;
  state.pause.clear();
  state.heldSinceMs = heldSinceMs;
  context.log.info(
    { plan: plan.id, filledQty: state.entry?.filledQty },
    `${plan.symbol}: the entry is partly filled`,
  );
}

/** The first fill; if that is unknown, the end of the entry. */
function heldSince({ entry, heldSinceMs }: PlanState, nowMs: number): number {
  return heldSinceMs || Math.min(entry?.filledSinceMs || entry?.endedMs || nowMs, nowMs);
}

/** The entry has ended with a fill. */
export async function hold(context: PlanContext, state: PlanState, nowMs: number): Promise<void> {
  const heldQty = state.entry?.filledQty ?? '0';
  const heldSinceMs = heldSince(state, nowMs);
  if (!(await recordProgress(context, state, { stage: 'holding', heldSinceMs }))) return;
  context.stats.count('entered');
  state.pause.clear();
  state.pause.forgetRefusals();
  state.heldQty = heldQty;
  state.closedQty = '0';
  state.heldSinceMs = heldSinceMs;
}

/** Places an exit when no entry of the symbol is in its way any more; the previous exit has ended. */
export async function exit(
  context: PlanContext,
  state: PlanState,
  action: Extract<Action, { do: 'exit' }>,
): Promise<void> {
  const { plan } = state;
  if (state.exit?.state === 'rejected' && state.rejectedExit !== plan.exitAttempt) {
    state.rejectedExit = plan.exitAttempt;
    state.rejections += 1;
    pauseRefused(context, state, 'exit_rejected');
    await recordProgress(context, state, {
      stage: 'exiting',
      pause: state.pause.toKeep(context.monotonicMs()),
    });
    return;
  }
  if ((await makeWay(context, state, action)) > 0) {
    pauseFor(context, state, 'way');
    return;
  }
  const isBegun = action.exitAttempt === plan.exitAttempt && state.exit !== null;
  const most =
    isBegun || state.rejections < ASK_AFTER_REJECTIONS
      ? action.qty
      : await closable(context, state, action.qty);
  if (most === undefined) return;
  const closedBefore = action.exitAttempt === plan.exitAttempt ? '0' : (state.exit?.filledQty ?? '0');
  if (!(await recordProgress(context, state, { stage: 'exiting', exitAttempt: action.exitAttempt }))) return;
  state.closedQty = fromNanos(toNanos(state.closedQty) + toNanos(closedBefore));
  state.exit = null;
  if (state.pause.isHeld(context.monotonicMs())) return;
  const { tracing, account } = context.ledger;
  const facts = { 'worksteal.account': account, 'worksteal.plan': plan.id, 'worksteal.symbol': plan.symbol };
  await traced(tracing, 'wish', { facts: { ...facts, 'worksteal.kind': 'exit' } }, () =>
    placeExit(context, state, action, most),
  );
}

async function placeExit(
  context: PlanContext,
  state: PlanState,
  action: Extract<Action, { do: 'exit' }>,
  most: string,
): Promise<void> {
  const { coordinator } = context;
  const limit = action.closing ? await legalLimit(context, state, action.limit) : action.limit;
  const wish = await admitted(context, state, { ...action, limit }, most);
  if (wish === undefined) return;
  const placed = await coordinator.place(wish, context.placing);
  if (placed.outcome === 'not_sent') pauseFor(context, state, placed.reason);
  if (placed.outcome === 'unclear') pauseFor(context, state, 'unclear');
  if (placed.outcome !== 'working') return;
  state.rejections = 0;
  state.pause.clear();
}

/** The limit of a close at the market, at a price step of the asset. */
async function legalLimit(context: PlanContext, { plan }: PlanState, limit: string): Promise<string> {
  const steps = await context.coordinator.priceSteps(plan.symbol, context.placing);
  return legalPrice(steps, toNanos(limit), exitSide(plan) === 'sell' ? 'down' : 'up');
}

/**
 * Has the exit admitted, for as much as there is to close. The ledger compares it with what is held. If that
 * was not confirmed lately, or less is held than the plan assumes, the broker is asked.
 * @returns undefined when nothing is to be placed now
 */
async function admitted(
  context: PlanContext,
  state: PlanState,
  { exitAttempt, limit }: Extract<Action, { do: 'exit' }>,
  most: string,
): Promise<OrderWish | undefined> {
  const { coordinator, host } = context;
  let qty = most;
  let asked = false;
  state.attempt = new AbortController();
  for (let tries = 0; ; tries += 1) {
    const wish = exitWish(state.plan, exitAttempt, qty, limit, host);
    const entered = await coordinator.enter(wish, state.attempt.signal);
    if (entered.outcome !== 'refused') return await reservedWish(context, state, wish, entered);
    const { reason, numbers } = entered;
    const rest = reason === 'no_position' ? restOf(numbers) : 0n;
    if (tries < MAX_TRIES && rest > 0n) {
      qty = fromNanos(rest); // other orders close the rest of the position, or it is gone
    } else if (
      !asked &&
      (reason === 'unconfirmed' || (reason === 'no_position' && toNanos(numbers['exits_qty'] ?? '0') === 0n))
    ) {
      asked = true;
      const held = await closable(context, state, qty);
      if (held === undefined) return undefined;
      qty = held;
    } else {
      pauseFor(context, state, reason);
      return undefined;
    }
  }
}

/**
 * @returns the wish if it is reserved now; undefined if an earlier order exists under its id, or a later one
 */
async function reservedWish(
  context: PlanContext,
  state: PlanState,
  wish: OrderWish,
  entered: Exclude<Entered, { outcome: 'refused' }>,
): Promise<OrderWish | undefined> {
  const { plan } = state;
  state.exit = undefined;
  if (entered.outcome === 'reserved') return wish;
  if (entered.outcome === 'known') {
    pauseFor(context, state, 'known');
    return undefined;
  }
  context.log.info(
    { plan: plan.id, order: wish.id, by: entered.by },
    `${plan.symbol}: the broker has the later order ${entered.by}; continuing with it`,
  );
  if (await recordProgress(context, state, { stage: 'exiting', exitAttempt: attemptOf(entered.by) }))
    state.heldQty = undefined;
  return undefined;
}

/** The plan is to be closed, and the exit's limit is not reached: cancels it, to close at the market. */
export async function cancelExit(context: PlanContext, state: PlanState): Promise<void> {
  const { plan } = state;
  const why = plan.closeAskedMs > 0 ? 'close_asked' : 'hold_over';
  const asked = await context.coordinator.cancel(exitId(plan, plan.exitAttempt), why);
  if (asked !== 'cancelling') pauseFor(context, state, 'cancel_exit');
  state.exit = undefined;
}

export async function finish(
  context: PlanContext,
  state: PlanState,
  stage: 'done' | 'withdrawn' | 'expired',
  reason: string,
): Promise<void> {
  if (!(await recordProgress(context, state, { stage, reason }))) return;
  context.stats.ended(stage);
  state.gone = true;
}

/** By the numbers of a refusal: what is held, and not yet being closed by other orders. */
function restOf(numbers: Fields): bigint {
  return toNanos(numbers['held_qty'] ?? '0') - toNanos(numbers['exits_qty'] ?? '0');
}

/**
 * At most what the broker holds; undefined where that is nothing. If it is still nothing after GONE_AFTER_MS,
 * the plan is done.
 * @throws WorkstealError when the broker gives no answer
 */
async function closable(context: PlanContext, state: PlanState, qty: string): Promise<string | undefined> {
  const { plan } = state;
  const signed = await context.held.confirm(plan.symbol);
  const held = plan.side === 'buy' ? signed : -signed;
  if (held > 0n) {
    state.goneSinceMs = undefined;
    return held < toNanos(qty) ? fromNanos(held) : qty;
  }
  state.goneSinceMs ??= context.monotonicMs();
  if (context.monotonicMs() - state.goneSinceMs < GONE_AFTER_MS) {
    pauseFor(context, state, 'no_position');
    return undefined;
  }
  context.log.warn(
    { plan: plan.id },
    `${plan.symbol}: the broker holds no position to close; the plan is done`,
  );
  await finish(context, state, 'done', 'position_gone');
  return undefined;
}
