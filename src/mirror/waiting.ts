/** Plans that wait for their entry, counted by why they were refused last. */
import { explain, REFUSALS } from '../domain/outcome.ts';
import type { Waiting } from '../json/live.ts';
import type { PlanRow } from './rows.ts';

const NOT_REFUSED = 'not near enough to its limit to try, or its turn has not come yet';

/** In the rules' order of refusals; those that were not refused last. */
export function waitingOf(plans: readonly PlanRow[]): Waiting[] {
  const waiting = plans.filter(({ stage }) => stage === 'waiting');
  const byReason = Map.groupBy(waiting, ({ refusal }) => refusal?.reason ?? null);
  return [...REFUSALS, null].flatMap((reason) => {
    const some = byReason.get(reason);
    if (some === undefined) return [];
    const since = some.map(({ stageAtMs }) => stageAtMs).filter((ms) => ms !== null);
    const sentence = reason === null ? NOT_REFUSED : explain(reason);
    const oldestAtMs = since.length === 0 ? null : since.reduce((a, b) => Math.min(a, b));
    return [{ reason, sentence, count: some.length, oldestAtMs, nearest: nearestOf(some) }];
  });
}

function nearestOf(plans: readonly PlanRow[]): Waiting['nearest'] {
  let nearest: Waiting['nearest'] = null;
  for (const { id, symbol, distance } of plans) {
    if (symbol === null || distance === null) continue;
    if (nearest === null || distance < nearest.distance) nearest = { plan: id, symbol, distance };
  }
  return nearest;
}
