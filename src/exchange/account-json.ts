/** The account and its positions in Alpaca's JSON: amounts are strings. */
import { fromNanos } from '../domain/decimal.ts';
import type { Position } from './account.ts';
import type { PaperAccount } from './accounts.ts';
import { abs, attosToDollars, attosToMicros, averageNanos, divide } from './amounts.ts';
import type { Exchange } from './exchange.ts';
import { isLive, unfilled } from './orders.ts';

/** The answer of GET /v2/account. Reports its equity, rounded down to a micro, to the judge. */
export function accountJson(
  { id, number, startCash, exchange }: PaperAccount,
  createdAt: string,
): Record<string, string | boolean> {
  const { account, buyingPower, judge, priceOf } = exchange;
  const equity = account.equity(priceOf);
  let [long, short] = [0n, 0n];
  for (const position of account.positions()) {
    const value = account.marketValue(position, priceOf);
    if (value > 0n) long += value;
    else short += value;
  }
  const gross = long - short;
  judge.accountAnswered(attosToMicros(equity, 'down'));
  return {
    id,
    account_number: number,
    status: 'ACTIVE',
    crypto_status: 'ACTIVE',
    currency: 'USD',
    equity: attosToDollars(equity, 'down'),
    last_equity: startCash,
    portfolio_value: attosToDollars(equity, 'down'),
    cash: attosToDollars(account.cash, 'down'),
    buying_power: attosToDollars(buyingPower.margin(), 'down'),
    regt_buying_power: attosToDollars(buyingPower.margin(), 'down'),
    non_marginable_buying_power: attosToDollars(buyingPower.nonMargin(), 'down'),
    long_market_value: attosToDollars(long, 'down'),
    short_market_value: attosToDollars(short, 'down'),
    position_market_value: attosToDollars(gross, 'down'),
    initial_margin: attosToDollars(divide(gross * 1_000_000_000n, buyingPower.multiplierNanos, 'up'), 'up'),
    maintenance_margin: attosToDollars((gross * 3n) / 10n, 'up'),
    multiplier: fromNanos(buyingPower.multiplierNanos),
    accrued_fees: '0',
    trading_blocked: false,
    transfers_blocked: false,
    account_blocked: false,
    trade_suspended_by_user: false,
    shorting_enabled: true,
    created_at: createdAt,
    balance_asof: createdAt.slice(0, 10),
    ...exchange.accountSays,
  };
}

/**
 * One position. A short position's quantity, cost basis and market value are negative. The cost is rounded
 * away from zero.
 */
export function positionJson(exchange: Exchange, position: Position): Record<string, string | boolean> {
  const { account, book, priceOf } = exchange;
  const sign = position.qtyNanos < 0n ? '-' : '';
  const value = account.marketValue(position, priceOf);
  const held = abs(position.qtyNanos);
  let available = held;
  for (const order of book.liveOf(position.symbol)) {
    if (order.kind === 'exit' && isLive(order)) available -= unfilled(order);
  }
  const profit = sign === '' ? value - position.cost : value + position.cost;
  const price = priceOf(position.symbol) ?? position.lastNanos;
  return {
    asset_id: exchange.asset(position.symbol)?.id ?? '',
    symbol: position.symbol,
    exchange: position.assetClass === 'crypto' ? 'CRYPTO' : 'NASDAQ',
    asset_class: position.assetClass === 'crypto' ? 'crypto' : 'us_equity',
    asset_marginable: position.assetClass === 'stock',
    qty: fromNanos(position.qtyNanos),
    qty_available: sign + fromNanos(available > 0n ? available : 0n),
    side: sign === '' ? 'long' : 'short',
    avg_entry_price: fromNanos(averageNanos(position.cost, held, 'up')),
    cost_basis: sign + attosToDollars(position.cost, 'up'),
    market_value: attosToDollars(value, 'down'),
    unrealized_pl: attosToDollars(profit, 'down'),
    unrealized_plpc: (position.cost === 0n ? 0 : Number(profit) / Number(position.cost)).toFixed(6),
    current_price: fromNanos(price),
  };
}
