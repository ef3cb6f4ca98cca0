/** The prices of a scenario. A ledger has one price for a symbol, a scenario names one at each order. */
import { toNanos } from '../../domain/decimal.ts';
import { toSymbol } from '../../domain/symbol.ts';
import type { Quote } from '../commands/tick.ts';
import type { Scenario } from './scenario.ts';

type Priced = { symbol: string; price?: string | null | undefined; priceAt?: string | undefined };

/**
 * The quotes for one `tick`. Of a symbol's prices the freshest counts, of equally fresh ones the last; for
 * the attempt's own symbol the attempt's (its symbol's other orders are no victims of it at any price). No
 * price, or none above 0, is '0'.
 * @throws WorkstealError `invalid` naming the field that holds no decimal or no symbol
 */
export function quotesOf(scenario: Scenario): Quote[] {
  const nowMs = Date.parse(scenario.now);
  const quotes = new Map<string, Quote>();
  const put = (one: Priced, where: string): void => {
    const symbol = toSymbol(one.symbol);
    const ageMs = one.priceAt === undefined ? 0 : Math.max(0, nowMs - Date.parse(one.priceAt));
    const price = usable(one.price, `${where}.price`);
    const known = quotes.get(symbol);
    if (known === undefined || (price !== '0' && (known.price === '0' || ageMs <= known.ageMs)))
      quotes.set(symbol, { symbol, price, ageMs });
  };
  for (const [at, order] of scenario.orders.entries()) put(order, `orders.${at}`);
  quotes.delete(toSymbol(scenario.attempt.symbol));
  put(scenario.attempt, 'attempt');
  return [...quotes.values()];
}

/**
 * Sentences on the symbols, the attempt's aside, whose orders name different prices: only one of them is in
 * the ledger.
 */
export function conflictingPrices(scenario: Scenario): string[] {
  const own = toSymbol(scenario.attempt.symbol);
  const named = scenario.orders.map(({ symbol, price, priceAt }) => ({
    symbol: toSymbol(symbol),
    price: `${price ?? 'none'} at ${priceAt ?? 'now'}`,
  }));
  const counted = new Map(quotesOf(scenario).map(({ symbol, price }) => [symbol, price]));
  return [...Map.groupBy(named, ({ symbol }) => symbol)].flatMap(([symbol, some]) => {
    const prices = [...new Set(some.map(({ price }) => price))];
    if (symbol === own || prices.length < 2) return [];
    return `orders: ${symbol} has the prices ${prices.join(', ')}; a ledger has one, and ${counted.get(symbol)} counts`;
  });
}

function usable(price: string | null | undefined, field: string): string {
  if (price === null || price === undefined) return '0';
  return toNanos(price, field) > 0n ? price : '0';
}
