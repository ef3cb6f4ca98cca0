/**
 * From a reservation to a live order: mark, send, record (I4, I6).
 *
 * The fence: an order is sent only while the monotonic time since before the mark was asked for is below
 * `leaseMs`, which is looked at once more in the very turn in which its bytes leave; the ledger holds the
 * mark for a request's timeout longer. So when the lease ends nothing of it can still leave this process, and
 * the keeper may ask the broker what became of it. Whatever stays unknown stays reserved.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Logger } from 'pino';
import { endingOf, filledMicros } from '../broker/ending.ts';
import type { Broker, BrokerOrder } from '../broker/port.ts';
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
import { orderLog } from './steal-log.ts';

export type Placed =
  /** Live at the broker and open in the ledger. */
  | { outcome: 'working' }
  /** Filled at once, rejected by the broker (its room is back), or ended meanwhile. */
  | { outcome: 'ended'; state: FinalState; reason: string }
  /**
   * Over the cap, halted, unsynced, unknown to the ledger, or too late: nothing was sent, and its room is
   * back.
   */
  | { outcome: 'not_sent'; reason: string }
  /** It may be at the broker. It stays reserved; the keeper asks the broker; wait for the order's events. */
  | { outcome: 'unclear' };

export type PlaceOptions = {
  ledger: Ledger;
  broker: Broker;
  log: Logger;
  /** In which it must be sent. */
  leaseMs: number;
  /** What a request to the broker may take once it is sent. */
  requestTimeoutMs: number;
  step: (name: string) => void;
  /** The broker refused for want of buying power: the ledger may have drifted. */
  onBuyingPower: () => void;
  /** The broker refused an order of this symbol. */
  onRefused?: (symbol: string) => void;
  monotonicMs: () => number;
};

/** Pauses between questions about an order whose submission got no answer. */
const ASK_AFTER_MS = [100, 250, 500, 1_000, 2_000, 4_000];
const RECORD_TRIES = 5;
const RECORD_PAUSE_MS = 50;

/**
 * Sends a reserved order.
 * @throws WorkstealError `invalid` for an order that has not got its room yet; the signal's reason when it
 *   aborts before the mark
 */
export async function place(options: PlaceOptions, wish: OrderWish, signal: AbortSignal): Promise<Placed> {
  const { ledger, broker, log, leaseMs, requestTimeoutMs, step, monotonicMs } = options;
  signal.throwIfAborted();
  const sendUntilMs = monotonicMs() + leaseMs;
  const markUntilMs = sendUntilMs + requestTimeoutMs;
  const submission = await submit(ledger, wish.id, leaseMs + requestTimeoutMs).catch((error: unknown) => {
    if (error instanceof WorkstealError && error.retriable) return undefined;
    throw error;
  });
  // The mark may stand. Nothing was sent, but only the keeper can tell that from a crash.
  if (submission === undefined) return { outcome: 'unclear' };
  switch (submission.outcome) {
    case 'send':
      break;
    case 'exists':
      if (submission.state !== 'reserved') return { outcome: 'working' };
      return await askAndRecord(options, wish, markUntilMs);
    case 'ended':
      return { outcome: 'ended', state: submission.state as FinalState, reason: submission.reason };
    case 'pending':
      throw new WorkstealError(
        'invalid',
        `${wish.id}: it waits for its victims yet; place it when it is granted`,
        { order: wish.id },
      );
    default:
      await release(ledger, wish.id, submission.outcome).catch(() => {}); // else its lease gives it back
      return { outcome: 'not_sent', reason: submission.outcome };
  }
  step('after_submit');

  const leftMs = Math.floor(sendUntilMs - monotonicMs());
  if (leftMs <= 0) return await giveBack(options, wish, 'too_late');
  const { id, symbol, side, limit, qty } = wish;
  // The caller's signal takes no part: an answer that is under way is worth its few seconds.
  const order = { id, symbol, side, limit, qty };
  const isInTime = (): boolean => monotonicMs() < sendUntilMs;
  const answer = await broker.submit(order, AbortSignal.timeout(leftMs), isInTime).catch((error: unknown) => {
    return { kind: 'unknown' as const, message: (error as Error).message };
  });
  step('after_post');
  switch (answer.kind) {
    case 'confirmed':
      return await record(options, wish, answer.order);
    case 'refused':
      if (answer.why === 'buying_power') options.onBuyingPower();
      options.onRefused?.(symbol);
      // Before the order ends: whoever tries next finds the account closed.
      if (answer.why === 'account') await insist(() => accountRefused(ledger, id, answer.message));
      orderLog(log, wish).warn(
        { why: answer.why, message: answer.message },
        `${symbol}: ${answer.why === 'not_sent' ? 'the order was not sent' : 'the broker refused the order'}`,
      );
      return await settled(options, wish, {
        state: 'rejected',
        filledQty: '0',
        costMicros: 0,
        reason: answer.why,
      });
    case 'unknown':
      orderLog(log, wish).warn({ message: answer.message }, `${symbol}: no answer to the submission, asking`);
      return await askAndRecord(options, wish, markUntilMs);
  }
}

