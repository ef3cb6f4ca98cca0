/** The rule settings of a run, for another terminal: who joins with others files plans, but may not steal. */
import type { SettingRow } from '../../rules/settings.ts';

/** ` NAME=value` of each that differs from its default, behind `export`. */
export const exportedRules = (rules: readonly SettingRow[]): string =>
  rules
    .filter(({ value, fallback }) => value !== fallback)
    .map(({ variable, value }) => ` ${variable}=${quoted(value)}`)
    .join('');

/** For a shell. */
const quoted = (text: string): string =>
  /^[\w.,:/@%+-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`;
