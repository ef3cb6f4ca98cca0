/** The market that a command is asked about, and what is told of it. */
import type { z } from 'zod';
import { controlMarket } from '../../evidence/control-market.ts';
import { readMarket } from '../../evidence/read-market.ts';
import type { Market } from '../../evidence/types.ts';
import type { EVIDENCE_DATA } from '../../json/evaluate.ts';
import type { Source } from './options.ts';

/** As long as the made-up markets of `--demo` are. */
const DEMO_DAYS = 60;
const DAY_MS = 86_400_000;

export type Data = z.output<typeof EVIDENCE_DATA>;
export type Asked = { market: Market; data: Data };

/** @throws WorkstealError `invalid` as `readMarket` */
export function askedMarket(source: NonNullable<Source>, seed: number): Asked {
  if ('dir' in source) {
    const { market, unusable } = readMarket(source.dir);
    return { market, data: dataOf(market, source.dir, unusable) };
  }
  const market = controlMarket({ kind: source.demo, seed, days: DEMO_DAYS });
  return { market, data: dataOf(market, `made-up market: ${source.demo}`, 0) };
}

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
  };
}

/** `both` where some have it and some have not. */
function allOrSome<Word extends string>(has: readonly boolean[], all: Word, none: Word): Word | 'both' {
  if (has.every(Boolean)) return all;
  return has.some(Boolean) ? 'both' : none;
}
