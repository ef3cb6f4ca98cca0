/**
 * Which pool an order counts in besides `total`: the one named after its asset class, `crypto` or `stock`, if
 * the settings define it.
 */
import { createHash } from 'node:crypto';
import { isCryptoSymbol, toSymbol } from '../domain/symbol.ts';
import type { Settings } from './settings.ts';
import { type AssetClass, isCrypto } from './tolerance.ts';

/** The pool's name, or '' when the order counts in `total` alone. */
export function poolOf(assetClass: AssetClass, { pools }: Pick<Settings, 'pools'>): string {
  return pools.some(({ name }) => name === assetClass) ? assetClass : '';
}

/**
 * The same where the asset class is not known: what CRYPTO_SYMBOLS lists, and what is spelled like a pair, is
 * crypto.
 */
export function poolOfSymbol(symbol: string, settings: Pick<Settings, 'pools' | 'cryptoSymbols'>): string {
  return poolOf(
    isCrypto(symbol, settings) || isCryptoSymbol(toSymbol(symbol)) ? 'crypto' : 'stock',
    settings,
  );
}

/**
 * 16 hex digits, equal exactly when two hosts put every symbol into the same pool: a hash of the pools' names
 * (their leverage does not matter) and of CRYPTO_SYMBOLS.
 */
export function poolRule({ pools, cryptoSymbols }: Pick<Settings, 'pools' | 'cryptoSymbols'>): string {
  const names = pools.map(({ name }) => name).sort();
  const text = JSON.stringify([names, [...cryptoSymbols].sort()]);
  return createHash('sha256').update(text).digest('hex').slice(0, 16);
}
