/**
 * One cancellation: request it at the broker, wait for the order's end, settle that end in the ledger (I4).
 * An accepted request is no end yet, and a fill that comes first is a normal outcome. Every step is
 * idempotent: the state in the ledger decides where this starts.
 */

import { setTimeout as sleep } from 'node:timers/promises';
import type { BrokerOrder } from '../broker/port.ts';
import { WorkstealError } from '../domain/errors.ts';
import { whyCancelled } from '../ledger/commands/settle.ts';
import { type LedgerOrder, readLedgerOrder } from '../ledger/commands/snapshot.ts';
import { askFor } from '../succession/current.ts';
import { traced } from '../tracing/tracing.ts';
import { type Cancelled, type CancelOptions, neverThere, nothingToDo, settleAs } from './settle-order.ts';

export type { Cancelled, CancelOptions } from './settle-order.ts';

/**
 * After this many pauses (about half a second) the broker must report an accepted request as
 * `cancelRequested`; otherwise the request is sent again.
 */
const PATIENCE_QUESTIONS = 6;
/**
 * The ledger is read after each pause, because a trade update may have settled the order. The broker is asked
 * after these pauses (5 and 155 ms), and then after every fourth (2 s) while the budget allows it: orders
 * that stay `cancelRequested` must not use up the requests that others need.
 */
const QUICK_QUESTIONS: readonly number[] = [0, 4];
const FIRST_SLOW_QUESTION = 7;
const SLOW_EVERY = 4;

/**
 * Carries out the cancellation of a `cancelling` order; bounded in time.
 * @param waited the broker accepted an earlier request and the order had not ended (`timeout`): the request
 *   is sent again only where the broker has given it up
 * @throws WorkstealError `unclear` or `timeout` where it has not ended yet, or its state is unknown: retry;
 *   `unavailable`; the signal's reason
 */
export async function cancelOrder(
  options: CancelOptions,
  id: string,
  signal: AbortSignal,
  waited = false,
): Promise<Cancelled> {
  const { ledger, broker, log, step } = options;
  const { tracing } = ledger;
  const order = await readLedgerOrder(ledger, id);
  const done = nothingToDo(order);
  if (order === undefined || done !== undefined) return done ?? { outcome: 'unknown' };

  if (waited) {
    const further = await goOnWaiting(options, order, signal);
    if (further !== undefined) return further;
  }
  let brokerId = order.brokerId;
  if (brokerId === '') {
    const known = await ask(options, order, signal);
    if (known === 'not_found') return await neverThere(options, order);
    if (known.state !== 'live') return await settleAs(options, order, known);
    brokerId = known.brokerId;
  }
  // Logged before the request: whatever happens to this process or to the ledger, the log says who wanted the
  // cancellation, and why.
  const facts = {
    order: order.id,
    plan: order.plan,
    steal: order.robbedBy,
    brokerId,
    why: whyCancelled(order),
  };
  log.info(facts, `${order.symbol}: asking the broker to cancel it`);
  const asked = { 'worksteal.order': id, 'worksteal.broker_order': brokerId };
  const answer = await traced(tracing, 'cancel-asked', { kind: 'client', facts: asked }, async ({ note }) => {
    const told = await broker.cancel(brokerId, signal);
    note({ 'worksteal.answer': told.kind });
    return told;
  });
  step('after_cancel');
  if (answer.kind === 'accepted') return await untilEnded(options, order, signal, QUICK_QUESTIONS);
  const now = await ask(options, order, signal);
  if (now === 'not_found') return await neverThere(options, order);
  if (now.state !== 'live') return await settleAs(options, order, now);
  // A person replaced the order: its successor is the victim now.
  if (now.brokerId !== brokerId) return await cancelOrder(options, id, signal);
  if (answer.kind === 'unknown' && now.cancelRequested)
    return await untilEnded(options, order, signal, QUICK_QUESTIONS);
  throw new WorkstealError(
    'unclear',
    `${id}: the cancellation was answered "${answer.kind}" and the order is ${now.status}`,
    {
      order: id,
    },
  );
}

