/** Is a thief better enough (docs/rules.md, 8)? */
import { compareProducts, NANOS } from './exact.ts';
import type { KernelRules } from './rules.ts';

/** Thief >= victim + margin x |victim|, and > victim. Rankings other than `pnl` ask for nothing. Exact. */
export function beats(thief: number, victim: number, rules: KernelRules): boolean {
  if (rules.ranking !== 'pnl') return true;
  return thief > victim && compareProducts(thief - victim, NANOS, rules.margin, Math.abs(victim)) >= 0;
}
