import type { Micros } from '../../domain/money.ts';
import { type FinalState, isFinal } from '../../domain/order.ts';
import type { Ledger } from '../ledger.ts';
import { decode, numberOf } from '../reply.ts';
import type { LedgerOrder } from './snapshot.ts';

/** The reason of an order that was ended because the broker, asked twice, did not know it. */
export const NOT_FOUND = 'not_found';

/** The broker's word on an order's end. `filledQty` decimal units, `costMicros` what they cost in all, rounded up. */
export type Ending = { state: FinalState; filledQty: string; costMicros: Micros; reason: string };

export type Settlement =
  | { outcome: 'settled'; freedMicros: Micros; steal?: { id: string; state: 'pending' | 'granted' | 'failed' } }
  | { outcome: 'exists' | 'unknown' };

/**
 * Tells the ledger how an order ended, once (lua/settle.lua; I4, I5, I6).
 * @throws WorkstealError `contradiction` when it ended otherwise before, or was never sent
 */
export async function settle(ledger: Ledger, id: string, ending: Ending): Promise<Settlement> {
  const args = [id, ending.state, ending.filledQty, ending.costMicros, ending.reason];
  const { outcome, fields } = decode('settle', ['settled', 'exists', 'unknown'] as const, await ledger.run('settle', args));
  if (outcome !== 'settled') return { outcome };
  const freedMicros = numberOf(fields, 'freed_micros');
  if (fields['steal'] === undefined) return { outcome, freedMicros };
  return { outcome, freedMicros, steal: { id: fields['steal'], state: fields['steal_state'] as 'pending' | 'granted' | 'failed' } };
}

/** Did the ledger end it on the broker's word? Then nothing of it is left there, and whatever live news comes is older. */
export function endedByBroker(known: LedgerOrder | undefined): boolean {
  return known !== undefined && isFinal(known.state) && known.sentAtMs > 0 && known.reason !== NOT_FOUND;
}
