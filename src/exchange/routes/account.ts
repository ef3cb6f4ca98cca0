/** GET /v2/account. */
import type { FastifyInstance } from 'fastify';
import { accountJson } from '../account-json.ts';
import { accountOf } from '../wire.ts';

export function accountRoutes(app: FastifyInstance, createdAt: string): void {
  app.get('/v2/account', (request) => accountJson(accountOf(request), createdAt));
}
