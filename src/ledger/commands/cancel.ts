import type { Ledger } from '../ledger.ts';
import { decode } from '../reply.ts';

const OUTCOMES = ['cancelling', 'exists', 'not_working', 'unknown'] as const;

/**
 * An order's own watcher asks for its cancellation. This puts the cancellation on record, and a cancel worker
 * carries it out (lua/cancel.lua; I9).
 */
export async function cancel(ledger: Ledger, id: string, reason: string): Promise<(typeof OUTCOMES)[number]> {
  return decode('cancel', OUTCOMES, await ledger.run('cancel', [id, reason])).outcome;
}
