/**
 * Common to the routes that a real broker also has: authentication, rate limit, faults.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { AlpacaError, tooManyRequests, unauthorized } from '../alpaca-server/errors.ts';
import { keysOf } from '../alpaca-server/server.ts';
import { WorkstealError } from '../domain/errors.ts';
import type { PaperAccount } from './accounts.ts';
import type { Exchange } from './exchange.ts';
import type { Faults } from './faults.ts';

/** Returns the account with these keys; undefined for unknown keys. */
export type Authorize = (key: string, secret: string) => PaperAccount | undefined;

/** Request -> the account of its keys. */
const owners = new WeakMap<FastifyRequest, PaperAccount>();

/** The account of an authorized request. */
export function accountOf(request: FastifyRequest): PaperAccount {
  const account = owners.get(request);
  if (account === undefined) throw new WorkstealError('bug', `${request.url} was not authorized`);
  return account;
}

export function exchangeOf(request: FastifyRequest): Exchange {
  return accountOf(request).exchange;
}

/** Hooks for the routes that a real broker also has. */
export function addBrokerHooks(app: FastifyInstance, authorize: Authorize, faults: Faults): void {
  app.addHook('onRequest', async (request, reply) => {
    const { rejectKeys } = faults.settings();
    if (rejectKeys === 403) throw new AlpacaError(403, 40310000, 'forbidden.');
    const { key, secret } = keysOf(request);
    const account = authorize(key, secret);
    if (account === undefined || rejectKeys === 401) throw unauthorized();
    owners.set(request, account);
    const { limits } = account;
    const isData = isMarketData(request);
    const limited = !isData && faults.strikes('limitRequests');
    const answer = limited ? limits.trading.refuse() : (isData ? limits.data : limits.trading).take();
    reply.headers(answer.headers);
    if (!answer.allowed) throw tooManyRequests();
    if (!isData && faults.strikes('failRequests')) {
      throw new AlpacaError(faults.settings().failStatus, 50010000, 'internal server error occurred');
    }
  });

  app.addHook('onSend', async (request) => {
    const { answerDelayMs } = faults.settings();
    if (answerDelayMs > 0 && !isMarketData(request)) await sleep(answerDelayMs, undefined, { ref: false });
  });
}

function isMarketData({ url }: FastifyRequest): boolean {
  return url.startsWith('/v2/stocks/') || url.startsWith('/v1beta3/');
}
