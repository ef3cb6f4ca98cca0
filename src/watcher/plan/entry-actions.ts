/** The actions on a plan's entry: get room, check the price again, place the order; or go back to waiting. */
import type { OrderWish } from '../../domain/order.ts';
import { leaveQueue } from '../../ledger/commands/plan-leave.ts';
import { release } from '../../ledger/commands/release.ts';
import { readLedgerOrder } from '../../ledger/commands/snapshot.ts';
import { assertReconciled } from '../../ledger/reconciled.ts';
import { answerFacts, wishFacts } from '../../tracing/facts.ts';
import { type Span, traced } from '../../tracing/tracing.ts';
import { awaitTurn, pauseFor, pauseRefused } from './apply-backoff.ts';
import { type PlanContext, viewOf } from './context.ts';
import { mayEnter, unwanted } from './decide-entry.ts';
import { attemptOf, entryId, entryWish } from './order-ids.ts';
import type { PlanState } from './plan-state.ts';
import { recordProgress } from './record-progress.ts';

/**
 * Gets room, checks that the price is still near, and places the entry: one trace.
 * @throws what the coordinator throws; the same attempt may be tried again (I6)
 */
export async function enter(context: PlanContext, state: PlanState, forced: boolean): Promise<void> {
  const { tracing, account } = context.ledger;
  const wish = entryWish(state.plan, context.host, state.entry?.kept);
  await traced(tracing, 'wish', { facts: wishFacts(account, wish) }, (span) =>
    enterAs(context, state, wish, forced, span),
  );
}

async function enterAs(
  context: PlanContext,
  state: PlanState,
  wish: OrderWish,
  forced: boolean,
  span: Span,
): Promise<void> {
  const { coordinator, stats, log, monotonicMs } = context;
  if (forced) announceForced(context, state);
  state.attempt = new AbortController();
  state.queued = false;
  state.called = false;
  const entered = await coordinator.enter(wish, state.attempt.signal);
  span.note(answerFacts(entered));
  switch (entered.outcome) {
    case 'reserved':
      stats.admitted(entered.how);
      break;
    case 'known':
      // Another host placed it under this id, or it ended before it was sent: the next lookup shows which.
      if (await recordProgress(context, state, { stage: 'entering' })) state.entry = undefined;
      pauseFor(context, state, 'known');
      return;
    case 'superseded':
      // The ledger was lost, and the plan had come further before: it continues from there.
      log.info(
        { plan: wish.plan, order: wish.id, by: entered.by },
        `${wish.symbol}: the broker has the later order ${entered.by}; continuing with it`,
      );
      if (await recordProgress(context, state, { stage: 'entering', attempt: attemptOf(entered.by) }))
        state.entry = undefined;
      return;
    case 'refused':
      stats.refused(entered.reason);
      log.debug(
        { plan: wish.plan, order: wish.id, reason: entered.reason, ...entered.numbers },
        `${wish.symbol}: refused, ${entered.reason}`,
      );
      if (entered.numbers['place'] === undefined) pauseFor(context, state, entered.reason);
      else awaitTurn(context, state, entered.reason, entered.numbers);
      // A failed steal has used up the attempt's order id.
      if (entered.reason === 'steal_failed') await nextAttempt(context, state);
      return;
  }
  const why = whyNotNow(context, state);
  if (why !== undefined) {
    await releaseUnsent(context, wish.id, why);
    pauseFor(context, state, why);
    await nextAttempt(context, state);
    return;
  }
  if (!(await recordProgress(context, state, { stage: 'entering' }))) {
    await releaseUnsent(context, wish.id, 'lost');
    return;
  }
  const startedMs = monotonicMs();
  const placed = await coordinator.place(wish, context.placing);
  stats.took('place', monotonicMs() - startedMs);
  state.entry = undefined;
  // It may be reserved still, and is looked up again.
  if (placed.outcome === 'unclear') pauseFor(context, state, 'unclear');
  if (placed.outcome !== 'working') return;
  stats.count('placed');
  state.pause.clear();
}

/** It waits for room no more; it tries again when its price is near. */
export async function leave({ ledger, host }: PlanContext, state: PlanState): Promise<void> {
  state.queued = false;
  state.pause.lift();
  await leaveQueue(ledger, host, [state.plan.id]);
}

/** The entry ended unfilled: back to waiting, with the next attempt. */
export async function retry(
  context: PlanContext,
  state: PlanState,
  why: 'robbed' | 'rejected' | 'ended',
): Promise<void> {
  if (why === 'robbed') {
    context.stats.count('robbed');
    await logThief(context, state, 'back to waiting');
  }
  const reason = state.entry?.reason || why;
  // The broker's reason decides the backoff. An order that ended before it was sent has its own reason.
  if (why === 'rejected') pauseRefused(context, state, reason);
  else pauseFor(context, state, why === 'ended' && state.entry?.sent === false ? reason : why);
  await nextAttempt(context, state);
}

