/** A plan that this host holds: its record in the ledger, and what the host knows in addition. */
import { toNanos } from '../../domain/decimal.ts';
import { WorkstealError } from '../../domain/errors.ts';
import { type LeasedPlan, STAGES } from '../../ledger/commands/plans.ts';
import { RetryBackoff } from './retry-backoff.ts';
import type { OrderLookup } from './view.ts';

export type PlanState = {
  plan: LeasedPlan;
  /** Its forecasted PnL, for ranking. */
  readonly pnlNanos: bigint;
  entry: OrderLookup;
  exit: OrderLookup;
  /** Filled by its entry; undefined while unknown. */
  heldQty: string | undefined;
  /** Filled by exits before the current one. */
  closedQty: string;
  /** Ledger time of the first fill that is held; 0 while nothing is. */
  heldSinceMs: number;
  /** Its orders may have changed: read them from the ledger before deciding. */
  lookDue: boolean;
  /** The ledger may have lost its progress: record it again. */
  recordDue: boolean;
  readonly pause: RetryBackoff;
  /** It lacks room, and is in the ledger's queue. */
  queued: boolean;
  /** The price of its symbol when it was refused for want of room. */
  refusedAt: string | undefined;
  /** The ledger named it since its attempt began: another one may follow at once. */
  called: boolean;
  /** The last exit attempt whose rejection was handled, and how many were rejected in a row. */
  rejectedExit: number;
  rejections: number;
  /** Monotonic time since which the broker reports no position to close. */
  goneSinceMs: number | undefined;
  /** Orders placed by hand against its exit that were logged; at most a few. */
  readonly loggedInWay: Set<string>;
  /** The entry attempt that was logged as forced. */
  forcedAttempt: number;
  /** An action is under way; `again`: it was nudged meanwhile. */
  busy: boolean;
  again: boolean;
  /** Aborts the attempt that waits for room. */
  attempt: AbortController;
  /** Ended, or held by another host: no further action. */
  gone: boolean;
};

/**
 * @param nowMs monotonic time at which it was claimed
 * @throws WorkstealError `invalid` for an unreadable forecast, stage or attempt, or limit of an entry to come
 */
export function planStateOf(plan: LeasedPlan, nowMs: number): PlanState {
  if (!STAGES.includes(plan.stage))
    throw new WorkstealError('invalid', `stage is "${plan.stage}", not one of ${STAGES.join(', ')}`);
  for (const field of ['attempt', 'exitAttempt', 'heldSinceMs'] as const) {
    if (!Number.isSafeInteger(plan[field]))
      throw new WorkstealError('invalid', `${field} is not a whole number`);
  }
  if (plan.stage === 'waiting' || plan.stage === 'entering') toNanos(plan.limit, 'limit');
  return {
    plan,
    pnlNanos: toNanos(plan.pnl, 'pnl'),
    entry: undefined,
    exit: undefined,
    heldQty: undefined,
    closedQty: '0',
    heldSinceMs: plan.heldSinceMs,
    lookDue: false,
    recordDue: false,
    pause: RetryBackoff.kept(plan, nowMs),
    queued: false,
    refusedAt: undefined,
    called: false,
    rejectedExit: plan.pausedFor === 'exit_rejected' ? plan.exitAttempt : 0,
    rejections: 0,
    goneSinceMs: undefined,
    loggedInWay: new Set(),
    forcedAttempt: 0,
    busy: false,
    again: false,
    attempt: new AbortController(),
    gone: false,
  };
}

/** Aborts what waits for room; no action of the plan begins from now on. */
export function letGo(state: PlanState): void {
  state.gone = true;
  state.attempt.abort();
}
