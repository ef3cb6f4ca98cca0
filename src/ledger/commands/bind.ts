import type { Ledger } from '../ledger.ts';
import { decode } from '../reply.ts';

export type Binding =
  /** `exists`: it was bound to this account before. */
  | { outcome: 'bound' | 'exists' | 'unknown' }
  /** It is kept for the account `bound`, and is closed now. */
  | { outcome: 'other'; bound: string };

/**
 * Binds the ledger to the broker's account of this number, once for all (lua/bind.lua).
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
 * A person's word, `reason`, that the account of the keys is the right one (lua/vouch.lua): the ledger is
 * bound anew.
 * @returns the number that it was kept for, '' for none; undefined where there is no such account
 */
export async function vouch(ledger: Ledger, reason: string): Promise<string | undefined> {
  const { outcome, fields } = decode(
    'vouch',
    ['vouched', 'unknown'] as const,
    await ledger.run('vouch', [reason]),
  );
  return outcome === 'unknown' ? undefined : (fields['was'] ?? '');
}
