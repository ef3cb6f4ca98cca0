/**
 * What became of a plan's orders: the ledger is asked, and the broker about those that the ledger does not
 * know (any more).
 */

import { counted, goesOn, NOTHING_BEFORE } from '../../broker/succession.ts';
import { fromNanos, toNanos } from '../../domain/decimal.ts';
import { WorkstealError } from '../../domain/errors.ts';
import { isFinal } from '../../domain/order.ts';
import { answerOf } from '../../ledger/answer.ts';
import { claim } from '../../ledger/commands/claim.ts';
import { BY_HAND } from '../../ledger/commands/settle.ts';
import { type LedgerOrder, readLedgerOrder } from '../../ledger/commands/snapshot.ts';
import { key } from '../../ledger/keys.ts';
import type { Ledger } from '../../ledger/ledger.ts';
import type { PlanContext } from './context.ts';
import { entryId, exitId } from './order-ids.ts';
import type { PlanState } from './plan-state.ts';
import type { OrderLookup, OrderView } from './view.ts';

/** Exits of one plan that are looked up when another host takes it over; there are one or two as a rule. */
const MAX_EXITS = 50;
const BROKER_TIMEOUT_MS = 5_000;

/**
 * Brings what is known of the current attempt's orders up to date; after a takeover also what is held, closed
 * and since when.
 * @throws WorkstealError `unclear` when the broker does not tell, `unavailable` when Redis does not
 */
export async function refreshOrders(context: PlanContext, state: PlanState): Promise<void> {
  const { plan } = state;
  state.lookDue = false;
  if (plan.stage === 'waiting') state.entry = await findLive(context, state);
  if (plan.stage === 'entering') {
    const [id, before] = [entryId(plan, plan.attempt), state.entry];
    state.entry = await findOrder(context, id, plan.id);
    tellByHand(context, state, id, before, state.entry);
  }
  if (plan.stage !== 'holding' && plan.stage !== 'exiting') return;
  if (state.heldQty === undefined) await takeStock(context, state);
  if (plan.stage !== 'exiting') return;
  const [id, before] = [exitId(plan, plan.exitAttempt), state.exit];
  state.exit = await findOrder(context, id, plan.id);
  tellByHand(context, state, id, before, state.exit);
}

/** It says once, where it is noticed, that an order is not placed again at once. */
function tellByHand(
  { log }: PlanContext,
  { plan }: PlanState,
  id: string,
  before: OrderLookup,
  order: OrderLookup,
): void {
  if (order?.reason !== BY_HAND || before?.reason === BY_HAND) return;
  log.warn(
    { plan: plan.id, order: id },
    `${plan.symbol}: the order ${id} was cancelled by hand at the broker; it is not placed again at once`,
  );
}

async function takeStock(context: PlanContext, state: PlanState): Promise<void> {
  const { plan } = state;
  const entry = await findOrder(context, entryId(plan, plan.attempt), plan.id);
  const before = plan.stage === 'exiting' ? plan.exitAttempt - 1 : plan.exitAttempt;
  let closed = 0n;
  for (let attempt = Math.max(1, before - MAX_EXITS + 1); attempt <= before; attempt += 1) {
    closed += toNanos((await findOrder(context, exitId(plan, attempt), plan.id))?.filledQty ?? '0');
  }
  state.entry = entry;
  state.closedQty = fromNanos(closed);
  state.heldQty = entry?.filledQty ?? '0';
}

/**
 * An entry of a plan that waits, as the ledger has it: it was found at the broker after the plan's record was
 * lost. `null`: it is over.
 */
async function findLive({ ledger, live }: PlanContext, { plan }: PlanState): Promise<OrderView | null> {
  const id = entryId(plan, live.attemptOf(plan.id) ?? plan.attempt);
  const order = await readLedgerOrder(ledger, id);
  await takeBack(ledger, plan.id, order);
  if (order && !isFinal(order.state)) return viewOfOrder(order);
  live.forget(plan.symbol, id);
  return null;
}

/**
 * `null`: neither knows it. The ledger forgets ended orders with its history, the broker does not. That an
 * order ended before it was sent is not the ledger's word alone: one behind a failover may have forgotten the
 * mark of a submission (I6).
 */
async function findOrder(
  { ledger, broker, clock }: PlanContext,
  id: string,
  plan: string,
): Promise<OrderView | null> {
  const order = await readLedgerOrder(ledger, id);
  await takeBack(ledger, plan, order);
  const view = order && viewOfOrder(order);
  if (view && (view.sent || !isFinal(view.state))) return view;
  // Once it is reconciled, nothing that was marked in an older ledger can be on its way to the broker any
  // more.
  if (view && !(await isReconciled(ledger))) {
    throw new WorkstealError(
      'unclear',
      `${id}: the ledger is not reconciled on this server, and may have forgotten that it was sent`,
    );
  }
  const patience = AbortSignal.timeout(BROKER_TIMEOUT_MS);
  const answer = await broker.order(id, patience);
  if (answer.kind === 'not_found') return view ?? null;
  if (answer.kind === 'unknown')
    throw new WorkstealError(
      'unclear',
      `${id}: the broker does not tell what became of it: ${answer.message}`,
    );
  const goingOn = await goesOn(broker, answer.order, NOTHING_BEFORE, patience);
  const { state, limit, filledQty, status, filledAtMs } = counted(goingOn.order, id, goingOn.before);
  return {
    state: state === 'live' ? 'working' : state,
    limit: limit ?? '0',
    filledQty,
    sent: true,
    robbedBy: '',
    reason: status,
    filledSinceMs: ledgerTimeOf(clock, filledAtMs, answer.nowMs),
    endedMs: 0,
  };
}

/**
 * A time of the broker's clock as ledger time, by its age there; 0 where the broker does not tell. No host's
 * clock takes part.
 */
function ledgerTimeOf(
  clock: PlanContext['clock'],
  atMs: number | undefined,
  brokerNowMs: number | undefined,
): number {
  const nowMs = clock.nowMs();
  if (atMs === undefined || brokerNowMs === undefined || nowMs === undefined) return 0;
  return Math.max(1, Math.floor(nowMs - Math.max(0, brokerNowMs - atMs) * clock.scale));
}

/** It was found at the broker, by a ledger that had forgotten whose it was: it is its plan's again. */
async function takeBack(ledger: Ledger, plan: string, order: LedgerOrder | undefined): Promise<void> {
  if (order !== undefined && order.plan === '' && !isFinal(order.state)) await claim(ledger, plan, order.id);
}

async function isReconciled(ledger: Ledger): Promise<boolean> {
  const asked = ledger.redis.hmget(key(ledger.account, 'account'), 'synced_at_ms', 'server_id');
  const [synced, on] = await answerOf('account', asked);
  return synced !== null && synced !== undefined && on === (await ledger.serverId());
}

function viewOfOrder({
  state,
  limit,
  filledQty,
  robbedBy,
  reason,
  sentAtMs,
  kind,
  filledSinceMs,
  endedAtMs,
}: LedgerOrder): OrderView {
  return {
    state,
    limit,
    filledQty,
    robbedBy,
    reason,
    filledSinceMs,
    endedMs: endedAtMs,
    sent: sentAtMs > 0 || kind === 'external' || state === 'working',
  };
}
