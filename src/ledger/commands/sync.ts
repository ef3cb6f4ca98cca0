import type { Micros } from '../../domain/money.ts';
import type { Ledger } from '../ledger.ts';
import { decode, listOf, numberOf } from '../reply.ts';

/** A position as the broker tells it: `qty` unsigned, `costMicros` rounded up. */
export type SyncedPosition = { symbol: string; side: 'long' | 'short'; qty: string; costMicros: Micros; pool: string };

export type SyncOutcome =
  | { outcome: 'synced'; rebuilt: boolean; generation: number; corrected: string[]; doubted: string[] }
  | { outcome: 'exists' | 'unknown' };

/**
 * The end of a reconciliation: opens the account for admission on this server (lua/sync.lua; I7, I8).
 * @param startedMs health time of the snapshot that it began with
 * @param created the account's `created` in that snapshot; '' where nobody wipes a book
 */
export async function sync(
  ledger: Ledger,
  equityMicros: Micros,
  startedMs: number,
  positions: readonly SyncedPosition[],
  created = '',
): Promise<SyncOutcome> {
  const rows = positions.flatMap((p) => [p.symbol, p.side, p.qty, p.costMicros, p.pool]);
  const raw = await ledger.run('sync', [await ledger.serverId(), equityMicros, startedMs, created, ...rows]);
  const { outcome, fields } = decode('sync', ['synced', 'exists', 'unknown'] as const, raw);
  if (outcome !== 'synced') return { outcome };
  return {
    outcome,
    rebuilt: fields['rebuilt'] === '1',
    generation: numberOf(fields, 'generation'),
    corrected: listOf(fields, 'corrected'),
    doubted: listOf(fields, 'doubted'),
  };
}
