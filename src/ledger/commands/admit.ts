import type { OrderState, OrderWish } from '../../domain/order.ts';
import type { Refusal } from '../../domain/outcome.ts';
import type { Untakeable } from '../../rules/takeable.ts';
import type { Ledger } from '../ledger.ts';
import { decode, type Fields } from '../reply.ts';
import { wishArguments } from './wish.ts';

const OUTCOMES = [
  'fits',
  'exists',
  'superseded',
  'blocked',
  'halted',
  'closed',
  'unsynced',
  'opposite',
  'no_position',
  'unconfirmed',
  'untakeable',
  'disabled',
  'no_price',
  'not_close_enough',
  'barred',
] as const;

const MAX_WORDS = 256;

export type Admission =
  /** Its room is reserved until the lease ends. */
  | { outcome: 'fits'; numbers: Fields }
  /** The ledger has this order already, in this state: a retry changes nothing (I6). */
  | { outcome: 'exists'; state: OrderState }
  /**
   * The broker has had a later order of the same plan, `by`, which a lost ledger had forgotten. Continue with
   * that one (I6).
   */
  | { outcome: 'superseded'; by: string }
  /** No room, but close enough to try a steal. */
  | { outcome: 'blocked'; numbers: Fields }
  | {
      outcome: Extract<
        Refusal,
        | 'halted'
        | 'closed'
        | 'unsynced'
        | 'opposite'
        | 'no_position'
        | 'unconfirmed'
        | 'untakeable'
        | 'disabled'
        | 'no_price'
        | 'not_close_enough'
        | 'barred'
      >;
      numbers: Fields;
    };

/**
 * Reserves room for an order if it fits: one round trip, no mutex (lua/admit.lua; docs/rules.md, 4).
 * @param leaseMs how long the reservation is held unless it is sent or renewed
 * @param untakeable why the broker would refuse it, if the caller knows a reason; the ledger then refuses it
 *   even if there is room
 * @param poolRule of the caller's settings (src/rules/pools.ts). If it differs from the account's, the order
 *   would count in the wrong pool: an entry is refused, `disabled` with `why` pools_differ. '' skips this
 *   check
 * @throws WorkstealError `invalid`, `contradiction` (the id belongs to another wish), `unavailable`
 */
export async function admit(
  ledger: Ledger,
  wish: OrderWish,
  leaseMs: number,
  untakeable?: Untakeable,
  poolRule = '',
): Promise<Admission> {
  const why =
    untakeable === undefined
      ? ''
      : `${untakeable.why} ${untakeable.words}`.replaceAll(/[^ -~]/g, '?').slice(0, MAX_WORDS);
  const raw = await ledger.run('admit', [
    ...wishArguments(wish, leaseMs, await ledger.serverId()),
    why,
    poolRule,
  ]);
  const { outcome, fields } = decode('admit', OUTCOMES, raw);
  if (outcome === 'exists') return { outcome, state: fields['state'] as OrderState };
  return outcome === 'superseded' ? { outcome, by: fields['by'] ?? '' } : { outcome, numbers: fields };
}
