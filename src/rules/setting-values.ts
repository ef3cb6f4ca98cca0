/** The rule settings as the value that is passed down (docs/rules.md, 2). Units are last in the names. */
import type { Pool } from './setting-kinds.ts';
import type { Policy } from './setting-table.ts';

/** Deeply frozen. Tolerances, leverages and factors are exact decimal strings in their shortest form. */
export type Settings = {
  readonly enabled: boolean;
  readonly dryRun: boolean;
  /** `total` is always the first; then the further pools in the order of the setting. */
  readonly pools: readonly [Pool, ...Pool[]];
  /** Steal gate, as a share of the limit. */
  readonly gate: string;
  /** Protection, as a share of the limit. */
  readonly protection: string;
  readonly cooldownMs: number;
  /** At least 1: 1.1 means a tenth better. */
  readonly minImprovement: string;
  readonly fightThreshold: number;
  readonly fightWindowMs: number;
  readonly fightCooldownMs: number;
  readonly maxVictims: number;
  /** Must buys of crypto also fit in the cash that the broker reports? */
  readonly cash: boolean;
  /** How long a plan that did not use its steal may not steal again; 0: no such pause. */
  readonly unusedPauseMs: number;
  /** A short sale counts at the last price plus this share, if that is above its limit; 0: at its limit. */
  readonly shortMargin: string;
  readonly quoteMaxAgeMs: number;
  /**
   * A price further than this share from the last one is doubted until a later one confirms it; 0: never.
   */
  readonly quoteMaxJump: string;
  readonly historyTtlMs: number;
  readonly policy: Policy;
  /** In which a positive PnL counts half as much, as a victim's; 0: never. */
  readonly pnlHalfLifeMs: number;
  /** A younger order is no victim; 0: no such rule. */
  readonly minResidencyMs: number;
  /** So many steals from a symbol within `robbedWindowMs` protect it; 0: no such rule. */
  readonly maxRobbed: number;
  readonly robbedWindowMs: number;
  /** Share of the cap of `total` that steals may take within `budgetWindowMs`; '0': no such rule. */
  readonly budget: string;
  readonly budgetWindowMs: number;
  /** Does a steal's best victim keep what is not needed? */
  readonly partial: boolean;
  /** The least that is kept, as a share of the victim's quantity. */
  readonly partialMin: string;
  /** For so long it is watched what a steal comes to; at most `historyTtlMs`. */
  readonly regretWindowMs: number;
  /** Sorted, the ledger's spelling. */
  readonly vipSymbols: readonly string[];
  /** Sorted, the ledger's spelling. */
  readonly cryptoSymbols: readonly string[];
  readonly cryptoNormalTolerance: string;
  readonly cryptoOutOfHoursTolerance: string;
  readonly cryptoForceCount: number;
  /** One-off closures of the exchange besides those in `holidays.ts`, `yyyy-mm-dd`, sorted. */
  readonly nyseClosures: readonly string[];
};
