/** Compares a decision with what its scenario expects. */

import type { Decision } from '../../ledger/what-if/decide.ts';
import type { Expectation } from '../../ledger/what-if/scenario.ts';

const FIELDS = ['admitted', 'victims', 'reason', 'wouldVictims'] as const;

/** One sentence per difference. Victims must be in the same order. */
export function differences(decision: Decision, expected: Expectation | undefined): string[] {
  return FIELDS.flatMap((field) => {
    const [is, wanted] = [decision[field] ?? [], expected?.[field]];
    return wanted === undefined || show(is) === show(wanted)
      ? []
      : [`${field} is ${show(is)}, expected ${show(wanted)}`];
  });
}

function show(value: boolean | string | readonly string[]): string {
  return typeof value === 'object' ? `[${value.join(', ')}]` : String(value);
}
