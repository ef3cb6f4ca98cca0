import type { Ledger } from '../ledger.ts';
import { decode } from '../reply.ts';

const OUTCOMES = ['resumed', 'exists', 'unknown'] as const;

/**
 * Ends a halt (lua/resume.lua).
 * @param by the person, such as `user@host`; '' if unknown
 */
export async function resume(ledger: Ledger, reason: string, by = ''): Promise<(typeof OUTCOMES)[number]> {
  return decode('resume', OUTCOMES, await ledger.run('resume', [reason, by])).outcome;
}
