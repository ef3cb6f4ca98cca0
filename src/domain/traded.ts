/**
 * What a plan may trade: stocks, and pairs quoted in dollars. For options, futures and other currencies,
 * price x quantity is not the notional in dollars.
 */
import { WorkstealError } from './errors.ts';
import { shown } from './shown.ts';
import { currencyOf, isCryptoSymbol, isOptionSymbol } from './symbol.ts';

const STOCK = /^[A-Z][A-Z0-9]{0,4}(\.[A-Z0-9]+)*$/;
/** A plan's id contains its symbol, and ids have a limit. */
const MAX_CHARACTERS = 20;
/** Root, the month's letter, the year: `ESZ6`, `MESZ25`. No stock of a US exchange has such a name. */
const FUTURE = /^[A-Z]{1,4}[FGHJKMNQUVXZ]\d{1,2}$/;

/**
 * Why a plan may not trade this symbol (any spelling), as the rest of a sentence that begins with the symbol;
 * undefined when it may.
 */
export function whyNotTraded(text: string): string | undefined {
  const upper = text.toUpperCase();
  const currency = currencyOf(upper);
  if (currency !== undefined) return `is quoted in ${shown(currency, 12)}, not in dollars`;
  if (isOptionSymbol(upper)) return 'is an option, whose contract is 100 shares';
  const [base, quote] = upper.split('/');
  if (quote !== undefined && base === '') return 'is neither a stock nor a pair quoted in dollars';
  const symbol = upper.replace('/', '');
  if (symbol.length > MAX_CHARACTERS) return `is longer than ${MAX_CHARACTERS} characters`;
  if (isCryptoSymbol(symbol)) return undefined;
  if (FUTURE.test(symbol)) return 'looks like a future';
  return STOCK.test(symbol) ? undefined : 'is neither a stock nor a pair quoted in dollars';
}

/** @throws WorkstealError `invalid`, field `symbol`, when a plan may not trade it. */
export function assertTraded(symbol: string): void {
  const why = typeof symbol === 'string' ? whyNotTraded(symbol) : undefined;
  if (why === undefined) return;
  const message = `symbol: "${shown(symbol, 40)}" ${why}; a plan trades stocks, and pairs quoted in dollars`;
  throw new WorkstealError('invalid', message, { field: 'symbol', value: symbol.slice(0, 64) });
}
