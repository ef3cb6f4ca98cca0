/** The rules of an account as the ledger has them, in the names of the settings. */
import { fromNanos } from '../domain/decimal.ts';
import type { Fields } from '../ledger/reply.ts';

const asItIs = (text: string): string => text;
const inSeconds = (ms: string): string => fromNanos(BigInt(ms) * 1_000_000n);
const withCommas = (list: string): string => list.replaceAll(';', ',');

/**
 * Field of `ws:{ACCOUNT}:settings` -> variable. These are what a decision reads; pools and their leverage are
 * recorded with each decision.
 */
const VARIABLES: readonly (readonly [field: string, variable: string, how: (text: string) => string])[] = [
  ['enabled', 'WORK_STEALING_ENABLED', asItIs],
  ['dry_run', 'WORK_STEALING_DRY_RUN', asItIs],
  ['gate', 'WORK_STEALING_TOLERANCE', asItIs],
  ['protection', 'WORK_STEALING_PROTECTION', asItIs],
  ['cooldown_ms', 'WORK_STEALING_COOLDOWN', inSeconds],
  ['improvement', 'WORK_STEALING_MIN_PNL_IMPROVEMENT', asItIs],
  ['fight_threshold', 'WORK_STEALING_FIGHT_THRESHOLD', asItIs],
  ['fight_window_ms', 'WORK_STEALING_FIGHT_WINDOW', inSeconds],
  ['fight_cooldown_ms', 'WORK_STEALING_FIGHT_COOLDOWN', inSeconds],
  ['max_victims', 'WORK_STEALING_MAX_VICTIMS', asItIs],
  ['quote_max_age_ms', 'WORK_STEALING_QUOTE_MAX_AGE', inSeconds],
  ['history_ttl_ms', 'WORK_STEALING_HISTORY_TTL', inSeconds],
  ['policy', 'WORK_STEALING_POLICY', asItIs],
  ['short_margin', 'WORK_STEALING_SHORT_MARGIN', asItIs],
  ['half_life_ms', 'WORK_STEALING_PNL_HALF_LIFE', inSeconds],
  ['min_residency_ms', 'WORK_STEALING_MIN_RESIDENCY', inSeconds],
  ['max_robbed', 'WORK_STEALING_MAX_ROBBED', asItIs],
  ['robbed_window_ms', 'WORK_STEALING_ROBBED_WINDOW', inSeconds],
  ['budget', 'WORK_STEALING_BUDGET', asItIs],
  ['budget_window_ms', 'WORK_STEALING_BUDGET_WINDOW', inSeconds],
  ['partial', 'WORK_STEALING_PARTIAL', asItIs],
  ['partial_min', 'WORK_STEALING_PARTIAL_MIN', asItIs],
  ['vip', 'WORK_STEALING_VIP_SYMBOLS', withCommas],
];

/** What `replay --set` may change: what a decision reads, and the leverage of `total`. */
export const CHANGEABLE: readonly string[] = [
  ...VARIABLES.map(([, variable]) => variable),
  'WORK_STEALING_LEVERAGE',
];

/** The rules of the hash, as an environment. A rule that an older version did not have is left out. */
export function rulesOf(settings: Fields): Record<string, string> {
  return Object.fromEntries(
    VARIABLES.flatMap(([field, variable, how]) => {
      const text = settings[field];
      return text === undefined || text === '' ? [] : [[variable, how(text)] as const];
    }),
  );
}
