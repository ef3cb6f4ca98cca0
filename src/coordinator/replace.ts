/**
 * Replaces a live order at the broker (docs/decisions/0033): hold the larger of old and new, ask, record the
 * answer (I1, I4). As with a submission, the broker is asked only within the lease of the ledger's mark. A
 * request whose fate is unknown keeps what it holds; the keeper finds out.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { filledMicros } from '../broker/ending.ts';
import type { Broker, BrokerOrder, RefusalKind, ReplaceRequest, SubmitAnswer } from '../broker/port.ts';
import { fromNanos, toNanos } from '../domain/decimal.ts';
import { amend } from '../ledger/commands/amend.ts';
import { accountRefused } from '../ledger/commands/closures.ts';
import { fill } from '../ledger/commands/fill.ts';
import { open } from '../ledger/commands/open.ts';
import { notReplaced, type Replacement, type Replacing, replace } from '../ledger/commands/replace.ts';
import { readLedgerOrder } from '../ledger/commands/snapshot.ts';
import type { Fields } from '../ledger/reply.ts';
import { currentOf } from '../succession/current.ts';
import type { BrokerRefusal } from './answers.ts';
import type { PlaceOptions } from './place.ts';
import { untilAnswered } from './until-answered.ts';

/**
 * `id`: the ledger's order. `old`: as the broker has just reported it. `nextId`: the client order id of the
 * new order. `limit`, `qty`: what it will have; `asks`: what is named in the request, the rest stays.
 */
export type ReplaceWish = {
  id: string;
  old: BrokerOrder;
  nextId: string;
  limit: string;
  qty: string;
  asks: Pick<ReplaceRequest, 'limit' | 'qty' | 'stop' | 'trail' | 'timeInForce'>;
};

export type ReplacingBroker = Broker & Required<Pick<Broker, 'replace'>>;

export function canReplace(broker: Broker): broker is ReplacingBroker {
  return broker.replace !== undefined;
}

export type Replaced =
  /** The broker accepted the request. It may still reject the new order, when the old one fills first. */
  | { outcome: 'asked'; wire?: unknown }
  /** The ledger did not let it be asked; nothing changed. */
  | { outcome: 'refused'; reason: Exclude<Replacement['outcome'], 'send'>; numbers: Fields }
  /** The broker refused it, or was not asked in time: the order stays as it is. */
  | { outcome: 'rejected'; why: RefusalKind; refusal: BrokerRefusal }
  /** No answer: the larger of the two stays held, and the keeper asks the broker. */
  | { outcome: 'unclear' };

/** Pauses between questions about a replacement that got no answer, ms. */
const ASK_AFTER_MS = [100, 250, 500, 1_000, 2_000];

/** @throws WorkstealError `unavailable`, `unclear`: nothing was asked; the signal's reason before that */
export async function replaceOrder(
  options: PlaceOptions & { broker: ReplacingBroker },
  wish: ReplaceWish,
  signal: AbortSignal,
): Promise<Replaced> {
  const { ledger, broker, leaseMs, requestTimeoutMs, step, monotonicMs } = options;
  const { id, old, nextId, limit, qty, asks } = wish;
  await recordFills(options, wish, signal);
  signal.throwIfAborted();
  const sendUntilMs = monotonicMs() + leaseMs;
  const held = await hold(options, { id, was: old.brokerId, nextId, limit, qty });
  if (held.outcome !== 'send')
    return { outcome: 'refused', reason: held.outcome, numbers: 'numbers' in held ? held.numbers : {} };
  step('after_replace');

  const leftMs = Math.max(1, Math.floor(sendUntilMs - monotonicMs()));
  const request = { brokerId: old.brokerId, id: nextId, symbol: old.symbol, side: old.side, ...asks };
  const isInTime = (): boolean => monotonicMs() < sendUntilMs;
  // The caller's signal does not abort the request: its answer is worth a few seconds.
  const asked = broker.replace(request, AbortSignal.timeout(leftMs), isInTime);
  const answer = await asked.catch((error: unknown): SubmitAnswer => {
    return { kind: 'unknown', message: (error as Error).message };
  });
  step('after_patch');
  switch (answer.kind) {
    case 'confirmed':
      await recordNext(options, wish, answer.order);
      return { outcome: 'asked', wire: answer.wire };
    case 'refused': {
      const { why, message } = answer;
      if (why === 'buying_power') options.onBuyingPower();
      if (why === 'account') await untilAnswered(() => accountRefused(ledger, id, message));
      await untilAnswered(() => notReplaced(ledger, id, nextId));
      return { outcome: 'rejected', why, refusal: { message, ...answer.wire } };
    }
    case 'unknown':
      return await askAndRecord(options, wish, sendUntilMs + requestTimeoutMs);
  }
}

