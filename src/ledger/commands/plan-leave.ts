/** Plans leave the queue for room: lua/plan-leave.lua. */
import type { Ledger } from '../ledger.ts';
import { decode } from '../reply.ts';

/**
 * Plans of this host wait for room no more. Without plans it only passes over those who did not come when it
 * was their turn.
 * @param ids at most 500
 * @returns how many of them waited
 * @throws WorkstealError `invalid`, `unavailable`
 */
export async function leaveQueue(ledger: Ledger, owner: string, ids: readonly string[]): Promise<number> {
  const raw = await ledger.run('plan-leave', [owner, ...ids]);
  const { fields } = decode('plan-leave', ['left', 'unknown'] as const, raw);
  return Number(fields['count'] ?? 0);
}
