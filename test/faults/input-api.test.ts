/**
 * Malformed requests to every route of the HTTP API, and requests with tokens of others: a 4xx as
 * problem+json, never a 5xx or a crash, and the ledger stays the same to the byte.
 */
import { afterAll, beforeAll, expect, it } from 'vitest';
import { STATUS_OF } from '../../src/http/problem.ts';
import { startTestApi, type TestApi } from '../support/api.ts';
import { useLedgers } from '../support/fixtures.ts';
import type { TestAccount } from '../support/ledger.ts';
import { CALLS, type Chance, chanceOf } from './input/chance.ts';
import { RawHttp } from './input/raw-http.ts';
import { refuseRequests } from './input/refuse-requests.ts';
import type { Request } from './input/spoil-request.ts';

const ORDER = { symbol: 'AAA', side: 'buy', limit: '10', qty: '10', pnl: '5', mode: 'normal', kind: 'entry' };
/** The broker's rules for a symbol are cached when its answer comes: after an answer of the API, too. */
const CACHE = /:assets$/;
const PLAN = { symbol: 'AAA', side: 'buy', limit: '10', qty: '1', takeProfit: '12', expiresAtMs: 0 };

const ledgers = useLedgers();
let account: TestAccount;
let other: TestAccount;
let api: TestApi;
let http: RawHttp;
beforeAll(async () => {
  [account, other] = await Promise.all([ledgers.account(), ledgers.account()]);
  api = await startTestApi(ledgers.url, [account, other]);
  http = new RawHttp(api.url);
  await api.ask('PUT', 'orders/working', { body: ORDER });
  await api.ask('POST', 'orders/working/place');
  await api.ask('PUT', 'orders/reserved', { body: ORDER });
  await api.ask('PUT', 'plans/filed', { body: PLAN });
});
afterAll(async () => {
  http.close();
  await api.close();
});

/** Every route but the streams, which have no end. */
function rightRequests(): Request[] {
  const below = (path: string): string => `/v1/accounts/${account.name}/${path}`;
  const reads = ['status', 'orders/working', 'steals', 'steals/none', 'fights', 'plans/filed', 'refusals'];
  const more = ['hosts', 'settings', 'audit', 'why/working', 'why/AAA'];
  const page = { limit: '10', symbol: 'AAA' };
  return [
    ...[...reads, ...more].map((path) => ({ method: 'GET', path: below(path) })),
    { method: 'GET', path: below('orders'), query: { ...page, state: 'working' } },
    { method: 'GET', path: below('plans'), query: { ...page, stage: 'waiting', strategy: 'trade' } },
    { method: 'GET', path: below('steals'), query: page },
    { method: 'POST', path: below('decide'), body: ORDER },
    { method: 'PUT', path: below('plans/filed'), body: PLAN },
    { method: 'PUT', path: below('plans/new'), body: PLAN },
    { method: 'DELETE', path: below('plans/none') },
    { method: 'GET', path: below('forecasts/trade'), query: { limit: '10' } },
    { method: 'PUT', path: below('forecasts/trade/AAA/buy'), body: { pnl: '1.5', expiresAtMs: 0 } },
    { method: 'DELETE', path: below('forecasts/trade/BTCUSD/sell') },
    { method: 'PUT', path: below('orders/new'), body: ORDER },
    { method: 'PUT', path: below('orders/reserved'), query: { waitMs: '0' }, body: ORDER },
    ...['place', 'renew', 'release', 'cancel'].flatMap((step) => [
      { method: 'POST', path: below(`orders/working/${step}`) },
      { method: 'POST', path: below(`orders/none/${step}`) },
    ]),
    { method: 'POST', path: below('halt'), body: { reason: 'a test' } },
    { method: 'POST', path: below('resume'), body: { reason: 'a test' } },
    { method: 'POST', path: '/v1/session', body: { token: api.token.read } },
    { method: 'DELETE', path: '/v1/session' },
    { method: 'GET', path: '/v1/openapi.json' },
    { method: 'GET', path: '/healthz' },
    { method: 'GET', path: '/readyz' },
  ];
}

/** Mostly a token that may ask; else one that may not, or none. */
function authorizationOf(chance: Chance): string[] {
  const foreign = (): string => tokens.foreign;
  const odd = [
    '',
    'Bearer',
    'Bearer ',
    'Basic YTpi',
    `Bearer ${api.token.admin.slice(1)}`,
    `Bearer ${foreign()}`,
    `Bearer ${tokens.revoked}`,
    `Bearer ${'x'.repeat(5_000)}`,
    `Bearer ${api.token.admin}, Bearer ${api.token.read}`,
  ];
  const scope = chance.pick(['read', 'trade', 'trade', 'admin'] as const);
  return [`authorization: ${chance.once(5) ? chance.pick(odd) : `Bearer ${api.token[scope]}`}`];
}
const tokens = { foreign: '', revoked: '' };

/** What is wrong with a refusal: it is no problem of the catalogue, or not the status of its code. */
function faultOf(status: number, body: string): string | undefined {
  try {
    const { type, code, detail, retriable, requestId } = JSON.parse(body) as Record<string, unknown>;
    if (type !== `urn:worksteal:problem:${code}`) return 'its type is not that of its code';
    if (STATUS_OF[code as keyof typeof STATUS_OF] !== status && status !== 431 && status !== 408)
      return 'its status is not that of its code';
    if (typeof detail !== 'string' || detail === '' || detail.length > 3_000) return 'no detail';
    if (typeof retriable !== 'boolean' || typeof requestId !== 'string') return 'a field is missing';
    return undefined;
  } catch {
    return 'no JSON';
  }
}

it('malformed requests and tokens of others are refused, and change nothing', {
  timeout: 400_000,
}, async () => {
  tokens.foreign = api.makeToken('foreign', 'admin', [other.name]);
  tokens.revoked = api.makeToken('revoked', 'admin');
  api.revoke('revoked');
  const chance = chanceOf('api');
  const host = `host: ${new URL(api.url).host}`;
  const tally = await refuseRequests(
    {
      ...{ http, redis: account.ledger.redis, right: rightRequests(), faultOf },
      isRecord: (key) => CACHE.test(key),
      usual: () => [host, ...authorizationOf(chance)],
    },
    { chance, refusals: CALLS },
  );
  expect((await api.ask('GET', 'status')).status).toBe(200);
  tally.expectRefused(0.4, ['refused']);
});
