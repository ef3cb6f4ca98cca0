/** Which events end a plan's backoff early: its cause may be gone. */
import { isWithin } from '../../rules/distance.ts';
import type { PlanContext } from './context.ts';
import type { PlanState } from './plan-state.ts';

/** When room comes free, this many plans retry at once: the best. The backoffs of the others run on. */
const MAX_WOKEN = 8;

/** Refusals that free room may turn. */
const WANT_ROOM = new Set([
  'disabled',
  'no_candidates',
  'fighting',
  'pnl_not_better',
  'insufficient_freed',
  'too_many_victims',
  'budget_spent',
  'steal_failed',
]);

/** Refusals that the end of another order of the symbol, or a changed position, may turn. */
const WANT_WAY = new Set(['way', 'opposite']);

/** Room came free. @returns the plans that may retry */
export function endForRoom(plans: readonly PlanState[], nowMs: number): PlanState[] {
  const blocked = plans.filter(
    ({ pause, busy }) => !busy && WANT_ROOM.has(pause.reason) && pause.isOn(nowMs),
  );
  blocked.sort((a, b) => (a.pnlNanos > b.pnlNanos ? -1 : a.pnlNanos < b.pnlNanos ? 1 : 0));
  const woken = blocked.slice(0, MAX_WOKEN);
  for (const { pause } of woken) pause.lift();
  return woken;
}

/** An order of the plan's symbol ended other than by rejection, or the symbol's position changed. */
export function endForSymbol({ pause }: PlanState): void {
  if (WANT_WAY.has(pause.reason) || pause.refusedFor === 'exit_rejected') pause.lift();
}

/** The price came within the steal gate of a plan that was too far away to steal. */
export function endIfNear({ prices, rules, monotonicMs }: PlanContext, { plan, pause }: PlanState): void {
  if (pause.reason !== 'not_close_enough' && pause.reason !== 'no_price') return;
  const price = prices.price(plan.symbol);
  if (price === undefined || !pause.isOn(monotonicMs())) return;
  if (isWithin(plan.side, price, plan.limit, rules.gate)) pause.lift();
}
