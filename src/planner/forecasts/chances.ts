/**
 * Fill probabilities from a learned table, for rows that name none: by how far the ledger's price is from the
 * limit and by the time that the plan has. They are those of the filing; a plan that is kept keeps its own.
 */
import { fromNanos } from '../../domain/decimal.ts';
import type { LearnedFills } from '../../evidence/fill-table-file.ts';
import { answerOf } from '../../ledger/answer.ts';
import type { TermedPlan } from '../../ledger/commands/plan-series.ts';
import { key } from '../../ledger/keys.ts';
import type { Ledger } from '../../ledger/ledger.ts';
import { freshPrice, readQuotes } from '../../mirror/prices.ts';
import type { AskedRow } from './forecast-set.ts';

const PAGE = 500;
const MINUTE_MS = 60_000;
const MAX_NAMED = 10;

export type ChanceParts = {
  ledger: Ledger;
  fills: LearnedFills;
  /** The ledger's clocks. */
  nowMs: number;
  healthMs: number;
  quoteMaxAgeMs: number;
};

/**
 * The rows with their probabilities, and warnings: rows of symbols without a price or a deviation count as
 * sure to trade, as they would without a table.
 * @throws WorkstealError `unavailable`
 */
export async function withChances(
  rows: readonly AskedRow[],
  parts: ChanceParts,
): Promise<{ rows: AskedRow[]; warnings: string[] }> {
  const { fills, nowMs } = parts;
  const unsaid = rows.filter(({ unsure }) => unsure);
  const prices = await freshPrices([...new Set(unsaid.map(({ plan }) => plan.symbol))], parts);
  const left = { price: new Set<string>(), deviation: new Set<string>() };
  const filled = rows.map((row): AskedRow => {
    if (!row.unsure) return row;
    const { plan } = row;
    const [price, deviation] = [prices.get(plan.symbol), fills.deviations.get(plan.symbol)];
    if (deviation === undefined) left.deviation.add(plan.symbol);
    else if (price === undefined) left.price.add(plan.symbol);
    if (deviation === undefined || price === undefined) return row;
    return { ...row, plan: { ...plan, fillProbability: chanceOf(plan, price, deviation, nowMs, fills) } };
  });
  return {
    rows: filled,
    warnings: [
      ...warning(left.deviation, 'the table of fills does not know'),
      ...warning(left.price, 'the ledger has no fresh price of'),
    ],
  };
}

function chanceOf(
  { side, limit, expiresAtMs }: TermedPlan,
  price: number,
  deviation: number,
  nowMs: number,
  { table }: LearnedFills,
): string {
  const ratio = side === 'buy' ? price / Number(limit) : Number(limit) / price;
  const minutes = (expiresAtMs - nowMs) / MINUTE_MS;
  return fromNanos(BigInt(table.within(ratio, deviation, minutes)));
}

async function freshPrices(
  symbols: readonly string[],
  { ledger, healthMs, quoteMaxAgeMs }: ChanceParts,
): Promise<Map<string, number>> {
  const prices = new Map<string, number>();
  for (let from = 0; from < symbols.length; from += PAGE) {
    const page = symbols.slice(from, from + PAGE);
    const found = await answerOf('quotes', ledger.redis.hmget(key(ledger.account, 'quotes'), ...page));
    const texts = Object.fromEntries(page.map((symbol, at) => [symbol, found[at] ?? '']));
    for (const [symbol, quote] of readQuotes(texts)) {
      const price = freshPrice(quote, healthMs, quoteMaxAgeMs);
      if (price !== null) prices.set(symbol, Number(price));
    }
  }
  return prices;
}

function warning(symbols: ReadonlySet<string>, why: string): string[] {
  if (symbols.size === 0) return [];
  const named = [...symbols].slice(0, MAX_NAMED).join(', ');
  const more = symbols.size > MAX_NAMED ? ` and ${symbols.size - MAX_NAMED} more` : '';
  return [`${why} ${named}${more}: such rows count as sure to trade`];
}
