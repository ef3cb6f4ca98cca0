/** A plan in this host's hands: what the ledger holds of it, and what the host knows beside that. */
import { toNanos } from '../../domain/decimal.ts';
import { WorkstealError } from '../../domain/errors.ts';
import { type LeasedPlan, STAGES } from '../../ledger/commands/plans.ts';
import { RetryBackoff } from './retry-backoff.ts';
import type { OrderLookup } from './view.ts';

export type PlanState = {
  plan: LeasedPlan;
  /** Its forecast, for ranking. */
  readonly pnlNanos: bigint;
  entry: OrderLookup;
  exit: OrderLookup;
  /** Filled by its entry; undefined until somebody looked. */
  heldQty: string | undefined;
  /** Closed by exits that ended before the current one. */
  closedQty: string;
  /** Ledger time; 0 before a part of it is held. */
  heldSinceMs: number;
  /** What it knows of its orders may have changed: ask the ledger before deciding. */
  lookDue: boolean;
  /** The ledger may have lost the record of how far it is: to be told again. */
  recordDue: boolean;
  readonly pause: RetryBackoff;
  /** The exit attempt whose rejection was noticed last, and how many were rejected in a row. */
  rejectedExit: number;
  rejections: number;
  /** Monotonic time since which the broker says that nothing is held to close. */
  goneSinceMs: number | undefined;
  /** Orders placed by hand against its exit that were named in the log, the first few of them. */
  readonly toldInWay: Set<string>;
  /** The entry attempt that was announced as forced. */
  forcedAttempt: number;
  /** One action at a time; `again`: something happened meanwhile. */
  busy: boolean;
  again: boolean;
  /** Ends the entry that is being tried: it is not wanted any more. */
  attempt: AbortController;
  /** Ended, or another host's: not to be touched any more. */
  gone: boolean;
};

/**
 * @param nowMs monotonic time at which it was claimed
 * @throws WorkstealError `invalid` when its forecast can't be read, or how far it is, or the limit of an
 *   entry that is still to come
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
    rejectedExit: plan.pausedFor === 'exit_rejected' ? plan.exitAttempt : 0,
    rejections: 0,
    goneSinceMs: undefined,
    toldInWay: new Set(),
    forcedAttempt: 0,
    busy: false,
    again: false,
    attempt: new AbortController(),
    gone: false,
  };
}

/** Gives up what waits for it; nothing is begun for it any more. */
export function letGo(state: PlanState): void {
  state.gone = true;
  state.attempt.abort();
}
