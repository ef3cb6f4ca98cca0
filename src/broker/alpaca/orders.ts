/** Orders at Alpaca: lists, single orders, cancellations. What sends orders is in submissions.ts. */
import { z } from 'zod';
import { WorkstealError } from '../../domain/errors.ts';
import type { BrokerOrder, CancelAnswer, Oddity, OrderAnswer as OrderReply } from '../port.ts';
import type { AlpacaHttp, HttpAnswer } from './http.ts';
import { OrderAnswer, readOrder, stateOf } from './order-wire.ts';
import { decode, OrdersAnswer } from './wire.ts';

const PAGE_SIZE = 500;
const MAX_PAGES = 40;
const ENDED_PAGES = 10;
const IN_STATE = /order is already in "?(\w+)"? state/i;

/** The ids of a listed order and of its legs. */
const Listed = z.object({
  id: z.string().max(128).catch(''),
  client_order_id: z.string().max(128).nullish().catch(''),
  legs: z
    .array(z.object({ id: z.string() }).catch({ id: '' }))
    .nullish()
    .catch(null),
});

/**
 * Every live order that can be counted, oldest first. The others, and those with a doubt, go to `onOdd`.
 */
export async function openOrders(
  http: AlpacaHttp,
  signal?: AbortSignal,
  onOdd: (oddity: Oddity) => void = () => {},
): Promise<BrokerOrder[]> {
  const orders = new Map<string, BrokerOrder>();
  const oddities = new Map<string, Oddity>();
  const legs = new Set<string>();
  let last: string | undefined;
  for (let page = 0; page < MAX_PAGES; page += 1) {
    const { body } = await http.read(
      {
        path: '/v2/orders',
        // Pages go by order id: two orders may have been submitted in the same nanosecond.
        query: {
          status: 'open',
          direction: 'asc',
          limit: String(PAGE_SIZE),
          ...(last === undefined ? {} : { after_order_id: last }),
        },
        priority: 'query',
        signal,
      },
      OrdersAnswer,
    );
    const before = orders.size + oddities.size;
    for (const [at, told] of body.entries()) {
      const read = readOrder(told);
      if ('order' in read) orders.set(read.order.brokerId, read.order);
      else if (read.oddity.isLive) oddities.set(read.oddity.brokerId || `${page}.${at}`, read.oddity);
      for (const leg of Listed.safeParse(told).data?.legs ?? []) legs.add(leg.id);
    }
    last = Listed.safeParse(body.at(-1)).data?.id ?? '';
    if (body.length < PAGE_SIZE) return listOf(orders, oddities, legs, onOdd);
    if (orders.size + oddities.size === before || last === '') {
      throw new WorkstealError('unclear', 'broker: a page of open orders repeats the one before');
    }
  }
  throw new WorkstealError('unclear', `broker: more than ${PAGE_SIZE * MAX_PAGES} open orders`);
}

/** A leg whose parent is in the list closes what the parent opens. */
function listOf(
  orders: ReadonlyMap<string, BrokerOrder>,
  oddities: ReadonlyMap<string, Oddity>,
  legs: ReadonlySet<string>,
  onOdd: (oddity: Oddity) => void,
): BrokerOrder[] {
  for (const oddity of oddities.values()) onOdd(oddity);
  return [...orders.values()].flatMap((order) => {
    if (order.state !== 'live') return [];
    const { id, brokerId, symbol, doubt } = order;
    if (doubt !== undefined)
      onOdd({ what: 'order', id: id || brokerId, brokerId, symbol, why: doubt, counts: true, isLive: true });
    return [legs.has(brokerId) ? { effect: 'closes', ...order } : order];
  });
}

