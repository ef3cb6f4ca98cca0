/**
 * What passes through: GETs of the account, its positions, the market's clock and calendar, assets, and
 * market data. Everything else that changes the account has routes of its own, or none.
 */
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { z } from 'zod';
import { notFound } from '../alpaca-server/errors.ts';
import { dollarsToMicros, type Micros, microsToDollars } from '../domain/money.ts';
import { answerOf } from '../ledger/answer.ts';
import { key } from '../ledger/keys.ts';
import type { Ledger } from '../ledger/ledger.ts';
import type { Gateway } from './gateway.ts';
import { QUERY } from './orders/routes.ts';
import { ask } from './pass.ts';

const TRADING = [
  '/v2/account/configurations',
  '/v2/account/portfolio/history',
  '/v2/account/activities',
  '/v2/account/activities/*',
  '/v2/positions',
  '/v2/positions/*',
  '/v2/clock',
  '/v2/calendar',
  '/v2/assets',
  '/v2/assets/*',
  '/v2/options/contracts',
  '/v2/options/contracts/*',
  '/v2/corporate_actions/announcements',
  '/v2/corporate_actions/announcements/*',
];
const DATA = ['/v2/stocks/*', '/v1beta1/*', '/v1beta3/*'];

const ACCOUNT = z.looseObject({ buying_power: z.string().max(32) });

export function passingRoutes(app: FastifyInstance, gateway: Gateway): void {
  app.get('/v2/account', () => accountWithRoom(gateway));
  const routes = { trading: TRADING, data: DATA };
  for (const host of ['trading', 'data'] as const)
    for (const route of routes[host])
      app.get(route, (request) => ask(gateway, pathOf(request), QUERY.parse(request.query), [], host));
}

/** A symbol, a pair such as BTC/USD, a word of the path; none that a URL would resolve, such as `..`. */
const SEGMENT = /^[A-Za-z0-9_:-][A-Za-z0-9_.:/-]{0,127}$/;

/** The path of a request, spelled anew. @throws AlpacaError 404 for one that no broker has */
export function pathOf({ url }: Pick<FastifyRequest, 'url'>): string {
  const [path = ''] = url.split('?', 1);
  const segments = path.split('/').slice(1).map(decoded);
  if (!segments.every((segment) => SEGMENT.test(segment))) throw notFound('endpoint not found.');
  return segments.map((segment) => `/${encodeURIComponent(segment)}`).join('');
}

function decoded(segment: string): string {
  try {
    return decodeURIComponent(segment);
  } catch {
    return '';
  }
}

/** The broker's account, with no more buying power than the ledger has room; the other numbers stay. */
async function accountWithRoom(gateway: Gateway): Promise<unknown> {
  const [account, room] = await Promise.all([ask(gateway, '/v2/account'), roomMicros(gateway.door.ledger)]);
  const told = ACCOUNT.parse(account);
  const atBroker = dollarsToMicros(told.buying_power, 'down');
  return { ...told, buying_power: microsToDollars(Math.max(0, Math.min(atBroker, room))) };
}

/** What is left of the cap; 0 for an account that was never reconciled (lua/include/account.lua, `room`). */
async function roomMicros({ redis, account }: Ledger): Promise<Micros> {
  const fields = ['cap_micros:total', 'positions_micros:total', 'orders_micros:total'];
  const found = await answerOf('room', redis.hmget(key(account, 'account'), ...fields));
  const [cap = 0, positions = 0, orders = 0] = found.map(Number);
  return cap - positions - orders;
}
