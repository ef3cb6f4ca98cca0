import type { Ledger } from '../ledger.ts';
import { decode, listOf } from '../reply.ts';

/**
 * Holds on to reservations and pending thieves for leaseMs more (lua/renew.lua); at most 500. Returns those
 * that are not this owner's any more.
 */
export async function renew(
  ledger: Ledger,
  owner: string,
  leaseMs: number,
  ids: readonly string[],
): Promise<string[]> {
  const { fields } = decode(
    'renew',
    ['renewed'] as const,
    await ledger.run('renew', [owner, leaseMs, ...ids]),
  );
  return listOf(fields, 'lost');
}
