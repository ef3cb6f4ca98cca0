import type { Micros } from '../../domain/money.ts';
import type { Ledger } from '../ledger.ts';
import { decode } from '../reply.ts';

/**
 * What the broker says may be bought with cash alone; `undefined`: nothing is limited by it (lua/cash.lua).
 * To be told before `sync`.
 * @param startedMs health time of the snapshot that the reconciliation began with
 * @param apartMs a higher limit counts when it was told twice, so far apart
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
