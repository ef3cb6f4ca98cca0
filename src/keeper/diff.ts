/**
 * What ledger and broker see differently, order by order. Pure: findings are returned, none is applied.
 *
 * The ledger was read before the broker was asked, so an order that was submitted in between may be listed
 * and not read; what carries out a finding asks the ledger again.
 */

import { ledgerId } from '../broker/order-id.ts';
import type { BrokerOrder } from '../broker/port.ts';
import { counted } from '../broker/succession.ts';
import { toNanos } from '../domain/decimal.ts';
import type { LedgerOrder } from '../ledger/commands/snapshot.ts';

export type Finding =
  /** Both know it, the broker knows more: that it is live, its id there, a fill. */
  | { kind: 'news'; order: BrokerOrder }
  /**
   * Somebody changed it under its id: symbol, side, limit or quantity are not what the ledger counts. `order`
   * in the ledger's terms.
   */
  | { kind: 'changed'; order: BrokerOrder; known: LedgerOrder }
  /** Live at the broker; not among the ledger's live orders. */
  | { kind: 'unknown'; order: BrokerOrder }
  /** Live at the broker, and replaces another one: the ledger may know that one. */
  | { kind: 'replacing'; order: BrokerOrder }
  /** Live at the broker; the ledger thinks that it was never sent. */
  | { kind: 'unsent'; order: BrokerOrder }
  /** At the broker as the ledger sees it; not in the broker's list. It may have ended: ask for it. */
  | { kind: 'missing'; known: LedgerOrder };

/**
 * @param orders the ledger's live orders
 * @param startedMs health time at which they were read: what changed here since is left for the next time
 * @param listed the broker's live orders, asked for afterwards
 * @param isThere is an order of this id live at the broker, though it is not in `listed`? One that can't be
 *   read is
 */
export function diff(
  orders: readonly LedgerOrder[],
  startedMs: number,
  listed: readonly BrokerOrder[],
  isThere: (id: string) => boolean = () => false,
): Finding[] {
  const known = new Map(orders.map((order) => [order.id, order]));
  const knownAt = new Map(
    orders.filter(({ brokerId }) => brokerId !== '').map((order) => [order.brokerId, order]),
  );
  const replaced = new Set(listed.flatMap(({ replaces = '' }) => (replaces === '' ? [] : [replaces])));
  const findings: Finding[] = [];
  const seen = new Set<string>();
  for (const order of listed) {
    const ours = knownAt.get(order.brokerId) ?? known.get(ledgerId(order));
    if (ours !== undefined) seen.add(ours.id);
    if (ours === undefined)
      findings.push({ kind: order.replaces === undefined ? 'unknown' : 'replacing', order });
    else if (ours.sentAtMs === 0) findings.push({ kind: 'unsent', order });
    else findings.push(...differences(ours, order, replaced.has(order.brokerId)));
  }
  for (const ours of orders) {
    if (!seen.has(ours.id) && !isThere(ours.id) && isAtBroker(ours) && ours.updatedMs < startedMs)
      findings.push({ kind: 'missing', known: ours });
  }
  return findings;
}

/** @param isReplaced another listed order waits to take its place */
function differences(ours: LedgerOrder, order: BrokerOrder, isReplaced: boolean): Finding[] {
  if (ours.amended && ours.brokerId !== order.brokerId) return []; // a list from before it was replaced
  const terms = counted(order, ours.id, ours.before);
  const findings: Finding[] = isNews(ours, terms) ? [{ kind: 'news', order: terms }] : [];
  const isNotReplaced = ours.nextBrokerId !== '' && !isReplaced;
  if (isNotReplaced || isOtherwise(ours, terms))
    findings.push({ kind: 'changed', order: terms, known: ours });
  return findings;
}

function isNews(ours: LedgerOrder, theirs: BrokerOrder): boolean {
  return (
    ours.state === 'reserved' || ours.brokerId === '' || toNanos(theirs.filledQty) > toNanos(ours.filledQty)
  );
}

/**
 * Every field that counts. What the broker does not tell was estimated when the order was found: a market
 * order's limit, the quantity for an amount.
 */
function isOtherwise(ours: LedgerOrder, { symbol, side, limit, qty, notionalMicros }: BrokerOrder): boolean {
  const isSame = (a: string, b: string): boolean => toNanos(a) === toNanos(b);
  if (symbol !== ours.symbol || side !== ours.side) return true;
  return (
    (limit !== null && !isSame(limit, ours.limit)) || (notionalMicros === undefined && !isSame(qty, ours.qty))
  );
}

/** A submission whose lease still runs is in flight: not to be missed yet. */
function isAtBroker(order: LedgerOrder): boolean {
  return (
    order.state === 'working' ||
    order.state === 'cancelling' ||
    (order.state === 'reserved' && order.sentAtMs > 0 && order.unclear)
  );
}
