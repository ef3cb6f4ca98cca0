/**
 * A symbol's bars and plans as integers: prices in nanos, times in minutes since 1970. Arrays have an entry
 * for each bar. Whatever an entry says of a bar's plan was known before the bar began.
 */
import { WorkstealError } from '../domain/errors.ts';
import { DRAW, draw, fraction, keyOf } from './draw.ts';
import { MOST_SHARE, type RunOptions, type SymbolBars } from './types.ts';

const MINUTE_MS = 60_000;
const HOUR_MINUTES = 60;
const NANOS = 1e9;
/** The kernel's prices are integers below 2^52. */
const MOST_NANOS = 2 ** 52;

/** Of the weighted mean of squared returns that is a bar's volatility. */
const HALF_LIFE_BARS = 24;
const LEAST_RETURNS = 12;

/** Where a file has no limits: how far the limit is below the close, and the target above, in deviations. */
const PLAN = { nearest: 0.2, furthest: 1.5, target: 0.5 } as const;

export type Series = {
  readonly symbol: string;
  readonly key: number;
  readonly crypto: boolean;
  readonly count: number;
  readonly startMinute: Float64Array;
  readonly open: Float64Array;
  readonly high: Float64Array;
  readonly low: Float64Array;
  readonly close: Float64Array;
  /** Deviation of an hour's log return, from the bars before; 0 while these are too few. */
  readonly sigma: Float64Array;
  /** The plan for this bar; 0: none. */
  readonly limit: Float64Array;
  readonly target: Float64Array;
  /** target / limit - 1 */
  readonly forecast: Float64Array;
  /** The plan's notional as a share of the equity; 0: it says none. */
  readonly share: Float64Array;
  readonly minutes: readonly (ArrayLike<number> | undefined)[];
};

/** @throws WorkstealError `invalid`, naming the symbol and the bar. */
export function seriesOf(bars: SymbolBars, options: Pick<RunOptions, 'seed' | 'from' | 'to'>): Series {
  const count = bars.bars.length;
  const series: Series = {
    symbol: bars.symbol,
    key: keyOf(bars.symbol),
    crypto: bars.crypto,
    count,
    startMinute: new Float64Array(count),
    open: new Float64Array(count),
    high: new Float64Array(count),
    low: new Float64Array(count),
    close: new Float64Array(count),
    sigma: new Float64Array(count),
    limit: new Float64Array(count),
    target: new Float64Array(count),
    forecast: new Float64Array(count),
    share: new Float64Array(count),
    minutes: bars.minutes ?? [],
  };
  for (const [at, bar] of bars.bars.entries()) {
    const where = `${bars.symbol}, bar of ${new Date(bar.startMs).toISOString()}`;
    series.startMinute[at] = bar.startMs / MINUTE_MS;
    series.open[at] = nanosOf(bar.open, `${where}: open`);
    series.high[at] = nanosOf(bar.high, `${where}: high`);
    series.low[at] = nanosOf(bar.low, `${where}: low`);
    series.close[at] = nanosOf(bar.close, `${where}: close`);
    const next = bars.bars[at + 1];
    if (bar.startMs % MINUTE_MS !== 0) throw fault(where, 'does not begin on a minute');
    if (next !== undefined && next.startMs < bar.startMs + HOUR_MINUTES * MINUTE_MS)
      throw fault(where, 'is followed by one less than an hour later');
    if (bar.low > bar.high) throw fault(where, `low ${bar.low} is above high ${bar.high}`);
    const minutes = series.minutes[at];
    if (minutes !== undefined && minutes.length !== HOUR_MINUTES)
      throw fault(where, `${minutes.length} minutes, not 60`);
  }
  measure(series);
  plan(series, bars, options);
  return series;
}

/** Each bar's volatility, from the returns that ended before it. */
function measure({ count, close, sigma }: Series): void {
  const kept = 0.5 ** (1 / HALF_LIFE_BARS);
  let [sum, weight, returns] = [0, 0, 0];
  for (let at = 2; at < count; at++) {
    const change = Math.log((close[at - 1] ?? 1) / (close[at - 2] ?? 1));
    sum = kept * sum + change * change;
    weight = kept * weight + 1;
    returns++;
    if (returns >= LEAST_RETURNS) sigma[at] = Math.sqrt(sum / weight);
  }
}

/** The bar before says it, where no hour lies between the two; or each bar has its own. */
function plan(
  series: Series,
  { limits, plans, symbol }: SymbolBars,
  { seed, from = -Infinity, to = Infinity }: Pick<RunOptions, 'seed' | 'from' | 'to'>,
): void {
  const { count, startMinute } = series;
  for (let at = plans === undefined ? 1 : 0; at < count; at++) {
    const minute = startMinute[at] ?? 0;
    if (plans === undefined && minute !== (startMinute[at - 1] ?? 0) + HOUR_MINUTES) continue;
    if (minute * MINUTE_MS < from || minute * MINUTE_MS >= to) continue;
    if (limits === undefined && plans === undefined) {
      makePlan(series, at, seed);
      continue;
    }
    const said = plans === undefined ? limits?.[at - 1] : plans[at];
    if (said === undefined) continue;
    const where = `${symbol}, plan for ${new Date(minute * MINUTE_MS).toISOString()}`;
    const { share = 0 } = said;
    if (!(share >= 0 && share <= MOST_SHARE)) throw fault(`${where}: share`, `${share} is not from 0 to 100`);
    series.share[at] = share;
    setPlan(series, at, nanosOf(said.limit, `${where}: limit`), nanosOf(said.target, `${where}: target`));
  }
}

/** From the volatility of the past, by seed; none while that is not known. */
function makePlan(series: Series, at: number, seed: number): void {
  const deviation = series.sigma[at] ?? 0;
  if (deviation === 0) return;
  const close = series.close[at - 1] ?? 0;
  const drawn = fraction(draw(seed, DRAW.plan, series.key, series.startMinute[at] ?? 0));
  const below = PLAN.nearest * (PLAN.furthest / PLAN.nearest) ** drawn;
  setPlan(
    series,
    at,
    Math.round(close * Math.exp(-below * deviation)),
    Math.round(close * Math.exp(PLAN.target * deviation)),
  );
}

function setPlan(series: Series, at: number, limit: number, target: number): void {
  series.limit[at] = limit;
  series.target[at] = target;
  series.forecast[at] = target / limit - 1;
}

function nanosOf(price: number, what: string): number {
  const nanos = Math.round(price * NANOS);
  if (nanos > 0 && nanos < MOST_NANOS) return nanos;
  throw fault(what, `${price} is not a price above 0 and below ${Math.floor(MOST_NANOS / NANOS)}`);
}

function fault(what: string, is: string): WorkstealError {
  return new WorkstealError('invalid', `${what} ${is}`, { field: 'market', value: what });
}
