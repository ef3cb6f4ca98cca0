/**
 * The actions on what a plan holds: the exit at its take-profit, and the close at the market when its time is
 * over.
 */
import type { Entered } from '../coordinator/coordinator.ts';
import { fromNanos, toNanos } from '../domain/decimal.ts';
import type { OrderWish } from '../domain/order.ts';
import type { Fields } from '../ledger/reply.ts';
import type { CarriedPlan } from './carried-plan.ts';
import type { Action } from './life.ts';
import { attemptOf, exitId, exitWish } from './order-ids.ts';
import { note, pauseFor, pauseRefused, type WatcherParts } from './parts.ts';
import { makeWay } from './way.ts';

/** After so many rejections the broker is asked what is left to close. */
const ASK_AFTER_REJECTIONS = 2;
/** Admissions of one exit, each of a smaller part. */
const MOST_TRIES = 3;
/** So long the broker must have said that nothing is held until that is believed. */
const GONE_AFTER_MS = 3_000;

/**
 * The first part of an entry was filled, and the rest has not ended: since when it is held is on record now.
 */
export async function holdPart(parts: WatcherParts, carried: CarriedPlan, nowMs: number): Promise<void> {
  const { plan } = carried;
  const heldSinceMs = heldSince(carried, nowMs);
  if (!(await note(parts, carried, { stage: 'entering', heldSinceMs }))) return;
  carried.pause.clear();
  carried.heldSinceMs = heldSinceMs;
  parts.log.info(
    { plan: plan.id, filledQty: carried.entry?.filledQty },
    `${plan.symbol}: its entry is filled in part`,
  );
}

/** Its first fill, or else the end of its entry, though a host may notice that later. */
function heldSince({ entry, heldSinceMs }: CarriedPlan, nowMs: number): number {
  return heldSinceMs || Math.min(entry?.filledSinceMs || entry?.endedMs || nowMs, nowMs);
}

/** The entry was filled, at least in part, and has ended. */
export async function hold(parts: WatcherParts, carried: CarriedPlan, nowMs: number): Promise<void> {
  const heldQty = carried.entry?.filledQty ?? '0';
  const heldSinceMs = heldSince(carried, nowMs);
  if (!(await note(parts, carried, { stage: 'holding', heldSinceMs }))) return;
  parts.stats.count('entered');
  carried.pause.clear();
  carried.pause.forgetRefusals();
  carried.heldQty = heldQty;
  carried.closedQty = '0';
  carried.heldSinceMs = heldSinceMs;
}

/** Places an exit, once the last one has ended and no entry of the symbol is in its way. */
export async function exit(
  parts: WatcherParts,
  carried: CarriedPlan,
  action: Extract<Action, { do: 'exit' }>,
): Promise<void> {
  const { coordinator } = parts;
  const { plan } = carried;
  if (carried.exit?.state === 'rejected' && carried.rejectedExit !== plan.exitAttempt) {
    carried.rejectedExit = plan.exitAttempt;
    carried.rejections += 1;
    pauseRefused(parts, carried, 'exit_rejected');
    await note(parts, carried, { stage: 'exiting', pause: carried.pause.toKeep(parts.monotonicMs()) });
    return;
  }
  if ((await makeWay(parts, carried)) > 0) {
    pauseFor(parts, carried, 'way');
    return;
  }
  const isBegun = action.exitAttempt === plan.exitAttempt && carried.exit !== null;
  const most =
    isBegun || carried.rejections < ASK_AFTER_REJECTIONS
      ? action.qty
      : await closable(parts, carried, action.qty);
  if (most === undefined) return;
  const closedBefore = action.exitAttempt === plan.exitAttempt ? '0' : (carried.exit?.filledQty ?? '0');
  if (!(await note(parts, carried, { stage: 'exiting', exitAttempt: action.exitAttempt }))) return;
  carried.closedQty = fromNanos(toNanos(carried.closedQty) + toNanos(closedBefore));
  carried.exit = null;
  if (carried.pause.isHeld(parts.monotonicMs())) return;
  const wish = await admitted(parts, carried, action, most);
  if (wish === undefined) return;
  const placed = await coordinator.place(wish, parts.placing);
  if (placed.outcome === 'not_sent') pauseFor(parts, carried, placed.reason);
  if (placed.outcome !== 'working') return;
  carried.rejections = 0;
  carried.pause.clear();
}

