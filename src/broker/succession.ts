/**
 * One order of the ledger may be several orders at the broker, one after another. When a person changes an
 * order, the broker ends it as `replaced` and makes a new order with an id of its own, which may be replaced
 * again. `replaces` and `replacedBy` link them. The ledger keeps them as one order under the id of the first:
 * quantity and fills are sums, the limit is that of the last.
 */
import { fromNanos, NANOS, toNanos } from '../domain/decimal.ts';
import { WorkstealError } from '../domain/errors.ts';
import type { Before } from '../domain/order.ts';
import { filledMicros } from './ending.ts';
import type { Broker, BrokerOrder } from './port.ts';

export const NOTHING_BEFORE: Before = { qty: '0', micros: 0 };

/**
 * The most links that are followed, forward or back. Of an order that was changed more often only the last
 * ones are found.
 */
const LONGEST = 32;

/**
 * Whether another order takes its place. A `replaced` order whose whole quantity filled is filled: no other
 * order follows.
 */
export function isReplaced(order: BrokerOrder): boolean {
  return order.replaced === true && toNanos(order.filledQty) < toNanos(order.qty);
}

/**
 * The last order of the chain, and the sum of the orders before it; the order itself where nothing replaced
 * it.
 * @throws WorkstealError `unclear` where the broker does not say
 */
export async function goesOn(
  broker: Pick<Broker, 'orderByBrokerId'>,
  order: BrokerOrder,
  before: Before,
  signal?: AbortSignal,
): Promise<{ order: BrokerOrder; before: Before }> {
  let [last, sum] = [order, before];
  for (let hops = 0; isReplaced(last); hops += 1) {
    // A trade update may come before the broker names the new order.
    if (last.replacedBy === undefined) last = await theOrder(broker, last.brokerId, signal);
    if (last.replacedBy === undefined || hops >= LONGEST)
      throw unclear(last, 'was replaced, and the broker does not say by which order');
    sum = afterwards(sum, last);
    last = await theOrder(broker, last.replacedBy, signal);
  }
  return { order: last, before: sum };
}

/**
 * The orders of the chain up to this one, oldest first.
 * @throws WorkstealError `unclear` where the broker does not say
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

/** The filled quantity and the cost of these orders and what came `before`, for the order that follows. */
export function sumOf(orders: readonly BrokerOrder[], before: Before = NOTHING_BEFORE): Before {
  return orders.reduce(afterwards, before);
}

/**
 * The order as the ledger keeps it: under this id, with the fills of the orders before it. The average price
 * is rounded up.
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

/** One order of a succession. @throws WorkstealError `unclear` where the broker does not have it */
export async function theOrder(
  broker: Pick<Broker, 'orderByBrokerId'>,
  brokerId: string,
  signal?: AbortSignal,
): Promise<BrokerOrder> {
  const answer = await broker.orderByBrokerId(brokerId, signal);
  if (answer.kind === 'found') return answer.order;
  throw new WorkstealError(
    'unclear',
    `broker: order ${brokerId}, part of a chain of replaced orders, is ${answer.kind}`,
    {
      order: brokerId,
    },
  );
}

function unclear({ id, symbol }: BrokerOrder, what: string): WorkstealError {
  return new WorkstealError('unclear', `${symbol}: order ${id} ${what}`, { order: id });
}
