/**
 * The actions on a plan's entry: room, a last look at the price, the order; and back to waiting when nothing
 * came of it.
 */
import { release } from '../ledger/commands/release.ts';
import { readLedgerOrder } from '../ledger/commands/snapshot.ts';
import type { CarriedPlan } from './carried-plan.ts';
import { mayEnter, unwanted } from './life.ts';
import { attemptOf, entryId, entryWish } from './order-ids.ts';
import { note, pauseFor, pauseRefused, viewOf, type WatcherParts } from './parts.ts';

/**
 * Asks for room, checks that the price still holds, and places the entry.
 * @throws what the coordinator throws; the same attempt may be tried again (I6)
 */
export async function enter(parts: WatcherParts, carried: CarriedPlan, forced: boolean): Promise<void> {
  const { coordinator, host, stats, log, monotonicMs } = parts;
  const wish = entryWish(carried.plan, host);
  if (forced) announceForced(parts, carried);
  carried.attempt = new AbortController();
  const entered = await coordinator.enter(wish, carried.attempt.signal);
  switch (entered.outcome) {
    case 'reserved':
      stats.admitted(entered.how);
      break;
    case 'known':
      // Another host made it under this very id, or it ended before it was sent: the ledger tells which.
      if (await note(parts, carried, { stage: 'entering' })) carried.entry = undefined;
      pauseFor(parts, carried, 'known');
      return;
    case 'superseded':
      // Its ledger was lost since: the plan had come further, and goes on from there.
      log.info(
        { plan: wish.plan, order: wish.id, by: entered.by },
        `${wish.symbol}: ${entered.by} is known to the broker, going on with it`,
      );
      if (await note(parts, carried, { stage: 'entering', attempt: attemptOf(entered.by) }))
        carried.entry = undefined;
      return;
    case 'refused':
      stats.refused(entered.reason);
      log.debug(
        { plan: wish.plan, order: wish.id, reason: entered.reason, ...entered.numbers },
        `${wish.symbol}: refused, ${entered.reason}`,
      );
      // A steal that failed has used the attempt's id up.
      pauseFor(parts, carried, entered.reason);
      if (entered.reason === 'steal_failed') await nextAttempt(parts, carried);
      return;
  }
  const why = whyNotNow(parts, carried);
  if (why !== undefined) {
    await release(parts.ledger, wish.id, why);
    pauseFor(parts, carried, why);
    await nextAttempt(parts, carried);
    return;
  }
  if (!(await note(parts, carried, { stage: 'entering' }))) {
    await release(parts.ledger, wish.id, 'lost');
    return;
  }
  const startedMs = monotonicMs();
  const placed = await coordinator.place(wish, parts.placing);
  stats.took('place', monotonicMs() - startedMs);
  carried.entry = undefined;
  if (placed.outcome !== 'working') return;
  stats.count('placed');
  carried.pause.clear();
}

/** The entry ended without a fill: waits again, under the next attempt's id. */
export async function retry(
  parts: WatcherParts,
  carried: CarriedPlan,
  why: 'robbed' | 'rejected' | 'ended',
): Promise<void> {
  if (why === 'robbed') {
    parts.stats.count('robbed');
    await tellRobber(parts, carried);
  }
  const reason = carried.entry?.reason || why;
  // What the broker refused it for decides how long it pauses; one that was given back before it was sent
  // pauses for what it lacked.
  if (why === 'rejected') pauseRefused(parts, carried, reason);
  else pauseFor(parts, carried, why === 'ended' && carried.entry?.sent === false ? reason : why);
  await nextAttempt(parts, carried);
}

/** Its entry is at the broker under this attempt: the plan is that far. */
export async function resume(parts: WatcherParts, carried: CarriedPlan, attempt: number): Promise<void> {
  const { plan } = carried;
  if (!(await note(parts, carried, { stage: 'entering', attempt }))) return;
  parts.log.info(
    { plan: plan.id, order: entryId(plan, attempt) },
    `${plan.symbol}: its order was found at the broker; it goes on`,
  );
}

/** Nothing is known of the attempt: waits again, under the same id. */
export async function reconsider(parts: WatcherParts, carried: CarriedPlan): Promise<void> {
  if (await note(parts, carried, { stage: 'waiting' })) carried.entry = undefined;
}

/** A reservation that was never sent is given back. */
export async function giveBack(parts: WatcherParts, carried: CarriedPlan, reason: string): Promise<void> {
  const { plan } = carried;
  if ((await release(parts.ledger, entryId(plan, plan.attempt), reason)) === 'sent')
    pauseFor(parts, carried, 'sent');
  carried.entry = undefined;
}

/** Puts the entry's cancellation on record and on its way; its end comes as an event. */
export async function cancelEntry(parts: WatcherParts, carried: CarriedPlan, reason: string): Promise<void> {
  const { plan } = carried;
  const asked = await parts.coordinator.cancel(entryId(plan, plan.attempt), reason);
  if (asked !== 'cancelling') pauseFor(parts, carried, 'cancel_entry');
  carried.entry = undefined;
}

async function nextAttempt(parts: WatcherParts, carried: CarriedPlan): Promise<void> {
  const pause = carried.pause.toKeep(parts.monotonicMs());
  if (await note(parts, carried, { stage: 'waiting', attempt: carried.plan.attempt + 1, pause }))
    carried.entry = undefined;
}

/** Its room came, maybe after a wait: is it still wanted, and the price still near? */
function whyNotNow(parts: WatcherParts, carried: CarriedPlan): string | undefined {
  const nowMs = parts.clock.nowMs();
  if (carried.gone || nowMs === undefined) return 'lost';
  const view = viewOf(parts, carried, nowMs);
  if (view.stopping) return 'stopping';
  const over = unwanted(view);
  if (over !== undefined) return over;
  const nearness = mayEnter(view);
  return nearness === 'far' ? 'price_moved' : nearness === 'no_price' ? 'no_price' : undefined;
}

function announceForced({ log, rank }: WatcherParts, carried: CarriedPlan): void {
  const { plan } = carried;
  if (carried.forcedAttempt === plan.attempt) return;
  carried.forcedAttempt = plan.attempt;
  const cryptoRank = rank(plan.symbol);
  log.info(
    { plan: plan.id, symbol: plan.symbol, cryptoRank },
    `${plan.symbol}: Auto-enabled force_immediate (crypto rank ${cryptoRank} during out-of-hours)`,
  );
}

async function tellRobber({ ledger, log }: WatcherParts, { plan, entry }: CarriedPlan): Promise<void> {
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
    `${plan.symbol} (PnL=${plan.pnl}) was robbed by ${by}, which is better and closer to its limit; back to waiting`,
  );
}
