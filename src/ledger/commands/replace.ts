import type { OrderState } from '../../domain/order.ts';
import type { Ledger } from '../ledger.ts';
import { decode, type Fields } from '../reply.ts';

/**
 * What is asked of the broker. `was`: its id of the order's present version. `nextId`: the client order id of
 * the replacement. `qty`: what the replacement may fill. Decimal strings.
 */
export type Replacing = { id: string; was: string; nextId: string; limit: string; qty: string };

const OUTCOMES = [
  'send',
  'exists',
  'no_room',
  'no_price',
  'too_large',
  'halted',
  'closed',
  'unsynced',
  'moved',
  'not_working',
  'ended',
  'unknown',
] as const;

export type Replacement =
  /** The larger of the two is held. Ask the broker now, within the lease, and not later (I4). */
  | { outcome: 'send' }
  /** Nothing changed; the numbers are in the header of lua/replace.lua. */
  | { outcome: 'no_room' | 'too_large'; numbers: Fields }
  | { outcome: 'not_working' | 'ended'; state: OrderState }
  | {
      outcome: 'exists' | 'no_price' | 'halted' | 'closed' | 'unsynced' | 'moved' | 'unknown';
    };

/**
 * The last step before the broker is asked to replace a working order (lua/replace.lua; I1, I4).
 * @param leaseMs how long from now it may be asked
 */
export async function replace(
  ledger: Ledger,
  { id, was, nextId, limit, qty }: Replacing,
  leaseMs: number,
): Promise<Replacement> {
  const raw = await ledger.run('replace', [id, was, nextId, limit, qty, leaseMs, await ledger.serverId()]);
  const { outcome, fields } = decode('replace', OUTCOMES, raw);
  switch (outcome) {
    case 'no_room':
    case 'too_large':
      return { outcome, numbers: fields };
    case 'not_working':
    case 'ended':
      return { outcome, state: fields['state'] as OrderState };
    default:
      return { outcome };
  }
}

/**
 * The broker refused the replacement, or was not asked: what only the replacement held is given back
 * (lua/not-replaced.lua; I4).
 */
export async function notReplaced(
  ledger: Ledger,
  id: string,
  nextId: string,
): Promise<'kept' | 'exists' | 'ended' | 'unknown'> {
  const raw = await ledger.run('not-replaced', [id, nextId]);
  return decode('not-replaced', ['kept', 'exists', 'ended', 'unknown'] as const, raw).outcome;
}
