import type { Micros } from '../../domain/money.ts';
import type { Ledger } from '../ledger.ts';
import { decode } from '../reply.ts';

/**
 * Reports the broker's limit of what may be bought with cash alone (lua/cash.lua). Call it before `sync`.
 * @param toldMicros the limit; undefined: no such limit
 * @param startedMs health time of the snapshot that the reconciliation began with
 * @param apartMs a higher limit counts once it was reported twice, at least this far apart
 */
export async function tellCash(
  ledger: Ledger,
  toldMicros: Micros | undefined,
  startedMs: number,
  apartMs: number,
): Promise<'told' | 'exists' | 'unknown'> {
  const raw = await ledger.run('cash', [toldMicros ?? '', startedMs, apartMs]);
  return decode('cash', ['told', 'exists', 'unknown'] as const, raw).outcome;
}
