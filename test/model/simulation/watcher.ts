/**
 * A plan's watcher: reserves an entry, steals if blocked, waits for its victims, sends the order with the
 * product's own `place`, and follows it to its end. It keeps no state across a crash: it starts again at its
 * first attempt, and reads from the ledger what happened.
 */
import type { Logger } from 'pino';
import type { Broker } from '../../../src/broker/port.ts';
import { place } from '../../../src/coordinator/place.ts';
import { WorkstealError } from '../../../src/domain/errors.ts';
import { isFinal, type OrderWish } from '../../../src/domain/order.ts';
import { answerOf } from '../../../src/ledger/answer.ts';
import { admit } from '../../../src/ledger/commands/admit.ts';
import { cancel } from '../../../src/ledger/commands/cancel.ts';
import { release } from '../../../src/ledger/commands/release.ts';
import { type LedgerOrder, readLedgerOrder } from '../../../src/ledger/commands/snapshot.ts';
import { steal } from '../../../src/ledger/commands/steal.ts';
import { key } from '../../../src/ledger/keys.ts';
import type { Ledger } from '../../../src/ledger/ledger.ts';
import { attemptOf } from '../../../src/watcher/plan/order-ids.ts';
import { REQUEST_TIMEOUT_MS } from './doors.ts';
import type { Life, World } from './world.ts';

/** Of a reservation or a pending thief. */
export const LEASE_MS = 9_000;
/** In which a marked order must be sent. */
export const SEND_WITHIN_MS = 15_000;
const ATTEMPTS = 6;
const PAUSE_MS = 1_500;

export type Plan = { id: string; symbol: string; dollars: number; pnl: number; probe: boolean };

export type PlanContext = {
  world: World;
  life: Life;
  ledger: Ledger;
  broker: Broker;
  monotonicMs: () => number;
  trusting: boolean;
  log: Logger;
};

export function wishOf(plan: Plan, attempt: number): OrderWish {
  const { id, symbol, dollars, pnl, probe } = plan;
  const size = { limit: '10', qty: String(dollars / 10), pnl: String(pnl) };
  return {
    id: `${id}_${attempt}`,
    symbol,
    side: 'buy',
    kind: 'entry',
    mode: probe ? 'probe' : 'normal',
    ...size,
    owner: id,
    plan: id,
  };
}

/** Resolves with the attempt that bought, or is live when all is calm; undefined: none. */
export async function watch(parts: PlanContext, plan: Plan): Promise<number | undefined> {
  const { world, life } = parts;
  for (let attempt = 1; attempt <= ATTEMPTS && life.alive; ) {
    const next = await unlessUnanswered(async () => once(parts, await asKept(parts, wishOf(plan, attempt))));
    if (next === 'done') return attempt;
    if (next === 'next') attempt += 1;
    else if (typeof next === 'number') attempt = next;
    else await world.sleep(life, PAUSE_MS);
    if (world.calm && next !== undefined && typeof next !== 'number') return undefined;
  }
  return undefined;
}

/** The smaller wish, where the plan goes on with what a thief left of its last order. */
async function asKept({ world, ledger }: PlanContext, wish: OrderWish): Promise<OrderWish> {
  const order = await readLedgerOrder(ledger, wish.id);
  if (order === undefined || order.keptOf === '') return wish;
  world.count('goes on with a part');
  return { ...wish, qty: order.qty, pnl: order.pnl };
}

/** What becomes of one attempt: the plan is done, goes on with another attempt, or looks again. */
async function once(parts: PlanContext, wish: OrderWish): Promise<'done' | 'next' | number | 'again'> {
  const { world, ledger } = parts;
  const admission = await admit(ledger, wish, LEASE_MS);
  if (admission.outcome === 'superseded')
    return admission.by === wish.id ? await neverSent(parts, wish) : attemptOf(admission.by);
  if (admission.outcome === 'exists') return await follow(parts, wish);
  if (admission.outcome === 'blocked' && !world.calm) {
    const outcome = await steal(ledger, wish, LEASE_MS, '');
    if (outcome.outcome === 'superseded')
      return outcome.by === wish.id ? await neverSent(parts, wish) : attemptOf(outcome.by);
    return outcome.outcome === 'stolen' || outcome.outcome === 'fits' || outcome.outcome === 'exists'
      ? await follow(parts, wish)
      : 'again';
  }
  return admission.outcome === 'fits' ? await follow(parts, wish) : 'again';
}

async function follow(parts: PlanContext, wish: OrderWish): Promise<'done' | 'next' | 'again'> {
  const { world, life, ledger } = parts;
  for (;;) {
    const order = await readLedgerOrder(ledger, wish.id);
    if (order === undefined) return 'again';
    if (order.state === 'expired' && order.sentAtMs === 0) world.count('leases that ran out');
    if (order.unclear) world.count('marks that ran out');
    if (isFinal(order.state))
      return order.sentAtMs > 0 || parts.trusting ? after(order) : await neverSent(parts, wish);
    if (order.state === 'reserved' && !order.unclear) await send(parts, wish);
    else if (order.state === 'working' && !world.calm && world.chance(0.06))
      await cancel(ledger, wish.id, 'withdrawn');
    else if (order.state === 'working' && world.calm) return 'done';
    await world.sleep(life, PAUSE_MS);
  }
}

/**
 * The ledger ended it and says that it was never sent, or does not know it any more. A ledger that was lost
 * may have forgotten the mark: so it is believed only of one that was opened, and when the broker does not
 * know the order either (I6).
 */
async function neverSent(
  { ledger, broker }: PlanContext,
  wish: OrderWish,
): Promise<'done' | 'next' | 'again'> {
  if (!(await isOpened({ ledger }))) return 'again';
  const answer = await broker.order(wish.id);
  if (answer.kind === 'not_found') return 'next';
  return answer.kind === 'found' && answer.order.state !== 'live' ? after(answer.order) : 'again';
}

/** Reconciled on the server that answers? */
export async function isOpened({ ledger }: Pick<PlanContext, 'ledger'>): Promise<boolean> {
  const asked = ledger.redis.hmget(key(ledger.account, 'account'), 'server_id', 'synced_at_ms');
  const [server, synced] = await answerOf('account', asked);
  return server === (await ledger.serverId()) && Boolean(synced);
}

function after({ filledQty }: Pick<LedgerOrder, 'filledQty'>): 'done' | 'next' {
  return /[1-9]/.test(filledQty) ? 'done' : 'next';
}

export async function send(
  { world, ledger, broker, monotonicMs, log }: PlanContext,
  wish: OrderWish,
): Promise<void> {
  if (!world.calm && world.chance(0.2)) return void (await release(ledger, wish.id, 'withdrawn'));
  const times = { leaseMs: SEND_WITHIN_MS, requestTimeoutMs: REQUEST_TIMEOUT_MS, monotonicMs };
  const placed = await place(
    { ledger, broker, log, ...times, step: () => {}, onBuyingPower: () => {} },
    wish,
    new AbortController().signal,
  );
  world.count(`placed: ${placed.outcome}`);
}

/** Undefined where nobody answered: it is tried again. Other errors are faults. */
export async function unlessUnanswered<T>(work: () => Promise<T>): Promise<T | undefined> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof WorkstealError && error.retriable) return undefined;
    throw error;
  }
}
