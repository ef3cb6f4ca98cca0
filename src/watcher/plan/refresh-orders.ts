/** Looks up a plan's orders: in the ledger, and at the broker if the ledger does not know them. */
import { counted, goesOn, NOTHING_BEFORE } from '../../broker/succession.ts';
import { fromNanos, toNanos } from '../../domain/decimal.ts';
import { WorkstealError } from '../../domain/errors.ts';
import { isFinal } from '../../domain/order.ts';
import { claim } from '../../ledger/commands/claim.ts';
import { BY_HAND } from '../../ledger/commands/settle.ts';
import { type LedgerOrder, readLedgerOrder } from '../../ledger/commands/snapshot.ts';
import type { Ledger } from '../../ledger/ledger.ts';
import { isReconciled } from '../../ledger/reconciled.ts';
import type { PlanContext } from './context.ts';
import { entryId, exitId } from './order-ids.ts';
import type { PlanState } from './plan-state.ts';
import type { OrderLookup, OrderView } from './view.ts';

/** Exits of one plan that are looked up after a takeover; usually there are one or two. */
const MAX_EXITS = 50;
const BROKER_TIMEOUT_MS = 5_000;

/**
 * Refreshes the current attempt's orders; after a takeover also what is held and closed.
 * @throws WorkstealError `unclear` when the broker gives no answer, `unavailable` when Redis does not
 */
export async function refreshOrders(context: PlanContext, state: PlanState): Promise<void> {
  const { plan } = state;
  state.lookDue = false;
  if (plan.stage === 'waiting') state.entry = await findLive(context, state);
  if (plan.stage === 'entering') {
    const [id, before] = [entryId(plan, plan.attempt), state.entry];
    state.entry = await findOrder(context, id, plan.id);
    logByHand(context, state, id, before, state.entry);
  }
  if (plan.stage !== 'holding' && plan.stage !== 'exiting') return;
  if (state.heldQty === undefined) await readHoldings(context, state);
  if (plan.stage !== 'exiting') return;
  const [id, before] = [exitId(plan, plan.exitAttempt), state.exit];
  state.exit = await findOrder(context, id, plan.id);
  logByHand(context, state, id, before, state.exit);
}

/** Logs a cancellation by hand once, when it is noticed. */
function logByHand(
  { log }: PlanContext,
  { plan }: PlanState,
  id: string,
  before: OrderLookup,
  order: OrderLookup,
): void {
  if (order?.reason !== BY_HAND || before?.reason === BY_HAND) return;
  log.warn(
    { plan: plan.id, order: id },
    `${plan.symbol}: the order ${id} was cancelled by hand; it is not placed again at once`,
  );
}

async function readHoldings(context: PlanContext, state: PlanState): Promise<void> {
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
 * The live entry of a plan that waits: the ledger lost the plan's progress, and the keeper found the order at
 * the broker. `null`: it has ended.
 */
async function findLive({ ledger, live }: PlanContext, { plan }: PlanState): Promise<OrderView | null> {
  const id = entryId(plan, live.attemptOf(plan.id) ?? plan.attempt);
  const order = await readLedgerOrder(ledger, id);
  await reassign(ledger, plan.id, order);
  if (order && !isFinal(order.state)) return viewOfOrder(order);
  live.forget(plan.symbol, id);
  return null;
}

/**
 * `null`: neither knows it. The ledger forgets ended orders with its history; the broker does not. If the
 * ledger says that an order ended before it was sent, the broker is asked too: after a failover the ledger
 * may have lost the mark of the submission (I6).
 */
async function findOrder(
  { ledger, broker, clock }: PlanContext,
  id: string,
  plan: string,
): Promise<OrderView | null> {
  const order = await readLedgerOrder(ledger, id);
  await reassign(ledger, plan, order);
  const view = order && viewOfOrder(order);
  if (view && (view.sent || !isFinal(view.state))) return view;
  // After a reconciliation, no submission that an older ledger recorded is still on its way.
  if (view && !(await isReconciled(ledger))) {
    throw new WorkstealError(
      'unclear',
      `${id}: the ledger may have lost that it was sent; waiting until the keeper has reconciled`,
    );
  }
  const timeout = AbortSignal.timeout(BROKER_TIMEOUT_MS);
  const answer = await broker.order(id, timeout);
  if (answer.kind === 'not_found') return view ?? null;
  if (answer.kind === 'unknown')
    throw new WorkstealError('unclear', `${id}: the broker gave no answer about it: ${answer.message}`);
  const successor = await goesOn(broker, answer.order, NOTHING_BEFORE, timeout);
  const { state, limit, filledQty, status, filledAtMs } = counted(successor.order, id, successor.before);
  return {
    state: state === 'live' ? 'working' : state,
    limit: limit ?? '0',
    filledQty,
    sent: true,
    robbedBy: '',
    keptAs: '',
    reason: status,
    filledSinceMs: ledgerTimeOf(clock, filledAtMs, answer.nowMs),
    endedMs: 0,
  };
}

/**
 * Converts a broker time to ledger time by its age; 0 when the broker gives no time. No host's clock takes
 * part.
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

/** Assigns an order to its plan again, after the keeper found it at the broker without knowing the plan. */
async function reassign(ledger: Ledger, plan: string, order: LedgerOrder | undefined): Promise<void> {
  if (order !== undefined && order.plan === '' && !isFinal(order.state)) await claim(ledger, plan, order.id);
}

function viewOfOrder({
  state,
  limit,
  filledQty,
  robbedBy,
  keptAs,
  keptOf,
  qty,
  pnl,
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
    keptAs,
    ...(keptOf === '' ? {} : { kept: { qty, pnl } }),
    reason,
    filledSinceMs,
    endedMs: endedAtMs,
    sent: sentAtMs > 0 || kind === 'external' || state === 'working',
  };
}
