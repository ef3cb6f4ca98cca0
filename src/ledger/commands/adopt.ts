import type { Micros } from '../../domain/money.ts';
import type { Before, Side } from '../../domain/order.ts';
import { switchArgument } from '../arguments.ts';
import type { Ledger } from '../ledger.ts';
import { decode } from '../reply.ts';

/** A live order of the broker's that the ledger lacks. `limit` is what a unit is worth at most. */
export type FoundOrder = {
  id: string;
  brokerId: string;
  symbol: string;
  side: Side;
  limit: string;
  qty: string;
  filledQty: string;
  filledMicros: Micros;
  pool: string;
  /** It reduces a position, so it counts nothing. */
  reducing: boolean;
  /**
   * It reduces, and the broker holds no units for it: a leg that waits, or the other leg of an OCO. It keeps
   * no other exit.
   */
  leg?: boolean;
  /**
   * It goes on for an order with this id, which it replaced at the broker: what came before, in `qty` and
   * `filledQty` too.
   */
  before?: Before;
};

const OUTCOMES = ['adopted', 'exists', 'deferred', 'unknown'] as const;

/**
 * Counts an order from now on that was found at the broker (lua/adopt.lua; I7). `startedMs`: health time at
 * which the broker was asked.
 */
export async function adopt(
  ledger: Ledger,
  order: FoundOrder,
  startedMs: number,
): Promise<(typeof OUTCOMES)[number]> {
  const { id, brokerId, symbol, side, limit, qty, filledQty, filledMicros, pool, reducing, leg, before } =
    order;
  const counted = [limit, qty, filledQty, filledMicros, pool, switchArgument(reducing), startedMs];
  const earlier = [
    switchArgument(before !== undefined),
    before?.qty ?? '0',
    before?.micros ?? 0,
    switchArgument(leg ?? false),
  ];
  const args = [id, brokerId, symbol, side, ...counted, ...earlier];
  return decode('adopt', OUTCOMES, await ledger.run('adopt', args)).outcome;
}
