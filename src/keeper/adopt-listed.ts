/** Adopts the live orders of a round that the ledger does not count. */
import type { Logger } from 'pino';
import type { BrokerOrder } from '../broker/port.ts';
import type { Before } from '../domain/order.ts';
import type { Snapshot } from '../ledger/commands/snapshot.ts';
import { applyListed } from './apply-order.ts';
import type { ForeignItems } from './foreign-items.ts';
import { type AdoptionParts, adoptOrders } from './unknown-orders.ts';

export type AdoptListedParts = Omit<AdoptionParts, 'leaveOut'> & {
  foreign: ForeignItems;
  log: Pick<Logger, 'warn'>;
  step: (name: string) => void;
};

/**
 * @param startedMs health time before the broker listed them
 * @returns the orders that were adopted
 * @throws as adoptOrders
 */
export async function adoptListed(
  parts: AdoptListedParts,
  orders: readonly BrokerOrder[],
  { held, befores }: { held: Snapshot['positions']; befores: ReadonlyMap<string, Before> },
  startedMs: number,
  signal: AbortSignal,
): Promise<BrokerOrder[]> {
  const { foreign, log } = parts;
  foreign.beginAdoptions();
  const leaveOut = (order: BrokerOrder, why: string) => foreign.leaveOut(order, why);
  const adoptions = await adoptOrders({ ...parts, leaveOut }, orders, held, startedMs, signal, befores);
  for (const { order, outcome } of adoptions) {
    if (outcome === 'exists') await applyListed(parts, order); // it was sent since the ledger was read
    if (outcome === 'adopted')
      log.warn(
        { order: order.id, symbol: order.symbol },
        `${order.symbol}: the order ${order.id}, found at the broker, did not count; it counts from now on`,
      );
  }
  return adoptions.filter(({ outcome }) => outcome === 'adopted').map(({ order }) => order);
}
