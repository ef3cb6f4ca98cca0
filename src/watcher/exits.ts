/** The actions on what a plan holds: the exit at its take-profit, and the close at the market when its time is over. */
import { fromNanos, toNanos } from '../domain/decimal.ts';
import { isFinal } from '../domain/order.ts';
import { readLedgerOrder, readPosition } from '../ledger/commands/snapshot.ts';
import type { CarriedPlan } from './carried-plan.ts';
import type { Action } from './life.ts';
import { attemptOf, exitId, exitSide, exitWish } from './order-ids.ts';
import { note, pauseFor, type WatcherParts } from './parts.ts';

/** Entries in the way that are asked to leave in one go. */
const MAX_IN_WAY = 8;
/** After so many rejections the broker is asked what is left to close. */
const ASK_AFTER_REJECTIONS = 2;
const BROKER_TIMEOUT_MS = 5_000;

/** The entry was filled, at least in part. */
export async function hold(parts: WatcherParts, carried: CarriedPlan, nowMs: number): Promise<void> {
  const heldQty = carried.entry?.filledQty ?? '0';
  if (!(await note(parts, carried, { stage: 'holding' }))) return;
  parts.stats.count('entered');
  carried.pause.clear();
  carried.heldQty = heldQty;
  carried.closedQty = '0';
  carried.heldSinceMs = nowMs;
}

/** Places an exit, once the last one has ended and no entry of the symbol is in its way. */
export async function exit(parts: WatcherParts, carried: CarriedPlan, action: Extract<Action, { do: 'exit' }>): Promise<void> {
  const { coordinator, host, log } = parts;
  const { plan } = carried;
  if (carried.exit?.state === 'rejected' && carried.rejectedExit !== plan.exitAttempt) {
    carried.rejectedExit = plan.exitAttempt;
    carried.rejections += 1;
    pauseFor(parts, carried, 'exit_rejected');
    return;
  }
  if ((await makeWay(parts, carried)) > 0) {
    pauseFor(parts, carried, 'way');
    return;
  }
  let { qty } = action;
  const isBegun = action.exitAttempt === plan.exitAttempt && carried.exit !== null;
  if (!isBegun && (carried.rejections >= ASK_AFTER_REJECTIONS || !(await covers(parts, carried, qty)))) {
    qty = await closable(parts, carried, qty);
    if (toNanos(qty) === 0n) {
      log.warn({ plan: plan.id }, `${plan.symbol}: the broker holds no position to close`);
      await finish(parts, carried, 'done', 'position_gone');
      return;
    }
  }
  const closedBefore = action.exitAttempt === plan.exitAttempt ? '0' : (carried.exit?.filledQty ?? '0');
  if (!(await note(parts, carried, { stage: 'exiting', exitAttempt: action.exitAttempt }))) return;
  carried.closedQty = fromNanos(toNanos(carried.closedQty) + toNanos(closedBefore));
  carried.exit = null;
  const wish = exitWish(plan, action.exitAttempt, qty, action.limit, host);
  carried.attempt = new AbortController();
  const entered = await coordinator.enter(wish, carried.attempt.signal);
  if (entered.outcome === 'refused') {
    pauseFor(parts, carried, entered.reason);
    return;
  }
  carried.exit = undefined;
  if (entered.outcome === 'superseded') {
    log.info({ plan: plan.id, order: wish.id, by: entered.by }, `${plan.symbol}: ${entered.by} is known to the broker, going on with it`);
    if (await note(parts, carried, { stage: 'exiting', exitAttempt: attemptOf(entered.by) })) carried.heldQty = undefined;
    return;
  }
  if (entered.outcome === 'known') {
    pauseFor(parts, carried, 'known');
    return;
  }
  const placed = await coordinator.place(wish, parts.placing);
  if (placed.outcome === 'not_sent') pauseFor(parts, carried, placed.reason);
  if (placed.outcome !== 'working') return;
  carried.rejections = 0;
  carried.pause.clear();
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

/** Other plans' entries of the symbol, of the other side: the broker would reject the exit. How many are there still. */
async function makeWay({ live, ledger, coordinator, log }: WatcherParts, { plan }: CarriedPlan): Promise<number> {
  let inWay = 0;
  for (const id of live.entries(plan.symbol).slice(0, MAX_IN_WAY)) {
    const order = await readLedgerOrder(ledger, id);
    if (order === undefined || isFinal(order.state)) {
      live.forget(plan.symbol, id);
      continue;
    }
    if (order.kind !== 'entry' || order.side === exitSide(plan) || order.state === 'pending') continue;
    inWay += 1;
    if (order.state !== 'working') continue;
    log.info({ plan: plan.id, order: id }, `${plan.symbol}: the entry ${id} makes way for an exit`);
    await coordinator.cancel(id, 'makes_way');
  }
  return inWay;
}

/** Does the ledger count a position of at least so much? What was closed by hand must not be sold once more. */
async function covers({ ledger }: WatcherParts, { plan }: CarriedPlan, qty: string): Promise<boolean> {
  const position = await readPosition(ledger, plan.symbol);
  return position?.side === (plan.side === 'buy' ? 'long' : 'short') && toNanos(position.qty) >= toNanos(qty);
}

/** At most what the broker holds. @throws WorkstealError when it does not tell */
async function closable({ broker }: WatcherParts, { plan }: CarriedPlan, qty: string): Promise<string> {
  const positions = await broker.positions(AbortSignal.timeout(BROKER_TIMEOUT_MS));
  const signed = toNanos(positions.find(({ symbol }) => symbol === plan.symbol)?.qty ?? '0');
  const held = plan.side === 'buy' ? signed : -signed;
  if (held <= 0n) return '0';
  return held < toNanos(qty) ? fromNanos(held) : qty;
}
