import type { Ledger } from '../ledger.ts';
import { decode } from '../reply.ts';

/** Stops admission; cancels, fills and settlements go on (lua/halt.lua). */
export async function halt(ledger: Ledger, reason: string): Promise<'halted' | 'exists' | 'unknown'> {
  return decode('halt', ['halted', 'exists', 'unknown'] as const, await ledger.run('halt', [reason])).outcome;
}
