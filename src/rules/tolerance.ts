/**
 * How close to its limit the price must be before a plan enters (docs/rules.md, 11). It depends on
 * the time of day: evaluate it when needed, never store it with a plan.
 */
import { WorkstealError } from '../domain/errors.ts';
import { toSymbol } from '../domain/symbol.ts';
import type { MarketCalendar } from './session.ts';
import type { Settings } from './setting-values.ts';

/** What a broker says an asset is. */
export type AssetClass = 'stock' | 'crypto';

/**
 * The rule's answer. `tolerance` is a share of the limit (a decimal string); a forced plan enters at any
 * distance.
 */
export type Entry = {
  readonly nyseOpen: boolean;
  readonly outOfHours: boolean;
  readonly tolerance: string;
  readonly forceImmediate: boolean;
};

/** `rank`: see `cryptoRanks`; null for a symbol without one. `assetClass`: the broker's, where known. */
export type EntryQuestion = {
  readonly nowMs: number;
  readonly symbol: string;
  readonly rank: number | null;
  readonly assetClass?: AssetClass;
};

/**
 * Is it a crypto? By the broker's asset class; where that is not known, by CRYPTO_SYMBOLS. Any spelling.
 */
export function isCrypto(
  symbol: string,
  settings: Pick<Settings, 'cryptoSymbols'>,
  assetClass?: AssetClass,
): boolean {
  return assetClass === undefined
    ? settings.cryptoSymbols.includes(toSymbol(symbol))
    : assetClass === 'crypto';
}

/**
 * In hours everything enters at the normal tolerance. Out of hours stocks still do, cryptos at the wider one,
 * and cryptos of rank <= the force count at once. (A forced order without room must still pass the steal
 * gate.)
 * @throws WorkstealError `invalid` for a rank below 1, or an instant that the calendar does not cover.
 */
export function entryRule(question: EntryQuestion, settings: Settings, calendar: MarketCalendar): Entry {
  const { nowMs, symbol, rank, assetClass } = question;
  if (rank !== null && !(Number.isInteger(rank) && rank >= 1)) {
    throw new WorkstealError('invalid', `rank: ${rank} is not a whole number of at least 1`, {
      field: 'rank',
      value: String(rank),
    });
  }
  const nyseOpen = calendar.isOpen(nowMs);
  const wide = !nyseOpen && isCrypto(symbol, settings, assetClass);
  return {
    nyseOpen,
    outOfHours: !nyseOpen,
    tolerance: wide ? settings.cryptoOutOfHoursTolerance : settings.cryptoNormalTolerance,
    forceImmediate: wide && rank !== null && rank <= settings.cryptoForceCount,
  };
}
