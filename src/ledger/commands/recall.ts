import type { Ledger } from '../ledger.ts';
import { decode } from '../reply.ts';

/** Orders of one command. */
const CHUNK = 1_000;

/**
 * Gives a lost ledger the ids of orders that the broker has had, so that plans continue after their latest
 * one (lua/recall.lua; I6). Replaces what was recalled before.
 * @param ids client order ids, in the ledger's form
 */
export async function recall(ledger: Ledger, ids: readonly string[]): Promise<'recalled' | 'unknown'> {
  for (let from = 0; ; from += CHUNK) {
    const raw = await ledger.run('recall', [from === 0 ? 1 : 0, ...ids.slice(from, from + CHUNK)]);
    const { outcome } = decode('recall', ['recalled', 'unknown'] as const, raw);
    if (outcome === 'unknown' || from + CHUNK >= ids.length) return outcome;
  }
}
