/**
 * Applies the broker's report of one order to the ledger. A report may come twice, late, out of order or
 * never (I6). The ledger takes what is new; a reconciliation resolves what contradicts it.
 */
import type { Logger } from 'pino';
import { endingOf, filledMicros } from '../broker/ending.ts';
import { ledgerId } from '../broker/order-id.ts';
import type { BrokerOrder } from '../broker/port.ts';
import { toNanos } from '../domain/decimal.ts';
import { WorkstealError } from '../domain/errors.ts';
import { type Filled, fill } from '../ledger/commands/fill.ts';
import { open } from '../ledger/commands/open.ts';
import { endedByBroker, settle, whyCancelled } from '../ledger/commands/settle.ts';
import { type LedgerOrder, readLedgerOrder } from '../ledger/commands/snapshot.ts';
import type { Ledger } from '../ledger/ledger.ts';

export type Applied =
  | 'changed'
  | 'exists'
  /** Older than the order's end, which the broker has reported: nothing to do. */
  | 'old'
  /** The ledger lacks the order, or ended it without the broker's report: reconcile. */
  | 'unknown'
  /** It contradicts the ledger: reconcile. */
  | 'contradiction';

/** @throws WorkstealError `unavailable` when Redis gave no answer; it may be applied again */
export async function applyOrder(ledger: Ledger, order: BrokerOrder): Promise<Applied> {
  try {
    return order.state === 'live' ? await applyLive(ledger, order) : await applyEnd(ledger, order);
  } catch (error) {
    if (!isContradiction(error)) throw error;
    const known = await readLedgerOrder(ledger, ledgerId(order));
    // It was replaced since, and the ledger has its replacement.
    return known?.amended && known.brokerId !== order.brokerId ? 'old' : 'contradiction';
  }
}

export type ApplyParts = { ledger: Ledger; log: Pick<Logger, 'warn'>; step: (name: string) => void };

/**
 * Applies an order that a reconciliation found at the broker.
 * @returns whether the ledger changed
 * @throws as applyOrder
 */
export async function applyListed({ ledger, log, step }: ApplyParts, order: BrokerOrder): Promise<boolean> {
  const applied = await applyOrder(ledger, order);
  if (applied === 'contradiction') {
    log.warn(
      { order: order.id, status: order.status, filledQty: order.filledQty },
      `${order.symbol}: the broker's order ${order.id} contradicts the ledger`,
    );
  }
  if (applied === 'changed') step(order.state === 'live' ? 'after_open' : 'after_settle');
  return applied === 'changed';
}

async function applyLive(ledger: Ledger, order: BrokerOrder): Promise<Applied> {
  const id = ledgerId(order);
  const opened = await open(ledger, id, order.brokerId);
  if (opened === 'unknown') return 'unknown';
  if (opened === 'ended') return endedByBroker(await readLedgerOrder(ledger, id)) ? 'old' : 'unknown';
  const seen = opened === 'working' ? 'changed' : 'exists';
  if (toNanos(order.filledQty) === 0n) return seen;
  let filled: Filled;
  try {
    filled = await fill(ledger, id, order.filledQty, filledMicros(order));
  } catch (error) {
    const known = isContradiction(error) ? await readLedgerOrder(ledger, id) : undefined;
    if (known === undefined || !isOverfilled(order, known)) throw error;
    filled = await fill(ledger, id, known.qty, filledMicros(order, known.limit));
    if (known.kind !== 'external') return 'contradiction';
  }
  if (filled === 'ended') return 'old';
  if (filled === 'unknown') return 'unknown';
  return filled === 'filled_so_far' ? 'changed' : seen;
}

/**
 * An order that ended before its submission was answered is settled without being opened: an open order could
 * be chosen as a victim (I3).
 */
async function applyEnd(ledger: Ledger, order: BrokerOrder): Promise<Applied> {
  const id = ledgerId(order);
  const known = await readLedgerOrder(ledger, id);
  const ending = known && endingOf(order, { ...known, why: whyCancelled(known) });
  if (ending === undefined) return 'unknown';
  const { outcome } = await settle(ledger, id, ending);
  if (known?.kind !== 'external' && known !== undefined && isOverfilled(order, known)) return 'contradiction';
  return outcome === 'settled' ? 'changed' : outcome;
}

/**
 * More was filled than the ledger's quantity. For an order placed by hand for an amount, that quantity is an
 * estimate; any other order was changed at the broker. Its cost counts now; the next reconciliation corrects
 * the position.
 */
function isOverfilled(order: BrokerOrder, known: LedgerOrder): boolean {
  return toNanos(order.filledQty) > toNanos(known.qty);
}

function isContradiction(error: unknown): boolean {
  return error instanceof WorkstealError && error.code === 'contradiction';
}
