/** Routes that no broker has: the judge's report and the faults. Without authentication or rate limit. */
import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import { unprocessable } from '../../alpaca-server/errors.ts';
import type { Accounts } from '../accounts.ts';
import { dollarsToAttos } from '../amounts.ts';
import { type Faults, faultsSchema } from '../faults.ts';
import type { UpdateStream } from '../stream.ts';

/** The number of one of several accounts. Default: the first. */
const which = z.object({ account: z.string().max(64).optional() });

/** Faults apply to the whole exchange; deposits and withdrawals to the account in the query. */
export function harnessRoutes(
  app: FastifyInstance,
  accounts: Accounts,
  faults: Faults,
  stream: UpdateStream,
): void {
  app.get('/health', () => ({ status: 'ok' }));

  app.get('/judge', (request) => accounts.named(which.parse(request.query).account).exchange.report());

  app.get('/faults', () => faults.settings());

  app.post('/faults', (request) => {
    const parsed = faultsSchema.safeParse(request.body);
    if (!parsed.success) {
      const issue = parsed.error.issues[0];
      throw unprocessable(`faults: ${issue?.path.join('.') ?? ''} ${issue?.message ?? 'cannot be read'}`);
    }
    const { exchange } = accounts.named(which.parse(request.query).account);
    const { haltedSymbols } = faults.settings();
    faults.set(parsed.data);
    for (const one of accounts.all()) one.exchange.matching.reopen(haltedSymbols);
    const { stickCancels, disconnectStreams, withdrawUsd, depositUsd } = parsed.data;
    if (stickCancels === 0) for (const one of accounts.all()) one.exchange.cancels.releaseStuck();
    if (disconnectStreams) stream.disconnectAll();
    if (withdrawUsd !== undefined) exchange.moveCash(-dollarsToAttos(withdrawUsd));
    if (depositUsd !== undefined) exchange.moveCash(dollarsToAttos(depositUsd));
    return faults.settings();
  });
}
