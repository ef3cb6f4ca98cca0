import type { Ledger } from '../ledger.ts';
import { decode } from '../reply.ts';

export type Binding =
  /** `exists`: it was already bound to this account. */
  | { outcome: 'bound' | 'exists' | 'unknown' }
  /** It is bound to the account `bound`, and is closed for entries now. */
  | { outcome: 'other'; bound: string };

/**
 * Binds the ledger to the broker's account with this number, unless it is bound already (lua/bind.lua).
 * @throws WorkstealError `invalid`, `unavailable`
 */
export async function bind(ledger: Ledger, number: string): Promise<Binding> {
  const { outcome, fields } = decode(
    'bind',
    ['bound', 'exists', 'other', 'unknown'] as const,
    await ledger.run('bind', [number]),
  );
  return outcome === 'other' ? { outcome, bound: fields['bound'] ?? '' } : { outcome };
}

/**
 * A person confirms, with a `reason`, that the keys are those of the right account (lua/vouch.lua). The next
 * reconciliation binds the ledger to it. Orders that were sent before and that the broker does not know count
 * as ended.
 * @returns the number that it was bound to, '' for none; undefined where there is no such account
 */
export async function vouch(ledger: Ledger, reason: string): Promise<string | undefined> {
  const { outcome, fields } = decode(
    'vouch',
    ['vouched', 'unknown'] as const,
    await ledger.run('vouch', [reason]),
  );
  return outcome === 'unknown' ? undefined : (fields['was'] ?? '');
}
