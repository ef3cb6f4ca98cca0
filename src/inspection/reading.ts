/**
 * Runs lua/redis-cli/<name>.lua, the same scripts that redis-cli runs. They return cells (`view`) or values
 * (`json`), and they alone decide what is shown.
 */
import { z } from 'zod';
import { WorkstealError } from '../domain/errors.ts';
import { intendedSymbol, isSymbol } from '../domain/symbol.ts';
import { unavailable } from '../ledger/answer.ts';
import { key } from '../ledger/keys.ts';
import type { Ledger } from '../ledger/ledger.ts';
import { evaluateReadOnly } from '../ledger/read-only.ts';
import { inspectionText } from '../ledger/scripts.ts';
import { knownFault } from '../redis/connection-fault.ts';

/**
 * A table, a list of facts or sentences, as rows of cells. `head`: empty for no header. `align`: l or r per
 * column. `importance`: 1 to 9 per column; a narrow terminal drops the highest first, and 1 never. `more`:
 * how many rows are left out.
 */
export type Section = {
  title: string | null;
  head: string[];
  align: string;
  rows: string[][];
  importance: number[];
  more: number;
};

/** The values of a reading as one JSON object. */
export type Values = Readonly<Record<string, unknown>>;

export type Question = {
  script: 'status' | 'plans' | 'steals' | 'regret' | 'orders' | 'fights' | 'waiting' | 'why' | 'audit';
  words: readonly string[];
};

const sectionsSchema = z.array(
  z.object({
    title: z.string().nullable(),
    head: z.array(z.string()),
    align: z.string(),
    rows: z.array(z.array(z.string())),
    importance: z.array(z.number()),
    more: z.number(),
  }),
);
const valuesSchema = z.record(z.string(), z.unknown());

/**
 * The sections to show on a terminal.
 * @throws WorkstealError `unknown` (no such account, order or plan), `invalid`, `unavailable`, `damaged`
 */
export async function readSections(ledger: Ledger, question: Question): Promise<Section[]> {
  return sectionsSchema.parse(JSON.parse(await ask(ledger, question, 'view')));
}

/**
 * The same as values: micro-USD and milliseconds as numbers, decimals as text.
 * @throws WorkstealError as readSections
 */
export async function readValues(ledger: Ledger, question: Question): Promise<Values> {
  return valuesSchema.parse(JSON.parse(await ask(ledger, question, 'json')));
}

const MAX_MESSAGE_CHARS = 400;

async function ask(ledger: Ledger, { script, words }: Question, format: 'view' | 'json'): Promise<string> {
  const args = [1, key(ledger.account, 'account'), ...words, format];
  try {
    return z.string().parse(await evaluateReadOnly(ledger.redis, textOf(script), args));
  } catch (error) {
    // The message quotes the arguments, which may be long.
    const message = (error as Error).message.slice(0, MAX_MESSAGE_CHARS);
    if (message.startsWith('UNKNOWN '))
      throw new WorkstealError('unknown', message.slice(8), { account: ledger.account });
    if (message.startsWith('USAGE '))
      throw new WorkstealError('invalid', message.slice(6) + hintFor(words), { command: script });
    if (message.startsWith('DAMAGED '))
      throw new WorkstealError('damaged', `${script}: ${message.slice(8)}`, { command: script }, error);
    // A key of another type than the ledger's own, anywhere in the book: the keeper mends it.
    if (/\bWRONGTYPE\b/.test(message))
      throw new WorkstealError('damaged', `${script}: ${message}`, { command: script }, error);
    const isRefusal = (error as Error).name === 'ReplyError' && knownFault({ url: '' }, error) === undefined;
    if (isRefusal || error instanceof z.ZodError)
      throw new WorkstealError('bug', `${script}: ${message}`, { command: script }, error);
    throw unavailable(script, error, ledger.redis);
  }
}

/** How to write a symbol that is in another system's spelling, such as `$AAPL`. */
function hintFor(words: readonly string[]): string {
  const meant = words.map((word) => (isSymbol(word) ? undefined : intendedSymbol(word))).find(Boolean);
  return meant === undefined ? '' : `; did you mean ${meant}?`;
}

const texts = new Map<string, string>();

/** Each script is read from its file once. */
function textOf(script: string): string {
  const known = texts.get(script);
  if (known !== undefined) return known;
  const text = inspectionText(script);
  texts.set(script, text);
  return text;
}
