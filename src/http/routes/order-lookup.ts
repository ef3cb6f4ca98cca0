/** Orders as a request names them: found, of whom, or not there. */
import { WorkstealError } from '../../domain/errors.ts';
import { type LedgerOrder, readLedgerOrder } from '../../ledger/commands/snapshot.ts';
import type { Ledger } from '../../ledger/ledger.ts';
import { readPlan } from '../../ledger/plan-record.ts';
import { missing } from '../../ledger/reconciled.ts';
import { planOf } from '../../watcher/plan/order-ids.ts';
import { ownerOf } from '../auth.ts';
import { HttpError } from '../problem.ts';
import type { Token } from '../tokens.ts';

/**
 * @throws WorkstealError `unknown` where the ledger has none; `unavailable` while the ledger does not know
 *   that: it was lost, and the order may be at the broker
 */
export async function orderOf(ledger: Ledger, id: string): Promise<LedgerOrder> {
  const order = await readLedgerOrder(ledger, id);
  if (order !== undefined) return order;
  // It may be lost between two of these steps, or rebuilt: a ledger that knows is the same before and after.
  const before = await missing(ledger, `order ${id}`);
  if (before.code !== 'unknown') throw before;
  const again = await readLedgerOrder(ledger, id);
  if (again !== undefined) return again;
  throw await missing(ledger, `order ${id}`);
}

/** @throws as orderOf; HttpError `forbidden` for an order of another token, host or person */
export async function ownOrder(ledger: Ledger, id: string, caller: Token): Promise<LedgerOrder> {
  const order = await orderOf(ledger, id);
  if (order.owner !== ownerOf(caller)) throw notOwn(id, caller);
  return order;
}

/**
 * An id is the caller's if the ledger has no order of it, or one of the caller's. Orders of a plan belong to
 * its watcher.
 * @throws WorkstealError `contradiction`
 */
export async function requireFree(ledger: Ledger, id: string, owner: string): Promise<void> {
  const order = await readLedgerOrder(ledger, id);
  if (order !== undefined && order.owner !== owner && order.kind !== 'external')
    throw new WorkstealError('contradiction', `${id}: the id is the order of ${order.owner}`, { order: id });
  const plan = planOf(id);
  if (order === undefined && plan !== undefined && (await readPlan(ledger, plan)) !== undefined)
    throw new WorkstealError('contradiction', `${id}: the id belongs to the plan ${plan}`, {
      order: id,
      plan,
    });
}

export function notOwn(id: string, { name }: Token): HttpError {
  const next = 'use the token that entered it';
  return new HttpError(
    'forbidden',
    `the order ${id} was not entered with the token ${name}`,
    { order: id },
    next,
  );
}
