/** One spelling a symbol: `BTC/USD`, `btcusd` and `BTCUSD` are the same (rules.md). */
import { WorkstealError } from './errors.ts';

const PATTERN = /^[A-Z0-9][A-Z0-9.]{0,19}$/;

/**
 * Any spelling -> the ledger's spelling.
 * @throws WorkstealError `invalid` when it could not be a symbol (or could break out of a key).
 */
export function toSymbol(text: string): string {
  const symbol = text.replace('/', '').toUpperCase();
  if (!PATTERN.test(symbol)) {
    throw new WorkstealError('invalid', `symbol: "${text}" is not a symbol (A-Z, 0-9, ".", at most 20)`, { field: 'symbol', value: text });
  }
  return symbol;
}
