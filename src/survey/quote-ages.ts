/** How old the quotes of some symbols are. */
import { answerOf } from '../ledger/answer.ts';
import { key } from '../ledger/keys.ts';
import type { Ledger } from '../ledger/ledger.ts';
import { freshPrice, readQuotes } from '../mirror/prices.ts';

const PAGE = 500;

export type QuoteAges = { agesMs: number[]; stale: number };

/**
 * @param healthMs the server's clock
 * @throws WorkstealError `unavailable`
 */
export async function quoteAges(
  ledger: Ledger,
  symbols: readonly string[],
  healthMs: number,
): Promise<QuoteAges> {
  const { redis } = ledger;
  const maxAgeMs = Number(
    await answerOf('survey', redis.hget(key(ledger.account, 'settings'), 'quote_max_age_ms')),
  );
  const texts: Record<string, string> = {};
  for (let from = 0; from < symbols.length; from += PAGE) {
    const page = symbols.slice(from, from + PAGE);
    const found = await answerOf('survey', redis.hmget(key(ledger.account, 'quotes'), ...page));
    for (const [at, symbol] of page.entries()) texts[symbol] = found[at] ?? '';
  }
  const quotes = readQuotes(texts);
  return {
    agesMs: [...quotes.values()].map(({ atMs }) => Math.max(0, healthMs - atMs)),
    stale: symbols.filter((symbol) => freshPrice(quotes.get(symbol), healthMs, maxAgeMs) === null).length,
  };
}
