import type { Ledger } from '../ledger.ts';
import { decode } from '../reply.ts';

const OUTCOMES = ['released', 'exists', 'sent', 'unknown'] as const;

/**
 * Its owner gives back an order that was never sent (lua/release.lua). `sent`: it may be at the broker; only
 * `settle` ends it.
 */
export async function release(
  ledger: Ledger,
  id: string,
  reason: string,
): Promise<(typeof OUTCOMES)[number]> {
  return decode('release', OUTCOMES, await ledger.run('release', [id, reason])).outcome;
}
