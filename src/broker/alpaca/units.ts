/**
 * What a unit of an order's or a position's quantity is worth, where it is not a share or a coin at its price
 * in dollars: an option contract is 100 units of its underlying, a pair such as ETH/BTC is quoted in another
 * currency than the dollar.
 */
import { currencyOf, isOptionSymbol } from '../../domain/symbol.ts';

const OPTION_MULTIPLIER = 100n;

export type Unit = {
  /** Units of the underlying in one of the quantity. */
  multiplier: bigint;
  /** Prices are in this currency, not in dollars. */
  currency?: string;
  /** Nobody told what a unit is: it is counted as a share would be, which may be too little. */
  doubt?: string;
};

/**
 * @param symbol as the broker spells it: `ETH/BTC` tells the currency by its slash
 * @param assetClass Alpaca's: us_equity, us_option, crypto, …; '' where it is not told
 * @param told the multiplier, where the broker tells it
 */
export function unitOf(symbol: string, assetClass: string, told: bigint | undefined): Unit {
  if (assetClass === 'us_option' || isOptionSymbol(symbol)) return { multiplier: told ?? OPTION_MULTIPLIER };
  const isKnown = assetClass === '' || assetClass === 'us_equity' || assetClass.startsWith('crypto');
  const doubt =
    isKnown || told !== undefined ? {} : { doubt: `its asset class "${assetClass.slice(0, 32)}" is unknown` };
  const currency = assetClass === 'us_equity' ? undefined : currencyOf(symbol);
  return { multiplier: told ?? 1n, ...(currency === undefined ? {} : { currency }), ...doubt };
}
