/** /v2/positions: delete one, delete all. Reading them passes through (src/gateway/passing-routes.ts). */
import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import { botOf } from '../auth.ts';
import type { Gateway } from '../gateway.ts';
import { closeAll, closePosition } from './close.ts';

const PARAMS = z.object({ symbol: z.string().min(1).max(64) });

export function positionRoutes(app: FastifyInstance, gateway: Gateway): void {
  app.delete('/v2/positions/:symbol', (request) =>
    closePosition(gateway, botOf(request), PARAMS.parse(request.params).symbol, request.query),
  );
  app.delete('/v2/positions', async (request, reply) =>
    reply.code(207).send(await closeAll(gateway, botOf(request), request.query)),
  );
}
