/**
 * What the broker says of one order -> the ledger. Any message may come twice, late, out of turn or never (I6): the ledger takes
 * what is new, and what does not fit it is left to the next reconciliation.
 */

import type { BrokerOrder } from '../broker/port.ts';
import { fromNanos, toNanos } from '../domain/decimal.ts';
import { WorkstealError } from '../domain/errors.ts';
import { type Micros, notionalMicros } from '../domain/money.ts';
import { type FinalState, isFinal } from '../domain/order.ts';
import { answerOf } from '../ledger/answer.ts';
import { fill } from '../ledger/commands/fill.ts';
import { open } from '../ledger/commands/open.ts';
import { endedByBroker, settle } from '../ledger/commands/settle.ts';
import { type LedgerOrder, readLedgerOrder } from '../ledger/commands/snapshot.ts';
import { key } from '../ledger/keys.ts';
import type { Ledger } from '../ledger/ledger.ts';
import { ledgerId } from './order-id.ts';

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
    return order.state === 'live' ? await applyLive(ledger, order) : await applyEnd(ledger, order, order.state);
  } catch (error) {
    if (!isContradiction(error)) throw error;
  }
  const known = await readLedgerOrder(ledger, ledgerId(order));
  if (known?.kind !== 'external' || isFinal(known.state)) return 'contradiction';
  try {
    return await applyToExternal(ledger, order, known);
  } catch (error) {
    if (isContradiction(error)) return 'contradiction';
    throw error;
  }
}

/** What the filled part cost, rounded up. Where the broker does not tell the price, at the limit. */
export function filledMicros(order: BrokerOrder): Micros {
  return notionalMicros(order.filledAvgPrice ?? order.limit ?? '0', order.filledQty);
}

async function applyLive(ledger: Ledger, order: BrokerOrder): Promise<Applied> {
  const id = ledgerId(order);
  const opened = await open(ledger, id, order.brokerId);
  if (opened === 'unknown') return 'unknown';
  if (opened === 'ended') return endedByBroker(await readLedgerOrder(ledger, id)) ? 'old' : 'unknown';
  const seen = opened === 'working' ? 'changed' : 'exists';
  if (toNanos(order.filledQty) === 0n) return seen;
  const filled = await fill(ledger, id, order.filledQty, filledMicros(order));
  if (filled === 'ended') return 'old';
  if (filled === 'unknown') return 'unknown';
  return filled === 'filled_so_far' ? 'changed' : seen;
}

/** An order that ended while its submission was still unanswered is settled as it is: opened first, it could be chosen as a victim (I3). */
async function applyEnd(ledger: Ledger, order: BrokerOrder, state: FinalState): Promise<Applied> {
  const full = toNanos(order.filledQty) > 0n && toNanos(order.filledQty) === toNanos(order.qty);
  const id = ledgerId(order);
  const reason = await reasonOf(ledger, id, full ? 'filled' : state);
  const ending = { state: full ? 'filled' : state, filledQty: order.filledQty, costMicros: filledMicros(order), reason } as const;
  const { outcome } = await settle(ledger, id, ending);
  return outcome === 'settled' ? 'changed' : outcome;
}

/** One word: the end itself; of a cancelled order why it was cancelled, where the ledger knows. */
async function reasonOf(ledger: Ledger, id: string, state: FinalState): Promise<string> {
  if (state !== 'cancelled') return state;
  const [robbedBy, asked] = await answerOf('order', ledger.redis.hmget(key(ledger.account, `order:${id}`), 'robbed_by', 'cancel_reason'));
  return robbedBy ? 'stolen' : (asked ?? state);
}

/**
 * An order that was placed by hand for an amount has a quantity that was estimated when it was adopted: the broker's figures are
 * fitted to it. What the estimate was off by in the position is corrected by the next reconciliations.
 */
async function applyToExternal(ledger: Ledger, order: BrokerOrder, known: LedgerOrder): Promise<Applied> {
  const most = toNanos(known.qty);
  const told = toNanos(order.filledQty);
  const filled = order.state === 'filled' || told > most ? most : told;
  const costMicros = filledMicros(order);
  if (order.state === 'live') {
    const outcome = await fill(ledger, known.id, fromNanos(filled), costMicros);
    return outcome === 'filled_so_far' ? 'changed' : outcome === 'ended' ? 'old' : outcome;
  }
  const state = filled === most ? 'filled' : order.state;
  const { outcome } = await settle(ledger, known.id, { state, filledQty: fromNanos(filled), costMicros, reason: state });
  return outcome === 'settled' ? 'changed' : outcome;
}

function isContradiction(error: unknown): boolean {
  return error instanceof WorkstealError && error.code === 'contradiction';
}
