/**
 * The broker rejects an exit while an order of the other side works in its symbol: entries of ours make way
 * for it. An order that a person placed is not ours to cancel: it is named, once, and the exit is tried all
 * the same; the broker has the last word.
 */

import { isFinal } from '../../domain/order.ts';
import { answerOf } from '../../ledger/answer.ts';
import { readLedgerOrder } from '../../ledger/commands/snapshot.ts';
import { key } from '../../ledger/keys.ts';
import type { PlanContext } from './context.ts';
import { entryOf, exitSide } from './order-ids.ts';
import type { PlanState } from './plan-state.ts';

/** Entries in the way that are asked to leave in one go. */
const MAX_IN_WAY = 8;
/**
 * Orders that are looked at in one go. Those that are passed over come last the next time, so none is out of
 * sight for good.
 */
const MAX_LOOKED_AT = 64;
/** Orders placed by hand that are named for one plan. */
const MAX_TOLD = 8;

/**
 * Has entries of the symbol that stand against the plan's exit cancelled. How many of those that it looked at
 * are there still.
 */
export async function makeWay(context: PlanContext, state: PlanState): Promise<number> {
  const { live, ledger, coordinator, log } = context;
  const { plan } = state;
  let inWay = 0;
  for (const id of live.entries(plan.symbol).slice(0, MAX_LOOKED_AT)) {
    if (inWay === MAX_IN_WAY) break;
    const order = await readLedgerOrder(ledger, id);
    if (order === undefined || isFinal(order.state)) {
      live.forget(plan.symbol, id);
      continue;
    }
    const isAgainst = order.kind !== 'exit' && order.side !== exitSide(plan) && order.state !== 'pending';
    const isOurs = isAgainst && (order.kind === 'entry' || (await isOfPlan(context, id)));
    if (!isOurs) {
      live.passOver(plan.symbol, id);
      if (isAgainst && state.toldInWay.size < MAX_TOLD && !state.toldInWay.has(id)) {
        state.toldInWay.add(id);
        log.warn(
          { plan: plan.id, order: id },
          `${plan.symbol}: the order ${id} was placed by hand on the other side of an exit: the broker may refuse the exit while it is open. Cancel it at the broker`,
        );
      }
      continue;
    }
    inWay += 1;
    if (order.state !== 'working') continue;
    log.info({ plan: plan.id, order: id }, `${plan.symbol}: the entry ${id} makes way for an exit`);
    await coordinator.cancel(id, 'makes_way');
  }
  return inWay;
}

/**
 * Was an order that was found at the broker placed for a plan of the ledger's, which has not claimed it yet?
 */
async function isOfPlan({ ledger }: PlanContext, id: string): Promise<boolean> {
  const entry = entryOf(id);
  if (entry === undefined) return false;
  return (
    (await answerOf('plan', ledger.redis.hexists(key(ledger.account, `plan:${entry.plan}`), 'stage'))) === 1
  );
}
