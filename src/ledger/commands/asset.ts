import type { Ledger } from '../ledger.ts';
import { decode, numberOf } from '../reply.ts';

const OUTCOMES = ['noted', 'known', 'none', 'unknown'] as const;

/**
 * The broker's rules for a symbol, as any host of the account cached them at most `maxAgeMs` ago
 * (lua/asset.lua). Undefined when there is no such entry.
 */
export async function readAssetNote(
  ledger: Ledger,
  symbol: string,
  maxAgeMs: number,
): Promise<{ text: string; ageMs: number } | undefined> {
  const { outcome, fields } = decode('asset', OUTCOMES, await ledger.run('asset', [symbol, '', maxAgeMs]));
  return outcome === 'known' ? { text: fields['text'] ?? '', ageMs: numberOf(fields, 'age_ms') } : undefined;
}

/** Caches the broker's rules for a symbol for all hosts. `text`: 1 to 500 characters. */
export async function noteAsset(ledger: Ledger, symbol: string, text: string): Promise<void> {
  decode('asset', OUTCOMES, await ledger.run('asset', [symbol, text, 0]));
}
