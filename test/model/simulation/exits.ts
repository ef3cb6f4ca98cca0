/**
 * The exit half of a plan's life: sells what the plan bought. It keeps no state; each exit's number is looked
 * up again.
 */

import { holdingOf } from '../../../src/coordinator/held-at-broker.ts';
import { fromNanos, toNanos } from '../../../src/domain/decimal.ts';
import { isFinal, type OrderWish } from '../../../src/domain/order.ts';
import { admit } from '../../../src/ledger/commands/admit.ts';
import { confirm } from '../../../src/ledger/commands/confirm.ts';
import { readLedgerOrder } from '../../../src/ledger/commands/snapshot.ts';
import { entryId, exitId } from '../../../src/watcher/plan/order-ids.ts';
import {
  isOpened,
  LEASE_MS,
  type Plan,
  type PlanContext,
  send,
  unlessUnanswered,
  wishOf,
} from './watcher.ts';

const MOST_EXITS = 6;
const PAUSE_MS = 1_500;

type Found = { filledQty: string; isOver: boolean; isUnsent: boolean };

/** Sells what this attempt of the plan bought, as far as that may be: nothing is begun once it is calm. */
export async function sellOut(parts: PlanContext, plan: Plan, attempt: number): Promise<void> {
  const { world, life } = parts;
  while (life.alive && (await unlessUnanswered(() => sell(parts, plan, attempt))) === undefined)
    await world.sleep(life, PAUSE_MS);
}

async function sell(parts: PlanContext, plan: Plan, attempt: number): Promise<'done'> {
  const { world, life } = parts;
  const entry = await find(parts, entryId(plan, attempt));
  let left = toNanos(entry?.filledQty ?? '0');
  for (let number = 1; number <= MOST_EXITS && left > 0n; ) {
    const found = await find(parts, exitId(plan, number));
    if (found?.isOver) {
      left -= toNanos(found.filledQty);
      number += 1;
      continue;
    }
    if (world.calm) break;
    if (found === undefined || found.isUnsent)
      await begin(parts, exitWish(plan, attempt, number, fromNanos(left)));
    await world.sleep(life, PAUSE_MS);
  }
  return 'done';
}

/** Where the ledger wants to know what is held, the broker is asked, and the exit is tried once more. */
async function begin(parts: PlanContext, wish: OrderWish): Promise<void> {
  let { outcome } = await admit(parts.ledger, wish, LEASE_MS);
  parts.world.count(`exit: ${outcome}`);
  if (outcome === 'no_position' || outcome === 'unconfirmed') {
    const startedMs = parts.world.nowMs;
    await confirm(parts.ledger, holdingOf(wish.symbol, await parts.broker.positions()), startedMs);
    ({ outcome } = await admit(parts.ledger, wish, LEASE_MS));
    parts.world.count(`exit, asked: ${outcome}`);
  }
  if (outcome === 'fits' || outcome === 'exists') await send(parts, wish);
}

function exitWish(plan: Plan, attempt: number, number: number, qty: string): OrderWish {
  return { ...wishOf(plan, attempt), id: exitId(plan, number), side: 'sell', kind: 'exit', qty };
}

/**
 * Undefined: neither the ledger nor the broker knows it.
 * @throws WorkstealError where one of them does not tell
 */
async function find({ ledger, broker }: PlanContext, id: string): Promise<Found | undefined> {
  const order = await readLedgerOrder(ledger, id);
  if (order && (order.sentAtMs > 0 || !isFinal(order.state))) {
    const isUnsent = order.state === 'reserved' && order.sentAtMs === 0;
    return { filledQty: order.filledQty, isOver: isFinal(order.state), isUnsent };
  }
  const answer = await broker.order(id);
  if (answer.kind === 'found')
    return { filledQty: answer.order.filledQty, isOver: answer.order.state !== 'live', isUnsent: false };
  const isSure = answer.kind === 'not_found' && (await isOpened({ ledger }));
  if (order && isSure) return { filledQty: '0', isOver: true, isUnsent: false };
  return isSure ? undefined : { filledQty: '0', isOver: false, isUnsent: false };
}
