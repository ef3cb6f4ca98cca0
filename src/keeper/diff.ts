/**
 * The differences between ledger and broker, order by order. A pure function: it applies nothing.
 *
 * The ledger is read before the broker is asked. An order sent in between may be listed, but not read. So
 * whoever applies a finding reads the ledger again.
 */

import { ledgerId } from '../broker/order-id.ts';
import type { BrokerOrder } from '../broker/port.ts';
import { counted } from '../broker/succession.ts';
import { toNanos } from '../domain/decimal.ts';
import type { LedgerOrder } from '../ledger/commands/snapshot.ts';

export type Finding =
  /** Both know it, and the broker knows more: that it is live, its id there, a fill. */
  | { kind: 'news'; order: BrokerOrder }
  /**
   * Somebody changed it under its id: symbol, side, limit or quantity differ. `order` in the ledger's terms.
   */
  | { kind: 'changed'; order: BrokerOrder; known: LedgerOrder }
  /** Live at the broker; not among the ledger's live orders. */
  | { kind: 'unknown'; order: BrokerOrder }
  /** Live at the broker, and replaces another order, which the ledger may know. */
  | { kind: 'replacing'; order: BrokerOrder }
  /** Live at the broker; never sent, according to the ledger. */
  | { kind: 'unsent'; order: BrokerOrder }
  /** Live in the ledger; not in the broker's list. It may have ended: ask the broker. */
  | { kind: 'missing'; known: LedgerOrder };

/**
 * @param orders the ledger's live orders
 * @param startedMs health time at which they were read: orders that changed since are not reported missing
 * @param listed the broker's live orders, asked for afterwards
 * @param isThere is an order of this id live at the broker, though not in `listed`, since it can't be read?
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
    else findings.push(...differences(ours, order, replaced.has(order.brokerId), startedMs));
  }
  for (const ours of orders) {
    if (!seen.has(ours.id) && !isThere(ours.id) && isAtBroker(ours) && ours.updatedMs < startedMs)
      findings.push({ kind: 'missing', known: ours });
  }
  return findings;
}

/**
 * @param isReplaced another listed order is to replace it
 * @param startedMs as for `diff`
 */
function differences(
  ours: LedgerOrder,
  order: BrokerOrder,
  isReplaced: boolean,
  startedMs: number,
): Finding[] {
  if (ours.amended && ours.brokerId !== order.brokerId) return []; // a list from before it was replaced
  const terms = counted(order, ours.id, ours.before);
  const findings: Finding[] = isNews(ours, terms) ? [{ kind: 'news', order: terms }] : [];
  const isNotReplaced = !isReplaced && (ours.nextBrokerId !== '' || isForgotten(ours, order, startedMs));
  if (isNotReplaced || isOtherwise(ours, terms))
    findings.push({ kind: 'changed', order: terms, known: ours });
  return findings;
}

/**
 * The ledger holds room for a replacement (lua/replace.lua), nobody can ask the broker for it any more, and
 * the broker has not taken it.
 */
function isForgotten({ nextQty, nextUntilMs }: LedgerOrder, order: BrokerOrder, startedMs: number): boolean {
  return nextQty !== '' && nextUntilMs < startedMs && !order.replaceRequested;
}

function isNews(ours: LedgerOrder, theirs: BrokerOrder): boolean {
  return (
    ours.state === 'reserved' || ours.brokerId === '' || toNanos(theirs.filledQty) > toNanos(ours.filledQty)
  );
}

/**
 * Compares every field that counts. A market order's limit, and the quantity of an order for an amount, are
 * estimates that the broker does not report.
 */
function isOtherwise(ours: LedgerOrder, { symbol, side, limit, qty, notionalMicros }: BrokerOrder): boolean {
  const isSame = (a: string, b: string): boolean => toNanos(a) === toNanos(b);
  if (symbol !== ours.symbol || side !== ours.side) return true;
  return (
    (limit !== null && !isSame(limit, ours.limit)) || (notionalMicros === undefined && !isSame(qty, ours.qty))
  );
}

/** A submission whose lease still runs is in flight: it is not missing yet. */
function isAtBroker(order: LedgerOrder): boolean {
  return (
    order.state === 'working' ||
    order.state === 'cancelling' ||
    (order.state === 'reserved' && order.sentAtMs > 0 && order.unclear)
  );
}
