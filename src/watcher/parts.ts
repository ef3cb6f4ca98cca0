/** What the actions of a plan's life work with: one set a host. */
import type { Logger } from 'pino';
import type { Broker } from '../broker/port.ts';
import type { Coordinator } from '../coordinator/coordinator.ts';
import { type NotedPause, notePlan, type Stage } from '../ledger/commands/plans.ts';
import type { Ledger } from '../ledger/ledger.ts';
import type { MarketCalendar } from '../rules/session.ts';
import type { Settings } from '../rules/settings.ts';
import { type Entry, entryRule } from '../rules/tolerance.ts';
import { type CarriedPlan, letGo } from './carried-plan.ts';
import type { HeldAtBroker } from './held-at-broker.ts';
import type { LedgerClock } from './ledger-clock.ts';
import type { ByHandRule, PartialEntryRule, View } from './life.ts';
import type { LiveOrders } from './live-orders.ts';
import { isOwnFault } from './pauses.ts';
import type { PriceBoard } from './price-board.ts';
import type { WatcherStats } from './stats.ts';

export type WatcherParts = {
  ledger: Ledger;
  broker: Pick<Broker, 'order' | 'orderByBrokerId'>;
  held: Pick<HeldAtBroker, 'confirm'>;
  coordinator: Pick<Coordinator, 'enter' | 'place' | 'cancel'>;
  rules: Settings;
  calendar: MarketCalendar;
  prices: PriceBoard;
  clock: LedgerClock;
  live: LiveOrders;
  stats: WatcherStats;
  byHand: ByHandRule;
  partialEntry: PartialEntryRule;
  /** Whose leases they are. */
  host: string;
  /** The host ends: nothing new is begun. */
  stopping: AbortSignal;
  /** Aborts when not even what is under way may be waited for any longer. */
  placing: AbortSignal;
  /**
   * Symbol -> rank among the account's cryptos that are not entered yet; null for others, and while the other
   * hosts' are not known.
   */
  rank: (symbol: string) => number | null;
  log: Logger;
  /** 0 <= x < 1, for the jitter of pauses. */
  random: () => number;
  monotonicMs: () => number;
};

/** What `decide` is asked about, as of now. */
export function viewOf(parts: WatcherParts, carried: CarriedPlan, nowMs: number): View {
  const { plan, entry, exit, heldQty, closedQty, heldSinceMs, pause } = carried;
  const liveAttempt = parts.live.attemptOf(plan.id) ?? 0;
  return {
    plan,
    entry,
    exit,
    heldQty,
    closedQty,
    heldSinceMs,
    price: parts.prices.price(plan.symbol),
    rule: ruleOf(parts, plan.symbol, nowMs),
    nowMs,
    paused: pause.isOn(parts.monotonicMs()),
    stopping: parts.stopping.aborted,
    byHand: parts.byHand,
    partialEntry: parts.partialEntry,
    liveAttempt: liveAttempt >= plan.attempt ? liveAttempt : undefined,
  };
}

/** The entry rule as of now. */
export function ruleOf({ rules, calendar, rank }: WatcherParts, symbol: string, nowMs: number): Entry {
  return entryRule({ nowMs, symbol, rank: rank(symbol) }, rules, calendar);
}

export function pauseFor(
  { monotonicMs, random }: WatcherParts,
  { pause }: CarriedPlan,
  reason: string,
): void {
  pause.begin(reason, monotonicMs(), random());
}

/**
 * The broker refused its order. Where that was not the order's own fault, it pauses as for want of something.
 */
export function pauseRefused(
  { monotonicMs, random }: WatcherParts,
  { pause }: CarriedPlan,
  reason: string,
): void {
  if (isOwnFault(reason)) pause.refused(reason, monotonicMs(), random());
  else pause.begin(reason, monotonicMs(), random());
}

/** How far a plan is; what is left out stays as it is. */
export type Progress = {
  stage: Stage;
  attempt?: number;
  exitAttempt?: number;
  reason?: string;
  heldSinceMs?: number;
  pause?: NotedPause | undefined;
};

/**
 * Records the next stage in the ledger, before anything is done about it. False when the plan is another
 * host's: hands off. A new attempt may have to wait for its turn: the plan is held for so long.
 */
export async function note(
  { ledger, host, log, monotonicMs }: WatcherParts,
  carried: CarriedPlan,
  progress: Progress,
): Promise<boolean> {
  const { plan } = carried;
  const {
    stage,
    attempt = plan.attempt,
    exitAttempt = plan.exitAttempt,
    reason = '',
    heldSinceMs = carried.heldSinceMs,
    pause,
  } = progress;
  const noted = await notePlan(ledger, host, {
    id: plan.id,
    stage,
    attempt,
    exitAttempt,
    reason,
    heldSinceMs,
    pause,
  });
  if (noted.outcome !== 'noted') {
    log.info({ plan: plan.id }, `${plan.symbol}: the plan is another host's now, or has ended`);
    letGo(carried);
    return false;
  }
  carried.plan = { ...plan, stage, attempt, exitAttempt };
  if (noted.waitMs > 0) {
    carried.pause.hold(monotonicMs() + noted.waitMs);
    const facts = { plan: plan.id, attempt, exitAttempt, waitMs: noted.waitMs };
    log.warn(
      facts,
      `${plan.symbol}: the plan began too many attempts within a minute; the next one waits for ${noted.waitMs} ms`,
    );
  }
  if (stage === 'waiting') carried.heldSinceMs = 0;
  log.debug({ plan: plan.id, stage, attempt, exitAttempt, reason }, `${plan.symbol}: ${stage}`);
  return true;
}
