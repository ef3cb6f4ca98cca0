/**
 * The optional file of rule settings: one `WORK_STEALING_COOLDOWN=60` per line, quoted or not, with comments
 * after `#`. The environment takes precedence. A line that is not a setting is a fault: somebody wrote it to
 * have an effect.
 */
import { parseEnv } from 'node:util';
import { shown } from '../domain/shown.ts';
import { SETTING_KEYS, SETTING_TABLE } from './setting-table.ts';
import { nearestName } from './unknown-names.ts';

/**
 * `entries`: variable -> its text and its line (`rules.env:3`). `faults`: sentences, each with its line.
 */
export type SettingsFile = {
  readonly entries: ReadonlyMap<string, { readonly text: string; readonly at: string }>;
  readonly faults: readonly string[];
};

export const NO_FILE: SettingsFile = { entries: new Map(), faults: [] };

const MAX_LINES = 1_000;

/** The name that was probably meant, or where the names are. */
function hint(variable: string, known: readonly string[]): string {
  const nearest = nearestName(variable, known);
  return nearest === undefined ? '`worksteal config` lists the names' : `did you mean ${nearest}?`;
}

/**
 * Parses a file's text; messages call the file `name`. Never throws: errors are in `faults`. Does not
 * validate the values.
 */
export function parseSettingsFile(name: string, text: string): SettingsFile {
  const lines = text.split(/\r?\n/);
  if (lines.length > MAX_LINES)
    return { ...NO_FILE, faults: [`${name} has ${lines.length} lines; write at most ${MAX_LINES}`] };
  const known = new Set<string>(SETTING_KEYS.map((key) => SETTING_TABLE[key].variable));
  const entries = new Map<string, { text: string; at: string }>();
  const faults: string[] = [];
  for (const [index, line] of lines.entries()) {
    const at = `${name}:${index + 1}`;
    if (/^\s*(#.*)?$/.test(line)) continue;
    const [entry, ...more] = Object.entries(parseEnv(line));
    const variable = entry?.[0] ?? '';
    const before = entries.get(variable);
    if (entry === undefined || more.length > 0)
      faults.push(`${at} is not NAME=value; write e.g. WORK_STEALING_COOLDOWN=300`);
    else if (!known.has(variable))
      faults.push(`${at} sets ${shown(variable)}, which is not a setting; ${hint(variable, [...known])}`);
    else if (before) faults.push(`${at} sets ${variable} a second time (first at ${before.at}); keep one`);
    else entries.set(variable, { text: entry[1] ?? '', at });
  }
  return { entries, faults };
}
