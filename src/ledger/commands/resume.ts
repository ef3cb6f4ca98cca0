import type { Ledger } from '../ledger.ts';
import { decode } from '../reply.ts';

/** Ends a halt (lua/resume.lua). */
export async function resume(ledger: Ledger, reason: string): Promise<'resumed' | 'exists' | 'unknown'> {
  return decode('resume', ['resumed', 'exists', 'unknown'] as const, await ledger.run('resume', [reason]))
    .outcome;
}
