import type { Ledger } from '../ledger.ts';
import { decode } from '../reply.ts';

const OUTCOMES = ['claimed', 'exists', 'foreign', 'unknown'] as const;

/**
 * A plan takes back its own order that was adopted from the broker, so that it may be a victim again
 * (lua/claim.lua).
 */
export async function claim(ledger: Ledger, plan: string, order: string): Promise<(typeof OUTCOMES)[number]> {
  return decode('claim', OUTCOMES, await ledger.run('claim', [plan, order])).outcome;
}
