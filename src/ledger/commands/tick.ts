import type { Ledger } from '../ledger.ts';
import { decode, numberOf } from '../reply.ts';

/** `price` decimal USD, '0' for none; `ageMs` how old it was when it arrived. */
export type Quote = { symbol: string; price: string; ageMs: number };

/**
 * Updates quotes and moves the orders whose boundary was crossed (lua/tick.lua); at most 1,000 quotes.
 * @returns `doubted`: how many prices jumped, and do not count until they are confirmed
 */
export async function tick(
  ledger: Ledger,
  quotes: readonly Quote[],
): Promise<{ symbols: number; crossed: number; doubted: number } | { unknown: true }> {
  const args = quotes.flatMap((quote) => [quote.symbol, quote.price, wholeMs(quote.ageMs)]);
  const { outcome, fields } = decode('tick', ['ticked', 'unknown'] as const, await ledger.run('tick', args));
  if (outcome === 'unknown') return { unknown: true };
  return {
    symbols: numberOf(fields, 'symbols'),
    crossed: numberOf(fields, 'crossed'),
    doubted: numberOf(fields, 'doubted'),
  };
}

/** Not below 0. What is no number stays what it is, to be refused. */
function wholeMs(ageMs: number): number {
  return typeof ageMs === 'number' ? Math.max(0, Math.round(ageMs)) : ageMs;
}
