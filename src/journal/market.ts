/**
 * A journal (docs/journal.md) as a market for evaluate and tune: plans, limits, forecasts and sizes from its
 * decisions, prices from the quotes that they saw. Only entries that buy are judged; what else is in it is
 * counted.
 */
import { WorkstealError } from '../domain/errors.ts';
import { isCryptoSymbol } from '../domain/symbol.ts';
import { type Market, MOST_SHARE, type SymbolBars } from '../evidence/types.ts';
import { type Asked, journalBars, type Quote } from './bars.ts';
import { type Left, leftWords } from './left-words.ts';
import { type Recorded, readJournal, requireSequence } from './lines.ts';
import type { DecisionLine } from './seen.ts';

const MOST_QUOTES = 5_000_000;
/** Prices are below: the kernel's are integers of nanos below 2^52. */
const MOST_PRICE = Math.floor(2 ** 52 / 1e9);

/** `left`: plans that are not judged, by why. `unseen`: quotes in no bar. `cutOff`: files. */
export type JournalFacts = {
  decisions: number;
  missing: number;
  cut: number;
  cutOff: number;
  quotes: number;
  unseen: number;
  judged: number;
  left: Left;
};

type Told = { quotes: Quote[]; asked: Asked[] };

/**
 * @param files more than one where a journal was rotated; the oldest first
 * @throws WorkstealError `invalid`, with file, line and field, for what is no journal or can't be right, and
 *   where no plan can be judged
 */
export async function readJournalMarket(
  files: readonly string[],
): Promise<{ market: Market; facts: JournalFacts }> {
  await requireSequence(files);
  const notes = new Notes();
  for (const file of files) {
    notes.begin();
    const { gaps, torn } = await readJournal(file, (recorded) => notes.add(recorded));
    notes.facts.missing += gaps;
    if (torn) notes.facts.cutOff += 1;
  }
  const symbols = [...notes.symbols].flatMap(([symbol, told]) => symbolBars(symbol, told, notes.facts));
  const { facts } = notes;
  if (facts.judged > 0) return { market: { symbols }, facts };
  const { left, decisions, quotes } = facts;
  const why = leftWords(left);
  const found =
    decisions === 0
      ? 'no decision was recorded, so there is no plan to judge; record while plans ask for room'
      : `${decisions} decisions and ${quotes} quotes, and no plan that can be judged` +
        `${why === '' ? '' : ` (${why})`}; record for longer`;
  throw new WorkstealError('invalid', `${files.join(', ')}: ${found}`, {
    field: 'data',
    value: files.join(', '),
  });
}

/** What the lines of all files tell. */
class Notes {
  readonly symbols = new Map<string, Told>();
  readonly facts: JournalFacts = {
    ...{ decisions: 0, missing: 0, cut: 0, cutOff: 0, quotes: 0, unseen: 0, judged: 0 },
    left: { sales: 0, probes: 0, withoutGain: 0, overtaken: 0, unpriced: 0 },
  };
  readonly #plans = new Set<string>();
  #before: { atMs: number; healthMs: number } | undefined;

  /** Another file: nothing is known of the clock before it. */
  begin(): void {
    this.#before = undefined;
  }

  add({ at, line }: Recorded): void {
    this.facts.decisions += 1;
    if (line.cut) this.facts.cut += 1;
    this.#quote(at, line);
    this.#before = line;
    const { wish } = line;
    const plan = wish.plan === '' ? wish.id : wish.plan;
    if (this.#plans.has(plan)) return;
    this.#plans.add(plan);
    if (wish.side === 'sell') this.facts.left.sales += 1;
    else if (wish.mode === 'probe') this.facts.left.probes += 1;
    else this.#ask(at, line);
  }

  /** Quotes carry the time of the server; the age of each is taken off the ledger's time, at its pace. */
  #quote(at: string, { atMs, healthMs, changed }: DecisionLine): void {
    const before = this.#before;
    const isPaced = before !== undefined && healthMs > before.healthMs && atMs > before.atMs;
    const pace = isPaced ? (atMs - before.atMs) / (healthMs - before.healthMs) : 1;
    for (const [symbol, quote] of Object.entries(changed.quotes ?? {})) {
      // Zero is no price (docs/rules.md, 3).
      if (quote === null || Number(quote.price) === 0) continue;
      const price = priceOf(at, `changed.quotes.${symbol}.price`, quote.price);
      const ageMs = Math.max(0, healthMs - quote.atMs);
      this.#told(symbol).quotes.push({ atMs: Math.max(0, atMs - ageMs * pace), price });
      this.facts.quotes += 1;
      if (this.facts.quotes > MOST_QUOTES)
        throw refusal(at, 'changed.quotes', `there are more than ${MOST_QUOTES} quotes; give fewer files`);
    }
  }

  #ask(at: string, { atMs, wish, equityMicros }: DecisionLine): void {
    const limit = priceOf(at, 'wish.limit', wish.limit);
    const qty = Number(wish.qty);
    if (!(qty > 0)) throw refusal(at, 'wish.qty', `"${wish.qty}" is not above 0`);
    const target = limit + Number(wish.pnl) / qty;
    if (target <= limit) {
      this.facts.left.withoutGain += 1;
      return;
    }
    priceOf(at, 'wish.pnl', String(target));
    const share = equityMicros > 0 ? (limit * qty * 1e6) / equityMicros : 0;
    const limits = { limit, target, share: Math.min(share, MOST_SHARE) };
    this.#told(wish.symbol).asked.push({ atMs, limits });
  }

  #told(symbol: string): Told {
    const known = this.symbols.get(symbol);
    if (known !== undefined) return known;
    const told: Told = { quotes: [], asked: [] };
    this.symbols.set(symbol, told);
    return told;
  }
}

/** None without a bar. Adds to the facts. */
function symbolBars(symbol: string, { quotes, asked }: Told, facts: JournalFacts): SymbolBars[] {
  const inTime = (a: { atMs: number }, b: { atMs: number }): number => a.atMs - b.atMs;
  const { bars, plans, minutes, ...counts } = journalBars(quotes.sort(inTime), asked.sort(inTime));
  facts.judged += counts.judged;
  facts.unseen += counts.unseen;
  facts.left.overtaken += counts.overtaken;
  facts.left.unpriced += counts.unpriced;
  if (bars.length === 0) return [];
  return [{ symbol, crypto: isCryptoSymbol(symbol), bars, plans, minutes }];
}

function priceOf(at: string, field: string, text: string): number {
  const price = Number(text);
  if (price > 0 && price < MOST_PRICE) return price;
  throw refusal(at, field, `${text} is not a price above 0 and below ${MOST_PRICE}`);
}

const refusal = (at: string, field: string, what: string): WorkstealError =>
  new WorkstealError('invalid', `${at}: ${field}: ${what}`, { field: 'file', value: at });
