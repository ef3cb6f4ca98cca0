import type { OrderState } from '../../domain/order.ts';
import type { Ledger } from '../ledger.ts';
import { decode } from '../reply.ts';

const OUTCOMES = [
  'send',
  'exists',
  'over_cap',
  'halted',
  'closed',
  'unsynced',
  'opposite',
  'no_position',
  'unconfirmed',
  'no_price',
  'unknown',
  'ended',
  'pending',
  'unclear',
] as const;

export type Submission =
  /** Send it now, within the lease, and not later (I4). */
  | { outcome: 'send' }
  /** It may have been sent before: ask the broker first. */
  | { outcome: 'exists'; state: OrderState }
  /** The ledger may have lost that it was sent before; it is not reconciled yet. */
  | { outcome: 'unclear' }
  | { outcome: 'ended'; state: OrderState; reason: string }
  | {
      outcome:
        | 'over_cap'
        | 'halted'
        | 'closed'
        | 'unsynced'
        | 'opposite'
        | 'no_position'
        | 'unconfirmed'
        | 'no_price'
        | 'unknown'
        | 'pending';
    };

/**
 * The last step before an order is sent to the broker (lua/submit.lua).
 * @param leaseMs how long from now it may be sent
 */
export async function submit(ledger: Ledger, id: string, leaseMs: number): Promise<Submission> {
  const { outcome, fields } = decode(
    'submit',
    OUTCOMES,
    await ledger.run('submit', [id, leaseMs, await ledger.serverId()]),
  );
  if (outcome === 'exists') return { outcome, state: fields['state'] as OrderState };
  if (outcome === 'ended')
    return { outcome, state: fields['state'] as OrderState, reason: fields['reason'] ?? '' };
  return { outcome };
}
