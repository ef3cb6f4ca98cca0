import type { Micros } from '../../domain/money.ts';
import type { Before, OrderType, Side } from '../../domain/order.ts';
import { switchArgument } from '../arguments.ts';
import type { Ledger } from '../ledger.ts';
import { decode } from '../reply.ts';

/**
 * A live order at the broker that the ledger does not have. `limit`: the highest value of a unit in USD.
 * `qty`, `filledQty`: units. All three are decimal strings. `filledMicros`: cost of the filled part.
 */
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
  /** Default `market`: no entry of the other side may rest beside it. */
  type?: OrderType;
  /** It reduces a position, so it needs no room. */
  reducing: boolean;
  /**
   * It reduces a position, but the broker holds no units for it: a waiting leg, or the second leg of an OCO.
   * It does not block other exits.
   */
  leg?: boolean;
  /**
   * It replaced an earlier order with this id at the broker: what that one had filled. `qty` and `filledQty`
   * include it.
   */
  before?: Before;
};

const OUTCOMES = ['adopted', 'exists', 'deferred', 'unknown'] as const;

/**
 * Makes the ledger count an order that was found at the broker (lua/adopt.lua; I7).
 * @param startedMs health time at which the broker was asked
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
  const args = [id, brokerId, symbol, side, ...counted, ...earlier, order.type ?? 'market'];
  return decode('adopt', OUTCOMES, await ledger.run('adopt', args)).outcome;
}
