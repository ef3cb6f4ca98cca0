import type { Ledger } from '../ledger.ts';
import { decode } from '../reply.ts';

const OUTCOMES = ['cancelling', 'exists', 'not_working', 'unknown'] as const;

/**
 * An order's own watcher, or a person, asks for its cancellation. This puts the cancellation on record, and a
 * cancel worker carries it out (lua/cancel.lua; I9).
 * @param by the person, such as `user@host`; '' for the watcher
 */
export async function cancel(
  ledger: Ledger,
  id: string,
  reason: string,
  by = '',
): Promise<(typeof OUTCOMES)[number]> {
  return decode('cancel', OUTCOMES, await ledger.run('cancel', [id, reason, by])).outcome;
}
