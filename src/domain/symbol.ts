/** One spelling a symbol: `BTC/USD`, `btcusd` and `BTCUSD` are the same (rules.md). */
import { WorkstealError } from './errors.ts';
import { shown } from './shown.ts';

/** Of ASCII before it is made capital: `ß` would be `SS`, which is another's symbol. */
const PATTERN = /^[A-Za-z0-9][A-Za-z0-9.]{0,31}$/;
const SHOWN = 64;

/**
 * Any spelling -> the ledger's spelling.
 * @throws WorkstealError `invalid` when it could not be a symbol (or could break out of a key).
 */
export function toSymbol(text: string): string {
  const spelled = text.replace('/', '');
  if (!PATTERN.test(spelled)) {
    const value = text.slice(0, SHOWN);
    throw new WorkstealError(
      'invalid',
      `symbol: "${shown(text)}" is not a symbol (A-Z, 0-9, ".", at most 32)`,
      { field: 'symbol', value },
    );
  }
  return spelled.toUpperCase();
}

/**
 * A symbol of the broker's that may be none of the ledger's (`BTC-PERP`): each character that the ledger does
 * not take is a dot.
 * @throws WorkstealError `invalid` when nothing of it is left, or it is too long
 */
export function spelled(text: string): string {
  return isSymbol(text)
    ? toSymbol(text)
    : toSymbol(text.replaceAll(/[^A-Za-z0-9.]/g, '.').replace(/^\.+/, ''));
}

/** Can it be a symbol, in whatever spelling? */
export function isSymbol(text: string): boolean {
  return PATTERN.test(text.replace('/', ''));
}

const PAIR = /^([A-Z0-9]{2,})(USDT|USDC|USD)$/;

/**
 * A symbol in the ledger's spelling -> base and quote currency when it is a crypto pair against the dollar or
 * a dollar coin, else undefined. Told by the spelling alone, for where the broker does not say.
 */
export function cryptoPair(symbol: string): { base: string; quote: string } | undefined {
  const match = PAIR.exec(symbol);
  return match?.[1] === undefined || match[2] === undefined ? undefined : { base: match[1], quote: match[2] };
}

/** Is this (in the ledger's spelling) a crypto pair? See `cryptoPair`. */
export function isCryptoSymbol(symbol: string): boolean {
  return cryptoPair(symbol) !== undefined;
}

/** What a pair can be quoted in besides the dollar and its coins, told by the spelling alone. */
const CURRENCIES = ['BTC', 'ETH', 'EUR', 'GBP', 'JPY', 'CHF', 'CAD', 'AUD', 'DAI', 'BNB', 'SOL'];
const DOLLARS = ['USD', 'USDT', 'USDC'];
const CROSS = new RegExp(`^[A-Z0-9]{2,}(${CURRENCIES.join('|')})$`);
/** Longer than any stock's symbol: shorter ones that end so are stocks. */
const LEAST_CROSS = 6;

/**
 * The currency that a pair is quoted in where that is not the dollar: `ETH/BTC`, `ETHBTC` -> `BTC`; else
 * undefined.
 */
export function currencyOf(symbol: string): string | undefined {
  const [, quote] = symbol.toUpperCase().split('/');
  if (quote !== undefined) return DOLLARS.includes(quote) || quote.length < 3 ? undefined : quote;
  const text = symbol.toUpperCase();
  return text.length < LEAST_CROSS || isCryptoSymbol(text) ? undefined : CROSS.exec(text)?.[1];
}

/** Is this an option's symbol: root, yymmdd, C or P, strike x 1000 in eight digits? */
export function isOptionSymbol(symbol: string): boolean {
  return /^[A-Z0-9.]{1,7}\d{6}[CP]\d{8}$/i.test(symbol);
}
