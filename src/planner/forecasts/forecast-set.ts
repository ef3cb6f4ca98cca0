/**
 * A set of forecasts: the plans that all its rows ask for, its invalid rows, and what must stay unchanged
 * because of them.
 */
import { WorkstealError } from '../../domain/errors.ts';
import { shown } from '../../domain/shown.ts';
import type { TermedPlan } from '../../ledger/commands/plan-series.ts';
import { askedPlan, type Moment, seriesKey } from './asked-plan.ts';
import { type ForecastDefaults, readForecast, readSeriesName } from './forecast.ts';
import { type RawRow, type RawRows, type RowFault, rowFault } from './rows.ts';

/** `unsure`: the row names no fill probability. */
export type AskedRow = { line: number; plan: TermedPlan; unsure: boolean };

export type ForecastSet = {
  asked: AskedRow[];
  /** In order of their lines. */
  faults: RowFault[];
  warnings: string[];
  /** Series of invalid rows (seriesKey): they stay as they are. */
  held: ReadonlySet<string>;
  /**
   * False where the series of an invalid row is unknown: the row may be about any plan that is not in the
   * set.
   */
  complete: boolean;
  strategies: string[];
};

/** `warnOfDoubles`: whether several rows for one series cause a warning. */
export type SetOptions = ForecastDefaults & Moment & { warnOfDoubles: boolean };

const MAX_WARNINGS = 20;

export function forecastSet(raw: RawRows, options: SetOptions): ForecastSet {
  const faults = [...raw.faults];
  const held = new Map<string, number>();
  const asked = new Map<string, AskedRow>();
  const doubles: string[] = [];
  let complete = raw.faults.length === 0;
  let rounded = 0;
  const rowOf = new Map<string, number>();
  for (const [at, row] of raw.rows.entries()) {
    try {
      if (row.unsupported !== undefined) throw new WorkstealError('invalid', row.unsupported.join('; '));
      const forecast = readForecast(row.values, options);
      const series = seriesKey(forecast);
      const before = raw.rows[rowOf.get(series) ?? -1];
      const plan = askedPlan(forecast, options);
      if (before !== undefined) doubles.push(doubleRow(plan, before, row));
      asked.set(series, { line: row.line, plan, unsure: row.values.fill_probability === undefined });
      rowOf.set(series, at);
      if (forecast.rounded) rounded += 1;
    } catch (error) {
      if (!(error instanceof WorkstealError) || error.code !== 'invalid') throw error;
      faults.push(rowFault(row.line, error.message, row.place));
      const series = seriesOf(row, options);
      if (series === undefined) complete = false;
      else held.set(series, at);
    }
  }
  for (const [series, at] of held) {
    // The last row of a series counts. If that is invalid, the series stays as it is; if an invalid row has a
    // valid one further down, the valid one is filed.
    if ((rowOf.get(series) ?? -1) > at) held.delete(series);
    else asked.delete(series);
  }
  const rows = [...asked.values()];
  const strategies = new Set([options.strategy, ...rows.map(({ plan }) => plan.strategy)]);
  return {
    asked: rows,
    faults: faults.sort((a, b) => a.line - b.line),
    warnings: [
      ...unknownColumns(raw),
      ...(options.warnOfDoubles ? shortened(doubles) : []),
      ...roundedPrices(rounded),
    ],
    held: new Set(held.keys()),
    complete,
    strategies: [...strategies].sort(),
  };
}

function seriesOf({ values }: RawRow, defaults: ForecastDefaults): string | undefined {
  try {
    return seriesKey(readSeriesName(values, defaults));
  } catch {
    return undefined;
  }
}

function doubleRow({ symbol, side, strategy }: TermedPlan, one: RawRow, later: RawRow): string {
  const of = `${symbol} ${side} of ${strategy}`;
  if (one.place !== undefined && later.place !== undefined)
    return `${one.place} and ${later.place} both forecast ${of}: ${later.place} counts`;
  return `lines ${one.line} and ${later.line} both forecast ${of}: line ${later.line} counts`;
}

function shortened(warnings: readonly string[]): string[] {
  if (warnings.length <= MAX_WARNINGS) return [...warnings];
  return [
    ...warnings.slice(0, MAX_WARNINGS),
    `and ${warnings.length - MAX_WARNINGS} more symbols and sides are forecast twice`,
  ];
}

function unknownColumns({ unknownColumns }: RawRows): string[] {
  if (unknownColumns.length === 0) return [];
  const named = unknownColumns
    .slice(0, MAX_WARNINGS)
    .map((name) => (name === '' ? 'one without a name' : `"${shown(name, 40)}"`));
  return [`unknown columns, which are ignored: ${named.join(', ')}`];
}

function roundedPrices(count: number): string[] {
  return count === 0
    ? []
    : [
        `${count} ${count === 1 ? 'row has' : 'rows have'} numbers that were rounded: limits away ` +
          `from the market to the broker's step, targets beyond it, quantities down`,
      ];
}
