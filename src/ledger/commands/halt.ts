import type { Ledger } from '../ledger.ts';
import { decode } from '../reply.ts';

const OUTCOMES = ['halted', 'noted', 'exists', 'unknown'] as const;

/**
 * Stops admission; cancels, fills and settlements go on (lua/halt.lua). `noted`: it was halted before, and
 * this reason is recorded beside the first one.
 * @param by the person, such as `user@host`; '' if unknown
 * @param sinceMs ledger time of a halt that a lost ledger has forgotten; 0: now
 */
export async function halt(
  ledger: Ledger,
  reason: string,
  by = '',
  sinceMs = 0,
): Promise<(typeof OUTCOMES)[number]> {
  return decode('halt', OUTCOMES, await ledger.run('halt', [reason, by, sinceMs])).outcome;
}