/** Nothing was sent and nobody else was told to send: that is a fact, so the mark may end. */
async function giveBack(options: PlaceOptions, wish: OrderWish, reason: string): Promise<Placed> {
  const placed = await settled(options, wish, { state: 'rejected', filledQty: '0', costMicros: 0, reason });
  return placed.outcome === 'ended' ? { outcome: 'not_sent', reason } : placed;
}

/** It may be at the broker: asks until the mark's lease ends. Not found is no proof: it may still appear. */
async function askAndRecord(options: PlaceOptions, wish: OrderWish, untilMs: number): Promise<Placed> {
  for (const pauseMs of ASK_AFTER_MS) {
    if (options.monotonicMs() + pauseMs >= untilMs) break;
    await sleep(pauseMs);
    const leftMs = Math.max(1, Math.floor(untilMs - options.monotonicMs()));
    const answer = await options.broker.order(wish.id, AbortSignal.timeout(leftMs)).catch(() => undefined);
    if (answer?.kind === 'found') return await record(options, wish, answer.order);
  }
  return { outcome: 'unclear' };
}

/** The broker has it: `open`, and what was filled or has ended already. */
async function record(options: PlaceOptions, wish: OrderWish, told: BrokerOrder): Promise<Placed> {
  const { ledger, log, step } = options;
  const current = await insist(() => currentOf(options, told, AbortSignal.timeout(options.requestTimeoutMs)));
  if (current?.kind !== 'order') return { outcome: 'unclear' };
  const { order } = current;
  const opened = await insist(() => open(ledger, wish.id, order.brokerId));
  if (opened === undefined || opened === 'unknown') return { outcome: 'unclear' };
  if (opened === 'ended') {
    // The keeper heard of its end before this answer came? Then nothing is left at the broker.
    if (endedByBroker(await readLedgerOrder(ledger, wish.id).catch(() => undefined)))
      return await asLedgerSays(options, wish);
    orderLog(log, wish).warn(
      `${wish.symbol}: the ledger had given the order up; cancelling it at the broker`,
    );
    if (order.state === 'live') await withdraw(options, order);
    return await asLedgerSays(options, wish);
  }
  step('after_open');
  if (order.state !== 'live') {
    // it may have been robbed since it was opened
    const known = await readLedgerOrder(ledger, wish.id).catch(() => undefined);
    const ending = endingOf(order, known === undefined ? wish : { ...known, why: whyCancelled(known) });
    if (ending !== undefined) return await settled(options, wish, ending);
  }
  if (/[1-9]/.test(order.filledQty))
    await insist(() => fill(ledger, wish.id, order.filledQty, filledMicros(order, wish.limit)));
  return { outcome: 'working' };
}

/**
 * Takes an order that nobody counts any more off the broker at once. What remains counts again as soon as the
 * keeper finds it.
 */
async function withdraw({ broker, requestTimeoutMs, log }: PlaceOptions, order: BrokerOrder): Promise<void> {
  for (let attempt = 1; attempt <= RECORD_TRIES; attempt += 1) {
    const answer = await broker
      .cancel(order.brokerId, AbortSignal.timeout(requestTimeoutMs))
      .catch(() => ({ kind: 'unknown' as const }));
    if (answer.kind !== 'unknown') return;
    await sleep(RECORD_PAUSE_MS * 2 ** attempt);
  }
  log.warn(
    { order: order.id, brokerId: order.brokerId },
    'an order that the ledger gave up could not be cancelled: the keeper will find it',
  );
}

async function settled(options: PlaceOptions, wish: OrderWish, ending: Ending): Promise<Placed> {
  const settlement = await insist(() => settle(options.ledger, wish.id, ending));
  if (settlement === undefined) return await asLedgerSays(options, wish);
  options.step('after_settle');
  return settlement.outcome === 'unknown'
    ? { outcome: 'unclear' }
    : { outcome: 'ended', state: ending.state, reason: ending.reason };
}

async function asLedgerSays({ ledger }: PlaceOptions, wish: OrderWish): Promise<Placed> {
  const order = await readLedgerOrder(ledger, wish.id).catch(() => undefined);
  return order !== undefined && isFinal(order.state)
    ? { outcome: 'ended', state: order.state, reason: order.reason }
    : { outcome: 'unclear' };
}

/**
 * What a fact needs to reach the ledger: sent again while there is no answer (I6). Undefined when there was
 * none, or it contradicts.
 */
async function insist<T>(command: () => Promise<T>): Promise<T | undefined> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await command();
    } catch (error) {
      if (!(error instanceof WorkstealError) || (!error.retriable && error.code !== 'contradiction'))
        throw error;
      if (!error.retriable || attempt === RECORD_TRIES) return undefined;
      await sleep(RECORD_PAUSE_MS * 2 ** attempt);
    }
  }
}
