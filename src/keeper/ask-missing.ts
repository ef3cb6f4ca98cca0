/** Asks the broker about an order that it no longer lists, and records how the order ended (I4). */
import type { Logger } from 'pino';
import type { Broker } from '../broker/port.ts';
import { isFinal } from '../domain/order.ts';
import { notFoundEnding, settle } from '../ledger/commands/settle.ts';
import { type LedgerOrder, readLedgerOrder, type Snapshot } from '../ledger/commands/snapshot.ts';
import type { Ledger } from '../ledger/ledger.ts';
import { askFor } from '../succession/current.ts';
import { applyListed } from './apply-order.ts';
import type { MissingOrders } from './missing-orders.ts';
import type { UnaccountedOrders } from './unaccounted-orders.ts';

export type AskMissingParts = {
  ledger: Ledger;
  broker: Broker;
  log: Pick<Logger, 'warn'>;
  step: (name: string) => void;
  missing: MissingOrders;
  unaccounted: UnaccountedOrders;
};

/** @returns whether the ledger changed */
export async function askMissing(
  parts: AskMissingParts,
  known: LedgerOrder,
  book: Snapshot,
  signal: AbortSignal,
): Promise<boolean> {
  const { missing, unaccounted } = parts;
  const answer = await askFor(parts, known, signal);
  if (answer.kind === 'unknown') return false;
  if (answer.kind === 'found') {
    missing.found(known.id);
    unaccounted.found(known.id);
    return await applyListed(parts, answer.order);
  }
  if (!missing.notFound(known.id)) return false;
  // If a person vouched for the account after the order was sent, the order has ended.
  const isVouched = Number(book.account['vouched_ms'] ?? 0) >= known.sentAtMs;
  if (known.brokerId !== '' && !isVouched) {
    unaccounted.add(known);
    return false;
  }
  return await endNotFound(parts, known.id, book.healthMs);
}

async function endNotFound(
  { ledger, log, step }: AskMissingParts,
  id: string,
  startedMs: number,
): Promise<boolean> {
  const known = await readLedgerOrder(ledger, id);
  if (!known || isFinal(known.state) || known.updatedMs >= startedMs) return false;
  const ending = notFoundEnding(known);
  const { outcome } = await settle(ledger, id, ending);
  log.warn(
    { order: id, was: known.state, filledQty: known.filledQty, outcome },
    `${known.symbol}: the broker says twice that it does not know the order ${id}; ended as ${ending.state}`,
  );
  if (outcome === 'settled') step('after_settle');
  return outcome === 'settled';
}
