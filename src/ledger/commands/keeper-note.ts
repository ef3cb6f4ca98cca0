import { shown } from '../../domain/shown.ts';
import { switchArgument } from '../arguments.ts';
import type { Ledger } from '../ledger.ts';
import { decode } from '../reply.ts';

/**
 * An item at the broker that the ledger does not count (`counts` false), or perhaps not in full. `id` is ''
 * for a position. The texts come from the broker.
 */
export type NotedItem = {
  what: 'order' | 'position';
  id: string;
  symbol: string;
  counts: boolean;
  why: string;
};

const MAX_ITEMS = 100;
/** Limits in characters. The texts are made ASCII, so they are bytes too; the ledger accepts 256. */
const MAX_CHARACTERS = { id: 128, symbol: 64, words: 240 };

/** Puts on record that a reconciliation failed, and why (lua/keeper-note.lua), for `status`. */
export async function noteFailure(ledger: Ledger, words: string): Promise<void> {
  await note(ledger, [ascii(words, MAX_CHARACTERS.words) || 'no words', 0, 0]);
}

/**
 * Puts on record that a lost ledger is reconciled only after `waitMs` more (lua/keeper-note.lua): what was
 * sent before the loss may still reach the broker.
 */
export async function noteLossWait(ledger: Ledger, waitMs: number): Promise<void> {
  await note(ledger, ['', Math.max(1, Math.ceil(waitMs)), 0]);
}

/**
 * Puts on record what a reconciliation that succeeded could not count; at most 100 items
 * (lua/keeper-note.lua).
 * @param countedMicros what the broker's own answers add up to, micro-USD
 */
export async function noteOddities(
  ledger: Ledger,
  items: readonly NotedItem[],
  countedMicros = 0,
): Promise<void> {
  const rows = items
    .slice(0, MAX_ITEMS)
    .flatMap(({ what, id, symbol, counts, why }) => [
      ...[ascii(id, MAX_CHARACTERS.id), what, ascii(symbol, MAX_CHARACTERS.symbol).replaceAll('|', '?')],
      ...[switchArgument(counts), ascii(why, MAX_CHARACTERS.words)],
    ]);
  await note(ledger, ['', 0, countedMicros, ...rows]);
}

async function note(ledger: Ledger, args: (string | number)[]): Promise<void> {
  decode('keeper-note', ['noted', 'unknown'] as const, await ledger.run('keeper-note', args));
}

/** Printable ASCII only, at most `limit` characters. */
function ascii(text: string, limit: number): string {
  return shown(text.replaceAll(/\s+/g, ' '), limit)
    .replaceAll(/[^\x20-\x7e]/g, '?')
    .trim();
}
