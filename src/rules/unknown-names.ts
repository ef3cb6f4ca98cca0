/** Warnings about unknown environment variables that look like settings, probably typos. */
import { shown } from '../domain/shown.ts';

const MAX_WARNINGS = 20;
/** The largest edit distance at which a name is still recognized. */
const MAX_EDITS = 3;

/**
 * One sentence per unknown variable, with the setting that was probably meant.
 * @param isOurs does a name look like one of these settings?
 * @param known the names of all settings
 */
export function unknownNames(
  env: Readonly<Record<string, string | undefined>>,
  isOurs: (name: string) => boolean,
  known: readonly string[],
): string[] {
  return Object.keys(env)
    .filter((name) => env[name] !== undefined && isOurs(name) && !known.includes(name))
    .sort()
    .slice(0, MAX_WARNINGS)
    .map((name) => {
      const nearest = nearestName(name, known);
      const hint = nearest === undefined ? '`worksteal config` lists the names' : `did you mean ${nearest}?`;
      return `${shown(name)} is not a setting and has no effect; ${hint}`;
    });
}

/** The most similar known name; undefined if none is similar. */
export function nearestName(name: string, known: readonly string[]): string | undefined {
  const [best] = known
    .map((one) => ({ one, edits: editsBetween(name, one) }))
    .filter(({ edits }) => edits <= MAX_EDITS)
    .sort((a, b) => a.edits - b.edits);
  return best?.one;
}

/** The Levenshtein distance; MAX_EDITS + 1 if the lengths differ by more than MAX_EDITS. */
function editsBetween(a: string, b: string): number {
  if (Math.abs(a.length - b.length) > MAX_EDITS) return MAX_EDITS + 1;
  let before = Array.from({ length: b.length + 1 }, (_, at) => at);
  for (const [row, letter] of [...a].entries()) {
    const now = [row + 1];
    for (const [at, other] of [...b].entries()) {
      const changed = (before[at] ?? 0) + (letter === other ? 0 : 1);
      now.push(Math.min(changed, (before[at + 1] ?? 0) + 1, (now[at] ?? 0) + 1));
    }
    before = now;
  }
  return before[b.length] ?? 0;
}
