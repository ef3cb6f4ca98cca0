/**
 * Which pool of its own an order counts in besides `total`: the one named like its asset class, `crypto` or
 * `stock`, where the rules have it.
 */
import { createHash } from 'node:crypto';
import { isCryptoSymbol, toSymbol } from '../domain/symbol.ts';
import type { Settings } from './settings.ts';
import { type AssetClass, isCrypto } from './tolerance.ts';

/** Its name, or '' for none but `total`. */
export function poolOf(assetClass: AssetClass, { pools }: Pick<Settings, 'pools'>): string {
  return pools.some(({ name }) => name === assetClass) ? assetClass : '';
}

/**
 * The same where nobody tells the class: crypto is what CRYPTO_SYMBOLS names, and what is spelled like a
 * pair.
 */
export function poolOfSymbol(symbol: string, settings: Pick<Settings, 'pools' | 'cryptoSymbols'>): string {
  return poolOf(
    isCrypto(symbol, settings) || isCryptoSymbol(toSymbol(symbol)) ? 'crypto' : 'stock',
    settings,
  );
}

/**
 * 16 hex digits that are equal exactly when two hosts put every symbol into the same pool: the pools' names,
 * whatever their leverage, and what counts as crypto.
 */
export function poolRule({ pools, cryptoSymbols }: Pick<Settings, 'pools' | 'cryptoSymbols'>): string {
  const names = pools.map(({ name }) => name).sort();
  const text = JSON.stringify([names, [...cryptoSymbols].sort()]);
  return createHash('sha256').update(text).digest('hex').slice(0, 16);
}
