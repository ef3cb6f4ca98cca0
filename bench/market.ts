/** Prices of many symbols, answered at once from memory: what a broker's answer costs is not measured. */
import type { Broker, BrokerQuote } from '../src/broker/port.ts';

/**
 * `quotes`: as of a broker. Each time that all symbols were asked for, the prices are others. `asked`: how
 * many symbols were so far.
 */
export type Market = { quotes: Broker['quotes']; asked: () => number };

const CENTS_APART = 13;

/** Prices from 102 to 102.99 for these symbols; none crosses an edge below 102. */
export function market(symbols: readonly string[]): Market {
  const places = new Map(symbols.map((symbol, at) => [symbol, at]));
  let asked = 0;
  return {
    quotes: async (wanted): Promise<BrokerQuote[]> => {
      const round = Math.floor(asked / symbols.length);
      asked += wanted.length;
      return wanted.map((symbol) => {
        const cents = ((places.get(symbol) ?? 0) * 7 + round * CENTS_APART) % 100;
        return { symbol, price: cents < 10 ? `102.0${cents}` : `102.${cents}`, ageMs: 0 };
      });
    },
    asked: () => asked,
  };
}
