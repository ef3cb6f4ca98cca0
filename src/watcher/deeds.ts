/** Carries out what `decide` said. Each deed records the stage it leads to before it acts. */
import type { CarriedPlan } from './carried-plan.ts';
import { cancelEntry, enter, giveBack, reconsider, resume, retry } from './entries.ts';
import { cancelExit, exit, finish, hold, holdPart } from './exits.ts';
import type { Action } from './life.ts';
import { look } from './looking.ts';
import type { WatcherParts } from './parts.ts';

export async function perform(
  parts: WatcherParts,
  carried: CarriedPlan,
  action: Action,
  nowMs: number,
): Promise<void> {
  switch (action.do) {
    case 'wait':
      return;
    case 'look':
      return await look(parts, carried);
    case 'enter':
      return await enter(parts, carried, action.forced);
    case 'release':
      return await giveBack(parts, carried, action.reason);
    case 'cancel_entry':
      return await cancelEntry(parts, carried, action.reason);
    case 'hold_part':
      return await holdPart(parts, carried, nowMs);
    case 'retry':
      return await retry(parts, carried, action.why);
    case 'resume':
      return await resume(parts, carried, action.attempt);
    case 'reconsider':
      return await reconsider(parts, carried);
    case 'hold':
      return await hold(parts, carried, nowMs);
    case 'exit':
      return await exit(parts, carried, action);
    case 'cancel_exit':
      return await cancelExit(parts, carried);
    case 'finish':
      return await finish(parts, carried, action.stage, action.reason);
  }
}