/** A thief took a part of the entry's room: the plan goes on with the rest, as its next attempt. */
export async function keep(context: PlanContext, state: PlanState, attempt: number): Promise<void> {
  const { plan } = state;
  context.stats.count('robbed');
  await logThief(context, state, `it keeps a part, as ${entryId(plan, attempt)}`);
  if (await recordProgress(context, state, { stage: 'entering', attempt })) state.entry = undefined;
}

/** The entry of this attempt is open at the broker: the plan continues there. */
export async function resume(context: PlanContext, state: PlanState, attempt: number): Promise<void> {
  const { plan } = state;
  if (!(await recordProgress(context, state, { stage: 'entering', attempt }))) return;
  context.log.info(
    { plan: plan.id, order: entryId(plan, attempt) },
    `${plan.symbol}: the plan's entry was found at the broker; continuing with it`,
  );
}

/** Nobody knows the attempt's order: back to waiting, with the same id. */
export async function reconsider(context: PlanContext, state: PlanState): Promise<void> {
  if (await recordProgress(context, state, { stage: 'waiting' })) state.entry = undefined;
}

/**
 * After a failover the ledger may have lost that it was sent, here or by a host before. The next attempt
 * would then buy a second time (I6, I8).
 * @throws WorkstealError `unclear` until the keeper has reconciled
 */
async function releaseUnsent(
  { ledger }: PlanContext,
  id: string,
  reason: string,
): ReturnType<typeof release> {
  await assertReconciled(ledger, id);
  return await release(ledger, id, reason);
}

/** Gives back a reservation that was never sent. */
export async function giveBack(context: PlanContext, state: PlanState, reason: string): Promise<void> {
  const { plan } = state;
  if ((await releaseUnsent(context, entryId(plan, plan.attempt), reason)) === 'sent')
    pauseFor(context, state, 'sent');
  state.entry = undefined;
}

/** Requests the entry's cancellation; an event reports its end. */
export async function cancelEntry(context: PlanContext, state: PlanState, reason: string): Promise<void> {
  const { plan } = state;
  const asked = await context.coordinator.cancel(entryId(plan, plan.attempt), reason);
  if (asked !== 'cancelling') pauseFor(context, state, 'cancel_entry');
  state.entry = undefined;
}

async function nextAttempt(context: PlanContext, state: PlanState): Promise<void> {
  const pause = state.pause.toKeep(context.monotonicMs());
  if (await recordProgress(context, state, { stage: 'waiting', attempt: state.plan.attempt + 1, pause }))
    state.entry = undefined;
}

/** Room may come after a long wait. @returns why the entry must not be placed now; undefined if it may */
function whyNotNow(context: PlanContext, state: PlanState): string | undefined {
  const nowMs = context.clock.nowMs();
  if (state.gone || nowMs === undefined) return 'lost';
  const view = viewOf(context, state, nowMs);
  if (view.stopping) return 'stopping';
  const over = unwanted(view);
  if (over !== undefined) return over;
  const nearness = mayEnter(view);
  return nearness === 'far' ? 'price_moved' : nearness === 'no_price' ? 'no_price' : undefined;
}

function announceForced({ log, rank }: PlanContext, state: PlanState): void {
  const { plan } = state;
  if (state.forcedAttempt === plan.attempt) return;
  state.forcedAttempt = plan.attempt;
  const cryptoRank = rank(plan.symbol);
  log.info(
    { plan: plan.id, symbol: plan.symbol, cryptoRank },
    `${plan.symbol}: Auto-enabled force_immediate (crypto rank ${cryptoRank} during out-of-hours)`,
  );
}

async function logThief(
  { ledger, log }: PlanContext,
  { plan, entry }: PlanState,
  then: string,
): Promise<void> {
  const steal = entry?.robbedBy ?? '';
  const thief = await readLedgerOrder(ledger, steal);
  const fields = {
    plan: plan.id,
    order: entryId(plan, plan.attempt),
    steal,
    thief: thief?.symbol,
    thiefPnl: thief?.pnl,
    pnl: plan.pnl,
  };
  const by = thief === undefined ? steal : `${thief.symbol} (PnL=${thief.pnl})`;
  log.info(
    fields,
    `${plan.symbol} (PnL=${plan.pnl}) was robbed by ${by}, ` +
      `which is better and closer to its limit; ${then}`,
  );
}
