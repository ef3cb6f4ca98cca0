/**
 * The unit of an order's or a position's quantity. Most are shares or coins with a price in dollars. An
 * option contract is 100 units of its underlying, and a pair such as ETH/BTC has its price in another
 * currency.
 */
import { currencyOf, isOptionSymbol } from '../../domain/symbol.ts';

const OPTION_MULTIPLIER = 100n;

export type Unit = {
  /** Units of the underlying per unit of the quantity. */
  multiplier: bigint;
  /** The currency of the prices, where that is not the dollar. */
  currency?: string;
  /** The unit is unknown, so it is counted as a share, which may be too little; why. */
  doubt?: string;
};

/**
 * @param symbol as the broker spells it: the currency follows the slash of `ETH/BTC`
 * @param assetClass Alpaca's: us_equity, us_option, crypto, …; '' where it is unknown
 * @param told the multiplier, where the broker gives it
 */
export function unitOf(symbol: string, assetClass: string, told: bigint | undefined): Unit {
  if (assetClass === 'us_option' || isOptionSymbol(symbol)) return { multiplier: told ?? OPTION_MULTIPLIER };
  const isKnown = assetClass === '' || assetClass === 'us_equity' || assetClass.startsWith('crypto');
  const doubt =
    isKnown || told !== undefined ? {} : { doubt: `its asset class "${assetClass.slice(0, 32)}" is unknown` };
  const currency = assetClass === 'us_equity' ? undefined : currencyOf(symbol);
  return { multiplier: told ?? 1n, ...(currency === undefined ? {} : { currency }), ...doubt };
}
