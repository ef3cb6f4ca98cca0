/**
 * Latest prices from Alpaca's market data. The price is the middle of bid and ask; a quote that lacks one of them has no
 * price that a decision could rest on, and is left out. Its age is told by the server's clock, never by this host's.
 */
import { fromNanos, numberToDecimal, toNanos } from '../../domain/decimal.ts';
import { WorkstealError } from '../../domain/errors.ts';
import { cryptoPair, isCryptoSymbol } from '../../domain/symbol.ts';
import type { BrokerQuote } from '../port.ts';
import type { AlpacaHttp } from './http.ts';
import { QuotesAnswer } from './wire.ts';

const BATCH = 200;

type Source = { path: string; query: Readonly<Record<string, string>>; spell: (symbol: string) => string };

/** `feed=iex`: what every account may read; SIP needs a subscription. */
const STOCKS: Source = { path: '/v2/stocks/quotes/latest', query: { feed: 'iex' }, spell: (symbol) => symbol };
const CRYPTOS: Source = { path: '/v1beta3/crypto/us/latest/quotes', query: {}, spell: withSlash };

/** Latest prices of symbols in the ledger's spelling; what has no usable price is left out. */
export async function quotes(http: AlpacaHttp, symbols: readonly string[], signal?: AbortSignal): Promise<BrokerQuote[]> {
  const wanted = [...new Set(symbols)];
  const cryptos = wanted.filter(isCryptoSymbol);
  const stocks = wanted.filter((symbol) => !isCryptoSymbol(symbol));
  const found: BrokerQuote[] = [];
  for (const [source, list] of [
    [STOCKS, stocks],
    [CRYPTOS, cryptos],
  ] as const) {
    for (let from = 0; from < list.length; from += BATCH) {
      found.push(...(await latest(http, source, list.slice(from, from + BATCH), signal)));
    }
  }
  return found;
}

async function latest(http: AlpacaHttp, source: Source, symbols: readonly string[], signal?: AbortSignal): Promise<BrokerQuote[]> {
  const { path } = source;
  const query = { ...source.query, symbols: symbols.map(source.spell).join(',') };
  const { body, dateMs } = await http.read({ path, query, priority: 'query', signal }, QuotesAnswer);
  if (dateMs === undefined) throw new WorkstealError('unclear', `broker: the answer to GET ${path} has no date, so its quotes have no age`);
  return symbols.flatMap((symbol) => {
    const quote = body.quotes[source.spell(symbol)] ?? body.quotes[symbol];
    const price = quote && middle(quote.bp, quote.ap);
    const ageMs = dateMs - Date.parse(quote?.t ?? '');
    // The server's date is cut to the second: a quote of this very second may seem to come from the future.
    return price === undefined || Number.isNaN(ageMs) ? [] : [{ symbol, price, ageMs: Math.max(0, ageMs) }];
  });
}

/** The middle, to nine decimals; undefined where there is no bid, no ask, or more decimals than can be taken. */
function middle(bid: number, ask: number): string | undefined {
  if (!(bid > 0 && ask > 0)) return undefined;
  try {
    return fromNanos((toNanos(numberToDecimal(bid, 'bid')) + toNanos(numberToDecimal(ask, 'ask'))) / 2n);
  } catch {
    return undefined;
  }
}

function withSlash(symbol: string): string {
  const pair = cryptoPair(symbol);
  return pair === undefined ? symbol : `${pair.base}/${pair.quote}`;
}
