/** The prices of a scenario. The ledger has one price per symbol; a scenario has one per order. */
import { toNanos } from '../../domain/decimal.ts';
import { toSymbol } from '../../domain/symbol.ts';
import type { Quote } from '../commands/tick.ts';
import type { Scenario } from './scenario.ts';

type Priced = { symbol: string; price?: string | null | undefined; priceAt?: string | undefined };

/**
 * The quotes for `tick`, one per symbol. The freshest price counts; of equally fresh ones the last. For the
 * attempt's symbol its own price counts: that symbol's orders can't be its victims at any price. A missing
 * price, or one not above 0, is '0'.
 * @throws WorkstealError `invalid` with the path of a field that is not a decimal, or for an invalid symbol
 */
export function quotesOf(scenario: Scenario): Quote[] {
  const nowMs = Date.parse(scenario.now);
  const quotes = new Map<string, Quote>();
  const add = (one: Priced, where: string): void => {
    const symbol = toSymbol(one.symbol);
    const ageMs = one.priceAt === undefined ? 0 : Math.max(0, nowMs - Date.parse(one.priceAt));
    const price = usable(one.price, `${where}.price`);
    const known = quotes.get(symbol);
    if (known === undefined || (price !== '0' && (known.price === '0' || ageMs <= known.ageMs)))
      quotes.set(symbol, { symbol, price, ageMs });
  };
  for (const [at, order] of scenario.orders.entries()) add(order, `orders.${at}`);
  quotes.delete(toSymbol(scenario.attempt.symbol));
  add(scenario.attempt, 'attempt');
  return [...quotes.values()];
}

/**
 * One warning per symbol whose orders have different prices, since the ledger has one. The attempt's symbol
 * is left out.
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
    return (
      `orders: ${symbol} has the prices ${prices.join(', ')}; the ledger uses one: ` +
      `${counted.get(symbol)}`
    );
  });
}

function usable(price: string | null | undefined, field: string): string {
  if (price === null || price === undefined) return '0';
  return toNanos(price, field) > 0n ? price : '0';
}
