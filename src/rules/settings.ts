/**
 * The rule settings: read once, from the environment and then from an optional file. All faults are
 * collected into one error, relations are checked, and the frozen value is passed down (docs/rules.md, 2).
 */
import { createHash } from 'node:crypto';
import type { z } from 'zod';
import { WorkstealError } from '../domain/errors.ts';
import { shown } from '../domain/shown.ts';
import { NO_FILE, type SettingsFile } from './setting-file.ts';
import { relate } from './setting-relations.ts';
import { SETTING_KEYS, SETTING_TABLE, type SettingKey } from './setting-table.ts';
import type { Settings } from './setting-values.ts';
import { nearestName, unknownNames } from './unknown-names.ts';

export type { Pool } from './setting-kinds.ts';
export type { Policy } from './setting-table.ts';
export type { Settings } from './setting-values.ts';

/** Variables and their texts: `process.env`, or a test's own. */
export type Env = Readonly<Record<string, string | undefined>>;

/** One setting as `worksteal config` shows it. `value` is the text in force. */
export type SettingRow = {
  variable: string;
  value: string;
  /** `default`, `environment`, or the file and line: `rules.env:3`. */
  source: string;
  fallback: string;
  unit: string;
  meaning: string;
};

type Values = { [K in SettingKey]: z.output<(typeof SETTING_TABLE)[K]['schema']> };

const MAX_TEXT = 20_000;

/**
 * A setting's text and its source: the environment first, then the file, then the default. Blank counts as
 * unset (compose files pass unset variables on as blanks).
 */
function given(env: Env, file: SettingsFile, key: SettingKey): { text: string; source: string } {
  const { variable, fallback } = SETTING_TABLE[key];
  const fromEnv = env[variable]?.trim();
  if (fromEnv) return { text: fromEnv, source: 'environment' };
  const line = file.entries.get(variable);
  const fromFile = line?.text.trim();
  return line && fromFile ? { text: fromFile, source: line.at } : { text: fallback, source: 'default' };
}

function build(values: Values): Settings {
  const { leverage, pools, ...rest } = values;
  const total = Object.freeze({ name: 'total', ...leverage });
  return Object.freeze({ ...rest, pools: Object.freeze([total, ...pools] as const) });
}

/**
 * Reads the settings. `warnings` are sentences for the log: unwise relations, and unknown WORK_STEALING_*
 * variables.
 * @throws WorkstealError `settings`: one line for every fault; `details` maps each faulty variable to its
 *   value.
 */
export function readSettings(
  env: Env,
  file: SettingsFile = NO_FILE,
): { settings: Settings; warnings: readonly string[] } {
  const faults: string[] = [...file.faults];
  const details: Record<string, string> = {};
  const unread = new Set<SettingKey>();
  const values: Partial<Record<SettingKey, unknown>> = {};
  for (const key of SETTING_KEYS) {
    const { variable, fallback, schema } = SETTING_TABLE[key];
    const { text, source } = given(env, file, key);
    const result = text.length > MAX_TEXT ? null : schema.safeParse(text);
    if (result?.success) {
      values[key] = result.data;
      continue;
    }
    const why =
      result?.error.issues[0]?.message ?? `has ${text.length} characters; write at most ${MAX_TEXT}`;
    faults.push(`${source.includes(':') ? `${source}: ` : ''}${variable}="${shown(text)}" ${why}`);
    details[variable] = text.slice(0, 200);
    unread.add(key);
    values[key] = schema.parse(fallback);
  }
  const settings = build(values as Values); // every key was set by the loop
  const { errors, warnings } = relate(settings, unread);
  faults.push(...errors);
  if (faults.length > 0) {
    const head =
      faults.length === 1 ? '1 fault in the settings:' : `${faults.length} faults in the settings:`;
    throw new WorkstealError('settings', [head, ...faults.map((fault) => `  ${fault}`)].join('\n'), details);
  }
  return { settings, warnings: Object.freeze([...unknownRuleVariables(env), ...warnings]) };
}

/** Every rule setting's variable. */
export const RULE_VARIABLES: readonly string[] = SETTING_KEYS.map((key) => SETTING_TABLE[key].variable);

/** WORK_STEALING_*, however it is written, and what is nearly one of the other variables. */
function isOurs(name: string): boolean {
  const upper = name.toUpperCase();
  if (/^WORK_?STEALING_|^WORK_STEAL_/.test(upper)) return true;
  return /^(CRYPTO|NYSE)_/.test(upper) && nearestName(name, RULE_VARIABLES) !== undefined;
}

/** Sentences about variables that look like a rule setting, and are none. */
export function unknownRuleVariables(env: Env): string[] {
  return unknownNames(env, isOurs, RULE_VARIABLES);
}

/**
 * 16 hex digits, equal exactly when two hosts have the same rule settings (however spelled). A fleet uses it
 * to notice a host with other rules.
 */
export function fingerprint(settings: Settings): string {
  const pools = [...settings.pools].sort((a, b) => (a.name < b.name ? -1 : 1));
  const sorted = Object.entries({ ...settings, pools }).sort(([a], [b]) => (a < b ? -1 : 1));
  return createHash('sha256').update(JSON.stringify(sorted)).digest('hex').slice(0, 16);
}

/**
 * Each setting with its text in force and its source, in the table's order. Validates nothing.
 */
export function describeSettings(env: Env, file: SettingsFile = NO_FILE): SettingRow[] {
  return SETTING_KEYS.map((key) => {
    const { variable, fallback, unit, meaning } = SETTING_TABLE[key];
    const { text, source } = given(env, file, key);
    return { variable, value: text, source, fallback, unit, meaning };
  });
}
