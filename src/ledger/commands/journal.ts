import type { Ledger } from '../ledger.ts';
import { decode } from '../reply.ts';

/**
 * From now on, for so many ms, each decision about an entry writes what it saw (lua/journal.lua). 0: no more.
 * @returns how many decisions were written so far; undefined where there is no such account
 */
export async function listen(ledger: Ledger, lastsMs: number): Promise<number | undefined> {
  const raw = await ledger.run('journal', [lastsMs]);
  const { outcome, fields } = decode('journal', ['listening', 'unknown'] as const, raw);
  return outcome === 'unknown' ? undefined : Number(fields['seq'] ?? 0);
}
