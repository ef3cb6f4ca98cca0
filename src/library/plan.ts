/** What a bot files: a plan, which a watcher of the fleet runs from its entry to its exit, or a forecast. */
import type { Mode, Side } from '../domain/order.ts';

/**
 * What a plan asks for. Prices are USD per unit; prices, quantities and PnL are decimal strings with at most
 * nine decimals. Times are ms since 1970 on the ledger's clock (real time, except in a demo or a replay).
 */
export type PlanRequest = {
  /** 1 to 48 of A-Z, a-z, 0-9, _ and -; never used for another plan. Its orders' ids are made of it. */
  id: string;
  /** A stock, or a pair quoted in dollars: `AAPL`, `BTC/USD`, `BTCUSD`. */
  symbol: string;
  side: Side;
  /** USD per unit. */
  limit: string;
  /** Units. */
  qty: string;
  /** Forecasted PnL in USD; what may take room from what depends on it. Default `'0'`. */
  pnl?: string;
  /** The forecasted probability that its limit trades, a decimal from 0 to 1. Default `'1'`. */
  fillProbability?: string;
  /** A `probe` is a small test order, which is never taken. Default `normal`. */
  mode?: Mode;
  /** The limit in USD per unit at which the filled entry is closed. Default: never. */
  takeProfit?: string;
  /** Before this it does nothing. Default: at once. */
  startsAtMs?: number;
  /** When an entry that has not filled is withdrawn. Default: never. */
  expiresAtMs?: number;
  /** After this many ms a filled position is closed at the market. Default: never. */
  holdMs?: number;
};

/** A forecast as a bot files it; a bot's strategy has one for each symbol and side. */
export type ForecastRequest = {
  /** A stock, or a pair quoted in dollars: `AAPL`, `BTC/USD`, `BTCUSD`. */
  symbol: string;
  side: Side;
  /** Forecasted PnL in USD, a decimal string with at most nine decimals. */
  pnl: string;
  /** The forecasted probability that its limit trades, a decimal from 0 to 1. Default `'1'`. */
  fillProbability?: string;
  /** Ms since 1970 on the ledger's clock, from which on it counts no more. Default: never. */
  expiresAtMs?: number;
};
