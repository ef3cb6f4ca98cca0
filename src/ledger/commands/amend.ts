import type { Before, Side } from '../../domain/order.ts';
import type { Ledger } from '../ledger.ts';
import { decode } from '../reply.ts';

/**
 * A change of an order at the broker. `was`: the broker's id that the caller knew, '' for none. `terms`: the
 * order as it is now; `qty` includes what came `before`. `takes`: `now` when it is in force, `later` when it
 * still waits to replace the old order.
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
 * Somebody changed a live order at the broker: the ledger counts the new terms (lua/amend.lua; I1, I7).
 * `moved`: by now the ledger knows it under a third broker id.
 * @throws WorkstealError `contradiction` when it was never sent, or the new quantity is below what was filled
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
