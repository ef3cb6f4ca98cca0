/** What no broker has: the judge's report and the faults. Neither authenticated nor rate-limited. */
import type { FastifyInstance } from 'fastify';
import { dollarsToAttos } from '../amounts.ts';
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
    const { haltedSymbols } = faults.settings();
    faults.set(parsed.data);
    exchange.reopen(haltedSymbols);
    const { stickCancels, disconnectStreams, withdrawUsd, depositUsd } = parsed.data;
    if (stickCancels === 0) exchange.cancels.releaseStuck();
    if (disconnectStreams) stream.disconnectAll();
    if (withdrawUsd !== undefined) exchange.moveCash(-dollarsToAttos(withdrawUsd));
    if (depositUsd !== undefined) exchange.moveCash(dollarsToAttos(depositUsd));
    return faults.settings();
  });
}
