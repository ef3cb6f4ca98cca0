/** Closing plans for a person: they enter no more, and what they hold is closed at a marketable limit. */
import { WorkstealError } from '../../domain/errors.ts';
import { closePlan } from '../../ledger/commands/plans.ts';
import { eachOf } from '../../ledger/each-of.ts';
import type { Ledger } from '../../ledger/ledger.ts';
import { type PlanRecord, readPlan } from '../../ledger/plan-record.ts';
import type { Act, Standing, Target } from './act.ts';
import { type HeldPosition, isRoleAlive } from './book.ts';
import { LOST, ordersOf, orderWords, planTarget } from './plan-targets.ts';
import { endWords } from './withdraw-plans.ts';

/** @param unplanned positions that no unfinished plan holds: nobody closes them */
export async function closePlans(
  ledger: Ledger,
  by: string,
  plans: readonly PlanRecord[],
  unplanned: readonly HeldPosition[],
): Promise<Act> {
  const asked = new Set<string>();
  const targets = await eachOf(plans, (plan) => planTarget(ledger, plan));
  return {
    verb: 'close',
    targets: [...targets, ...unplanned.map(positionTarget)],
    notes:
      unplanned.length === 0
        ? ['What is held is closed at a marketable limit, up to 1 % through the price.']
        : ['A position that no unfinished plan holds is left: close it at the broker.'],
    async step({ kind, id, what }) {
      if (kind === 'position') return { state: 'left', words: `${what}: close it at the broker` };
      if (!asked.has(id)) await closePlan(ledger, id, by);
      asked.add(id);
      const standing = await standingOf(ledger, id);
      if (standing.words === LOST) asked.delete(id);
      return standing;
    },
    delay: (open) => delay(ledger, open.length),
  };
}

/**
 * Somebody must carry it out. Nothing is recorded otherwise: a position would be closed whenever a watcher
 * starts, at the price of then.
 * @throws WorkstealError `refused`
 */
export async function requireWatcher(ledger: Ledger): Promise<void> {
  if (await isRoleAlive(ledger, 'watch')) return;
  throw new WorkstealError(
    'refused',
    'no watcher is alive, so nobody would close anything: nothing was done',
    { role: 'watch' },
    undefined,
    'start `worksteal watch`, or close the positions at the broker',
  );
}

function positionTarget({ symbol, qty, costMicros }: HeldPosition): Target {
  return {
    kind: 'position',
    id: symbol,
    symbol,
    what: `${qty} held by no unfinished plan`,
    sizeMicros: costMicros,
    atBroker: true,
  };
}

async function standingOf(ledger: Ledger, id: string): Promise<Standing> {
  const plan = await readPlan(ledger, id);
  if (plan === undefined) return { state: 'open', words: LOST };
  if (plan.ended) return { state: 'done', words: endWords(plan) };
  return { state: 'open', words: `${plan.stage}${orderWords(await ordersOf(ledger, plan))}` };
}

async function delay(ledger: Ledger, open: number): Promise<string | undefined> {
  if (open === 0) return undefined;
  if (!(await isRoleAlive(ledger, 'watch'))) return 'no watcher is alive: it goes on when one starts';
  if (!(await isRoleAlive(ledger, 'work'))) return 'no worker is alive: cancellations wait for one';
  return undefined;
}
