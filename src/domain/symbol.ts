/** One spelling a symbol: `BTC/USD`, `btcusd` and `BTCUSD` are the same (rules.md). */
import { WorkstealError } from './errors.ts';
import { shown } from './shown.ts';

/** Of ASCII before it is made capital: `ß` would be `SS`, which is another's symbol. */
const PATTERN = /^[A-Za-z0-9][A-Za-z0-9.]{0,19}$/;
const SHOWN = 64;

/**
 * Any spelling -> the ledger's spelling.
 * @throws WorkstealError `invalid` when it could not be a symbol (or could break out of a key).
 */
export function toSymbol(text: string): string {
  const spelled = text.replace('/', '');
  if (!PATTERN.test(spelled)) {
    const value = text.slice(0, SHOWN);
    throw new WorkstealError('invalid', `symbol: "${shown(text)}" is not a symbol (A-Z, 0-9, ".", at most 20)`, { field: 'symbol', value });
  }
  return spelled.toUpperCase();
}

/** Can it be a symbol, in whatever spelling? */
export function isSymbol(text: string): boolean {
  return PATTERN.test(text.replace('/', ''));
}

const PAIR = /^([A-Z0-9]{2,})(USDT|USDC|USD)$/;

/**
 * A symbol in the ledger's spelling -> base and quote currency when it is a crypto pair against the dollar or a dollar
 * coin, else undefined. Told by the spelling alone, for where the broker does not say.
 */
export function cryptoPair(symbol: string): { base: string; quote: string } | undefined {
  const match = PAIR.exec(symbol);
  return match?.[1] === undefined || match[2] === undefined ? undefined : { base: match[1], quote: match[2] };
}

/** Is this (in the ledger's spelling) a crypto pair? See `cryptoPair`. */
export function isCryptoSymbol(symbol: string): boolean {
  return cryptoPair(symbol) !== undefined;
}
