/**
 * Every rule setting: its variable, default, unit and meaning (docs/rules.md, 2). The one place where a
 * name or a default is written; reading, checking, `worksteal config` and the tests go through this table.
 */
import {
  choice,
  count,
  days,
  factor,
  flag,
  leverage,
  pools,
  seconds,
  share,
  symbols,
} from './setting-kinds.ts';

/**
 * How victims rank: by forecasted PnL, by distance from their limit, or by PnL x the probability that their
 * limit trades.
 */
export const POLICIES = ['pnl', 'distance', 'expected'] as const;
export type Policy = (typeof POLICIES)[number];

/** The most that WORK_STEALING_MAX_VICTIMS may be: more would make one decision too slow. */
export const MAX_VICTIMS_LIMIT = 8;

/** The most traded pairs against the dollar. They matter only where the broker gives no asset class. */
const MAJORS =
  'AAVE ADA AVAX BAT BCH BTC CRV DOGE DOT ETH GRT LINK LTC MKR PEPE SHIB SOL SUSHI TRX UNI XLM XRP XTZ YFI'
    .split(' ')
    .map((base) => `${base}USD`);

const DAY = '86400';
const WEEK = '604800';
const YEAR = '31536000';

/** Key -> how the setting is read. `Settings` has the same keys, but its `pools` begin with `leverage`. */
export const SETTING_TABLE = {
  enabled: {
    variable: 'WORK_STEALING_ENABLED',
    fallback: '1',
    unit: '',
    schema: flag(),
    meaning: '0: no stealing; the cap still holds',
  },
  dryRun: {
    variable: 'WORK_STEALING_DRY_RUN',
    fallback: '0',
    unit: '',
    schema: flag(),
    meaning: '1: decide and report, change nothing',
  },
  leverage: {
    variable: 'WORK_STEALING_LEVERAGE',
    fallback: '2',
    unit: 'x equity',
    schema: leverage(),
    meaning: 'cap of the total pool; 4/2: 4 in market hours, 2 out of them',
  },
  pools: {
    variable: 'WORK_STEALING_POOLS',
    fallback: '',
    unit: 'x equity',
    schema: pools(),
    meaning: 'further pools, e.g. crypto:1,stock:4/2',
  },
  cash: {
    variable: 'WORK_STEALING_CASH',
    fallback: '1',
    unit: '',
    schema: flag(),
    meaning: '1: buys of crypto must also fit in the cash that the broker reports; 0: no such limit',
  },
  gate: {
    variable: 'WORK_STEALING_TOLERANCE',
    fallback: '0.003',
    unit: 'of limit',
    schema: share(),
    meaning: 'steal gate: a thief is at most this far from its limit',
  },
  protection: {
    variable: 'WORK_STEALING_PROTECTION',
    fallback: '0.004',
    unit: 'of limit',
    schema: share(),
    meaning: 'an order at most this far from its limit cannot be a victim',
  },
  cooldownMs: {
    variable: 'WORK_STEALING_COOLDOWN',
    fallback: '300',
    unit: 's',
    schema: seconds('0', DAY),
    meaning: 'a symbol that was stolen from is left alone this long',
  },
  minImprovement: {
    variable: 'WORK_STEALING_MIN_PNL_IMPROVEMENT',
    fallback: '1.1',
    unit: 'x',
    schema: factor('1', '1000'),
    meaning: 'a thief must be this much better',
  },
  fightThreshold: {
    variable: 'WORK_STEALING_FIGHT_THRESHOLD',
    fallback: '3',
    unit: 'steals',
    schema: count(1, 100),
    meaning: 'this many steals between two symbols are a fight',
  },
  fightWindowMs: {
    variable: 'WORK_STEALING_FIGHT_WINDOW',
    fallback: '1800',
    unit: 's',
    schema: seconds('0', DAY),
    meaning: 'steals this old still count for a fight',
  },
  fightCooldownMs: {
    variable: 'WORK_STEALING_FIGHT_COOLDOWN',
    fallback: '1800',
    unit: 's',
    schema: seconds('0', DAY),
    meaning: 'both symbols of a fight are protected this long',
  },
  maxVictims: {
    variable: 'WORK_STEALING_MAX_VICTIMS',
    fallback: '3',
    unit: 'orders',
    schema: count(1, MAX_VICTIMS_LIMIT),
    meaning: 'victims of one steal',
  },
  unusedPauseMs: {
    variable: 'WORK_STEALING_UNUSED_PAUSE',
    fallback: '180',
    unit: 's',
    schema: seconds('0', DAY),
    meaning:
      'a plan that did not use what it stole, or whose order was refused, may not steal for this ' +
      'long; doubled each time in a row',
  },
  shortMargin: {
    variable: 'WORK_STEALING_SHORT_MARGIN',
    fallback: '0.03',
    unit: 'of price',
    schema: share(),
    meaning:
      'a short sale counts at the last price plus this share, where that is above its limit; 0: at its limit',
  },
  quoteMaxAgeMs: {
    variable: 'WORK_STEALING_QUOTE_MAX_AGE',
    fallback: '15',
    unit: 's',
    schema: seconds('0.001', DAY),
    meaning: 'older quotes are ignored',
  },
  quoteMaxJump: {
    variable: 'WORK_STEALING_QUOTE_MAX_JUMP',
    fallback: '0.2',
    unit: 'of price',
    schema: share(),
    meaning: 'a price further than this from the last one is doubted until a later one confirms it; 0: never',
  },
  historyTtlMs: {
    variable: 'WORK_STEALING_HISTORY_TTL',
    fallback: '3600',
    unit: 's',
    schema: seconds('1', WEEK),
    meaning: 'steal history is kept this long',
  },
  policy: {
    variable: 'WORK_STEALING_POLICY',
    fallback: 'pnl',
    unit: '',
    schema: choice(POLICIES),
    meaning: 'how victims rank: pnl, distance, or expected (PnL x the probability of a fill)',
  },
  pnlHalfLifeMs: {
    variable: 'WORK_STEALING_PNL_HALF_LIFE',
    fallback: '0',
    unit: 's',
    schema: seconds('0', YEAR),
    meaning:
      'in this time the PnL above 0 of an order that waits counts half as much against a thief; 0: never',
  },
  minResidencyMs: {
    variable: 'WORK_STEALING_MIN_RESIDENCY',
    fallback: '0',
    unit: 's',
    schema: seconds('0', WEEK),
    meaning: 'an order younger than this cannot be a victim',
  },
  maxRobbed: {
    variable: 'WORK_STEALING_MAX_ROBBED',
    fallback: '0',
    unit: 'steals',
    schema: count(0, 1000),
    meaning: 'a symbol that was stolen from this often within the window is left alone; 0: no such limit',
  },
  robbedWindowMs: {
    variable: 'WORK_STEALING_ROBBED_WINDOW',
    fallback: '3600',
    unit: 's',
    schema: seconds('0', WEEK),
    meaning: 'steals this old still count for WORK_STEALING_MAX_ROBBED',
  },
  budget: {
    variable: 'WORK_STEALING_BUDGET',
    fallback: '0',
    unit: 'of cap',
    schema: factor('0', '1000'),
    meaning: 'steals take at most this share of the cap within the window; 0: no such limit',
  },
  budgetWindowMs: {
    variable: 'WORK_STEALING_BUDGET_WINDOW',
    fallback: '3600',
    unit: 's',
    schema: seconds('0', WEEK),
    meaning: 'what steals this old took still counts for WORK_STEALING_BUDGET',
  },
  partial: {
    variable: 'WORK_STEALING_PARTIAL',
    fallback: '0',
    unit: '',
    schema: flag(),
    meaning: '1: what a steal frees beyond the need goes back to its best victim, as a smaller order',
  },
  partialMin: {
    variable: 'WORK_STEALING_PARTIAL_MIN',
    fallback: '0.25',
    unit: 'of quantity',
    schema: share('the quantity', '0.25 for a quarter'),
    meaning: 'a smaller order than this share of the victim is not worth keeping',
  },
  regretWindowMs: {
    variable: 'WORK_STEALING_REGRET_WINDOW',
    fallback: '3600',
    unit: 's',
    schema: seconds('1', WEEK),
    meaning: 'for so long it is watched what a steal comes to: whether its victims would have filled',
  },
  vipSymbols: {
    variable: 'WORK_STEALING_VIP_SYMBOLS',
    fallback: '',
    unit: '',
    schema: symbols(),
    meaning: 'never victims',
  },
  cryptoSymbols: {
    variable: 'CRYPTO_SYMBOLS',
    fallback: MAJORS.join(','),
    unit: '',
    schema: symbols(),
    meaning: 'what counts as crypto where the broker gives no asset class',
  },
  cryptoNormalTolerance: {
    variable: 'CRYPTO_NORMAL_TOLERANCE',
    fallback: '0.0066',
    unit: 'of limit',
    schema: share(),
    meaning: 'entry tolerance in market hours, and of stocks always',
  },
  cryptoOutOfHoursTolerance: {
    variable: 'CRYPTO_OUT_OF_HOURS_TOLERANCE',
    fallback: '0.016',
    unit: 'of limit',
    schema: share(),
    meaning: 'entry tolerance of cryptos out of hours',
  },
  cryptoForceCount: {
    variable: 'CRYPTO_OUT_OF_HOURS_FORCE_COUNT',
    fallback: '1',
    unit: 'symbols',
    schema: count(0, 1000),
    meaning: 'this many top cryptos enter at once out of hours',
  },
  nyseClosures: {
    variable: 'NYSE_CLOSURES',
    fallback: '',
    unit: 'yyyy-mm-dd',
    schema: days(),
    meaning: 'further days without a core session; a broker calendar takes precedence',
  },
} as const;

export type SettingKey = keyof typeof SETTING_TABLE;
export const SETTING_KEYS = Object.keys(SETTING_TABLE) as SettingKey[];
