/**
 * A forecast -> the plan to file. Its id is a pure function of strategy, symbol, side and parameters. `terms`
 * is a hash of what the forecast asks for: if it is the same as before, the ledger keeps the current plan, so
 * that an expiry such as 4h does not start again with each filing.
 */
import { createHash } from 'node:crypto';
import type { SeriesName, TermedPlan } from '../../ledger/commands/plan-series.ts';
import { poolOfSymbol } from '../../rules/pools.ts';
import type { Settings } from '../../rules/settings.ts';
import { resolveExpiry } from './expiry.ts';
import type { Forecast } from './forecast.ts';

/** `nowMs`: ledger time. `nextClose`: New York's next close after it, ms. */
export type Moment = {
  nowMs: number;
  nextClose: () => number;
  rules: Pick<Settings, 'pools' | 'cryptoSymbols'>;
};

/** The ledger appends a number to it, and order ids append the attempt to that. */
const MAX_ID = 41;

/** @throws WorkstealError `invalid` for an expiry that is over or too far ahead */
export function askedPlan(forecast: Forecast, { nowMs, nextClose, rules }: Moment): TermedPlan {
  const { strategy, symbol, side, mode, limit, qty, pnl, fillProbability, takeProfit } = forecast;
  const { expiresAtMs, term } = resolveExpiry(forecast.expiry, symbol, nowMs, nextClose);
  const pool = poolOfSymbol(symbol, rules);
  // A plan that is sure to trade has the same hash as before there were probabilities.
  const unsure = fillProbability === '1' ? [] : [fillProbability];
  const parameters = [strategy, symbol, side, mode, limit, qty, pnl, takeProfit, pool, ...unsure];
  const tail = `-${symbol.replaceAll('.', '-')}-${side}-${hash([...parameters, String(expiresAtMs)], 8)}`;
  const id = `${strategy.slice(0, MAX_ID - tail.length)}${tail}`;
  const terms = hash([...parameters, term], 16);
  return {
    id,
    symbol,
    side,
    mode,
    limit,
    qty,
    pnl,
    fillProbability,
    pool,
    takeProfit,
    startsAtMs: 0,
    expiresAtMs,
    holdMs: 0,
    strategy,
    terms,
  };
}

/** A key for maps: `strategy symbol side`. None of the three contains a space. */
export function seriesKey({ strategy, symbol, side }: SeriesName): string {
  return `${strategy} ${symbol} ${side}`;
}

function hash(parts: readonly string[], digits: number): string {
  return createHash('sha256').update(parts.join('\n')).digest('hex').slice(0, digits);
}
