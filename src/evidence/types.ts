/**
 * What the evaluation of stealing is asked, and what one run over one market answers (`run.ts`).
 *
 * Prices are doubles in the market's currency; times are milliseconds since 1970, UTC. Money is told as a
 * share of the equity, or in bps (1e-4) of it; the equity stays the same throughout a run.
 */

import type { FillCounts } from './fill-table.ts';

/** One hour. `startMs` is its beginning. Where a file has no open, it is the close of the bar before. */
export type Bar = {
  readonly startMs: number;
  readonly open: number;
  readonly high: number;
  readonly low: number;
  readonly close: number;
};

/**
 * A plan for one bar: enter at `limit`, leave at `target`; both above 0. `share`: its notional as a share of
 * the equity, where the plan says it.
 */
export type BarLimits = { readonly limit: number; readonly target: number; readonly share?: number };

/**
 * One symbol's bars, ascending. `limits`, where given, has an entry for each bar: what it says of the NEXT
 * one. `plans`, given in place of it, has the plan of each bar ITSELF, known before the bar began. Without
 * both the plans are made from the volatility of the past (`series.ts`). `minutes`, where given, has 60
 * prices for each bar whose minutes are known, the price at the end of each minute; other bars get a path of
 * the model (`paths.ts`).
 */
export type SymbolBars = {
  readonly symbol: string;
  readonly crypto: boolean;
  readonly bars: readonly Bar[];
  readonly limits?: readonly (BarLimits | undefined)[];
  readonly plans?: readonly (BarLimits | undefined)[];
  readonly minutes?: readonly (ArrayLike<number> | undefined)[];
};

export type Market = { readonly symbols: readonly SymbolBars[] };

/** The rules of docs/rules.md that a run can vary; times in ms, shares as fractions (0.003). */
export type EvidenceRules = {
  /** The cap, in equities. */
  readonly leverage: number;
  readonly tolerance: number;
  readonly protection: number;
  readonly cooldownMs: number;
  readonly improvement: number;
  readonly fightThreshold: number;
  readonly fightWindowMs: number;
  readonly fightCooldownMs: number;
  readonly maxVictims: number;
  /** 0: forecasts do not fade. */
  readonly halfLifeMs: number;
  readonly residencyMs: number;
  /** 0: a symbol may be robbed as often as the other rules allow. */
  readonly maxRobbed: number;
  readonly robbedWindowMs: number;
  /** Share of the cap; 0: no budget. */
  readonly budget: number;
  readonly budgetWindowMs: number;
  readonly partial: boolean;
  readonly partialMin: number;
  /** Forecasts above this share of the notional rank as this one; 0: no bound. */
  readonly forecastBound: number;
};

/** The defaults of docs/settings.md; nothing beyond the seed's rules is on. */
export const DEFAULT_RULES: EvidenceRules = {
  leverage: 2,
  tolerance: 0.003,
  protection: 0.004,
  cooldownMs: 300_000,
  improvement: 1.1,
  fightThreshold: 3,
  fightWindowMs: 1_800_000,
  fightCooldownMs: 1_800_000,
  maxVictims: 3,
  halfLifeMs: 0,
  residencyMs: 0,
  maxRobbed: 0,
  robbedWindowMs: 3_600_000,
  budget: 0,
  budgetWindowMs: 3_600_000,
  partial: false,
  partialMin: 0.25,
  forecastBound: 0,
};

/**
 * How room is given when it lacks.
 * - `none`: first come, nobody is robbed.
 * - `random`: a random victim, not judged by its forecast.
 * - `pnl`, `distance`: the ledger's policies.
 * - `expected`: PnL x the probability of a fill, learned from bars that are over.
 * - `queue`: nobody is robbed; free room goes to the best plan that waits.
 * - `hindsight`: ranks by what each plan will really earn. Impossible; the upper bound.
 */
export type PolicyKind = 'none' | 'random' | 'pnl' | 'distance' | 'expected' | 'queue' | 'hindsight';

/**
 * `name` is what results are filed under; it is unique in a run. `rules` differ from `DEFAULT_RULES`.
 * `entryTolerance`, where given, takes the place of the entry tolerances of docs/rules.md, 11, and nothing
 * enters at once.
 */
export type Policy = {
  readonly name: string;
  readonly kind: PolicyKind;
  readonly rules: Partial<EvidenceRules>;
  readonly entryTolerance?: number;
};

/** The notional of every order, as a share of the equity; or what each plan says. */
export type Size = number | 'plans';
export const MOST_SHARE = 100;

