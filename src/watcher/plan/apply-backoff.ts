/** A plan does nothing for a while: for a reason of its own, or because the broker refused its order. */
import type { PlanContext } from './context.ts';
import type { PlanState } from './plan-state.ts';
import { isOwnFault } from './retry-backoff.ts';

/** @param reason one word: what it lacks, or what it waits for */
export function pauseFor({ monotonicMs, random }: PlanContext, { pause }: PlanState, reason: string): void {
  pause.begin(reason, monotonicMs(), random());
}

/**
 * The broker refused its order. Where that was not the order's own fault, it pauses as for want of something.
 */
export function pauseRefused(
  { monotonicMs, random }: PlanContext,
  { pause }: PlanState,
  reason: string,
): void {
  if (isOwnFault(reason)) pause.refused(reason, monotonicMs(), random());
  else pause.begin(reason, monotonicMs(), random());
}
