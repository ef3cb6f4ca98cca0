import type { Ledger } from '../ledger.ts';
import { decode } from '../reply.ts';

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
