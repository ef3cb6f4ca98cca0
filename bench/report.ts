/** The result of a benchmark, and its table for people. */
import colors from 'picocolors';

/**
 * `value` and `target` are ratios; the target is met when value <= target. `measured`: the two measurements,
 * for people.
 */
export type Target = { name: string; value: number; target: number; met: boolean; measured: string };

export function judge(name: string, value: number, target: number, measured: string): Target {
  return { name, value: Math.round(value * 1_000) / 1_000, target, met: value <= target, measured };
}

/** An aligned table, one line per target. */
export function table(targets: readonly Target[]): string {
  const wide = Math.max(...targets.map(({ name }) => name.length));
  const rows = targets.map(({ name, value, target, met, measured }) => {
    const verdict = met ? colors.green('met   ') : colors.red('missed');
    return (
      `${name.padEnd(wide)}  ${value.toFixed(2).padStart(6)} x  ` +
      `${colors.dim(`<= ${target.toFixed(1).padStart(5)}`)}  ${verdict}  ${colors.dim(measured)}`
    );
  });
  const missed = targets.filter(({ met }) => !met).length;
  const end =
    missed === 0
      ? colors.green('all targets met')
      : colors.red(`${missed} of ${targets.length} targets missed`);
  return `${rows.join('\n')}\n${end}\n`;
}

/** Microseconds for people. */
export function micros(value: number): string {
  return value >= 1_000 ? `${(value / 1_000).toFixed(2)} ms` : `${value.toFixed(1)} us`;
}
