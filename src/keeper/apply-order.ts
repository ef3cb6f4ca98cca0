/**
 * What the broker says of one order -> the ledger. Any message may come twice, late, out of turn or never
 * (I6): the ledger takes what is new, and what does not fit it is left to the next reconciliation.
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
  /** About a time before the broker itself said how the order ended: nothing to do. */
  | 'old'
  /** The ledger lacks the order, or thinks it over without the broker's word: reconcile. */
  | 'unknown'
  /** It does not fit what the ledger knows for sure: reconcile. */
  | 'contradiction';

/** @throws WorkstealError `unavailable` when Redis gave no answer; then it may be applied again. */
export async function applyOrder(ledger: Ledger, order: BrokerOrder): Promise<Applied> {
  try {
    return order.state === 'live' ? await applyLive(ledger, order) : await applyEnd(ledger, order);
  } catch (error) {
    if (!isContradiction(error)) throw error;
    const known = await readLedgerOrder(ledger, ledgerId(order));
    // It was replaced since, and the ledger has followed: another order goes on for it.
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
 * An order that ended while its submission was still unanswered is settled as it is: opened first, it could
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
 * More was filled than the ledger's order asks for. Of an order placed by hand for an amount the quantity is
 * an estimate; of another one the broker changed it. It counts what it cost; the position's quantity comes
 * with the next reconciliation.
 */
function isOverfilled(order: BrokerOrder, known: LedgerOrder): boolean {
  return toNanos(order.filledQty) > toNanos(known.qty);
}

function isContradiction(error: unknown): boolean {
  return error instanceof WorkstealError && error.code === 'contradiction';
}
