/**
 * The figures that were accepted last (accepted.json), and the most that new ones may be. A figure that
 * changes for a reason is a commit: `npm run bench -- --quick --only cost --accept`.
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
/** Some calls write once a second what others do not, such as the latest health time. */
const SELDOM_CALLS = 1;

const FIGURES = z.record(z.string(), z.object({ value: z.number(), spread: z.number() }));

/** Judges a figure by the one that was accepted last; a count may not be worse. */
export function judgeAccepted(name: string, unit: 'calls' | 'x', sample: Sample, measured: string): Target {
  const before = FIGURES.parse(JSON.parse(readFileSync(FILE, 'utf8')))[name] ?? { value: 0, spread: 0 };
  const spread = Math.max(sample.spread, before.spread);
  const target =
    unit === 'calls' ? before.value + SELDOM_CALLS : before.value * (1 + MARGIN) + SPREADS * spread;
  return judge({ name, unit, target }, sample, measured);
}

/** Keeps these figures as the accepted ones. */
export function accept(targets: readonly Target[]): void {
  const figures = Object.fromEntries(targets.map(({ name, value, spread }) => [name, { value, spread }]));
  writeFileSync(FILE, `${JSON.stringify(figures, null, 2)}\n`);
}