/**
 * Has the exit admitted, in as large a part as there is to close; undefined where nothing is to be placed
 * now. The ledger judges it against what is held; where nobody confirmed that lately, or less is held than
 * the plan thinks, the broker is asked.
 */
async function admitted(
  parts: WatcherParts,
  carried: CarriedPlan,
  { exitAttempt, limit }: Extract<Action, { do: 'exit' }>,
  most: string,
): Promise<OrderWish | undefined> {
  const { coordinator, host } = parts;
  let qty = most;
  let asked = false;
  carried.attempt = new AbortController();
  for (let tries = 0; ; tries += 1) {
    const wish = exitWish(carried.plan, exitAttempt, qty, limit, host);
    const entered = await coordinator.enter(wish, carried.attempt.signal);
    if (entered.outcome !== 'refused') return await begun(parts, carried, wish, entered);
    const { reason, numbers } = entered;
    const rest = reason === 'no_position' ? restOf(numbers) : 0n;
    if (tries < MOST_TRIES && rest > 0n) {
      qty = fromNanos(rest); // others close the rest of the position, or it is not there any more
    } else if (
      !asked &&
      (reason === 'unconfirmed' || (reason === 'no_position' && toNanos(numbers['exits_qty'] ?? '0') === 0n))
    ) {
      asked = true;
      const held = await closable(parts, carried, qty);
      if (held === undefined) return undefined;
      qty = held;
    } else {
      pauseFor(parts, carried, reason);
      return undefined;
    }
  }
}

/** Its order is reserved, unless it is known from before. */
async function begun(
  parts: WatcherParts,
  carried: CarriedPlan,
  wish: OrderWish,
  entered: Exclude<Entered, { outcome: 'refused' }>,
): Promise<OrderWish | undefined> {
  const { plan } = carried;
  carried.exit = undefined;
  if (entered.outcome === 'reserved') return wish;
  if (entered.outcome === 'known') {
    pauseFor(parts, carried, 'known');
    return undefined;
  }
  parts.log.info(
    { plan: plan.id, order: wish.id, by: entered.by },
    `${plan.symbol}: ${entered.by} is known to the broker, going on with it`,
  );
  if (await note(parts, carried, { stage: 'exiting', exitAttempt: attemptOf(entered.by) }))
    carried.heldQty = undefined;
  return undefined;
}

/** Its limit is not what it should be any more: off the broker with it. */
export async function cancelExit(parts: WatcherParts, carried: CarriedPlan): Promise<void> {
  const { plan } = carried;
  const asked = await parts.coordinator.cancel(exitId(plan, plan.exitAttempt), 'hold_over');
  if (asked !== 'cancelling') pauseFor(parts, carried, 'cancel_exit');
  carried.exit = undefined;
}

export async function finish(
  parts: WatcherParts,
  carried: CarriedPlan,
  stage: 'done' | 'withdrawn' | 'expired',
  reason: string,
): Promise<void> {
  if (!(await note(parts, carried, { stage, reason }))) return;
  parts.stats.ended(stage);
  carried.gone = true;
}

/** Of a refusal: what is held and not being closed by others yet. */
function restOf(numbers: Fields): bigint {
  return toNanos(numbers['held_qty'] ?? '0') - toNanos(numbers['exits_qty'] ?? '0');
}

/**
 * At most what the broker holds; undefined where that is nothing. Said again after a while, the plan is done:
 * a broker's positions may lag behind its orders for a moment.
 * @throws WorkstealError when it does not tell
 */
async function closable(parts: WatcherParts, carried: CarriedPlan, qty: string): Promise<string | undefined> {
  const { plan } = carried;
  const signed = await parts.held.confirm(plan.symbol);
  const held = plan.side === 'buy' ? signed : -signed;
  if (held > 0n) {
    carried.goneSinceMs = undefined;
    return held < toNanos(qty) ? fromNanos(held) : qty;
  }
  carried.goneSinceMs ??= parts.monotonicMs();
  if (parts.monotonicMs() - carried.goneSinceMs < GONE_AFTER_MS) {
    pauseFor(parts, carried, 'no_position');
    return undefined;
  }
  parts.log.warn({ plan: plan.id }, `${plan.symbol}: the broker holds no position to close`);
  await finish(parts, carried, 'done', 'position_gone');
  return undefined;
}
