/** The settings that a decision reads, as integers: shares in nanos of one, times in milliseconds. */

/**
 * How candidates rank, the worst first (docs/rules.md, 7). `lot`: by a number that the caller draws for each
 * order; nobody needs to be beaten. It stands beside the ledger's policies, for comparison.
 */
export type Ranking = 'pnl' | 'distance' | 'lot';

export type KernelRules = {
  readonly ranking: Ranking;
  readonly cooldownMs: number;
  /** What a thief must have more, as a share of the victim's: 100,000,000 for a setting of 1.1. */
  readonly margin: number;
  readonly fightThreshold: number;
  readonly fightWindowMs: number;
  readonly fightCooldownMs: number;
  readonly maxVictims: number;
  /** 0: a forecast does not fade. */
  readonly halfLifeMs: number;
  readonly residencyMs: number;
  /** 0: no limit. */
  readonly maxRobbed: number;
  readonly robbedWindowMs: number;
  /** Share of the budget's cap; 0: no budget. */
  readonly budget: number;
  readonly budgetWindowMs: number;
  /** The least share of its quantity that a victim keeps; -1: nobody keeps anything. */
  readonly partialMin: number;
};
