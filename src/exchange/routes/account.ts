/** GET /v2/account, /v2/positions, /v2/positions/{symbol}. */
import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import { toSymbol } from '../../domain/symbol.ts';
import { accountJson, positionJson } from '../account-json.ts';
import type { Exchange } from '../exchange.ts';
import { notFound } from '../refusals.ts';

const params = z.object({ symbol: z.string() });

export function accountRoutes(app: FastifyInstance, exchange: Exchange, createdAt: string, startCash: string): void {
  app.get('/v2/account', () => accountJson(exchange, createdAt, startCash));

  app.get('/v2/positions', () => [...exchange.account.positions()].map((position) => positionJson(exchange, position)));

  app.get('/v2/positions/:symbol', (request) => {
    const position = exchange.account.position(toSymbol(params.parse(request.params).symbol));
    if (!position) throw notFound('position does not exist');
    return positionJson(exchange, position);
  });
}
