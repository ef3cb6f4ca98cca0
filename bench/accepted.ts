/**
 * The figures that were accepted last (accepted.json), and the most that new ones may be. A figure that
 * changes for a reason is a commit: `npm run bench -- --quick --accept`.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { z } from 'zod';
import type { Sample } from './measure.ts';
import { judge, type Target } from './report.ts';

const FILE = new URL('accepted.json', import.meta.url);
/**
 * The least by which a ratio may be worse, as a share of it: another machine's processor does not make Lua
 * and the commands of Redis slower in the same measure.
 */
const MARGIN = 0.35;
const SPREADS = 3;

const FIGURES = z.record(z.string(), z.object({ value: z.number(), spread: z.number() }));

/** Judges a figure by the one that was accepted last. */
export function judgeAccepted(name: string, unit: 'calls' | 'x', sample: Sample, measured: string): Target {
  return judge({ name, unit, target: limitOf(accepted()[name], unit) }, sample, measured);
}

/**
 * What is wrong with these figures, the most of each being bounded; and those accepted figures that were not
 * measured, where `areAll` should be there.
 */
export function complaints(targets: readonly Target[], areAll: boolean): string[] {
  const before = accepted();
  const worse = targets.flatMap(({ name, unit, value }) => {
    const limit = limitOf(before[name], unit);
    // Not `value > limit`: what is no number is worse.
    return value <= limit ? [] : [`${name}: ${value} ${unit}, and at most ${limit.toFixed(2)} is accepted`];
  });
  const there = new Set(targets.map(({ name }) => name));
  const missing = areAll ? Object.keys(before).filter((name) => !there.has(name)) : [];
  return [...worse, ...missing.map((name) => `${name}: accepted, and not measured`)];
}

/** The most that a figure may be; nothing where none was accepted. */
function limitOf(before: { value: number; spread: number } | undefined, unit: string): number {
  if (before === undefined) return 0;
  if (unit === 'calls') return before.value;
  return before.value * (1 + MARGIN) + SPREADS * before.spread;
}

function accepted(): z.infer<typeof FIGURES> {
  return FIGURES.parse(JSON.parse(readFileSync(FILE, 'utf8')));
}

/** Keeps these figures as the accepted ones. */
export function accept(targets: readonly Target[]): void {
  const figures = Object.fromEntries(targets.map(({ name, value, spread }) => [name, { value, spread }]));
  writeFileSync(FILE, `${JSON.stringify(figures, null, 2)}\n`);
}
