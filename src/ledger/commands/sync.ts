import type { Micros } from '../../domain/money.ts';
import type { Ledger } from '../ledger.ts';
import { decode, listOf, numberOf } from '../reply.ts';

/** The broker's position: `qty` unsigned, a decimal string; `costMicros` rounded up. */
export type SyncedPosition = {
  symbol: string;
  side: 'long' | 'short';
  qty: string;
  costMicros: Micros;
  pool: string;
};

/**
 * When a change that frees room is believed. Lower exposure must be reported twice, at least `apartMs` apart;
 * higher caps twice, at least `raiseMs` apart (health time). An equity that rises by more than the share
 * `jump` (a decimal string; '0': no limit) waits until a person accepts it. A lost book opens with a report
 * `apartMs` after the first one; a new account with the first one.
 */
export type Trust = { apartMs: number; raiseMs: number; jump: string; isNew?: boolean };

const AT_ONCE: Trust = { apartMs: 0, raiseMs: 0, jump: '0' };

export type SyncOutcome =
  /** `equityMicros`: in force. `heldBackMicros`: reported, but waiting for a person; 0: none. */
  | {
      outcome: 'synced';
      rebuilt: boolean;
      generation: number;
      corrected: string[];
      doubted: string[];
      equityMicros: Micros;
      heldBackMicros: Micros;
    }
  /** A lost book is not open yet: another report may open it after so long, ms. */
  | { outcome: 'settling'; leftMs: number }
  | { outcome: 'exists' | 'unknown' };

/**
 * Ends a reconciliation: opens the account for admission on this server (lua/sync.lua; I7, I8).
 * @param startedMs health time of the snapshot that it began with
 * @param created the account's `created` in that snapshot; '' skips the check that it is still the same book
 * @param trust default: two reports at any distance count, and any equity (tests, what-if)
 */
export async function sync(
  ledger: Ledger,
  equityMicros: Micros,
  startedMs: number,
  positions: readonly SyncedPosition[],
  created = '',
  { apartMs, raiseMs, jump, isNew = false }: Trust = AT_ONCE,
): Promise<SyncOutcome> {
  const rows = positions.flatMap((p) => [p.symbol, p.side, p.qty, p.costMicros, p.pool]);
  const raw = await ledger.run('sync', [
    await ledger.serverId(),
    equityMicros,
    startedMs,
    created,
    apartMs,
    raiseMs,
    jump,
    isNew ? 1 : 0,
    ...rows,
  ]);
  const { outcome, fields } = decode('sync', ['synced', 'settling', 'exists', 'unknown'] as const, raw);
  if (outcome === 'settling') return { outcome, leftMs: numberOf(fields, 'left_ms') };
  if (outcome !== 'synced') return { outcome };
  return {
    outcome,
    rebuilt: fields['rebuilt'] === '1',
    generation: numberOf(fields, 'generation'),
    corrected: listOf(fields, 'corrected'),
    doubted: listOf(fields, 'doubted'),
    equityMicros: numberOf(fields, 'equity_micros'),
    heldBackMicros: numberOf(fields, 'held_back_micros'),
  };
}
