/** Performs the action that `decideNext` chose. Each action records its stage in the ledger first. */

import type { Action } from './action.ts';
import type { PlanContext } from './context.ts';
import { cancelEntry, enter, giveBack, keep, leave, reconsider, resume, retry } from './entry-actions.ts';
import { cancelExit, exit, finish, hold, holdPart } from './exit-actions.ts';
import type { PlanState } from './plan-state.ts';
import { refreshOrders } from './refresh-orders.ts';

export async function perform(
  context: PlanContext,
  state: PlanState,
  action: Action,
  nowMs: number,
): Promise<void> {
  switch (action.do) {
    case 'wait':
      return;
    case 'look':
      return await refreshOrders(context, state);
    case 'enter':
      return await enter(context, state, action.forced);
    case 'leave':
      return await leave(context, state);
    case 'release':
      return await giveBack(context, state, action.reason);
    case 'cancel_entry':
      return await cancelEntry(context, state, action.reason);
    case 'hold_part':
      return await holdPart(context, state, nowMs);
    case 'retry':
      return await retry(context, state, action.why);
    case 'keep':
      return await keep(context, state, action.attempt);
    case 'resume':
      return await resume(context, state, action.attempt);
    case 'reconsider':
      return await reconsider(context, state);
    case 'hold':
      return await hold(context, state, nowMs);
    case 'exit':
      return await exit(context, state, action);
    case 'cancel_exit':
      return await cancelExit(context, state);
    case 'finish':
      return await finish(context, state, action.stage, action.reason);
  }
}
