import type { Ledger } from '../ledger.ts';
import { decode } from '../reply.ts';

/** The broker's position of a symbol. `free`: the units that no order at the broker holds. Both unsigned. */
export type Holding = { symbol: string; side: 'long' | 'short' | 'none'; qty: string; free: string };

/**
 * Reports the broker's answer about a position, so that an exit of it can be admitted (lua/confirm.lua).
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
