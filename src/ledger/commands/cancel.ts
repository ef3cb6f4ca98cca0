import type { Ledger } from '../ledger.ts';
import { decode } from '../reply.ts';

const OUTCOMES = ['cancelling', 'exists', 'not_working', 'unknown'] as const;

/**
 * An order's own watcher, its bot or a person asks for its cancellation. This puts the cancellation on
 * record, and a cancel worker carries it out (lua/cancel.lua; I9).
 * @param by the person or the bot, such as `user@host` or `NAME@api`; '' for the watcher
 * @param traceparent the span in which it is asked for; the outbox keeps it. '': nothing is traced
 */
export async function cancel(
  ledger: Ledger,
  id: string,
  reason: string,
  by = '',
  traceparent = '',
): Promise<(typeof OUTCOMES)[number]> {
  return decode('cancel', OUTCOMES, await ledger.run('cancel', [id, reason, by, traceparent])).outcome;
}
