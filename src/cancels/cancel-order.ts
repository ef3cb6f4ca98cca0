/**
 * One cancellation: ask the broker for it, wait for the order's end, tell the ledger how it ended (I4). An
 * accepted DELETE is only a request; a fill may win the race, which is a normal outcome. Everything may
 * happen any number of times: the ledger remembers, and what it holds decides where this starts.
 */

import { setTimeout as sleep } from 'node:timers/promises';
import type { Logger } from 'pino';
import { endingOf } from '../broker/ending.ts';
import type { Broker, BrokerOrder } from '../broker/port.ts';
import { WorkstealError } from '../domain/errors.ts';
import { type Ending, type FinalState, isFinal } from '../domain/order.ts';
import { notFoundEnding, settle, whyCancelled } from '../ledger/commands/settle.ts';
import { type LedgerOrder, readLedgerOrder } from '../ledger/commands/snapshot.ts';
import type { Ledger } from '../ledger/ledger.ts';
import { askFor } from '../succession/current.ts';

export type CancelOptions = {
  ledger: Ledger;
  broker: Broker;
  log: Pick<Logger, 'info' | 'warn'>;
  step: (name: string) => void;
  /**
   * The first pause before somebody is asked whether it has ended, doubled each time up to the longest;
   * default 5 and 500 ms.
   */
  firstPauseMs?: number;
  longestPauseMs?: number;
  /** Pauses in all, then the job is tried again; default 25 (some 10 s). */
  questions?: number;
  /**
   * May the broker be asked about an order that takes long to end? One budget for all who wait; default:
   * always.
   */
  mayAsk?: () => Promise<boolean>;
  /** Before the second question about an order that was not found; default 1 s. */
  notFoundPauseMs?: number;
};

/**
 * After so many pauses (half a second) an accepted cancellation must show at the broker; else it is asked for
 * again.
 */
const PATIENCE_QUESTIONS = 6;
/**
 * The ledger is looked at after each pause, for a trade update tells it of the end; the broker is asked after
 * these pauses (5 and 155 ms), and then after each fourth (2 s) as far as the budget goes. An order that
 * stays in `cancelRequested` must not take the requests that other orders need.
 */
const QUICK_QUESTIONS: readonly number[] = [0, 4];
const FIRST_SLOW_QUESTION = 7;
const SLOW_EVERY = 4;

/** `settled` by this call; or there was nothing to do (any more). */
export type Cancelled =
  | { outcome: 'settled'; state: FinalState; freedMicros: number }
  | { outcome: 'ended' | 'not_cancelling' | 'unknown' };

/**
 * Carries out the cancellation of a `cancelling` order; bounded in time.
 * @param waited the broker took the request before and the order had not ended (`timeout`): the request is
 *   sent again only where the broker gave it up
 * @throws WorkstealError `unclear` or `timeout`: it has not ended yet, or nobody can tell: try again;
 *   `unavailable`; the signal's reason
 */
export async function cancelOrder(
  options: CancelOptions,
  id: string,
  signal: AbortSignal,
  waited = false,
): Promise<Cancelled> {
  const { ledger, broker, log, step } = options;
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
  // Told before it is asked: whatever becomes of this process or of the ledger, it is known who wanted it and
  // why.
  const facts = {
    order: order.id,
    plan: order.plan,
    steal: order.robbedBy,
    brokerId,
    why: whyCancelled(order),
  };
  log.info(facts, `${order.symbol}: asking the broker to cancel it`);
  const answer = await broker.cancel(brokerId, signal);
  step('after_cancel');
  if (answer.kind === 'accepted') return await untilEnded(options, order, signal, QUICK_QUESTIONS);
  const now = await ask(options, order, signal);
  if (now === 'not_found') return await neverThere(options, order);
  if (now.state !== 'live') return await settleAs(options, order, now);
  // Somebody changed it: another order goes on for it, which is the victim now.
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

/** Undefined: the broker gave the request up, it is to be sent again. */
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

/**
 * Asks again and again, the ledger first: whoever follows the broker's trade updates may have settled it
 * meanwhile.
 */
async function untilEnded(
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
        `${order.id}: the broker gave the cancellation up: ${answer.order.status}`,
        { order: order.id },
      );
    }
  }
  throw new WorkstealError(
    'timeout',
    `${order.id}: the broker took the cancellation, but the order has not ended yet`,
    {
      order: order.id,
      waitsFor: 'broker',
    },
  );
}

const always = async (): Promise<boolean> => true;

function nothingToDo(order: LedgerOrder | undefined): Cancelled | undefined {
  if (order === undefined) return { outcome: 'unknown' };
  if (isFinal(order.state)) return { outcome: 'ended' };
  return order.state === 'cancelling' ? undefined : { outcome: 'not_cancelling' };
}

/**
 * The order as the broker has it. Not found counts only when a second question, a while later, says so too.
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
  throw new WorkstealError(
    'unclear',
    `${order.id}: the broker does not say what became of it: ${answer.message}`,
    { order: order.id },
  );
}

/** The broker does not know it. That is an end only for an order that it never confirmed. */
async function neverThere(options: CancelOptions, order: LedgerOrder): Promise<Cancelled> {
  if (order.brokerId !== '') {
    throw new WorkstealError(
      'unclear',
      `${order.id}: the broker confirmed it as ${order.brokerId} and does not find it now`,
      {
        order: order.id,
      },
    );
  }
  return await tell(options, order, notFoundEnding(order));
}

async function settleAs(options: CancelOptions, order: LedgerOrder, ended: BrokerOrder): Promise<Cancelled> {
  // Where it was followed to another order, quantity and limit are that one's.
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
    // Somebody else told the end first, with other words; the keeper compares with the broker.
    log.warn({ err: error, ...facts }, `${order.symbol}: its end contradicts what the ledger has`);
    const now = nothingToDo(await readLedgerOrder(ledger, order.id));
    if (now !== undefined) return now;
    throw error;
  }
}
