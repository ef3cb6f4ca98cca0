/**
 * The rank of cryptos among those active (docs/rules.md, 11.3): 1 has the highest forecasted PnL.
 */
import { toNanos } from '../domain/decimal.ts';
import { toSymbol } from '../domain/symbol.ts';
import type { Settings } from './setting-values.ts';
import { type AssetClass, isCrypto } from './tolerance.ts';

/** One active plan. `pnl` is its forecast in USD, a decimal string; missing is 0. */
export type ActivePlan = { readonly symbol: string; readonly pnl?: string; readonly assetClass?: AssetClass };

/**
 * Symbol -> rank, 1-based, among the cryptos of `active`; other symbols are left out. A symbol with several
 * plans ranks by its best. Ties go by symbol, so that every host gives the same ranks.
 * @throws WorkstealError `invalid` for an invalid symbol or PnL.
 */
export function cryptoRanks(
  active: Iterable<ActivePlan>,
  settings: Pick<Settings, 'cryptoSymbols'>,
): Map<string, number> {
  const best = new Map<string, bigint>();
  for (const plan of active) {
    const symbol = toSymbol(plan.symbol);
    if (!isCrypto(symbol, settings, plan.assetClass)) continue;
    const pnl = toNanos(plan.pnl ?? '0', 'pnl');
    const known = best.get(symbol);
    if (known === undefined || pnl > known) best.set(symbol, pnl);
  }
  const ordered = [...best].sort(([a, left], [b, right]) => {
    if (left !== right) return left > right ? -1 : 1;
    return a < b ? -1 : 1;
  });
  return new Map(ordered.map(([symbol], at) => [symbol, at + 1]));
}
