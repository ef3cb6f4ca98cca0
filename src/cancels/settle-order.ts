/** How a cancelled order ended is told to the ledger, once (I4, I6). */
import type { Logger } from 'pino';
import { endingOf } from '../broker/ending.ts';
import type { Broker, BrokerOrder } from '../broker/port.ts';
import { WorkstealError } from '../domain/errors.ts';
import { type Ending, type FinalState, isFinal } from '../domain/order.ts';
import { notFoundEnding, settle, whyCancelled } from '../ledger/commands/settle.ts';
import { type LedgerOrder, readLedgerOrder } from '../ledger/commands/snapshot.ts';
import type { Ledger } from '../ledger/ledger.ts';

export type CancelOptions = {
  ledger: Ledger;
  broker: Broker;
  log: Pick<Logger, 'info' | 'warn'>;
  step: (name: string) => void;
  /**
   * The pause before the first check for the order's end, doubled each time up to the longest; default 5 and
   * 500 ms.
   */
  firstPauseMs?: number;
  longestPauseMs?: number;
  /** The number of pauses before the job fails and is retried; default 25 (about 10 s). */
  questions?: number;
  /**
   * Whether the broker may be asked now about an order that takes long to end: a budget of requests that all
   * waiting jobs share. Default: always.
   */
  mayAsk?: () => Promise<boolean>;
  /** The pause before an order that was not found is asked about again; default 1 s. */
  notFoundPauseMs?: number;
};

/** `settled`: by this call. In all other cases there was nothing left to do. */
export type Cancelled =
  | { outcome: 'settled'; state: FinalState; freedMicros: number }
  | { outcome: 'ended' | 'not_cancelling' | 'unknown' };

/** Undefined while the order has to be cancelled. */
export function nothingToDo(order: LedgerOrder | undefined): Cancelled | undefined {
  if (order === undefined) return { outcome: 'unknown' };
  if (isFinal(order.state)) return { outcome: 'ended' };
  return order.state === 'cancelling' ? undefined : { outcome: 'not_cancelling' };
}

/** The broker does not know the order. That is an end only for an order that it never confirmed. */
export async function neverThere(options: CancelOptions, order: LedgerOrder): Promise<Cancelled> {
  if (order.brokerId !== '') {
    throw new WorkstealError(
      'unclear',
      `${order.id}: the broker confirmed it as ${order.brokerId}, but does not find it now`,
      {
        order: order.id,
      },
    );
  }
  return await tell(options, order, notFoundEnding(order));
}

/** Tells the end that the broker reported. */
export async function settleAs(
  options: CancelOptions,
  order: LedgerOrder,
  ended: BrokerOrder,
): Promise<Cancelled> {
  // Where another order has replaced it, the ledger's quantity and limit have changed.
  const known =
    ended.brokerId === order.brokerId ? order : ((await readLedgerOrder(options.ledger, order.id)) ?? order);
  const ending = endingOf(ended, { ...known, why: whyCancelled(known) });
  if (ending === undefined) throw new WorkstealError('bug', `${order.id} is live and was to be settled`);
  return await tell(options, order, ending);
}

async function tell(
  { ledger, step, log }: CancelOptions,
  order: LedgerOrder,
  ending: Ending,
): Promise<Cancelled> {
  const facts = { order: order.id, plan: order.plan, steal: order.robbedBy, ...ending };
  try {
    const settlement = await settle(ledger, order.id, ending);
    step('after_settle');
    if (settlement.outcome !== 'settled')
      return { outcome: settlement.outcome === 'exists' ? 'ended' : 'unknown' };
    const { freedMicros, steal } = settlement;
    log.info(
      { ...facts, freedMicros, stealState: steal?.state },
      `${order.symbol}: cancellation settled, ${ending.state}`,
    );
    return { outcome: 'settled', state: ending.state, freedMicros };
  } catch (error) {
    if (!(error instanceof WorkstealError) || error.code !== 'contradiction') throw error;
    // Another process settled a different end first; the keeper compares with the broker.
    log.warn({ err: error, ...facts }, `${order.symbol}: its end contradicts the one in the ledger`);
    const now = nothingToDo(await readLedgerOrder(ledger, order.id));
    if (now !== undefined) return now;
    throw error;
  }
}
