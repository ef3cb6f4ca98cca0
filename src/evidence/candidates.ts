/** What a tuner may pick: policies and thresholds that a fleet can be set to. */
import { seededRandom } from '../prices/random.ts';
import { POLICIES as LIVE_POLICIES, SETTING_TABLE, type SettingKey } from '../rules/setting-table.ts';
import { NONE } from './policies.ts';
import { DEFAULT_RULES, type EvidenceRules, type Policy } from './types.ts';

/** `settings`: variable -> its text, of what differs from the defaults. */
export type Candidate = { policy: Policy; settings: Readonly<Record<string, string>> };

type Choice = {
  rule: keyof EvidenceRules;
  setting: SettingKey;
  /** The default is among them. */
  values: readonly (number | boolean)[];
};

const SECOND_MS = 1_000;

/** In the order in which they are tried. */
const CHOICES: readonly Choice[] = [
  { rule: 'improvement', setting: 'minImprovement', values: [1.1, 1.5, 3] },
  { rule: 'tolerance', setting: 'gate', values: [0.003, 0.0015, 0.006] },
  { rule: 'protection', setting: 'protection', values: [0.004, 0.008, 0.0035] },
  { rule: 'halfLifeMs', setting: 'pnlHalfLifeMs', values: [0, 1_800_000, 14_400_000] },
  { rule: 'residencyMs', setting: 'minResidencyMs', values: [0, 300_000, 1_800_000] },
  { rule: 'cooldownMs', setting: 'cooldownMs', values: [300_000, 60_000, 900_000] },
  { rule: 'partial', setting: 'partial', values: [false, true] },
];

/** By distance no improvement is asked for, and no forecast is compared. */
const WITHOUT_EFFECT: Readonly<Record<string, readonly (keyof EvidenceRules)[]>> = {
  distance: ['improvement', 'halfLifeMs'],
};

/**
 * `none` first, then no stealing with the queue, each live policy with its defaults, with one threshold
 * changed, and at last with several, at random by seed; `most` in all.
 */
export function candidates(most: number, seed: number): Candidate[] {
  const found = new Map<string, Candidate>();
  const add = (one: Candidate): void => {
    if (found.size < most && isSane(one.policy.rules)) found.set(one.policy.name, one);
  };
  add({ policy: { name: NONE, kind: 'none', rules: {} }, settings: { WORK_STEALING_ENABLED: '0' } });
  add({ policy: { name: 'queue', kind: 'queue', rules: {} }, settings: { WORK_STEALING_ENABLED: '0' } });
  for (const kind of LIVE_POLICIES) add(candidate(kind, {}));
  for (const choice of CHOICES)
    for (const kind of LIVE_POLICIES)
      for (const value of choice.values.slice(1)) {
        if (!WITHOUT_EFFECT[kind]?.includes(choice.rule)) add(candidate(kind, { [choice.rule]: value }));
      }
  const random = seededRandom(seed);
  // Most draws are new; a bound keeps it from searching for what does not exist.
  for (let drawn = 0; found.size < most && drawn < 20 * most; drawn += 1) {
    const kind = pick(LIVE_POLICIES, random.next());
    const choices = CHOICES.filter(({ rule }) => !WITHOUT_EFFECT[kind]?.includes(rule));
    add(
      candidate(
        kind,
        Object.fromEntries(choices.map(({ rule, values }) => [rule, pick(values, random.next())])),
      ),
    );
  }
  return [...found.values()];
}

function candidate(kind: (typeof LIVE_POLICIES)[number], chosen: Partial<EvidenceRules>): Candidate {
  const rules: Partial<Record<keyof EvidenceRules, number | boolean>> = {};
  const settings: Record<string, string> = { [SETTING_TABLE.policy.variable]: kind };
  const words: string[] = [];
  for (const { rule, setting } of CHOICES) {
    const value = chosen[rule];
    if (value === undefined || value === DEFAULT_RULES[rule]) continue;
    rules[rule] = value;
    const text = textOf(rule, value);
    settings[SETTING_TABLE[setting].variable] = text;
    words.push(`${rule.replace(/Ms$/, '')} ${text}`);
  }
  return {
    policy: { name: [kind, ...words].join(', '), kind, rules: rules as Partial<EvidenceRules> },
    settings,
  };
}

/** As a settings file has it: seconds, shares, 0 and 1. */
function textOf(rule: keyof EvidenceRules, value: number | boolean): string {
  if (typeof value === 'boolean') return value ? '1' : '0';
  return String(rule.endsWith('Ms') ? value / SECOND_MS : value);
}

/** A thief that just entered can't be robbed at once. */
function isSane({ tolerance, protection }: Partial<EvidenceRules>): boolean {
  return (tolerance ?? DEFAULT_RULES.tolerance) < (protection ?? DEFAULT_RULES.protection);
}

const pick = <T>(list: readonly T[], share: number): T => list[Math.floor(share * list.length)] as T;
