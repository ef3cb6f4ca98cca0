/** Begins a plan's backoff, by the host's clock and random source. */
import type { PlanContext } from './context.ts';
import type { PlanState } from './plan-state.ts';
import { isOwnFault } from './retry-backoff.ts';

/** @param reason one word: what the plan lacks, or waits for */
export function pauseFor({ monotonicMs, random }: PlanContext, { pause }: PlanState, reason: string): void {
  pause.begin(reason, monotonicMs(), random());
}

/**
 * The broker refused its order. A refusal because of the account or the moment counts as lacking something.
 */
export function pauseRefused(
  { monotonicMs, random }: PlanContext,
  { pause }: PlanState,
  reason: string,
): void {
  if (isOwnFault(reason)) pause.refused(reason, monotonicMs(), random());
  else pause.begin(reason, monotonicMs(), random());
}
