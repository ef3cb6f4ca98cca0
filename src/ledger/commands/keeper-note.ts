import { shown } from '../../domain/shown.ts';
import { switchArgument } from '../arguments.ts';
import type { Ledger } from '../ledger.ts';
import { decode } from '../reply.ts';

/**
 * Something at the broker that counts nothing, or perhaps too little; `id` '' for a position. Its texts are
 * the broker's.
 */
export type NotedItem = {
  what: 'order' | 'position';
  id: string;
  symbol: string;
  counts: boolean;
  why: string;
};

const MAX_ITEMS = 100;
/** Characters of a text that are kept: all of them ASCII, so as many bytes; the ledger takes 256. */
const LONGEST = { id: 128, symbol: 64, words: 240 };

/** Puts on record that a reconciliation failed, and why (lua/keeper-note.lua), for `status`. */
export async function noteFailure(ledger: Ledger, words: string): Promise<void> {
  await note(ledger, [plain(words, LONGEST.words) || 'no words']);
}

/**
 * Puts on record what a reconciliation that succeeded could not count; at most 100 items
 * (lua/keeper-note.lua).
 */
export async function noteOddities(ledger: Ledger, items: readonly NotedItem[]): Promise<void> {
  const rows = items
    .slice(0, MAX_ITEMS)
    .flatMap(({ what, id, symbol, counts, why }) => [
      ...[plain(id, LONGEST.id), what, plain(symbol, LONGEST.symbol).replaceAll('|', '?')],
      ...[switchArgument(counts), plain(why, LONGEST.words)],
    ]);
  await note(ledger, ['', ...rows]);
}

async function note(ledger: Ledger, args: (string | number)[]): Promise<void> {
  decode('keeper-note', ['noted', 'unknown'] as const, await ledger.run('keeper-note', args));
}

/** No control characters, and short enough in bytes too. */
function plain(text: string, longest: number): string {
  const ascii = shown(text.replaceAll(/\s+/g, ' '), longest).replaceAll(/[^\x20-\x7e]/g, '?');
  return ascii.trim();
}
