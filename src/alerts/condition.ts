/** What alerts are about: the findings of `worksteal check` that are not well. */
import type { Finding } from '../inspection/check/finding.ts';

/** `key`: the same for a fault, whatever its words are now. `cause`: '' where a check has one alone. */
export type Condition = { key: string; check: string; cause: string; words: string; next: string };

/** `sure`: the checks that were made; of any other nothing is known. */
export type Seen = { bad: readonly Condition[]; sure: ReadonlySet<string> };

/** @param ignored names of checks that nobody wants to hear of */
export function seenIn(findings: readonly Finding[], ignored: readonly string[] = []): Seen {
  const heard = findings.filter(({ check }) => !ignored.includes(check));
  return {
    bad: heard
      .filter(({ well }) => well === false)
      .map(({ check, cause = '', words, next }) => {
        const key = cause === '' ? check : `${check}.${cause}`;
        return { key, check, cause, words, next };
      }),
    sure: new Set(heard.filter(({ well }) => well !== null).map(({ check }) => check)),
  };
}
