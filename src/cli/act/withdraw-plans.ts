/** Withdrawing plans for a person: their entries end, what they hold keeps its exit. */
import { withdrawPlan } from '../../ledger/commands/plans.ts';
import { BY_HAND } from '../../ledger/commands/settle.ts';
import { eachOf } from '../../ledger/each-of.ts';
import type { Ledger } from '../../ledger/ledger.ts';
import { type PlanRecord, readPlan } from '../../ledger/plan-record.ts';
import type { Act, Standing } from './act.ts';
import { isRoleAlive } from './book.ts';
import { LOST, ordersOf, orderWords, planTarget } from './plan-targets.ts';

export async function withdrawPlans(ledger: Ledger, by: string, plans: readonly PlanRecord[]): Promise<Act> {
  const asked = new Set<string>();
  return {
    verb: 'withdraw',
    targets: await eachOf(plans, (plan) => planTarget(ledger, plan)),
    notes: plans.some(({ stage }) => stage === 'holding' || stage === 'exiting')
      ? ['A plan that holds a position keeps its exit; `worksteal close` closes the position.']
      : [],
    async step({ id }) {
      if (!asked.has(id)) await withdrawPlan(ledger, id, BY_HAND, by);
      asked.add(id);
      const standing = await standingOf(ledger, id);
      if (standing.words === LOST) asked.delete(id);
      return standing;
    },
    delay: async (open) =>
      open.length === 0 || (await isRoleAlive(ledger, 'watch'))
        ? undefined
        : 'no watcher is alive: the plan waits for one (worksteal watch)',
  };
}

async function standingOf(ledger: Ledger, id: string): Promise<Standing> {
  const plan = await readPlan(ledger, id);
  if (plan === undefined) return { state: 'open', words: LOST };
  if (plan.ended) return { state: 'done', words: endWords(plan) };
  if (plan.stage === 'holding' || plan.stage === 'exiting') {
    const close = `\`worksteal close ${id}\` closes it`;
    return { state: 'done', words: `holds a position, and its exit goes on; ${close}` };
  }
  return { state: 'open', words: `${plan.stage}${orderWords(await ordersOf(ledger, plan))}` };
}

/** How a plan ended. */
export function endWords({ stage, reason }: PlanRecord): string {
  return reason === '' || reason === stage ? stage : `${stage} (${reason})`;
}
