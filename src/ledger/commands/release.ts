import type { Ledger } from '../ledger.ts';
import { isReconciled } from '../reconciled.ts';
import { decode } from '../reply.ts';
import { readLedgerOrder } from './snapshot.ts';

const OUTCOMES = ['released', 'exists', 'sent', 'unknown'] as const;

/**
 * The owner gives up an order that was never sent (lua/release.lua). `sent`: it may be at the broker, so only
 * `settle` can end it.
 */
export async function release(
  ledger: Ledger,
  id: string,
  reason: string,
): Promise<(typeof OUTCOMES)[number]> {
  return decode('release', OUTCOMES, await ledger.run('release', [id, reason])).outcome;
}

/**
 * The same for a caller who may have placed the order before: `sent` also where the ledger may have lost that
 * it was sent, after a failover, until the keeper has reconciled.
 * @throws WorkstealError `unavailable`
 */
export async function releasePlaced(
  ledger: Ledger,
  id: string,
  reason: string,
): Promise<(typeof OUTCOMES)[number]> {
  if (await isReconciled(ledger, true)) return await release(ledger, id, reason);
  return (await readLedgerOrder(ledger, id)) === undefined ? 'unknown' : 'sent';
}
