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
/** Some calls write once a second what others do not, such as the latest health time. */
const SELDOM_CALLS = 1;

const FIGURES = z.record(z.string(), z.object({ value: z.number(), spread: z.number() }));

/** Judges a figure by the one that was accepted last; a count may not be worse. */
export function judgeAccepted(name: string, unit: 'calls' | 'x', sample: Sample, measured: string): Target {
  return judge({ name, unit, target: limitOf(name, unit, sample.spread) }, sample, measured);
}

/** Those of these figures that are worse than the accepted ones; 'most' is the bound of all of them. */
export function worseThanAccepted(targets: readonly Target[]): Target[] {
  return targets.filter(({ name, unit, value, spread }) => value > limitOf(name, unit, spread));
}

/** The most that a figure may be; nothing where none was accepted. */
function limitOf(name: string, unit: string, spread: number): number {
  const accepted = FIGURES.parse(JSON.parse(readFileSync(FILE, 'utf8')))[name];
  if (accepted === undefined) return 0;
  if (unit === 'calls') return accepted.value + SELDOM_CALLS;
  return accepted.value * (1 + MARGIN) + SPREADS * Math.max(spread, accepted.spread);
}

/** Keeps these figures as the accepted ones. */
export function accept(targets: readonly Target[]): void {
  const figures = Object.fromEntries(targets.map(({ name, value, spread }) => [name, { value, spread }]));
  writeFileSync(FILE, `${JSON.stringify(figures, null, 2)}\n`);
}
