/**
 * Latest prices from Alpaca's market data. Each quote is read on its own: one without a usable price
 * (quote-price.ts) is left out, with a reason, and the others are used. Ages are measured by the server's
 * clock, never by this host's.
 */
import { fromNanos, nearestNanos } from '../../domain/decimal.ts';
import { WorkstealError } from '../../domain/errors.ts';
import { cryptoPair, isCryptoSymbol } from '../../domain/symbol.ts';
import type { BrokerQuote } from '../port.ts';
import { priceOf } from '../quote-price.ts';
import type { AlpacaHttp } from './http.ts';
import { decode, QuoteAnswer, QuotesAnswer, TradeAnswer, TradesAnswer } from './wire.ts';

const BATCH = 200;
/** A time so long ago is none: Alpaca's zero is the year 1. The ledger refuses a whole batch for it. */
const NO_TIME_MS = 1e12;

type Source = {
  path: string;
  trades: string;
  query: Readonly<Record<string, string>>;
  spell: (symbol: string) => string;
};

/** `feed=iex`: every account may read it; SIP needs a subscription. */
const STOCKS: Source = {
  path: '/v2/stocks/quotes/latest',
  trades: '/v2/stocks/trades/latest',
  query: { feed: 'iex' },
  spell: (symbol) => symbol,
};
const CRYPTOS: Source = {
  path: '/v1beta3/crypto/us/latest/quotes',
  trades: '/v1beta3/crypto/us/latest/trades',
  query: {},
  spell: withSlash,
};

export type QuotesOptions = {
  /** The widest spread of a quote with a price, as a share of the midpoint. */
  maxSpread: number;
  /** Called for each symbol without a usable price, with the reason. */
  onUnpriced?: ((symbol: string, why: string) => void) | undefined;
  signal?: AbortSignal | undefined;
};

/** Latest prices of symbols in the ledger's spelling; a symbol without a usable price is left out. */
export async function quotes(
  http: AlpacaHttp,
  symbols: readonly string[],
  options: QuotesOptions,
): Promise<BrokerQuote[]> {
  return inBatches(symbols, (source, batch) => latest(http, source, batch, options));
}

/** The last trade of each symbol that has one. */
export async function lastTrades(
  http: AlpacaHttp,
  symbols: readonly string[],
  signal?: AbortSignal,
): Promise<{ symbol: string; price: string }[]> {
  return inBatches(symbols, async ({ trades, query, spell }, batch) => {
    const asked = {
      path: trades,
      query: { ...query, symbols: batch.map(spell).join(',') },
      priority: 'query',
      signal,
    } as const;
    const { body } = await http.read(asked, TradesAnswer);
    return batch.flatMap((symbol) => {
      const trade = decode(TradeAnswer, body.trades[spell(symbol)] ?? body.trades[symbol]);
      const nanos = trade.kind === 'read' ? nearestNanos(trade.value.p) : 0n;
      return nanos > 0n ? [{ symbol, price: fromNanos(nanos) }] : [];
    });
  });
}

/** Stocks and cryptos have services of their own; each takes a limited number of symbols per request. */
async function inBatches<T>(
  symbols: readonly string[],
  ask: (source: Source, batch: readonly string[]) => Promise<T[]>,
): Promise<T[]> {
  const wanted = [...new Set(symbols)];
  const cryptos = wanted.filter(isCryptoSymbol);
  const stocks = wanted.filter((symbol) => !isCryptoSymbol(symbol));
  const found: T[] = [];
  for (const [source, list] of [
    [STOCKS, stocks],
    [CRYPTOS, cryptos],
  ] as const) {
    for (let from = 0; from < list.length; from += BATCH)
      found.push(...(await ask(source, list.slice(from, from + BATCH))));
  }
  return found;
}

async function latest(
  http: AlpacaHttp,
  source: Source,
  symbols: readonly string[],
  { maxSpread, onUnpriced = () => {}, signal }: QuotesOptions,
): Promise<BrokerQuote[]> {
  const { path } = source;
  const query = { ...source.query, symbols: symbols.map(source.spell).join(',') };
  const { body, dateMs } = await http.read({ path, query, priority: 'query', signal }, QuotesAnswer);
  if (dateMs === undefined)
    throw new WorkstealError(
      'unclear',
      `broker: the answer to GET ${path} has no date, so its quotes have no age`,
    );
  return symbols.flatMap((symbol) => {
    const read = readQuote(body.quotes[source.spell(symbol)] ?? body.quotes[symbol], dateMs, maxSpread);
    if ('price' in read) return [{ symbol, ...read }];
    onUnpriced(symbol, read.why);
    return [];
  });
}

function readQuote(
  told: unknown,
  dateMs: number,
  maxSpread: number,
): { price: string; ageMs: number } | { why: string } {
  if (told === undefined || told === null) return { why: 'the broker has no quote' };
  const decoded = decode(QuoteAnswer, told);
  if (decoded.kind === 'odd')
    return { why: `the quote cannot be read: ${decoded.fault.replaceAll(/\s+/g, ' ')}` };
  const { ap, bp, t } = decoded.value;
  const priced = priceOf(bp, ap, maxSpread);
  if ('why' in priced) return priced;
  const ageMs = dateMs - Date.parse(t);
  if (Number.isNaN(ageMs) || ageMs >= NO_TIME_MS) return { why: 'the quote has no time' };
  // The server's date has no milliseconds: a quote of the same second may seem to come from the future.
  return { ...priced, ageMs: Math.max(0, ageMs) };
}

function withSlash(symbol: string): string {
  const pair = cryptoPair(symbol);
  return pair === undefined ? symbol : `${pair.base}/${pair.quote}`;
}