/** So that the ledger's order has all that filled before the request. */
async function recordFills(
  options: PlaceOptions,
  { id, old }: ReplaceWish,
  signal: AbortSignal,
): Promise<void> {
  const current = await currentOf(options, old, signal);
  if (current.kind !== 'order' || toNanos(current.order.filledQty) === 0n) return;
  await fill(options.ledger, id, current.order.filledQty, filledMicros(current.order));
}

/** An order whose submission's answer is not on record yet works all the same: the broker has reported it. */
async function hold({ ledger, leaseMs, requestTimeoutMs }: PlaceOptions, replacing: Replacing) {
  const markMs = leaseMs + requestTimeoutMs;
  const held = await replace(ledger, replacing, markMs);
  if (held.outcome !== 'not_working' || held.state !== 'reserved') return held;
  await open(ledger, replacing.id, replacing.was);
  return await replace(ledger, replacing, markMs);
}

/** "Not found" proves nothing: the request may still arrive, until the mark's lease has ended. */
async function askAndRecord(options: PlaceOptions, wish: ReplaceWish, untilMs: number): Promise<Replaced> {
  for (const pauseMs of ASK_AFTER_MS) {
    if (options.monotonicMs() + pauseMs >= untilMs) break;
    await sleep(pauseMs);
    const leftMs = Math.max(1, Math.floor(untilMs - options.monotonicMs()));
    const asked = options.broker.order(wish.nextId, AbortSignal.timeout(leftMs));
    const answer = await asked.catch(() => undefined);
    if (answer?.kind !== 'found') continue;
    if (answer.order.replaces !== wish.old.brokerId) {
      // Another order has the id: the broker can only have refused the request.
      await untilAnswered(() => notReplaced(options.ledger, wish.id, wish.nextId));
      return { outcome: 'rejected', why: 'duplicate', refusal: { message: 'another order has the id' } };
    }
    await recordNext(options, wish, answer.order);
    return { outcome: 'asked', wire: answer.wire };
  }
  return { outcome: 'unclear' };
}

/** The new order waits, or has been decided already. What is not recorded here, the keeper finds. */
async function recordNext(options: PlaceOptions, wish: ReplaceWish, next: BrokerOrder): Promise<void> {
  const { ledger, requestTimeoutMs, step } = options;
  const { id, old } = wish;
  if (next.state !== 'live' && toNanos(next.filledQty) === 0n)
    await untilAnswered(() => notReplaced(ledger, id, wish.nextId));
  else if (next.state !== 'live')
    await untilAnswered(() => currentOf(options, next, AbortSignal.timeout(requestTimeoutMs)));
  else
    await untilAnswered(async () => {
      const known = await readLedgerOrder(ledger, id);
      if (known === undefined) return 'unknown';
      const qty = fromNanos(toNanos(known.filledQty) + toNanos(next.qty));
      const { brokerId, symbol, side } = next;
      return await amend(ledger, {
        ...{ was: old.brokerId, limit: next.limit ?? wish.limit, before: known.before, takes: 'later' },
        terms: { id, brokerId, symbol, side, qty },
      });
    });
  step('after_amend');
}
