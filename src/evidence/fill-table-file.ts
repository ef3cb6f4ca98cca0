/**
 * The table of fills as a file: what `worksteal tune --export` writes and `worksteal plan --fill-table`
 * reads. Each symbol has its own deviation of an hour, since the table counts distances in deviations.
 */
import { readFileSync, statSync } from 'node:fs';
import { z } from 'zod';
import { WorkstealError } from '../domain/errors.ts';
import { unreadable } from '../domain/file-fault.ts';
import { shown } from '../domain/shown.ts';
import { issueWords } from '../rules/issue-words.ts';
import { CELL, DISTANCES, type FillCounts, FillTable, TIMES } from './fill-table.ts';
import { seriesOf } from './series.ts';
import type { Market } from './types.ts';

const MAX_BYTES = 4 * 1024 * 1024;

const cells = z.array(z.array(z.number().min(0)).length(DISTANCES)).length(TIMES.length);
const same = <T extends number>(value: T) => z.literal(value, { error: `is not ${value}` });

const FILE = z.strictObject({
  type: z.literal('fill_table', { error: 'is not "fill_table"' }),
  version: same(1),
  data: z.string(),
  days: z.int().min(0),
  /** Upper edges of the rows, and the width of a column in deviations. */
  minutesLeft: z
    .array(z.number())
    .refine((edges) => `${edges}` === `${TIMES}`, { error: `is not [${TIMES.join(', ')}]` }),
  cellDeviations: same(CELL),
  /** Minutes, means over the path seeds. */
  seen: cells,
  traded: cells,
  hourlyDeviations: z.record(z.string(), z.number().positive()),
});
export type FillTableFile = z.output<typeof FILE>;

/** `deviations`: of an hour's return, by symbol. */
export type LearnedFills = { table: FillTable; deviations: ReadonlyMap<string, number> };

/** @param counts sums over `seeds` path seeds */
export function fillTableFile(
  counts: FillCounts,
  { market, name, days, seeds }: { market: Market; name: string; days: number; seeds: number },
): string {
  const rows = (all: Float64Array): number[][] =>
    TIMES.map((_, at) =>
      Array.from(all.subarray(at * DISTANCES, (at + 1) * DISTANCES), (sum) => Math.round(sum / seeds)),
    );
  const file: FillTableFile = {
    ...{ type: 'fill_table', version: 1, data: name, days },
    minutesLeft: [...TIMES],
    cellDeviations: CELL,
    seen: rows(counts.seen),
    traded: rows(counts.traded),
    hourlyDeviations: Object.fromEntries(lastDeviations(market)),
  };
  const lines = Object.entries(file).map(([field, value]) => {
    const isTable = field === 'seen' || field === 'traded';
    const text = isTable
      ? `[\n${(value as number[][]).map((row) => `    ${JSON.stringify(row)}`).join(',\n')}\n  ]`
      : JSON.stringify(value);
    return `  ${JSON.stringify(field)}: ${text}`;
  });
  return `{\n${lines.join(',\n')}\n}\n`;
}

/** As it was at the end of the bars; without symbols of too few. */
function lastDeviations({ symbols }: Market): [string, number][] {
  return symbols.flatMap((one): [string, number][] => {
    const sigma = seriesOf(one, { seed: 0 }).sigma.at(-1) ?? 0;
    return sigma > 0 ? [[one.symbol, Number(sigma.toPrecision(6))]] : [];
  });
}

/** @throws WorkstealError `invalid`, with file and field, for what is no such table */
export function readFillTable(file: string): LearnedFills {
  let text: string;
  try {
    if (statSync(file).size > MAX_BYTES) throw fault(file, `it is larger than ${MAX_BYTES} bytes`);
    text = readFileSync(file, 'utf8');
  } catch (error) {
    throw error instanceof WorkstealError ? error : unreadable(file, error);
  }
  let raw: unknown;
  try {
    raw = JSON.parse(text);
  } catch (error) {
    throw fault(file, `it is not JSON (${(error as Error).message})`);
  }
  const parsed = FILE.safeParse(raw, { error: issueWords });
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    throw fault(file, `${issue?.path.join('.') || 'it'} ${issue?.message ?? 'is no table'}`);
  }
  const { seen, traded, hourlyDeviations } = parsed.data;
  for (const [row, counts] of seen.entries())
    for (const [at, count] of counts.entries())
      if ((traded[row]?.[at] ?? 0) > count)
        throw fault(file, `traded.${row}.${at} is above seen.${row}.${at}`);
  const table = new FillTable({
    seen: Float64Array.from(seen.flat()),
    traded: Float64Array.from(traded.flat()),
  });
  return { table, deviations: new Map(Object.entries(hourlyDeviations)) };
}

function fault(file: string, what: string): WorkstealError {
  const name = shown(file, 1_000);
  const message = `${name}: ${what}; such a table is written by worksteal tune --export`;
  return new WorkstealError('invalid', message, { field: 'fillTable', value: name });
}
