import type { Micros } from '../../domain/money.ts';
import type { OrderState, OrderWish } from '../../domain/order.ts';
import { OUTCOMES, type Refusal } from '../../domain/outcome.ts';
import type { Ledger } from '../ledger.ts';
import { decode, type Fields, listOf } from '../reply.ts';
import { wishArguments } from './wish.ts';

/** A victim as it was when it was chosen. `pnl` is a decimal string, `heldMicros` what it counted. */
export type Victim = { id: string; symbol: string; pnl: string; heldMicros: Micros };

export type StealOutcome =
  | { outcome: 'fits'; numbers: Fields }
  | { outcome: 'exists'; state: OrderState }
  /** As in `admit`. */
  | { outcome: 'superseded'; by: string }
  /**
   * The victims are being cancelled; the thief is `pending` until their room is confirmed. `wouldFight`:
   * symbols passed over.
   */
  | { outcome: 'stolen' | 'dry_run'; victims: Victim[]; wouldFight: string[]; numbers: Fields }
  | { outcome: Refusal; wouldFight: string[]; numbers: Fields };

/**
 * Decides and commits a steal in one step (lua/steal.lua; docs/rules.md, 5 to 9).
 * @param mutex the value that the account's mutex must hold at the commit; '' for what-if, where nobody
 *   competes
 * @param fingerprint of the caller's settings: where they are not the account's it is refused, `disabled`
 *   with `why` settings_differ; '' where nobody compares
 * @throws WorkstealError `invalid`, `contradiction`, `unavailable`
 */
export async function steal(
  ledger: Ledger,
  wish: OrderWish,
  leaseMs: number,
  mutex: string,
  fingerprint = '',
): Promise<StealOutcome> {
  const raw = await ledger.run('steal', [
    ...wishArguments(wish, leaseMs, await ledger.serverId()),
    mutex,
    fingerprint,
  ]);
  const { outcome, fields } = decode('steal', [...OUTCOMES, 'exists', 'superseded'] as const, raw);
  if (outcome === 'superseded') return { outcome, by: fields['by'] ?? '' };
  if (outcome === 'exists') return { outcome, state: fields['state'] as OrderState };
  if (outcome === 'fits') return { outcome, numbers: fields };
  const wouldFight = listOf(fields, 'would_fight');
  if (outcome === 'stolen' || outcome === 'dry_run')
    return { outcome, victims: readVictims(fields), wouldFight, numbers: fields };
  return { outcome, wouldFight, numbers: fields };
}

/** `id symbol pnl held_micros;...` -> victims. */
export function readVictims(fields: Fields): Victim[] {
  return listOf(fields, 'victims').map((text) => {
    const [id = '', symbol = '', pnl = '', heldMicros = ''] = text.split(' ');
    return { id, symbol, pnl, heldMicros: Number(heldMicros) };
  });
}
