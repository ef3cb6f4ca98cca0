/**
 * The forecasts in a folder of CSV files (bars.ts): the limits at which a trading system would buy and sell
 * in the next hour.
 */
import { fromNanos } from '../domain/decimal.ts';
import { BAR_MS, readBars } from './bars.ts';
import type { AssetClass } from './market.ts';

/**
 * One bar's forecast. It is valid from `atMs`, the END of its bar (so that nothing looks ahead), until
 * `untilMs`, one hour later. Prices are decimal strings with at most nine decimals.
 */
export type Forecast = {
  symbol: string;
  assetClass: AssetClass;
  atMs: number;
  untilMs: number;
  buyLimit: string;
  sellLimit: string;
  close: string;
};

/**
 * Every forecast of the folder, in order of `atMs`, then symbol. Bars without both limits are skipped.
 * @throws WorkstealError `invalid` with file and line.
 */
export function* readForecasts(dir: string): Generator<Forecast> {
  const all: Forecast[] = [];
  for (const { symbol, assetClass, bars } of readBars(dir)) {
    for (const { startMs, close, buyLimit, sellLimit } of bars) {
      if (buyLimit === null || sellLimit === null) continue;
      all.push({
        symbol,
        assetClass,
        atMs: startMs + BAR_MS,
        untilMs: startMs + 2 * BAR_MS,
        buyLimit: fromNanos(buyLimit),
        sellLimit: fromNanos(sellLimit),
        close: fromNanos(close),
      });
    }
  }
  all.sort((a, b) => a.atMs - b.atMs || (a.symbol < b.symbol ? -1 : a.symbol > b.symbol ? 1 : 0));
  yield* all;
}
