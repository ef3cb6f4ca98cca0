/**
 * Runs all policies and sizes over one market, on one draw of its paths. A day at a time: its prices are made
 * once, then each account goes through its minutes. Only the past of a minute decides in it.
 */
import { WorkstealError } from '../domain/errors.ts';
import { MarketCalendar } from '../rules/session.ts';
import { Account, type Stage } from './account.ts';
import { DAY_MINUTES, Day, type EntryRule } from './day.ts';
import { FillTable } from './fill-table.ts';
import { Paths } from './paths.ts';
import { Prospects } from './prospects.ts';
import { type Series, seriesOf } from './series.ts';
import { assertSizes } from './sizes.ts';
import type { Market, Policy, RunOptions, SeedResult } from './types.ts';

const MINUTE_MS = 60_000;

/** The defaults of docs/settings.md (docs/rules.md, 11.2 and 11.3). */
const BY_THE_CLOCK: EntryRule = { normal: 0.0066, wide: 0.016, forced: 1 };

/**
 * One path seed. The runs are in the order of the policies, each with its sizes in their order. `onProgress`
 * gets the share that is done, 0..1.
 * @throws WorkstealError `invalid` for a market or options that can't be run; it names what and where.
 */
export function runSeed(
  market: Market,
  options: RunOptions,
  onProgress?: (share: number) => void,
): SeedResult {
  assertOptions(market, options);
  const { policies, sizes, seed } = options;
  const series = market.symbols.map((one) => seriesOf(one, options));
  assertSizes(sizes, series);
  const days = daysOf(series, options);
  const paths = new Paths(series, seed);
  const rules: EntryRule[] = [];
  const nearOf = policies.map((policy) => ruleIndex(policy, rules));
  const isLearning = options.learns === true || policies.some(({ kind }) => kind === 'expected');
  const table = isLearning ? new FillTable() : undefined;
  const day = new Day({
    series,
    paths,
    rules,
    table,
    calendar: new MarketCalendar(),
    seed,
  });
  const dayStartsMs: number[] = [];
  const stage: Stage = { series, prospects: new Prospects(series, paths), day, seed, days: days.traded };
  const accounts = policies.flatMap((policy, at) =>
    sizes.map((size) => new Account(policy, size, nearOf[at] as number, stage)),
  );
  for (const [at, { minute, isTraded }] of days.all.entries()) {
    if (!isTraded && !isLearning) continue;
    day.load(minute);
    if (isTraded) {
      for (const account of accounts) account.runDay(dayStartsMs.length);
      dayStartsMs.push(minute * MINUTE_MS);
    }
    onProgress?.((at + 1) / days.all.length);
  }
  return {
    dayStartsMs,
    runs: accounts.map((account) => account.result()),
    ...(options.learns === true && table !== undefined ? { fills: table.counts } : {}),
  };
}

type Days = { readonly all: { minute: number; isTraded: boolean }[]; readonly traded: number };

/** The UTC days with a bar, up to the end of the run, by their first minutes. `isTraded`: it has a plan. */
function daysOf(series: readonly Series[], { to = Infinity }: RunOptions): Days {
  const traded = new Map<number, boolean>();
  for (const { startMinute, limit } of series) {
    for (const [bar, minute] of startMinute.entries()) {
      if (minute * MINUTE_MS >= to) break;
      const day = minute - (minute % DAY_MINUTES);
      traded.set(day, (traded.get(day) ?? false) || (limit[bar] ?? 0) > 0);
    }
  }
  const all = [...traded].sort(([a], [b]) => a - b).map(([minute, isTraded]) => ({ minute, isTraded }));
  return { all, traded: all.filter(({ isTraded }) => isTraded).length };
}

/** The index of the policy's entry rule among those that are found so far; adds it if it is new. */
function ruleIndex({ entryTolerance }: Policy, rules: EntryRule[]): number {
  const rule =
    entryTolerance === undefined ? BY_THE_CLOCK : { normal: entryTolerance, wide: entryTolerance, forced: 0 };
  const known = rules.findIndex(({ normal, wide }) => normal === rule.normal && wide === rule.wide);
  if (known >= 0) return known;
  rules.push(rule);
  return rules.length - 1;
}

function assertOptions({ symbols }: Market, { policies, seed }: RunOptions): void {
  const names = policies.map(({ name }) => name);
  const twice = names.find((name, at) => names.indexOf(name) !== at);
  if (symbols.length === 0) throw invalid('market', 'has no symbols');
  if (policies.length === 0) throw invalid('policies', 'are none');
  if (twice !== undefined) throw invalid('policies', `two are named ${twice}`);
  if (!Number.isSafeInteger(seed)) throw invalid('seed', `${seed} is not a whole number`);
}

function invalid(field: string, message: string): WorkstealError {
  return new WorkstealError('invalid', `${field}: ${message}`, { field });
}
