/** /v2/orders: post, get, list, by client order id, patch, delete, delete all. */
import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import { botOf } from '../auth.ts';
import { PNL_HEADER, PROBABILITY_HEADER } from '../forecast.ts';
import type { Gateway } from '../gateway.ts';
import { cancelAll, cancelOrder } from './cancel.ts';
import { listOrders, orderByClientId, orderById } from './read.ts';
import { patchOrder } from './replace.ts';
import { submitOrder } from './submit.ts';

const PARAMS = z.object({ id: z.string().min(1).max(128) });
const CLIENT_ID = z.object({ client_order_id: z.string().max(128).default('') });
/** Of a request that passes through: each name once. */
export const QUERY = z.record(z.string().max(64), z.string().max(10_000));
const HEADERS = z.object({
  [PNL_HEADER]: z.string().max(64).optional(),
  [PROBABILITY_HEADER]: z.string().max(64).optional(),
});

export function orderRoutes(app: FastifyInstance, gateway: Gateway): void {
  app.post('/v2/orders', async (request) => {
    const { [PNL_HEADER]: pnl, [PROBABILITY_HEADER]: fillProbability } = HEADERS.parse(request.headers);
    const told = { pnl, fillProbability };
    return await submitOrder(gateway, { bot: botOf(request), body: request.body, told });
  });
  app.get('/v2/orders', (request) => listOrders(gateway, botOf(request), QUERY.parse(request.query)));
  // In a route a double colon stands for a literal colon.
  app.get('/v2/orders::by_client_order_id', (request) =>
    orderByClientId(gateway, botOf(request), CLIENT_ID.parse(request.query).client_order_id),
  );
  app.get('/v2/orders/:id', (request) => orderById(gateway, botOf(request), PARAMS.parse(request.params).id));
  app.patch('/v2/orders/:id', async (request) => {
    const { id: brokerId } = PARAMS.parse(request.params);
    return await patchOrder(gateway, { bot: botOf(request), brokerId, body: request.body });
  });
  app.delete('/v2/orders/:id', async (request, reply) => {
    await cancelOrder(gateway, botOf(request), PARAMS.parse(request.params).id);
    return await reply.code(204).send();
  });
  app.delete('/v2/orders', async (request, reply) =>
    reply.code(207).send(await cancelAll(gateway, botOf(request))),
  );
}
