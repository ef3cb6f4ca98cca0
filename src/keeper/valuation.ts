/**
 * Prices in dollars for orders placed by hand. They are requested when an order has no limit, or is quoted in
 * another currency. A symbol without an answer has no price; the others are not affected.
 */
import type { Broker, BrokerOrder } from '../broker/port.ts';
import { fromNanos, NANOS, toNanos } from '../domain/decimal.ts';
import { WorkstealError } from '../domain/errors.ts';
import { currencyOf, isOptionSymbol } from '../domain/symbol.ts';

/** Symbols requested one by one after the broker refused a list because of one of them. */
const ALONE = 20;

export type PriceSource = Pick<Broker, 'quotes' | 'lastTrades'>;

/** The pair whose price is what a unit of this symbol is worth: `ETHBTC` -> `ETHUSD`. */
export function dollarPair(symbol: string): string {
  const currency = currencyOf(symbol);
  return currency === undefined ? symbol : `${symbol.slice(0, -currency.length)}USD`;
}

/**
 * Dollars per unit by symbol: the quote, or else the last trade. Symbols without either, and options, are
 * left out.
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

/** The dollar rates of the currencies in which orders are quoted. */
export class Rates {
  readonly #broker: PriceSource;
  #rates: ReadonlyMap<string, string> = new Map();

  constructor(broker: PriceSource) {
    this.#broker = broker;
  }

  /** Requests the rates that these orders need. */
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
