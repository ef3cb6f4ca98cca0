/**
 * One order may be several at the broker, one after another. Whoever changes it by hand ends it as
 * `replaced`, and another one with an id of its own goes on: it `replaces` the first, which is `replacedBy`
 * it, and it can be replaced too. For the ledger they are one order, under the id of the first: its quantity
 * and its fills are the sums, its limit is the last one's.
 */
import { fromNanos, NANOS, toNanos } from '../domain/decimal.ts';
import { WorkstealError } from '../domain/errors.ts';
import type { Before } from '../domain/order.ts';
import { filledMicros } from './ending.ts';
import type { Broker, BrokerOrder } from './port.ts';

export const NOTHING_BEFORE: Before = { qty: '0', micros: 0 };

/**
 * So many orders are followed, forward or back. What was changed more often is found by its last orders
 * alone.
 */
const LONGEST = 32;

/**
 * It ended because another one takes its place. One that is `replaced` and filled to its end is filled:
 * nothing goes on for it.
 */
export function isReplaced(order: BrokerOrder): boolean {
  return order.replaced === true && toNanos(order.filledQty) < toNanos(order.qty);
}

/**
 * The order that goes on for this one, and what came before it; the order itself where nothing replaced it.
 * @throws WorkstealError `unclear` where the broker does not tell
 */
export async function goesOn(
  broker: Pick<Broker, 'orderByBrokerId'>,
  order: BrokerOrder,
  before: Before,
  signal?: AbortSignal,
): Promise<{ order: BrokerOrder; before: Before }> {
  let [last, sum] = [order, before];
  for (let hops = 0; isReplaced(last); hops += 1) {
    // an update may come before it is known
    if (last.replacedBy === undefined) last = await theOrder(broker, last.brokerId, signal);
    if (last.replacedBy === undefined || hops >= LONGEST)
      throw unclear(last, 'was replaced, the broker does not say by which order');
    sum = afterwards(sum, last);
    last = await theOrder(broker, last.replacedBy, signal);
  }
  return { order: last, before: sum };
}

/**
 * The orders that this one goes on for, the oldest first, and itself.
 * @throws WorkstealError `unclear` where the broker does not tell
 */
export async function lineOf(
  broker: Pick<Broker, 'orderByBrokerId'>,
  order: BrokerOrder,
  signal?: AbortSignal,
): Promise<BrokerOrder[]> {
  const line = [order];
  for (let first = order; first.replaces !== undefined && line.length < LONGEST; ) {
    first = await theOrder(broker, first.replaces, signal);
    line.unshift(first);
  }
  return line;
}

/** What came before the order that follows these. */
export function sumOf(orders: readonly BrokerOrder[]): Before {
  return orders.reduce(afterwards, NOTHING_BEFORE);
}

/**
 * The order as the ledger counts it: under this id, with what came before. The average price is rounded up.
 */
export function counted(order: BrokerOrder, id: string, before: Before): BrokerOrder {
  const earlier = toNanos(before.qty);
  if (earlier === 0n) return { ...order, id };
  const filled = earlier + toNanos(order.filledQty);
  const costNanos = BigInt(before.micros + filledMicros(order)) * 1_000n;
  const filledAvgPrice = fromNanos((costNanos * NANOS + filled - 1n) / filled);
  return {
    ...order,
    id,
    qty: fromNanos(earlier + toNanos(order.qty)),
    filledQty: fromNanos(filled),
    filledAvgPrice,
  };
}

function afterwards({ qty, micros }: Before, order: BrokerOrder): Before {
  return { qty: fromNanos(toNanos(qty) + toNanos(order.filledQty)), micros: micros + filledMicros(order) };
}

async function theOrder(
  broker: Pick<Broker, 'orderByBrokerId'>,
  brokerId: string,
  signal?: AbortSignal,
): Promise<BrokerOrder> {
  const answer = await broker.orderByBrokerId(brokerId, signal);
  if (answer.kind === 'found') return answer.order;
  throw new WorkstealError('unclear', `broker: order ${brokerId} of a succession is ${answer.kind}`, {
    order: brokerId,
  });
}

function unclear({ id, symbol }: BrokerOrder, what: string): WorkstealError {
  return new WorkstealError('unclear', `${symbol}: order ${id} ${what}`, { order: id });
}
