import type { Micros } from '../../domain/money.ts';
import type { Ledger } from '../ledger.ts';
import { decode } from '../reply.ts';

const OUTCOMES = ['filled_so_far', 'exists', 'unknown', 'ended'] as const;

export type Filled = (typeof OUTCOMES)[number];

/**
 * Reports how many units of a live order are filled so far, and their cost; both cumulative (lua/fill.lua). A
 * full fill still needs `settle`.
 * @throws WorkstealError `contradiction` when it was never submitted, or more is filled than its quantity
 */
export async function fill(
  ledger: Ledger,
  id: string,
  filledQty: string,
  costMicros: Micros,
): Promise<Filled> {
  return decode('fill', OUTCOMES, await ledger.run('fill', [id, filledQty, costMicros])).outcome;
}
