import type { OrderState, OrderWish } from '../../domain/order.ts';
import { OUTCOMES, type Refusal } from '../../domain/outcome.ts';
import type { Ledger } from '../ledger.ts';
import { decode, type Fields, listOf } from '../reply.ts';
import { type KeptPart, readKept, readVictims, type Victim } from '../victims.ts';
import { wishArguments } from './wish.ts';

export type StealOutcome =
  | { outcome: 'fits'; numbers: Fields }
  | { outcome: 'exists'; state: OrderState }
  /** As in `admit`. */
  | { outcome: 'superseded'; by: string }
  /**
   * The victims are being cancelled; the thief is `pending` until their room is confirmed. `wouldFight`:
   * symbols that were skipped because stealing from them would be a fight. `kept`: what one of the victims
   * keeps. `dry_run`: nothing was changed.
   */
  | {
      outcome: 'stolen' | 'dry_run';
      victims: Victim[];
      kept?: KeptPart;
      wouldFight: string[];
      numbers: Fields;
    }
  | { outcome: Refusal; wouldFight: string[]; numbers: Fields };

/**
 * Decides and commits a steal in one step (lua/steal.lua; docs/rules.md, 5 to 9).
 * @param leaseMs how long a granted or reserved order is held unless it is sent or renewed
 * @param mutex the value that the account's mutex must have at the commit; '' skips this check (what-if)
 * @param fingerprint of the caller's settings. If they differ from the account's the steal is refused,
 *   `disabled` with `why` settings_differ. '' skips this check
 * @param traceparent the span in which it is tried; the ledger keeps it with the steal. '': nothing is traced
 * @throws WorkstealError `invalid`, `contradiction` (the id belongs to another wish), `unavailable`
 */
export async function steal(
  ledger: Ledger,
  wish: OrderWish,
  leaseMs: number,
  mutex: string,
  fingerprint = '',
  traceparent = '',
): Promise<StealOutcome> {
  const raw = await ledger.run('steal', [
    ...wishArguments(wish, leaseMs, await ledger.serverId()),
    mutex,
    fingerprint,
    traceparent,
  ]);
  const { outcome, fields } = decode('steal', [...OUTCOMES, 'exists', 'superseded'] as const, raw);
  if (outcome === 'superseded') return { outcome, by: fields['by'] ?? '' };
  if (outcome === 'exists') return { outcome, state: fields['state'] as OrderState };
  if (outcome === 'fits') return { outcome, numbers: fields };
  const wouldFight = listOf(fields, 'would_fight');
  if (outcome === 'stolen' || outcome === 'dry_run')
    return { outcome, victims: readVictims(fields), ...readKept(fields), wouldFight, numbers: fields };
  return { outcome, wouldFight, numbers: fields };
}
