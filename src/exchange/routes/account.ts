/** GET /v2/account, /v2/positions, /v2/positions/{symbol}. */
import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import { toSymbol } from '../../domain/symbol.ts';
import { accountJson, positionJson } from '../account-json.ts';
import { notFound } from '../refusals.ts';
import { accountOf, exchangeOf } from '../wire.ts';

const params = z.object({ symbol: z.string() });

export function accountRoutes(app: FastifyInstance, createdAt: string): void {
  app.get('/v2/account', (request) => accountJson(accountOf(request), createdAt));

  app.get('/v2/positions', (request) => {
    const exchange = exchangeOf(request);
    return exchange.toldPositions().map((position) => positionJson(exchange, position));
  });

  app.get('/v2/positions/:symbol', (request) => {
    const exchange = exchangeOf(request);
    const symbol = toSymbol(params.parse(request.params).symbol);
    const position = exchange.toldPositions().find((one) => one.symbol === symbol);
    if (!position) throw notFound('position does not exist');
    return positionJson(exchange, position);
  });
}
