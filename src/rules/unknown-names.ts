/** Warnings about unknown environment variables that look like settings, probably typos. */
import { distance } from 'fastest-levenshtein';
import { shown } from '../domain/shown.ts';

const MAX_WARNINGS = 20;
/** The largest edit distance at which a name is still recognized. */
const MAX_EDITS = 3;

/**
 * One sentence per unknown variable, with the setting that was probably meant.
 * @param isOurs does a name look like one of these settings?
 * @param known the names of all settings of this kind
 * @param others names of further settings, which may have been meant
 */
export function unknownNames(
  env: Readonly<Record<string, string | undefined>>,
  isOurs: (name: string) => boolean,
  known: readonly string[],
  others: readonly string[] = [],
): string[] {
  return Object.keys(env)
    .filter((name) => env[name] !== undefined && isOurs(name) && !known.includes(name))
    .sort()
    .slice(0, MAX_WARNINGS)
    .map((name) => {
      const nearest = nearestName(name, [...known, ...others]);
      const hint = nearest === undefined ? '`worksteal config` lists the names' : `did you mean ${nearest}?`;
      return `${shown(name)} is not a setting and has no effect; ${hint}`;
    });
}

const PREFIX = /^WORK_?STEAL(ING)?_/;

/** The most similar known name, also behind another prefix of ours; undefined if none is similar. */
export function nearestName(name: string, known: readonly string[]): string | undefined {
  const upper = name.toUpperCase();
  const [, rest = ''] = upper.split(PREFIX.exec(upper)?.[0] ?? '\0');
  const [best] = known
    .map((one) => ({ one, edits: one.replace(PREFIX, '') === rest ? 0 : distance(upper, one) }))
    .filter(({ edits }) => edits <= MAX_EDITS)
    .sort((a, b) => a.edits - b.edits);
  return best?.one;
}
