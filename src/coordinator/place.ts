/**
 * From a reservation to a live order: mark it as sent, send it, record the answer (I4, I6).
 *
 * An order is sent only within `leaseMs` of the request for its mark, by the monotonic clock. That is checked
 * again just before its bytes are written. The ledger holds the mark for one request timeout longer. So when
 * the mark's lease ends, this process can no longer send the order, and the keeper may ask the broker about
 * it. An order whose fate is unknown stays reserved.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Logger } from 'pino';
import { endingOf, filledMicros } from '../broker/ending.ts';
import type { Broker, BrokerOrder, OrderForm } from '../broker/port.ts';
import { WorkstealError } from '../domain/errors.ts';
import { type Ending, type FinalState, isFinal, type OrderWish } from '../domain/order.ts';
import { accountRefused } from '../ledger/commands/closures.ts';
import { fill } from '../ledger/commands/fill.ts';
import { open } from '../ledger/commands/open.ts';
import { release } from '../ledger/commands/release.ts';
import { endedByBroker, settle, whyCancelled } from '../ledger/commands/settle.ts';
import { readLedgerOrder } from '../ledger/commands/snapshot.ts';
import { submit } from '../ledger/commands/submit.ts';
import type { Ledger } from '../ledger/ledger.ts';
import { currentOf } from '../succession/current.ts';
import type { BrokerRefusal, Placed } from './answers.ts';
import { orderLog } from './steal-log.ts';
import { RECORD_PAUSE_MS, RECORD_TRIES, untilAnswered } from './until-answered.ts';

export type PlaceOptions = {
  ledger: Ledger;
  broker: Broker;
  log: Logger;
  /** It must be sent within this time. */
  leaseMs: number;
  /** How long a request to the broker may take once it is sent. */
  requestTimeoutMs: number;
  step: (name: string) => void;
  /** The broker refused for lack of buying power: the ledger may differ from the broker. */
  onBuyingPower: () => void;
  /** The broker refused an order of this symbol. */
  onRefused?: (symbol: string) => void;
  monotonicMs: () => number;
};

/** Pauses between requests about an order whose submission got no answer. */
const ASK_AFTER_MS = [100, 250, 500, 1_000, 2_000, 4_000];

/**
 * Sends a reserved order.
 * @throws WorkstealError `invalid` for an order that still waits for its room; the signal's reason when it
 *   aborts before the mark
 */
export async function place(
  options: PlaceOptions,
  wish: OrderWish,
  signal: AbortSignal,
  form?: OrderForm,
): Promise<Placed> {
  const { ledger, broker, log, leaseMs, requestTimeoutMs, step, monotonicMs } = options;
  signal.throwIfAborted();
  const sendUntilMs = monotonicMs() + leaseMs;
  const markUntilMs = sendUntilMs + requestTimeoutMs;
  const submission = await submit(ledger, wish.id, leaseMs + requestTimeoutMs).catch((error: unknown) => {
    if (error instanceof WorkstealError && error.retriable) return undefined;
    throw error;
  });
  // The mark may be set. Nothing was sent, but the ledger can't distinguish that from a crash after sending.
  if (submission === undefined) return { outcome: 'unclear' };
  switch (submission.outcome) {
    case 'send':
      break;
    case 'exists':
      if (submission.state !== 'reserved') return { outcome: 'working' };
      return await askAndRecord(options, wish, markUntilMs);
    case 'ended':
      return { outcome: 'ended', state: submission.state as FinalState, reason: submission.reason };
    case 'unclear':
      return { outcome: 'unclear' };
    case 'pending':
      throw new WorkstealError(
        'invalid',
        `${wish.id}: the order still waits for its victims; place it after its grant`,
        { order: wish.id },
      );
    default:
      await release(ledger, wish.id, submission.outcome).catch(() => {}); // if this fails, its lease runs out
      return { outcome: 'not_sent', reason: submission.outcome };
  }
  step('after_submit');

  const leftMs = Math.floor(sendUntilMs - monotonicMs());
  if (leftMs <= 0) return await giveBack(options, wish, 'too_late');
  const { id, symbol, side, limit, qty } = wish;
  // The caller's signal does not abort the request: its answer is worth a few seconds.
  const order = { id, symbol, side, limit, qty, ...(form && { form }) };
  const isInTime = (): boolean => monotonicMs() < sendUntilMs;
  const answer = await broker.submit(order, AbortSignal.timeout(leftMs), isInTime).catch((error: unknown) => {
    return { kind: 'unknown' as const, message: (error as Error).message };
  });
  step('after_post');
  switch (answer.kind) {
    case 'confirmed':
      return withWire(await record(options, wish, answer.order), answer.wire);
    case 'refused':
      if (answer.why === 'buying_power') options.onBuyingPower();
      options.onRefused?.(symbol);
      // Before the order ends, so that the next attempt finds the account closed.
      if (answer.why === 'account') await untilAnswered(() => accountRefused(ledger, id, answer.message));
      orderLog(log, wish).warn(
        { why: answer.why, message: answer.message },
        `${symbol}: ${answer.why === 'not_sent' ? 'the order was not sent' : 'the broker refused the order'}`,
      );
      return withRefusal(
        await settled(options, wish, {
          state: 'rejected',
          filledQty: '0',
          costMicros: 0,
          reason: answer.why,
        }),
        { message: answer.message, ...answer.wire },
      );
    case 'unknown':
      orderLog(log, wish).warn(
        { message: answer.message },
        `${symbol}: no answer to the submission; asking the broker about the order`,
      );
      return await askAndRecord(options, wish, markUntilMs);
  }
}

