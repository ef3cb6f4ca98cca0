import type { Ledger } from '../ledger.ts';
import { decode, numberOf } from '../reply.ts';

const OUTCOMES = ['noted', 'known', 'none', 'unknown'] as const;

/** What any host of the account was told of the symbol's asset, at most `maxAgeMs` ago (lua/asset.lua). */
export async function readAssetNote(
  ledger: Ledger,
  symbol: string,
  maxAgeMs: number,
): Promise<{ text: string; ageMs: number } | undefined> {
  const { outcome, fields } = decode('asset', OUTCOMES, await ledger.run('asset', [symbol, '', maxAgeMs]));
  return outcome === 'known' ? { text: fields['text'] ?? '', ageMs: numberOf(fields, 'age_ms') } : undefined;
}

/** Keeps what was told just now for the others: 1 to 500 characters. */
export async function noteAsset(ledger: Ledger, symbol: string, text: string): Promise<void> {
  decode('asset', OUTCOMES, await ledger.run('asset', [symbol, text, 0]));
}
