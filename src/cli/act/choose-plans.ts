/** The plans that a command line names. */
import { WorkstealError } from '../../domain/errors.ts';
import { shown } from '../../domain/shown.ts';
import type { Ledger } from '../../ledger/ledger.ts';
import { type PlanRecord, readPlan } from '../../ledger/plan-record.ts';
import { planOf } from '../../watcher/plan/order-ids.ts';
import { readOpenPlans } from './book.ts';

/** One plan, even if it has ended. @throws WorkstealError `unknown` */
export async function onePlan(ledger: Ledger, id: string): Promise<PlanRecord> {
  const plan = /^[\w-]{1,64}$/.test(id) ? await readPlan(ledger, id) : undefined;
  if (plan !== undefined) return plan;
  const owner = planOf(id);
  const hint = owner === undefined || (await readPlan(ledger, owner)) === undefined ? undefined : owner;
  const next =
    hint === undefined ? '`worksteal plans` lists the plans' : `it is an order of the plan ${hint}`;
  throw new WorkstealError('unknown', `there is no plan "${shown(id)}" on record`, {}, undefined, next);
}

/** The unfinished plans for which `is` is true. */
export async function plansWhere(ledger: Ledger, is: (plan: PlanRecord) => boolean): Promise<PlanRecord[]> {
  return (await readOpenPlans(ledger)).filter(is);
}
