/** What no broker has: the judge's report and the faults. Neither authenticated nor rate-limited. */
import type { FastifyInstance } from 'fastify';
import type { Exchange } from '../exchange.ts';
import { type Faults, faultsSchema } from '../faults.ts';
import { unprocessable } from '../refusals.ts';
import type { UpdateStream } from '../stream.ts';

export function harnessRoutes(app: FastifyInstance, exchange: Exchange, faults: Faults, stream: UpdateStream): void {
  app.get('/health', () => ({ status: 'ok' }));

  app.get('/judge', () => exchange.report());

  app.get('/faults', () => faults.settings());

  app.post('/faults', (request) => {
    const parsed = faultsSchema.safeParse(request.body);
    if (!parsed.success) {
      const issue = parsed.error.issues[0];
      throw unprocessable(`faults: ${issue?.path.join('.') ?? ''} ${issue?.message ?? 'can not be read'}`);
    }
    faults.set(parsed.data);
    if (parsed.data.stickCancels === 0) exchange.releaseStuck();
    if (parsed.data.disconnectStreams) stream.disconnectAll();
    return faults.settings();
  });
}
