/** Plans as targets of `withdraw` and `close`. */
import { notionalMicros } from '../../domain/money.ts';
import { isFinal } from '../../domain/order.ts';
import { type LedgerOrder, readLedgerOrder } from '../../ledger/commands/snapshot.ts';
import type { Ledger } from '../../ledger/ledger.ts';
import type { PlanRecord } from '../../ledger/plan-record.ts';
import { entryId, exitId } from '../../watcher/plan/order-ids.ts';
import type { Target } from './act.ts';
import { isAtBroker } from './cancel-orders.ts';

/**
 * Of a plan whose record is gone. Its planner may file it again, so it is asked for again then; its orders
 * work on at the broker until then.
 */
export const LOST =
  'the ledger was lost, and the plan with it; what it has at the broker goes on: see `worksteal orders`';

export type PlanOrders = { entry: LedgerOrder | undefined; exit: LedgerOrder | undefined };

/** Its current entry and exit, as far as the ledger has them. @throws WorkstealError `unavailable` */
export async function ordersOf(ledger: Ledger, plan: PlanRecord): Promise<PlanOrders> {
  const [entry, exit] = await Promise.all([
    readLedgerOrder(ledger, entryId(plan, plan.attempt)),
    plan.exitAttempt > 0 ? readLedgerOrder(ledger, exitId(plan, plan.exitAttempt)) : undefined,
  ]);
  return { entry, exit };
}

/** Sized by what its entry holds and has filled; a plan that waits, by what it would hold. */
export async function planTarget(ledger: Ledger, plan: PlanRecord): Promise<Target> {
  const { entry, exit } = await ordersOf(ledger, plan);
  const holds = plan.stage === 'holding' || plan.stage === 'exiting';
  const sizeMicros =
    entry !== undefined && plan.stage !== 'waiting'
      ? entry.heldMicros + entry.filledMicros
      : notionalMicros(plan.limit, plan.qty);
  const live = [entry, exit].some((order) => order !== undefined && isAtBroker(order));
  return {
    kind: 'plan',
    id: plan.id,
    symbol: plan.symbol,
    what: plan.stage,
    sizeMicros,
    atBroker: holds || live || (entry !== undefined && entry.filledMicros > 0 && !plan.ended),
  };
}

/** What its open order does, as the rest of a sentence; '' if it has none. */
export function orderWords({ entry, exit }: PlanOrders): string {
  const order = [exit, entry].find((one) => one !== undefined && !isFinal(one.state));
  if (order === undefined) return '';
  const name = order === exit ? 'exit' : 'entry';
  const verb = order.state === 'cancelling' ? 'is being cancelled' : `is ${order.state} at ${order.limit}`;
  return `; its ${name} ${order.id} ${verb}`;
}
