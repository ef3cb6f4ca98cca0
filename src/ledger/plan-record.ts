/** A plan as the ledger has it, read by its id. */
import { answerOf } from './answer.ts';
import { type LeasedPlan, planOf } from './commands/plans.ts';
import { key } from './keys.ts';
import type { Ledger } from './ledger.ts';

/** `owner`: the host that holds it; ''. `ended`: its last stage is final. `reason`: why it ended; ''. */
export type PlanRecord = LeasedPlan & { owner: string; ended: boolean; reason: string };

/** One plan, an ended one while it is kept. @throws WorkstealError `unavailable` */
export async function readPlan(ledger: Ledger, id: string): Promise<PlanRecord | undefined> {
  const f = await answerOf('plan', ledger.redis.hgetall(key(ledger.account, `plan:${id}`)));
  if (f['id'] === undefined) return undefined;
  const ended = f['ended_at_ms'] !== undefined;
  return { ...planOf(f), owner: f['owner'] ?? '', ended, reason: f['reason'] ?? '' };
}