/**
 * `sizes`: each is a run of its own. `seed`: of
 * the paths, of who asks first, of the plans that are made and of random victims; equal seeds give equal
 * results, bit for bit. `from`, `to`: only bars that start in [from, to) are traded; earlier bars are read
 * for the past alone.
 */
export type RunOptions = {
  readonly policies: readonly Policy[];
  readonly sizes: readonly Size[];
  readonly seed: number;
  readonly from?: number;
  readonly to?: number;
  /** Whether the result has the table of fills that policy `expected` learns. */
  readonly learns?: boolean;
};

export type Fate = 'filled' | 'missed' | 'robbed';

/** A victim of a steal, as it stood at that minute. */
export type VictimRecord = {
  readonly symbol: string;
  /** What it held, share of equity. */
  readonly share: number;
  /** Its forecast, bps of equity; not faded, not capped. */
  readonly forecastBps: number;
  /** How far the price was from its limit, a fraction. */
  readonly distance: number;
  /** Did its limit trade after the cancel, within its plan's life, 1 h, 24 h? */
  readonly tradedInPlan: boolean;
  readonly traded1h: boolean;
  readonly traded24h: boolean;
  /** What it would have returned, had it stayed: bps of equity; 0 if its limit did not trade. */
  readonly returnBps: number;
};

/** One steal. `day` indexes `dayStartsMs`. */
export type StealRecord = {
  readonly atMs: number;
  readonly day: number;
  readonly thief: string;
  readonly share: number;
  readonly forecastBps: number;
  readonly victims: readonly VictimRecord[];
  /** What became of the thief's order. */
  readonly fate: Fate;
  /** The thief's return if its limit traded in its plan, else 0; gross bps of equity. */
  readonly returnBps: number;
  /** `returnBps` less the sum of the victims' `returnBps`. */
  readonly worthBps: number;
};

/**
 * Minutes in which at least one plan within its entry tolerance lacks room, and why it could take none. A
 * minute counts once per reason.
 */
export type BlockedMinutes = {
  readonly any: number;
  /** Further from its limit than the steal gate. */
  readonly tooFar: number;
  /** No order of another symbol is in the book: positions alone fill it. */
  readonly onlyPositions: number;
  /** Orders are there, and none may be a victim: near their limit, cooling down, in a fight. */
  readonly protected: number;
  readonly fighting: number;
  readonly notBetter: number;
  readonly notEnough: number;
  readonly tooManyVictims: number;
  readonly budget: number;
};

/** Fills whose value lies in [edges[i - 1], edges[i]); the first bin is below all edges, the last above. */
export type CalibrationBin = {
  count: number;
  /** Of the returns given a fill, in bps of the notional. */
  sumBps: number;
  sumSquaresBps: number;
  /** Of the forecasts, in bps of the notional. */
  sumForecastBps: number;
  /** Orders that were placed, whether they filled or not. */
  placed: number;
};

export type Calibration = {
  /** By how far the price was from the limit when the order was placed. */
  readonly byDistance: { readonly edges: readonly number[]; readonly bins: readonly CalibrationBin[] };
  /** By the forecast, as a share of the notional. */
  readonly byForecast: { readonly edges: readonly number[]; readonly bins: readonly CalibrationBin[] };
};

/** One policy at one size. Arrays have a number for each day of `dayStartsMs`. */
export type PolicyRun = {
  readonly policy: string;
  readonly size: Size;
  /** Gross PnL by the UTC day of the entry, bps of equity. */
  readonly days: Float64Array;
  /** Notional filled by the day of the entry, entry and exit, share of equity: cost = c bps x turnover. */
  readonly turnover: Float64Array;
  readonly steals: readonly StealRecord[];
  /** Share of the cap: mean over the minutes of the run, and the highest. */
  readonly use: { readonly mean: number; readonly max: number; readonly positionsMean: number };
  readonly blockedMinutes: BlockedMinutes;
  /** Minutes in which at least one symbol had a bar. */
  readonly minutes: number;
  readonly fills: number;
  /** Orders that were placed. */
  readonly placed: number;
  readonly calibration: Calibration;
};

/**
 * `dayStartsMs`: the UTC days of the run, ascending, each with at least one plan. `fills`: what was learned
 * of fills, where the options ask for it.
 */
export type SeedResult = {
  readonly dayStartsMs: number[];
  readonly runs: PolicyRun[];
  readonly fills?: FillCounts;
};