function withWire(placed: Placed, wire: unknown): Placed {
  return wire === undefined || (placed.outcome !== 'working' && placed.outcome !== 'ended')
    ? placed
    : { ...placed, wire };
}

function withRefusal(placed: Placed, refusal: BrokerRefusal): Placed {
  return placed.outcome === 'ended' && placed.state === 'rejected' ? { ...placed, refusal } : placed;
}

/** Nothing was sent, and no other host may send it: the order can end. */
async function giveBack(options: PlaceOptions, wish: OrderWish, reason: string): Promise<Placed> {
  const placed = await settled(options, wish, { state: 'rejected', filledQty: '0', costMicros: 0, reason });
  return placed.outcome === 'ended' ? { outcome: 'not_sent', reason } : placed;
}

/** Asks the broker until the mark's lease ends. "Not found" proves nothing: the order may still arrive. */
async function askAndRecord(options: PlaceOptions, wish: OrderWish, untilMs: number): Promise<Placed> {
  for (const pauseMs of ASK_AFTER_MS) {
    if (options.monotonicMs() + pauseMs >= untilMs) break;
    await sleep(pauseMs);
    const leftMs = Math.max(1, Math.floor(untilMs - options.monotonicMs()));
    const answer = await options.broker.order(wish.id, AbortSignal.timeout(leftMs)).catch(() => undefined);
    if (answer?.kind !== 'found') continue;
    if (isSubmissionOf(wish, answer.order)) return await record(options, wish, answer.order);
    // Another order has the id: the broker can only have refused this one.
    const refused = { state: 'rejected', filledQty: '0', costMicros: 0, reason: 'duplicate' } as const;
    return await settled(options, wish, refused);
  }
  return { outcome: 'unclear' };
}

/** An order that replaced another one under this id was never submitted. */
function isSubmissionOf({ symbol, side }: OrderWish, order: BrokerOrder): boolean {
  return order.replaces === undefined && order.symbol === symbol && order.side === side;
}

/** Records an order that the broker has: that it is open, its fills, and its end. */
async function record(options: PlaceOptions, wish: OrderWish, told: BrokerOrder): Promise<Placed> {
  const { ledger, log, step } = options;
  const current = await untilAnswered(() =>
    currentOf(options, told, AbortSignal.timeout(options.requestTimeoutMs)),
  );
  if (current?.kind !== 'order') return { outcome: 'unclear' };
  const { order } = current;
  const opened = await untilAnswered(() => open(ledger, wish.id, order.brokerId));
  if (opened === undefined || opened === 'unknown') return { outcome: 'unclear' };
  if (opened === 'ended') {
    // The keeper may have recorded its end before this answer came.
    if (endedByBroker(await readLedgerOrder(ledger, wish.id).catch(() => undefined)))
      return await fromLedger(options, wish);
    orderLog(log, wish).warn(
      `${wish.symbol}: the ledger had given the order up; cancelling it at the broker`,
    );
    if (order.state === 'live') await cancelAtBroker(options, order);
    return await fromLedger(options, wish);
  }
  step('after_open');
  if (order.state !== 'live') {
    // It may have been robbed since it was opened.
    const known = await readLedgerOrder(ledger, wish.id).catch(() => undefined);
    const ending = endingOf(order, known === undefined ? wish : { ...known, why: whyCancelled(known) });
    if (ending !== undefined) return await settled(options, wish, ending);
  }
  if (/[1-9]/.test(order.filledQty))
    await untilAnswered(() => fill(ledger, wish.id, order.filledQty, filledMicros(order, wish.limit)));
  return { outcome: 'working' };
}

/**
 * Cancels an order at the broker that the ledger no longer counts. If that fails, the keeper adopts the order
 * when it finds it.
 */
async function cancelAtBroker(
  { broker, requestTimeoutMs, log }: PlaceOptions,
  order: BrokerOrder,
): Promise<void> {
  for (let attempt = 1; attempt <= RECORD_TRIES; attempt += 1) {
    const answer = await broker
      .cancel(order.brokerId, AbortSignal.timeout(requestTimeoutMs))
      .catch(() => ({ kind: 'unknown' as const }));
    if (answer.kind !== 'unknown') return;
    await sleep(RECORD_PAUSE_MS * 2 ** attempt);
  }
  log.warn(
    { order: order.id, brokerId: order.brokerId },
    'an order that the ledger had given up could not be cancelled; it counts again when the keeper finds it',
  );
}

async function settled(options: PlaceOptions, wish: OrderWish, ending: Ending): Promise<Placed> {
  const settlement = await untilAnswered(() => settle(options.ledger, wish.id, ending));
  if (settlement === undefined) return await fromLedger(options, wish);
  options.step('after_settle');
  return settlement.outcome === 'unknown'
    ? { outcome: 'unclear' }
    : { outcome: 'ended', state: ending.state, reason: ending.reason };
}

async function fromLedger({ ledger }: PlaceOptions, wish: OrderWish): Promise<Placed> {
  const order = await readLedgerOrder(ledger, wish.id).catch(() => undefined);
  return order !== undefined && isFinal(order.state)
    ? { outcome: 'ended', state: order.state, reason: order.reason }
    : { outcome: 'unclear' };
}
