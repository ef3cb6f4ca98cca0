import type { Ledger } from '../ledger.ts';
import { decode } from '../reply.ts';

/** What the broker says is held of a symbol. `free`: what no order at the broker holds. Units, unsigned. */
export type Holding = { symbol: string; side: 'long' | 'short' | 'none'; qty: string; free: string };

/**
 * Tells the ledger what the broker answered about a position, for an exit of it (lua/confirm.lua).
 * @param startedMs health time before the broker was asked
 */
export async function confirm(
  ledger: Ledger,
  holding: Holding,
  startedMs: number,
): Promise<'confirmed' | 'exists' | 'unknown'> {
  const { symbol, side, qty, free } = holding;
  const raw = await ledger.run('confirm', [symbol, side, qty, free, startedMs, await ledger.serverId()]);
  return decode('confirm', ['confirmed', 'exists', 'unknown'] as const, raw).outcome;
}
