import type { Ledger } from '../ledger.ts';
import { decode, listOf } from '../reply.ts';

/**
 * Renews the leases of at most 500 reservations and pending thieves for `leaseMs` (lua/renew.lua). Returns
 * the ids of those that this owner no longer has.
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
