/** The policies that are compared, each with `none`. */
import type { Policy } from './types.ts';

/** What all others are compared with: first come, first served. */
export const NONE = 'none';

/** `up --rules beyond` has the same (src/cli/up/further-rules.ts). */
const BEYOND = { halfLifeMs: 1_800_000, residencyMs: 120_000, maxRobbed: 3, budget: 2, partial: true };

export const POLICIES: readonly Policy[] = [
  { name: NONE, kind: 'none', rules: {} },
  // Orders that are only placed near their limit hold less room: it may do as much as stealing.
  { name: 'none, near', kind: 'none', rules: {}, entryTolerance: 0.003 },
  { name: 'queue', kind: 'queue', rules: {} },
  { name: 'random', kind: 'random', rules: {} },
  { name: 'pnl', kind: 'pnl', rules: {} },
  { name: 'distance', kind: 'distance', rules: {} },
  { name: 'expected', kind: 'expected', rules: {} },
  { name: 'pnl, beyond', kind: 'pnl', rules: BEYOND },
  { name: 'hindsight', kind: 'hindsight', rules: {} },
];

/** What each one does, in words. */
export const POLICY_WORDS: Readonly<Record<string, string>> = {
  [NONE]: 'first come, nobody is robbed',
  'none, near': 'the same, but orders enter only within 0.3 % of their limit',
  queue: 'nobody is robbed; free room goes to the best that waits',
  random: 'takes from anybody, whatever it is worth',
  pnl: 'takes from the lowest forecast',
  distance: 'takes from the furthest from its limit',
  expected: 'as pnl, by forecast x chance of a fill, learned from the past',
  'pnl, beyond': 'as pnl, with half-life, residency, often robbed, budget and partial',
  hindsight: 'impossible: ranks by what each plan will really earn',
};