/** Undefined: the broker has given the request up, so it has to be sent again. */
async function goOnWaiting(
  options: CancelOptions,
  order: LedgerOrder,
  signal: AbortSignal,
): Promise<Cancelled | undefined> {
  const { mayAsk = always } = options;
  const answer = (await mayAsk()) ? await askFor(options, order, signal) : undefined;
  if (answer?.kind === 'found') {
    if (answer.order.state !== 'live') return await settleAs(options, order, answer.order);
    if (!answer.order.cancelRequested) return undefined;
  }
  return await untilEnded(options, order, signal, []);
}

/** From the broker's word that it cancels the order to its word that the order has ended. */
async function untilEnded(
  options: CancelOptions,
  order: LedgerOrder,
  signal: AbortSignal,
  quick: readonly number[],
): Promise<Cancelled> {
  const facts = { 'worksteal.order': order.id, 'worksteal.broker_order': order.brokerId };
  return await traced(options.ledger.tracing, 'cancel-confirmed', { facts }, async ({ note }) => {
    const cancelled = await watchForEnd(options, order, signal, quick);
    note({ 'worksteal.state': 'state' in cancelled ? cancelled.state : undefined });
    return cancelled;
  });
}

/**
 * Checks repeatedly for the end, the ledger first: the keeper, which follows the trade updates, may have
 * settled it meanwhile.
 */
async function watchForEnd(
  options: CancelOptions,
  order: LedgerOrder,
  signal: AbortSignal,
  quick: readonly number[],
): Promise<Cancelled> {
  const { ledger, firstPauseMs = 5, longestPauseMs = 500, questions = 25, mayAsk = always } = options;
  let underWay = false;
  for (let asked = 0; asked < questions; asked += 1) {
    await sleep(Math.min(longestPauseMs, firstPauseMs * 2 ** Math.min(asked, 10)), undefined, { signal });
    const done = nothingToDo(await readLedgerOrder(ledger, order.id));
    if (done !== undefined) return done;
    const isSlow = asked >= FIRST_SLOW_QUESTION && (asked - FIRST_SLOW_QUESTION) % SLOW_EVERY === 0;
    if (!quick.includes(asked) && !(isSlow && (await mayAsk()))) continue;
    const answer = await askFor(options, order, signal);
    if (answer.kind !== 'found') continue;
    if (answer.order.state !== 'live') return await settleAs(options, order, answer.order);
    if (answer.order.cancelRequested) underWay = true;
    else if (underWay || asked >= PATIENCE_QUESTIONS) {
      throw new WorkstealError(
        'unclear',
        `${order.id}: the broker gave up the cancellation; the order is ${answer.order.status}`,
        { order: order.id },
      );
    }
  }
  throw new WorkstealError(
    'timeout',
    `${order.id}: the broker accepted the cancellation, but the order has not ended yet`,
    {
      order: order.id,
      waitsFor: 'broker',
    },
  );
}

const always = async (): Promise<boolean> => true;

/**
 * The order as the broker has it. It counts as not found only where a second question, after a pause, has the
 * same answer.
 */
async function ask(
  options: CancelOptions,
  order: LedgerOrder,
  signal: AbortSignal,
): Promise<BrokerOrder | 'not_found'> {
  const { notFoundPauseMs = 1_000 } = options;
  let answer = await askFor(options, order, signal);
  if (answer.kind === 'not_found') {
    await sleep(notFoundPauseMs, undefined, { signal });
    answer = await askFor(options, order, signal);
  }
  if (answer.kind === 'found') return answer.order;
  if (answer.kind === 'not_found') return 'not_found';
  throw new WorkstealError('unclear', `${order.id}: its state at the broker is unknown: ${answer.message}`, {
    order: order.id,
  });
}
