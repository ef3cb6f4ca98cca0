import type { Before, Side } from '../../domain/order.ts';
import type { Ledger } from '../ledger.ts';
import { decode } from '../reply.ts';

/**
 * `was`: the broker's id by which this was judged, '' for none. `terms`: the order as the ledger is to count
 * it, its quantity with what came `before`. `takes`: whether it is in force, or waits to take the place of
 * the order that it replaces.
 */
export type Amendment = {
  was: string;
  terms: { id: string; brokerId: string; symbol: string; side: Side; qty: string };
  limit: string;
  before: Before;
  takes: 'now' | 'later';
};

const OUTCOMES = ['amended', 'exists', 'moved', 'ended', 'unknown'] as const;

/**
 * The broker has a live order otherwise than the ledger: somebody changed it there (lua/amend.lua; I1, I7).
 * `moved`: the ledger has it under a third id of the broker's by now.
 * @throws WorkstealError `contradiction` when it was never sent, or less is asked for than was filled
 */
export async function amend(
  ledger: Ledger,
  { was, terms, limit, before, takes }: Amendment,
): Promise<(typeof OUTCOMES)[number]> {
  const { id, brokerId, symbol, side, qty } = terms;
  const raw = await ledger.run('amend', [
    id,
    was,
    brokerId,
    symbol,
    side,
    limit,
    qty,
    before.qty,
    before.micros,
    takes,
  ]);
  return decode('amend', OUTCOMES, raw).outcome;
}
