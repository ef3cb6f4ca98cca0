/** GET /metrics: what the exchange answered, and what its judge counts. */
import type { FastifyInstance } from 'fastify';
import type { Metrics } from '../../ops/metrics/metrics.ts';
import type { Accounts } from '../accounts.ts';

export function metricsRoute(app: FastifyInstance, accounts: Accounts, metrics: Metrics): void {
  app.get('/metrics', async (_request, reply) => {
    metrics.judge.show(accounts.all().map(({ exchange }) => exchange.report()));
    const text = await metrics.text();
    return reply.type(metrics.contentType).send(text);
  });
}
