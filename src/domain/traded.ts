/**
 * What a plan may trade: stocks, and pairs quoted in dollars. Everything else is in a unit that prices and
 * quantities do not tell.
 */
import { WorkstealError } from './errors.ts';
import { shown } from './shown.ts';
import { currencyOf, isCryptoSymbol, isOptionSymbol } from './symbol.ts';

const STOCK = /^[A-Z][A-Z0-9]{0,4}(\.[A-Z0-9]+)*$/;
/** Characters of a symbol; a plan's id is made of it. */
const LONGEST = 20;
/** Root, the month's letter, the year: `ESZ6`, `MESZ25`. No stock of a US exchange is named so. */
const FUTURE = /^[A-Z]{1,4}[FGHJKMNQUVXZ]\d{1,2}$/;

/**
 * Undefined where a plan may trade it, in whatever spelling; else why not, as the rest of a sentence that
 * begins with the symbol.
 */
export function whyNotTraded(text: string): string | undefined {
  const told = text.toUpperCase();
  const currency = currencyOf(told);
  if (currency !== undefined) return `is quoted in ${shown(currency, 12)}, not in dollars`;
  if (isOptionSymbol(told)) return 'is an option, whose contract is 100 shares';
  const [base, quote] = told.split('/');
  if (quote !== undefined && base === '') return 'is neither a stock nor a pair quoted in dollars';
  const symbol = told.replace('/', '');
  if (symbol.length > LONGEST) return `is longer than ${LONGEST} characters`;
  if (isCryptoSymbol(symbol)) return undefined;
  if (FUTURE.test(symbol)) return 'looks like a future';
  return STOCK.test(symbol) ? undefined : 'is neither a stock nor a pair quoted in dollars';
}

/** @throws WorkstealError `invalid`, naming the field `symbol` */
export function assertTraded(symbol: string): void {
  const why = typeof symbol === 'string' ? whyNotTraded(symbol) : undefined;
  if (why === undefined) return;
  const message = `symbol: "${shown(symbol, 40)}" ${why}; a plan trades stocks, and pairs quoted in dollars`;
  throw new WorkstealError('invalid', message, { field: 'symbol', value: symbol.slice(0, 64) });
}
