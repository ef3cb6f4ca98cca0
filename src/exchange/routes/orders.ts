/** /v2/orders: post, get, list, by client order id, patch, delete, delete all. */
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { z } from 'zod';
import { AlpacaError, notFound } from '../../alpaca-server/errors.ts';
import type { Exchange } from '../exchange.ts';
import type { Faults } from '../faults.ts';
import { exchangeOf } from '../wire.ts';
import { readFilter, readNewOrder, readReplacement } from './order-body.ts';

const params = z.object({ id: z.string() });
const clientIdQuery = z.object({ client_order_id: z.string().default('') });

export function orderRoutes(app: FastifyInstance, faults: Faults): void {
  app.post('/v2/orders', (request, reply) => {
    const order = exchangeOf(request).submit(readNewOrder(request.body));
    if (faults.strikes('loseReplies', 'loseReplyRate')) return loseReply(request, reply);
    if (faults.strikes('failReplies'))
      throw new AlpacaError(faults.settings().failStatus, 50410000, 'gateway timeout');
    reply.send(order);
  });

  app.get('/v2/orders', (request) => {
    const exchange = exchangeOf(request);
    return exchange.book.list(readFilter(request.query, exchange.book)).map((order) => exchange.json(order));
  });

  // In a route a double colon stands for a literal colon.
  app.get('/v2/orders::by_client_order_id', (request) => {
    const exchange = exchangeOf(request);
    const order = exchange.book.getByClientId(clientIdQuery.parse(request.query).client_order_id);
    if (!order) throw notFound('order is not found.');
    return exchange.json(order);
  });

  app.get('/v2/orders/:id', (request) => {
    const { id } = params.parse(request.params);
    const exchange = exchangeOf(request);
    const order = exchange.book.get(id);
    if (!order) throw notFound(`order not found for ${id}`);
    return exchange.json(order);
  });

  app.patch('/v2/orders/:id', (request, reply) => {
    const { id } = params.parse(request.params);
    const order = exchangeOf(request).replace(id, readReplacement(request.body));
    if (faults.strikes('loseReplaceReplies')) return loseReply(request, reply);
    reply.send(order);
  });

  app.delete('/v2/orders/:id', (request, reply) => {
    exchangeOf(request).cancels.ask(params.parse(request.params).id);
    if (faults.strikes('loseCancelReplies')) return loseReply(request, reply);
    reply.code(204).send();
  });

  app.delete('/v2/orders', (request, reply) => {
    reply.code(207).send(cancelAll(exchangeOf(request)));
  });
}

/** Breaks the connection instead of answering. */
function loseReply(request: FastifyRequest, reply: FastifyReply): void {
  reply.hijack();
  request.raw.socket.destroy();
}

/** Asks for the end of every live order: 200 for each that may be cancelled, 500 for each that may not. */
export function cancelAll(exchange: Exchange): { id: string; status: number }[] {
  return [...exchange.book.live()].map(({ id }) => ({ id, status: cancelStatus(exchange, id) }));
}

function cancelStatus(exchange: Exchange, id: string): number {
  try {
    exchange.cancels.ask(id);
    return 200;
  } catch (error) {
    if (error instanceof AlpacaError) return 500;
    throw error;
  }
}