/** The ids of orders that have ended, newest submission first, at most ENDED_PAGES pages. */
export async function endedOrders(
  http: AlpacaHttp,
  signal?: AbortSignal,
): Promise<Pick<BrokerOrder, 'id' | 'brokerId'>[]> {
  const orders: Pick<BrokerOrder, 'id' | 'brokerId'>[] = [];
  for (let page = 0; page < ENDED_PAGES; page += 1) {
    const last = orders.at(-1)?.brokerId;
    const query = {
      status: 'closed',
      direction: 'desc',
      limit: String(PAGE_SIZE),
      ...(last !== undefined && { before_order_id: last }),
    };
    const { body } = await http.read({ path: '/v2/orders', query, priority: 'query', signal }, OrdersAnswer);
    for (const told of body) {
      const { id: brokerId = '', client_order_id: id } = Listed.safeParse(told).data ?? {};
      if (brokerId !== '') orders.push({ id: id ?? '', brokerId });
    }
    if (body.length < PAGE_SIZE) break;
  }
  return orders;
}

/**
 * One order by its client order id. `not_found` soon after a lost submission proves nothing: the order may
 * still appear.
 */
export async function orderById(http: AlpacaHttp, id: string, signal?: AbortSignal): Promise<OrderReply> {
  const answer = await http.get({
    path: '/v2/orders:by_client_order_id',
    query: { client_order_id: id },
    priority: 'query',
    signal,
  });
  if (answer.kind === 'refused' && answer.status === 404) return { kind: 'not_found' };
  const order = answer.kind === 'ok' ? orderIn(answer, id) : undefined;
  return foundOf(answer, order);
}

/** One order by the broker's id, whatever its client order id is. */
export async function orderByBrokerId(
  http: AlpacaHttp,
  brokerId: string,
  signal?: AbortSignal,
): Promise<OrderReply> {
  const answer = await http.get({
    path: `/v2/orders/${encodeURIComponent(brokerId)}`,
    priority: 'query',
    signal,
  });
  if (answer.kind === 'refused' && answer.status === 404) return { kind: 'not_found' };
  const decoded = answer.kind === 'ok' ? decode(OrderAnswer, answer.body) : undefined;
  const order = decoded?.kind === 'read' && decoded.value.brokerId === brokerId ? decoded.value : undefined;
  return foundOf(answer, order);
}

function foundOf(answer: HttpAnswer, order: BrokerOrder | undefined): OrderReply {
  return answer.kind !== 'ok' || order === undefined
    ? { kind: 'unknown', message: unclearMessage(answer) }
    : { kind: 'found', order, ...timeOf(answer), wire: answer.body };
}

/** Cancels by the broker's id. A 204 says only that the request was accepted. */
export async function cancel(
  http: AlpacaHttp,
  brokerId: string,
  signal?: AbortSignal,
): Promise<CancelAnswer> {
  const answer = await http.send({
    method: 'DELETE',
    path: `/v2/orders/${encodeURIComponent(brokerId)}`,
    priority: 'cancel',
    signal,
  });
  if (answer.kind === 'ok') return { kind: 'accepted' };
  if (answer.kind !== 'refused') return { kind: 'unknown', message: answer.message };
  if (answer.status === 404) return { kind: 'not_found' };
  const status = IN_STATE.exec(answer.message)?.[1];
  if (status === 'pending_cancel') return { kind: 'accepted' };
  if (status !== undefined && stateOf(status) !== 'live') return { kind: 'ended' };
  return { kind: 'unknown', message: `status ${answer.status}: ${answer.message}` };
}

/** The order in the answer, where it is the one that was asked for. */
export function orderIn(answer: HttpAnswer & { kind: 'ok' }, id: string): BrokerOrder | undefined {
  const decoded = decode(OrderAnswer, answer.body);
  return decoded.kind === 'read' && decoded.value.id === id ? decoded.value : undefined;
}

function timeOf(answer: HttpAnswer): { nowMs?: number } {
  return answer.kind === 'ok' && answer.dateMs !== undefined ? { nowMs: answer.dateMs } : {};
}

export function unclearMessage(answer: HttpAnswer): string {
  return answer.kind === 'ok'
    ? 'the answer of the broker is not the order that was asked for'
    : answer.message;
}
