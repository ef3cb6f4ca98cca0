import { toNanos } from '../../domain/decimal.ts';
import type { Micros } from '../../domain/money.ts';
import { type Ending, isFinal } from '../../domain/order.ts';
import { type Span, traced } from '../../tracing/tracing.ts';
import type { Ledger } from '../ledger.ts';
import { decode, numberOf } from '../reply.ts';
import { traceOfVictim } from '../traces.ts';
import type { LedgerOrder } from './snapshot.ts';

/**
 * The reason of an order that was cancelled at the broker without a request from here
 * (lua/include/by-hand.lua).
 */
export const BY_HAND = 'by_hand';

/** The reason of an order that was ended because the broker, asked twice, did not find it. */
export const NOT_FOUND = 'not_found';

/** The ending of an order that the broker, asked twice, did not find. Earlier fills stay. */
export function notFoundEnding({ state, qty, filledQty, filledMicros: costMicros }: LedgerOrder): Ending {
  const filled = toNanos(filledQty);
  const unfilledEnd = state === 'reserved' && filled === 0n ? 'rejected' : 'cancelled';
  return {
    state: filled === toNanos(qty) ? 'filled' : unfilledEnd,
    filledQty,
    costMicros,
    reason: NOT_FOUND,
  };
}

/** Why the order's cancellation was requested, one word; undefined when it was not. */
export function whyCancelled({ robbedBy, cancelReason }: LedgerOrder): string | undefined {
  return robbedBy === '' ? cancelReason || undefined : 'stolen';
}

export type Settlement =
  | {
      outcome: 'settled';
      freedMicros: Micros;
      steal?: { id: string; state: 'pending' | 'granted' | 'failed' };
    }
  | { outcome: 'exists' | 'unknown' };

/**
 * Reports to the ledger how an order ended, once (lua/settle.lua; I4, I5, I6). Of a victim this is a part of
 * its steal's trace, whoever reports it.
 * @throws WorkstealError `contradiction` when it has already ended differently, or was never sent
 */
export async function settle(ledger: Ledger, id: string, ending: Ending): Promise<Settlement> {
  const { tracing, account } = ledger;
  if (!tracing.isOn) return await report(ledger, id, ending);
  const isInTrace = tracing.traceparent !== '';
  const parent = isInTrace ? '' : await traceOfVictim(ledger, id);
  if (!isInTrace && parent === '') return await report(ledger, id, ending);
  const facts = { 'worksteal.account': account, 'worksteal.order': id, 'worksteal.state': ending.state };
  return await traced(tracing, 'settle', { parent, facts }, async (span) => {
    const settlement = await report(ledger, id, ending);
    note(span, settlement);
    return settlement;
  });
}

function note(span: Span, settlement: Settlement): void {
  span.note({ 'worksteal.outcome': settlement.outcome });
  if (settlement.outcome !== 'settled') return;
  const { freedMicros, steal } = settlement;
  span.note({
    'worksteal.freed_micros': freedMicros,
    'worksteal.steal': steal?.id,
    'worksteal.steal_state': steal?.state,
  });
}

async function report(ledger: Ledger, id: string, ending: Ending): Promise<Settlement> {
  const args = [id, ending.state, ending.filledQty, ending.costMicros, ending.reason];
  const { outcome, fields } = decode(
    'settle',
    ['settled', 'exists', 'unknown'] as const,
    await ledger.run('settle', args),
  );
  if (outcome !== 'settled') return { outcome };
  const freedMicros = numberOf(fields, 'freed_micros');
  if (fields['steal'] === undefined) return { outcome, freedMicros };
  return {
    outcome,
    freedMicros,
    steal: { id: fields['steal'], state: fields['steal_state'] as 'pending' | 'granted' | 'failed' },
  };
}

/**
 * Did the broker confirm the end of this order? Then it is not live there, and a message that says so is old.
 */
export function endedByBroker(known: LedgerOrder | undefined): boolean {
  return known !== undefined && isFinal(known.state) && known.sentAtMs > 0 && known.reason !== NOT_FOUND;
}
