/** Begins a plan's backoff, by the host's clock and random source. */

import type { Fields } from '../../ledger/reply.ts';
import type { PlanContext } from './context.ts';
import type { PlanState } from './plan-state.ts';
import { isOwnFault } from './retry-backoff.ts';

/** A thief that a rule of its own keeps from stealing tries again after a cooldown, at least after this. */
const LEAST_AWAIT_MS = 5_000;

/** Refusals that a price nearer to the limit ends (end-backoff.ts). */
const WANT_PRICE = new Set(['not_close_enough', 'no_price']);

/** @param reason one word: what the plan lacks, or waits for */
export function pauseFor({ monotonicMs, random }: PlanContext, { pause }: PlanState, reason: string): void {
  pause.begin(reason, monotonicMs(), random());
}

/**
 * The ledger refused it for want of room, and put it into its queue: it tries again when it is its turn, or
 * when it has a chance to steal. No event tells when a bar ends, or a rule that protects others from it
 * alone: then it tries again by itself.
 */
export function awaitTurn(context: PlanContext, state: PlanState, reason: string, numbers: Fields): void {
  const { clock, rules, monotonicMs } = context;
  const nowMs = clock.nowMs() ?? 0;
  const leftMs = reason === 'barred' ? Number(numbers['until_ms'] ?? 0) - nowMs : rules.cooldownMs;
  const realMs = clock.scale > 0 ? Math.max(LEAST_AWAIT_MS, leftMs / clock.scale) : LEAST_AWAIT_MS;
  state.queued = true;
  state.refusedAt = context.prices.price(state.plan.symbol);
  state.pause.await(reason, WANT_PRICE.has(reason) ? Number.POSITIVE_INFINITY : monotonicMs() + realMs);
  if (state.called) state.pause.lift();
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
