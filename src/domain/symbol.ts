/** One spelling per symbol: `BTC/USD`, `btcusd` and `BTCUSD` are the same (docs/rules.md, 1.3). */
import { WorkstealError } from './errors.ts';
import { shown } from './shown.ts';

/** Applied before the text is made upper case: `ß` would become `SS`, a different symbol. */
const PATTERN = /^[A-Za-z0-9][A-Za-z0-9.]{0,31}$/;
const MAX_SHOWN = 64;

/**
 * Any spelling -> the ledger's spelling.
 * @throws WorkstealError `invalid` when it has characters that a symbol or a Redis key of ours must not have.
 */
export function toSymbol(text: string): string {
  const joined = joinedPair(text);
  if (!PATTERN.test(joined)) {
    const value = text.slice(0, MAX_SHOWN);
    throw new WorkstealError('invalid', `symbol: "${shown(text)}" ${whyNoSymbol(text)}`, {
      field: 'symbol',
      value,
    });
  }
  return joined.toUpperCase();
}

/** `BTC/USD` -> `BTCUSD`. `BF/B` is no pair but a class of shares: it stays, and is no symbol. */
function joinedPair(text: string): string {
  return /\/[A-Za-z]{1,2}$/.test(text) ? text : text.replace('/', '');
}

/** Why a text is no symbol, and what to write where that can be guessed: the end of a sentence. */
export function whyNoSymbol(text: string): string {
  const fix = intendedSymbol(text.trim());
  if (fix !== undefined) return `is not a symbol: write ${fix}`;
  const foreign = /\P{ASCII}/u.exec(text)?.[0];
  if (foreign === undefined) return 'is not a symbol (A-Z, 0-9, ".", at most 32)';
  // It may look like a letter of ours.
  const number = (foreign.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, '0');
  return `is not a symbol (A-Z, 0-9, ".", at most 32): "${shown(foreign)}" is U+${number}`;
}

/**
 * The symbol that other systems spell `$AAPL`, `NASDAQ:MSFT`, `BTC-USD`, `BTC:USD` or `BRK-B`, or that has
 * characters which nobody sees; undefined where that can't be guessed.
 */
export function intendedSymbol(text: string): string | undefined {
  const bare = text
    .replaceAll(/\p{Cf}|(?! )\p{Zs}/gu, '')
    .replace(/^[$@]/, '')
    .replace(/^[A-Za-z]{2,10}:(?!USD[TC]?$)/i, '');
  const pair = bare.replace(/^([A-Za-z0-9]{2,10})[-_: ](USDT|USDC|USD)$/i, '$1/$2');
  const shareClass = pair
    .replace(/^([A-Za-z]{1,5})([-_/][A-Za-z]{1,2}| [A-Za-z])$/, (_, root: string, part: string) => {
      return `${root}.${part.slice(1)}`;
    })
    .toUpperCase();
  return shareClass !== text && isSymbol(shareClass) ? shareClass : undefined;
}

/**
 * A broker's symbol -> a symbol that the ledger accepts: `BTC-PERP` -> `BTC.PERP`. Each character that the
 * ledger does not accept becomes a dot.
 * @throws WorkstealError `invalid` when no character is left, or the symbol is too long.
 */
export function fromBrokerSymbol(text: string): string {
  return isSymbol(text)
    ? toSymbol(text)
    : toSymbol(text.replaceAll(/[^A-Za-z0-9.]/g, '.').replace(/^\.+/, ''));
}

/** Can it be a symbol, in any spelling? */
export function isSymbol(text: string): boolean {
  return PATTERN.test(joinedPair(text));
}

const PAIR = /^([A-Z0-9]{2,})(USDT|USDC|USD)$/;

/**
 * A symbol in the ledger's spelling -> base and quote currency when it is a crypto pair against the dollar or
 * a dollar coin, else undefined. Judges by the spelling alone: prefer the broker's asset class where known.
 */
export function cryptoPair(symbol: string): { base: string; quote: string } | undefined {
  const match = PAIR.exec(symbol);
  return match?.[1] === undefined || match[2] === undefined ? undefined : { base: match[1], quote: match[2] };
}

/** Is this (in the ledger's spelling) a crypto pair? See `cryptoPair`. */
export function isCryptoSymbol(symbol: string): boolean {
  return cryptoPair(symbol) !== undefined;
}

/** Quote currencies besides the dollar and its coins, as far as the spelling shows them. */
const CURRENCIES = ['BTC', 'ETH', 'EUR', 'GBP', 'JPY', 'CHF', 'CAD', 'AUD', 'DAI', 'BNB', 'SOL'];
const DOLLARS = ['USD', 'USDT', 'USDC'];
const CROSS = new RegExp(`^[A-Z0-9]{2,}(${CURRENCIES.join('|')})$`);
/** Longer than any stock's symbol: a shorter symbol with such an ending is a stock. */
const MIN_CROSS_LENGTH = 6;

/**
 * The currency that a pair is quoted in, if that is not the dollar: `ETH/BTC`, `ETHBTC` -> `BTC`; else
 * undefined.
 */
export function currencyOf(symbol: string): string | undefined {
  const [, quote] = symbol.toUpperCase().split('/');
  if (quote !== undefined) return DOLLARS.includes(quote) || quote.length < 3 ? undefined : quote;
  const text = symbol.toUpperCase();
  return text.length < MIN_CROSS_LENGTH || isCryptoSymbol(text) ? undefined : CROSS.exec(text)?.[1];
}

/** Is this an option's symbol: root, yymmdd, C or P, strike x 1000 in eight digits? */
export function isOptionSymbol(symbol: string): boolean {
  return /^[A-Z0-9.]{1,7}\d{6}[CP]\d{8}$/i.test(symbol);
}
