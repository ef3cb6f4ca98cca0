/** Which events end a plan's backoff early: its cause may be gone. */
import { toNanos } from '../../domain/decimal.ts';
import { isWithin } from '../../rules/distance.ts';
import type { PlanContext } from './context.ts';
import type { PlanState } from './plan-state.ts';

/** Refusals that the end of another order of the symbol, or a changed position, may turn. */
const WANT_WAY = new Set(['way', 'opposite']);

/** An order of the plan's symbol ended other than by rejection, or the symbol's position changed. */
export function endForSymbol({ pause }: PlanState): void {
  if (WANT_WAY.has(pause.reason) || pause.refusedFor === 'exit_rejected') pause.lift();
}

/**
 * The price came within the steal gate of a plan that was too far away to steal; or a short sale that lacks
 * room needs less of it, because the price fell (docs/rules.md, 4.6).
 */
export function endByPrice({ prices, rules, monotonicMs }: PlanContext, state: PlanState): void {
  const { plan, pause, refusedAt } = state;
  const price = prices.price(plan.symbol);
  if (price === undefined || !pause.isOn(monotonicMs())) return;
  if (state.queued && plan.side === 'sell' && refusedAt !== undefined && isCheaper(price, refusedAt)) {
    pause.lift();
    return;
  }
  if (pause.reason !== 'not_close_enough' && pause.reason !== 'no_price') return;
  if (isWithin(plan.side, price, plan.limit, rules.gate)) pause.lift();
}

/** By a thousandth or more: not every tick is worth a try. */
function isCheaper(price: string, than: string): boolean {
  return toNanos(price) * 1_000n <= toNanos(than) * 999n;
}
