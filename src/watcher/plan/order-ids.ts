/**
 * The orders of a plan. Their ids depend on plan and attempt alone, so every host makes the same ones (I6).
 */
import type { OrderWish } from '../../domain/order.ts';
import type { LeasedPlan } from '../../ledger/commands/plans.ts';

/** The id of an attempt's entry; attempts count from 1. */
export function entryId(plan: { id: string }, attempt: number): string {
  return `${plan.id}_${attempt}`;
}

/** The id of an exit attempt's order; they count from 1. */
export function exitId(plan: { id: string }, exitAttempt: number): string {
  return `${plan.id}_x${exitAttempt}`;
}

/** The attempt of an order id: `plan_3` -> 3, `plan_x1` -> 1. */
export function attemptOf(id: string): number {
  return Number(/(\d+)$/.exec(id)?.[1] ?? 0);
}

const EXIT = /_x\d+$/;

/** Is it the id of an exit? No planner makes plan ids of this form. */
export function isExitId(id: string): boolean {
  return EXIT.test(id);
}

/** The plan of an order id; undefined for an id that was made elsewhere. */
export function planOf(id: string): string | undefined {
  return /^(.+)_x?[1-9]\d{0,8}$/.exec(id)?.[1];
}

/** The plan and attempt of an entry's id; undefined for an exit, and for an id that was made elsewhere. */
export function entryOf(id: string): { plan: string; attempt: number } | undefined {
  const [, plan, attempt] = /^(.+)_([1-9]\d{0,8})$/.exec(id) ?? [];
  return plan === undefined || isExitId(id) ? undefined : { plan, attempt: Number(attempt) };
}

/** The entry of the plan's current attempt. `kept`: what the plan goes on with, where that is less. */
export function entryWish(plan: LeasedPlan, owner: string, kept?: { qty: string; pnl: string }): OrderWish {
  const { symbol, side, mode, limit, qty, pnl, fillProbability } = { ...plan, ...kept };
  return {
    id: entryId(plan, plan.attempt),
    symbol,
    side,
    kind: 'entry',
    mode,
    limit,
    qty,
    pnl,
    ...(fillProbability !== undefined && { fillProbability }),
    ...poolOf(plan),
    owner,
    plan: plan.id,
  };
}

/** The order that closes `qty` of what the plan holds. */
export function exitWish(
  plan: LeasedPlan,
  exitAttempt: number,
  qty: string,
  limit: string,
  owner: string,
): OrderWish {
  const { symbol, mode, pnl } = plan;
  const side = exitSide(plan);
  return {
    id: exitId(plan, exitAttempt),
    symbol,
    side,
    kind: 'exit',
    mode,
    limit,
    qty,
    pnl,
    ...poolOf(plan),
    owner,
    plan: plan.id,
  };
}

export function exitSide(plan: { side: 'buy' | 'sell' }): 'buy' | 'sell' {
  return plan.side === 'buy' ? 'sell' : 'buy';
}

function poolOf({ pool }: { pool: string }): { pool: string } | Record<string, never> {
  return pool === '' ? {} : { pool };
}
