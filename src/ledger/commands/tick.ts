import type { Ledger } from '../ledger.ts';
import { decode, numberOf } from '../reply.ts';

/** `price`: USD, a decimal string; '0' for no price. `ageMs`: its age when it arrived. */
export type Quote = { symbol: string; price: string; ageMs: number };

/** Quotes in one argument: a third of the time that Redis needs for them one by one. */
const PACKED = /^(?:[A-Z0-9][A-Z0-9.]{0,31} \d{1,6}(?:\.\d{1,9})? \d{1,12};){1,1000}$/;

/**
 * Updates quotes and moves the orders whose boundary was crossed (lua/tick.lua); at most 1,000 quotes.
 * @returns `crossed`: how many orders were moved. `doubted`: how many prices jumped; they do not count until
 *   a later price confirms them
 */
export async function tick(
  ledger: Ledger,
  quotes: readonly Quote[],
): Promise<{ symbols: number; crossed: number; doubted: number } | { unknown: true }> {
  const fields = quotes.flatMap(({ symbol, price, ageMs }) => [symbol, price, wholeMs(ageMs)]);
  const packed = fields.every(isText)
    ? quotes.map(({ symbol, price, ageMs }) => `${symbol} ${price} ${wholeMs(ageMs)};`).join('')
    : '';
  // What does not read so goes one by one: the refusal then names it.
  const args = PACKED.test(packed) ? [packed] : fields;
  const reply = decode('tick', ['ticked', 'unknown'] as const, await ledger.run('tick', args));
  if (reply.outcome === 'unknown') return { unknown: true };
  return {
    symbols: numberOf(reply.fields, 'symbols'),
    crossed: numberOf(reply.fields, 'crossed'),
    doubted: numberOf(reply.fields, 'doubted'),
  };
}

/** What the types promise; callers without types may pass anything. */
function isText(value: unknown): boolean {
  return typeof value === 'string' || typeof value === 'number';
}

/**
 * Rounded, and at least 0. A value that is not a number passes unchanged, and `checkArguments` refuses it.
 */
function wholeMs(ageMs: number): number {
  return typeof ageMs === 'number' ? Math.max(0, Math.round(ageMs)) : ageMs;
}
