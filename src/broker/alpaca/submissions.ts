/**
 * Orders sent to Alpaca, and orders sent in the place of others. Each request is sent once: without an answer
 * it is `unknown`, and where the client order id of a submission exists already it is the order that was made
 * before (I6).
 */
import { toNanos } from '../../domain/decimal.ts';
import { cryptoPair } from '../../domain/symbol.ts';
import {
  hasLimit,
  type OrderForm,
  type OrderRequest,
  type ReplaceRequest,
  type SubmitAnswer,
} from '../port.ts';
import type { AlpacaHttp, HttpAnswer } from './http.ts';
import { orderById, orderIn, unclearMessage } from './orders.ts';
import { refusalKind } from './refusals.ts';

export async function submit(
  http: AlpacaHttp,
  request: OrderRequest,
  signal?: AbortSignal,
  mayLeave?: () => boolean,
): Promise<SubmitAnswer> {
  const answer = await http.send({
    method: 'POST',
    path: '/v2/orders',
    body: newOrder(request),
    priority: 'submit',
    signal,
    mayLeave,
  });
  const told = toldOf(answer, request);
  return told.kind === 'refused' && told.why === 'duplicate' ? existing(http, request, signal) : told;
}

/** PATCH: Alpaca's answer is the new order. */
export async function replace(
  http: AlpacaHttp,
  request: ReplaceRequest,
  signal?: AbortSignal,
  mayLeave?: () => boolean,
): Promise<SubmitAnswer> {
  const { brokerId, id, qty, limit, stop, trail, timeInForce } = request;
  const answer = await http.send({
    method: 'PATCH',
    path: `/v2/orders/${encodeURIComponent(brokerId)}`,
    body: {
      ...(qty !== undefined && { qty }),
      ...(limit !== undefined && { limit_price: limit }),
      ...(stop !== undefined && { stop_price: stop }),
      ...(trail !== undefined && { trail }),
      ...(timeInForce !== undefined && { time_in_force: timeInForce }),
      client_order_id: id,
    },
    priority: 'submit',
    signal,
    mayLeave,
  });
  return toldOf(answer, request);
}

/** The answer to a POST or a PATCH, which is the order itself. */
function toldOf(answer: HttpAnswer, { id, side }: Pick<OrderRequest, 'id' | 'side'>): SubmitAnswer {
  switch (answer.kind) {
    case 'ok': {
      const order = orderIn(answer, id);
      return order === undefined
        ? { kind: 'unknown', message: unclearMessage(answer) }
        : { kind: 'confirmed', order, wire: answer.body };
    }
    case 'unsent':
      return { kind: 'refused', why: 'not_sent', message: answer.message };
    case 'lost':
      return { kind: 'unknown', message: answer.message };
    case 'refused': {
      const { status, code, by } = answer;
      const wire = { status, code, ...(by !== undefined && { by }) };
      return { kind: 'refused', why: refusalKind(answer, side), message: answer.message, wire };
    }
  }
}

function newOrder({ id, symbol, side, limit, qty, form }: OrderRequest): Record<string, unknown> {
  const pair = cryptoPair(symbol);
  // Stocks rest until the close, cryptos, which trade around the clock, until they are cancelled.
  const usual: OrderForm = { type: 'limit', timeInForce: pair === undefined ? 'day' : 'gtc' };
  const { type, timeInForce, extendedHours, ...terms } = form ?? usual;
  return {
    symbol: pair === undefined ? symbol : `${pair.base}/${pair.quote}`,
    qty,
    side,
    type,
    time_in_force: timeInForce,
    ...(extendedHours !== undefined && { extended_hours: extendedHours }),
    ...(hasLimit(form ?? usual) && { limit_price: limit }),
    ...('stop' in terms && { stop_price: terms.stop }),
    ...('trail' in terms &&
      ('price' in terms.trail ? { trail_price: terms.trail.price } : { trail_percent: terms.trail.percent })),
    client_order_id: id,
  };
}

/** The id was used before: by this order, whose answer was lost, or by another one. */
async function existing(
  http: AlpacaHttp,
  request: OrderRequest,
  signal?: AbortSignal,
): Promise<SubmitAnswer> {
  const answer = await orderById(http, request.id, signal);
  if (answer.kind !== 'found') {
    const why = answer.kind === 'unknown' ? answer.message : 'it was not found';
    return {
      kind: 'unknown',
      message: `the broker has an order with the id ${request.id}, but it could not be read: ${why}`,
    };
  }
  const { order } = answer;
  const limit = request.form === undefined || hasLimit(request.form) ? request.limit : null;
  const same =
    order.replaces === undefined && // such an order was never submitted
    order.symbol === request.symbol &&
    order.side === request.side &&
    toNanos(order.qty) === toNanos(request.qty) &&
    (order.limit === null || limit === null
      ? order.limit === limit
      : toNanos(order.limit) === toNanos(limit));
  if (same) return { kind: 'confirmed', order };
  const there = `${order.side} ${order.qty} ${order.symbol} at ${order.limit ?? 'market'}`;
  return {
    kind: 'refused',
    why: 'duplicate',
    message: `the id ${request.id} belongs to another order: ${there}`,
  };
}
