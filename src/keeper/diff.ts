/**
 * What ledger and broker see differently, order by order. Pure: findings are returned, none is applied.
 *
 * The ledger was read before the broker was asked, so an order that was submitted in between may be listed and not read; what
 * carries out a finding asks the ledger again.
 */
import type { BrokerOrder } from '../broker/port.ts';
import { toNanos } from '../domain/decimal.ts';
import type { LedgerOrder } from '../ledger/commands/snapshot.ts';
import { ledgerId } from './order-id.ts';

export type Finding =
  /** Both know it, the broker knows more: that it is live, its id there, a fill. */
  | { kind: 'news'; order: BrokerOrder }
  /** Live at the broker; not among the ledger's live orders. */
  | { kind: 'foundling'; order: BrokerOrder }
  /** Live at the broker; the ledger thinks that it was never sent. */
  | { kind: 'unsent'; order: BrokerOrder }
  /** At the broker as the ledger sees it; not in the broker's list. It may have ended: ask for it. */
  | { kind: 'missing'; known: LedgerOrder };

/**
 * @param orders the ledger's live orders
 * @param startedMs health time at which they were read: what changed here since is left for the next time
 * @param listed the broker's live orders, asked for afterwards
 */
export function diff(orders: readonly LedgerOrder[], startedMs: number, listed: readonly BrokerOrder[]): Finding[] {
  const known = new Map(orders.map((order) => [order.id, order]));
  const findings: Finding[] = [];
  const seen = new Set<string>();
  for (const order of listed) {
    const id = ledgerId(order);
    seen.add(id);
    const ours = known.get(id);
    if (ours === undefined) findings.push({ kind: 'foundling', order });
    else if (ours.sentAtMs === 0) findings.push({ kind: 'unsent', order });
    else if (isNews(ours, order)) findings.push({ kind: 'news', order });
  }
  for (const ours of orders) {
    if (!seen.has(ours.id) && isAtBroker(ours) && ours.updatedMs < startedMs) findings.push({ kind: 'missing', known: ours });
  }
  return findings;
}

function isNews(ours: LedgerOrder, theirs: BrokerOrder): boolean {
  return ours.state === 'reserved' || ours.brokerId === '' || toNanos(theirs.filledQty) > toNanos(ours.filledQty);
}

/** A submission whose lease still runs is in flight: not to be missed yet. */
function isAtBroker(order: LedgerOrder): boolean {
  return order.state === 'working' || order.state === 'cancelling' || (order.state === 'reserved' && order.sentAtMs > 0 && order.unclear);
}
