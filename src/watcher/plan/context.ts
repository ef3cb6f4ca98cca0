/** What the actions on a plan need: one context per host. */
import type { Logger } from 'pino';
import type { Broker } from '../../broker/port.ts';
import type { Coordinator } from '../../coordinator/coordinator.ts';
import type { HeldAtBroker } from '../../coordinator/held-at-broker.ts';
import type { Ledger } from '../../ledger/ledger.ts';
import type { MarketCalendar } from '../../rules/session.ts';
import type { Settings } from '../../rules/settings.ts';
import { type Entry, entryRule } from '../../rules/tolerance.ts';
import type { LedgerClock } from '../ledger-clock.ts';
import type { LiveOrders } from '../live-orders.ts';
import type { PriceBoard } from '../price-board.ts';
import type { WatcherStats } from '../stats.ts';
import type { PlanState } from './plan-state.ts';
import type { ByHandRule, PartialEntryRule, View } from './view.ts';

export type PlanContext = {
  ledger: Ledger;
  broker: Pick<Broker, 'order' | 'orderByBrokerId'>;
  held: Pick<HeldAtBroker, 'confirm'>;
  coordinator: Pick<Coordinator, 'enter' | 'place' | 'cancel' | 'priceSteps'>;
  rules: Settings;
  calendar: MarketCalendar;
  prices: PriceBoard;
  clock: LedgerClock;
  live: LiveOrders;
  stats: WatcherStats;
  byHand: ByHandRule;
  partialEntry: PartialEntryRule;
  /** The holder of the plans' leases. */
  host: string;
  /** The host is shutting down: no action begins. */
  stopping: AbortSignal;
  /** Aborts when the host no longer waits for actions under way. */
  placing: AbortSignal;
  /**
   * The rank of a crypto among the account's active ones; null for other symbols, and while the other hosts'
   * cryptos are unknown.
   */
  rank: (symbol: string) => number | null;
  log: Logger;
  /** 0 <= x < 1, for the jitter of backoffs. */
  random: () => number;
  monotonicMs: () => number;
};

/** What `decideNext` needs to know, as of now. */
export function viewOf(context: PlanContext, state: PlanState, nowMs: number): View {
  const { plan, entry, exit, heldQty, closedQty, heldSinceMs, pause } = state;
  const liveAttempt = context.live.attemptOf(plan.id) ?? 0;
  return {
    plan,
    entry,
    exit,
    heldQty,
    closedQty,
    heldSinceMs,
    price: context.prices.price(plan.symbol),
    rule: ruleOf(context, plan.symbol, nowMs),
    nowMs,
    paused: pause.isOn(context.monotonicMs()),
    queued: state.queued,
    stopping: context.stopping.aborted,
    byHand: context.byHand,
    partialEntry: context.partialEntry,
    liveAttempt: liveAttempt >= plan.attempt ? liveAttempt : undefined,
  };
}

/** The entry rule as of now. */
export function ruleOf({ rules, calendar, rank }: PlanContext, symbol: string, nowMs: number): Entry {
  return entryRule({ nowMs, symbol, rank: rank(symbol) }, rules, calendar);
}
