/** Compares a decision with what its scenario expects. */

import type { Decision } from '../../ledger/what-if/decide.ts';
import type { Expectation, Kept } from '../../ledger/what-if/scenario.ts';

const FIELDS = ['admitted', 'victims', 'reason', 'wouldVictims', 'kept'] as const;

/** One sentence per difference. Victims must be in the same order. */
export function differences(decision: Decision, expected: Expectation | undefined): string[] {
  return FIELDS.flatMap((field) => {
    const [is, wanted] = [decision[field] ?? [], expected?.[field]];
    return wanted === undefined || show(is) === show(wanted)
      ? []
      : [`${field} is ${show(is)}, expected ${show(wanted)}`];
  });
}

function show(value: boolean | string | readonly (string | Kept)[]): string {
  return typeof value === 'object' ? `[${value.map(name).join(', ')}]` : String(value);
}

function name(item: string | Kept): string {
  return typeof item === 'string' ? item : `${item.qty} of ${item.order} for ${item.notional}`;
}
