/** Findings as lines, and as the exit code of `worksteal check` and `doctor`. */

import type { Finding } from '../../inspection/check/finding.ts';
import type { Env } from '../../rules/settings.ts';
import { colorsFor } from '../inspect/render.ts';
import { padded } from '../table.ts';
import { wrapped } from '../terminal/width.ts';

const WELL = 0;
const NOT_WELL = 1;
const CANT_SAY = 2;

/** The exit code: 0 well, 1 not well, 2 unknown. */
export function verdictOf(findings: readonly Finding[]): number {
  if (findings.some(({ well }) => well === false)) return NOT_WELL;
  return findings.some(({ well }) => well === null) ? CANT_SAY : WELL;
}

/** `well` of the whole: null if unknown. */
export function isWell(findings: readonly Finding[]): boolean | null {
  const verdict = verdictOf(findings);
  return verdict === CANT_SAY ? null : verdict === WELL;
}

/**
 * A line for each finding, with what to do below it, and the verdict on `subject`.
 * @param width the columns of a terminal, to which sentences are wrapped; default: no limit
 */
export function lines(
  subject: string,
  findings: readonly Finding[],
  env: Env,
  width = Number.MAX_SAFE_INTEGER,
): string[] {
  const c = colorsFor(env, process.stdout.isTTY === true);
  const mark = { true: c.green('well'), false: c.red('not well'), null: c.yellow('unknown') };
  const names = padded(
    findings.map(({ check, well }) => [check, well === null ? 'unknown' : well ? 'well' : 'not well']),
    'll',
  );
  const rows = findings.flatMap(({ well, words, next }, at) => {
    const [name = '', state = ''] = names[at] ?? [];
    const label = `${name}  ${state}  `;
    const [first = '', ...more] = wrapped(label + words, width, label.length);
    const painted = first.replace(state.trim(), mark[`${well}`]);
    const arrow = `${' '.repeat(label.length)}-> ${next}`;
    return [painted, ...more, ...(next === '' ? [] : wrapped(arrow, width, label.length + 3))];
  });
  const verdict = ['is well', 'is not well', 'may be well: some checks could not be made'];
  return [...rows, '', ...wrapped(`${subject} ${verdict[verdictOf(findings)]}`, width)];
}
