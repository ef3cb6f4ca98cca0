/**
 * What orders by hand are worth in dollars. Prices are asked for where an order tells none, or tells it in
 * another currency; a broker that does not answer, or does not know a symbol, leaves that symbol without a
 * price and stops nothing else.
 */
import type { Broker, BrokerOrder } from '../broker/port.ts';
import { fromNanos, NANOS, toNanos } from '../domain/decimal.ts';
import { WorkstealError } from '../domain/errors.ts';
import { currencyOf, isOptionSymbol } from '../domain/symbol.ts';

/** Symbols asked for one by one, where the broker refused a list for one of them. */
const ALONE = 20;

export type PriceSource = Pick<Broker, 'quotes' | 'lastTrades'>;

/** The pair whose price is what a unit of this symbol is worth: `ETHBTC` -> `ETHUSD`. */
export function dollarPair(symbol: string): string {
  const currency = currencyOf(symbol);
  return currency === undefined ? symbol : `${symbol.slice(0, -currency.length)}USD`;
}

/**
 * Dollars a unit by symbol: the quote, else the last trade. Symbols without either, and options, are left
 * out.
 */
export async function pricesOf(
  broker: PriceSource,
  symbols: readonly string[],
  signal: AbortSignal,
): Promise<Map<string, string>> {
  const wanted = [...new Set(symbols)].filter((symbol) => !isOptionSymbol(symbol));
  const prices = new Map<string, string>();
  const learn = async (
    ask: (list: readonly string[]) => Promise<readonly { symbol: string; price: string }[]>,
  ): Promise<void> => {
    const list = wanted.filter((symbol) => !prices.has(symbol));
    if (list.length > 0)
      for (const { symbol, price } of await answered(ask, list, signal)) prices.set(symbol, price);
  };
  await learn((list) => broker.quotes(list, signal));
  await learn((list) => broker.lastTrades(list, signal));
  return prices;
}

type Priced = readonly { symbol: string; price: string }[];

async function answered(
  ask: (list: readonly string[]) => Promise<Priced>,
  list: readonly string[],
  signal: AbortSignal,
): Promise<Priced> {
  try {
    return await ask(list);
  } catch (error) {
    signal.throwIfAborted();
    const refused = error instanceof WorkstealError && error.code === 'refused';
    if (!refused || list.length === 1) return [];
    return (await Promise.all(list.slice(0, ALONE).map((symbol) => answered(ask, [symbol], signal)))).flat();
  }
}

/** The rates of the currencies in which orders by hand are quoted. */
export class Rates {
  readonly #broker: PriceSource;
  #rates: ReadonlyMap<string, string> = new Map();

  constructor(broker: PriceSource) {
    this.#broker = broker;
  }

  /** Asks for those that these orders need. */
  async learn(orders: readonly BrokerOrder[], signal: AbortSignal): Promise<void> {
    const pairs = orders.flatMap(({ currency }) => (currency === undefined ? [] : [`${currency}USD`]));
    if (pairs.length > 0) this.#rates = await pricesOf(this.#broker, pairs, signal);
  }

  /** The order with its prices in dollars, rounded up; undefined where the rate is not known. */
  inDollars(order: BrokerOrder): BrokerOrder | undefined {
    const { currency, ...rest } = order;
    if (currency === undefined) return order;
    const rate = this.#rates.get(`${currency}USD`);
    if (rate === undefined) return undefined;
    const dollars = (price: string): string =>
      fromNanos((toNanos(price) * toNanos(rate) + NANOS - 1n) / NANOS);
    const { limit, stop, filledAvgPrice } = order;
    return {
      ...rest,
      limit: limit && dollars(limit),
      filledAvgPrice: filledAvgPrice && dollars(filledAvgPrice),
      ...(stop === undefined ? {} : { stop: dollars(stop) }),
    };
  }
}
