/** The market that a command is asked about, and what is told of it. */
import { statSync } from 'node:fs';
import type { z } from 'zod';
import { WorkstealError } from '../../domain/errors.ts';
import { controlMarket } from '../../evidence/control-market.ts';
import { readMarket } from '../../evidence/read-market.ts';
import type { Market } from '../../evidence/types.ts';
import { readJournalMarket } from '../../journal/market.ts';
import type { EVIDENCE_DATA } from '../../json/evaluate.ts';
import type { Source } from './options.ts';

/** As long as the made-up markets of `--demo` are. */
const DEMO_DAYS = 60;
const DAY_MS = 86_400_000;

export type Data = z.output<typeof EVIDENCE_DATA>;
export type Asked = { market: Market; data: Data };

/** @throws WorkstealError `invalid` as `readMarket` and `readJournalMarket` */
export async function askedMarket(source: NonNullable<Source>, seed: number): Promise<Asked> {
  if ('demo' in source) {
    const market = controlMarket({ kind: source.demo, seed, days: DEMO_DAYS });
    return { market, data: dataOf(market, `made-up market: ${source.demo}`, 0) };
  }
  const [first = '', ...more] = source.data;
  if (more.length === 0 && !isFile(first)) {
    const { market, unusable } = readMarket(first);
    return { market, data: dataOf(market, first, unusable) };
  }
  const { market, facts } = await readJournalMarket(source.data);
  const name = more.length === 0 ? first : `${first} and ${more.length} more`;
  return { market, data: { ...dataOf(market, name, 0), plans: 'journal', paths: 'journal', journal: facts } };
}

const NO_PLAN: Readonly<Record<Data['plans'], string>> = {
  rows: 'a plan is for the bar an hour after its row, and no row with limits has one',
  made: 'without limits in the rows a plan needs 13 bars of its symbol before it, the last an hour before',
  both: 'no row with limits has a bar an hour later, and no file without limits has 14 bars',
  journal: 'no plan of the journal lies in a bar',
};

/** @throws WorkstealError `invalid` where no day has a plan */
export function requireDays(days: number, { name, plans }: Data): void {
  if (days > 0) return;
  const why = `${name}: no plan could be judged: ${NO_PLAN[plans]}; give more bars`;
  throw new WorkstealError('invalid', why, { field: 'data', value: name });
}

/** What is no file is read as a folder, and refused as one where it is none. */
const isFile = (path: string): boolean => statSync(path, { throwIfNoEntry: false })?.isFile() ?? false;

function dataOf({ symbols }: Market, name: string, unusable: number): Data {
  const days = new Set(
    symbols.flatMap(({ bars }) => bars.map(({ startMs }) => Math.floor(startMs / DAY_MS))),
  );
  const sorted = [...days].sort((a, b) => a - b);
  return {
    name,
    symbols: symbols.length,
    bars: symbols.reduce((sum, { bars }) => sum + bars.length, 0),
    days: days.size,
    fromMs: (sorted[0] ?? 0) * DAY_MS,
    toMs: ((sorted.at(-1) ?? -1) + 1) * DAY_MS,
    plans: allOrSome(
      symbols.map(({ limits }) => limits !== undefined),
      'rows',
      'made',
    ),
    paths: allOrSome(
      symbols.map(({ minutes }) => minutes !== undefined),
      'data',
      'model',
    ),
    unusable,
    journal: null,
  };
}

/** `both` where some have it and some have not. */
function allOrSome<Word extends string>(has: readonly boolean[], all: Word, none: Word): Word | 'both' {
  if (has.every(Boolean)) return all;
  return has.some(Boolean) ? 'both' : none;
}
