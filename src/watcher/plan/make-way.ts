/**
 * The broker rejects an exit that could trade with an order of the other side. Our entries in its way are
 * cancelled for it; those whose limits are apart from its own stay (docs/decisions/0040). An order that a
 * person placed is only logged, once; the exit is tried anyway.
 */
import { isFinal } from '../../domain/order.ts';
import { answerOf } from '../../ledger/answer.ts';
import { readLedgerOrder } from '../../ledger/commands/snapshot.ts';
import { key } from '../../ledger/keys.ts';
import { canMeet, type OwnTerms } from '../../rules/wash-trade.ts';
import type { PlanContext } from './context.ts';
import { entryOf, exitSide } from './order-ids.ts';
import type { PlanState } from './plan-state.ts';

/** Entries that one call cancels. */
const MAX_IN_WAY = 8;
/** Orders that one call reads. Those that it passes over come last in the next call, so each has its turn. */
const MAX_READ = 64;
/** Orders placed by hand that are logged per plan. */
const MAX_LOGGED = 8;

/**
 * Cancels entries of the symbol on the other side of the plan's exit that it could trade with.
 * @param closing it is to trade at once, near its limit
 * @returns how many of them are still open
 */
export async function makeWay(
  context: PlanContext,
  state: PlanState,
  { limit, closing }: { limit: string; closing: boolean },
): Promise<number> {
  const { live, ledger, coordinator, log } = context;
  const { plan } = state;
  const exit: OwnTerms = { side: exitSide(plan), limit, type: closing ? 'market' : 'limit' };
  let inWay = 0;
  for (const id of live.entries(plan.symbol).slice(0, MAX_READ)) {
    if (inWay === MAX_IN_WAY) break;
    const order = await readLedgerOrder(ledger, id);
    if (order === undefined || isFinal(order.state)) {
      live.forget(plan.symbol, id);
      continue;
    }
    const isAgainst =
      order.kind !== 'exit' && order.side !== exit.side && order.state !== 'pending' && canMeet(exit, order);
    const isOurs = isAgainst && (order.kind === 'entry' || (await isOfPlan(context, id)));
    if (!isOurs) {
      live.passOver(plan.symbol, id);
      if (isAgainst && state.loggedInWay.size < MAX_LOGGED && !state.loggedInWay.has(id)) {
        state.loggedInWay.add(id);
        log.warn(
          { plan: plan.id, order: id },
          `${plan.symbol}: the order ${id} was placed by hand on the other side of an exit; the broker may ` +
            'refuse the exit while it is open. Cancel it at the broker',
        );
      }
      continue;
    }
    inWay += 1;
    if (order.state !== 'working') continue;
    log.info(
      { plan: plan.id, order: id },
      `${plan.symbol}: the entry ${id} is cancelled to make way for an exit`,
    );
    await coordinator.cancel(id, 'makes_way', plan.id);
  }
  return inWay;
}

/** Does an order that was found at the broker belong to a plan that has not claimed it yet? */
async function isOfPlan({ ledger }: PlanContext, id: string): Promise<boolean> {
  const entry = entryOf(id);
  if (entry === undefined) return false;
  return (
    (await answerOf('plan', ledger.redis.hexists(key(ledger.account, `plan:${entry.plan}`), 'stage'))) === 1
  );
}
