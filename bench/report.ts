/** The result of a benchmark, and its table for people. */
import colors from 'picocolors';
import type { Sample } from './measure.ts';

/**
 * One figure and what it should be. `unit`: of value and target; `x` is a ratio. `bound`: the target is the
 * most or the least that the figure should be; a figure without one counts as met.
 * `spread`: half the distance of the quartiles of its rounds. `measured`: what it was made of, for people.
 */
export type Target = {
  name: string;
  value: number;
  spread: number;
  unit: string;
  target?: number;
  bound: 'most' | 'least';
  met: boolean;
  measured: string;
};

export type Goal = { name: string; unit?: string; target?: number; bound?: 'most' | 'least' };

export function judge(
  { name, unit = 'x', target, bound = 'most' }: Goal,
  value: Sample | number,
  measured: string,
): Target {
  const { median, spread } = typeof value === 'number' ? { median: value, spread: 0 } : value;
  const figure = { name, value: rounded(median), spread: rounded(spread), unit, bound, measured };
  if (target === undefined) return { ...figure, met: true };
  return { ...figure, target, met: bound === 'most' ? median <= target : median >= target };
}

function rounded(value: number): number {
  return Math.round(value * 1_000) / 1_000;
}

/** An aligned table, one line per target. */
export function table(targets: readonly Target[]): string {
  const wide = Math.max(...targets.map(({ name }) => name.length));
  const rows = targets.map(({ name, value, spread, unit, target, bound, met, measured }) => {
    const verdict =
      target === undefined ? colors.dim('-     ') : met ? colors.green('met   ') : colors.red('missed');
    const limit = target === undefined ? '' : `${bound === 'most' ? '<=' : '>='} ${short(target)}`;
    return (
      `${name.padEnd(wide)}  ${`${short(value)} ${unit}`.padStart(12)} ${colors.dim(
        `+-${short(spread)}`.padEnd(8),
      )} ` + `${colors.dim(limit.padEnd(9))} ${verdict}  ${colors.dim(measured)}`
    );
  });
  const missed = targets.filter(({ met }) => !met).length;
  const end =
    missed === 0
      ? colors.green('all targets met')
      : colors.red(`${missed} of ${targets.length} targets missed (docs/performance.md says why)`);
  return `${rows.join('\n')}\n${end}\n`;
}

/** The same for docs/performance.md. */
export function markdown(targets: readonly Target[]): string {
  const rows = targets.map(({ name, value, spread, unit, target, bound, met, measured }) => {
    const limit = target === undefined ? '-' : `${bound === 'most' ? '<=' : '>='} ${short(target)}`;
    const verdict = target === undefined ? '' : met ? 'met' : 'missed';
    return `| ${name} | ${short(value)} ${unit} +-${short(spread)} | ${limit} | ${verdict} | ${measured} |`;
  });
  return ['| measure | value | target | | of |', '|---|---|---|---|---|', ...rows, ''].join('\n');
}

function short(value: number): string {
  const size = Math.abs(value);
  return value.toFixed(size >= 1_000 || Number.isInteger(value) ? 0 : size >= 100 ? 1 : 2);
}

/** Microseconds for people. */
export function micros(value: number): string {
  return value >= 1_000 ? `${(value / 1_000).toFixed(2)} ms` : `${value.toFixed(1)} us`;
}

/** Megabytes for people. */
export function megabytes(bytes: number): string {
  return `${(bytes / 1_048_576).toFixed(1)} MB`;
}
