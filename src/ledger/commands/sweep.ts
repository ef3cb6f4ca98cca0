import type { Ledger } from '../ledger.ts';
import { decode, numberOf } from '../reply.ts';

/**
 * Removes what has expired: leases, cooldowns, old history, ended orders and plans; at most `limit` (1 to
 * 1,000) of each kind (lua/sweep.lua). Call it again while `more` is true.
 */
export async function sweep(
  ledger: Ledger,
  limit: number,
): Promise<{ steals: number; orders: number; plans: number; more: boolean }> {
  const { outcome, fields } = decode(
    'sweep',
    ['swept', 'unknown'] as const,
    await ledger.run('sweep', [limit]),
  );
  if (outcome === 'unknown') return { steals: 0, orders: 0, plans: 0, more: false };
  return {
    steals: numberOf(fields, 'steals'),
    orders: numberOf(fields, 'orders'),
    plans: numberOf(fields, 'plans'),
    more: fields['more'] === '1',
  };
}
