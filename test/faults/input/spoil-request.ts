/** Valid requests for every endpoint of the exchange, and ways to corrupt any request. */
import type { Chance } from './chance.ts';
import { oddHeaders } from './odd-headers.ts';
import { spoilLeaves } from './odd-values.ts';
import { spoil } from './spoil.ts';

export type Request = {
  method: string;
  path: string;
  query?: Readonly<Record<string, string>>;
  body?: object;
};
export type RawRequest = { method: string; bytes: Buffer };

const ORDER = {
  symbol: 'BTC/USD',
  qty: '0.5',
  side: 'buy',
  type: 'limit',
  limit_price: '99.5',
  time_in_force: 'gtc',
  client_order_id: 'new',
};

/** `ids`: of a live order, a filled one, a cancelled one. */
export function rightRequests(ids: readonly string[]): Request[] {
  const [live = '', filled = '', cancelled = ''] = ids;
  return [
    { method: 'POST', path: '/v2/orders', body: ORDER },
    {
      method: 'POST',
      path: '/v2/orders',
      body: { symbol: 'AAPL', notional: '100', side: 'buy', type: 'market', time_in_force: 'day' },
    },
    {
      method: 'POST',
      path: '/v2/orders',
      body: { ...ORDER, extended_hours: false, order_class: 'simple', client_order_id: 'live' },
    },
    {
      method: 'GET',
      path: '/v2/orders',
      query: { status: 'all', limit: '10', direction: 'asc', symbols: 'BTC/USD,AAPL', side: 'buy' },
    },
    {
      method: 'GET',
      path: '/v2/orders',
      query: { after: '2026-01-20T15:30:00.123456789Z', until: '2027-01-01', asset_class: 'crypto' },
    },
    { method: 'GET', path: '/v2/orders', query: { after_order_id: live, nested: 'true' } },
    { method: 'GET', path: '/v2/orders:by_client_order_id', query: { client_order_id: 'live' } },
    { method: 'GET', path: `/v2/orders/${live}` },
    {
      method: 'PATCH',
      path: `/v2/orders/${live}`,
      body: { qty: '0.75', limit_price: '98', time_in_force: 'ioc', client_order_id: 'changed' },
    },
    { method: 'PATCH', path: `/v2/orders/${filled}`, body: { qty: '2' } },
    { method: 'DELETE', path: `/v2/orders/${cancelled}` },
    { method: 'DELETE', path: `/v2/orders/${filled}` },
    { method: 'GET', path: '/v2/account' },
    { method: 'GET', path: '/v2/positions' },
    { method: 'GET', path: '/v2/positions/AAPL' },
    { method: 'GET', path: '/v2/clock' },
    { method: 'GET', path: '/v2/calendar', query: { start: '2026-01-01', end: '2026-02-01' } },
    { method: 'GET', path: '/v2/assets' },
    { method: 'GET', path: '/v2/assets/BTCUSD' },
    { method: 'GET', path: '/v2/stocks/quotes/latest', query: { symbols: 'AAPL,MSFT', feed: 'iex' } },
    { method: 'GET', path: '/v1beta3/crypto/us/latest/quotes', query: { symbols: 'BTC/USD' } },
    { method: 'GET', path: '/judge' },
    { method: 'GET', path: '/health' },
    { method: 'GET', path: '/faults' },
    {
      method: 'POST',
      path: '/faults',
      body: { loseReplies: 1, loseReplyRate: 0.5, cancelDelayMs: 5, zeroQuotes: ['AAPL'], failStatus: 503 },
    },
  ];
}

const METHODS = ['get', 'PUT', 'OPTIONS', 'TRACE', 'HEAD', 'PROPFIND', 'G\0T', '', 'POST', 'DELETE', 'PATCH'];
const PATHS = [
  '/',
  '//',
  '/..',
  '/v2',
  '/v2/orders/',
  '/v2/orders/%',
  '/v2/orders/%zz',
  '/v2/assets/%25',
  '/v2/assets/%2525',
  '/v2/positions/%00',
];
const MORE_PATHS = [
  '/v2/positions/%F0%9F',
  '/v2//orders',
  '/v2/orders:',
  '/v2/orders/../account',
  '*',
  'http://[',
  '/?',
  '/#',
  '/v2/orders/__proto__',
];
const TYPES = [
  'text/plain',
  'application/xml',
  'application/json; charset=utf-16',
  'multipart/form-data',
  '',
  'application/x-www-form-urlencoded',
  '\u00e9',
];
const BODIES: readonly (() => string)[] = [
  () => '',
  () => '{',
  () => 'null',
  () => '[]',
  () => '"x"',
  () => '1',
  () => '['.repeat(30_000),
  () => `${'{"a":'.repeat(10_000)}1${'}'.repeat(10_000)}`,
  () => '{"__proto__":{"qty":"1"}}',
  () => '{"constructor":{"prototype":{}}}',
  () => `{"symbol":"${'A'.repeat(70_000)}"}`,
  () => '{"qty":1e400,"symbol":"AAPL"}',
  () => '\ufeff{}',
  () => '{"symbol":"AAPL","symbol":"MSFT"}',
];

/** @param usual header lines that every request has */
export function spoilRequest(
  right: Request,
  chance: Chance,
  usual: readonly string[] = ['host: exchange'],
): RawRequest {
  let { method } = right;
  let path = right.path;
  let query = Object.entries(right.query ?? {}).map(
    ([name, value]) => `${name}=${encodeURIComponent(value)}`,
  );
  let type = right.body === undefined ? undefined : 'application/json';
  let body: Buffer | undefined =
    right.body === undefined ? undefined : Buffer.from(JSON.stringify(right.body));
  const headers: string[] = [];
  const ways = right.body !== undefined ? 12 : right.query !== undefined ? 9 : 6;
  switch (chance.below(ways)) {
    case 0:
      method = chance.pick(METHODS);
      break;
    case 1:
      path = chance.pick(chance.once(2) ? PATHS : MORE_PATHS);
      break;
    case 2:
    case 3:
      path = spoiledPath(path, chance);
      break;
    case 4:
      headers.push(...oddHeaders(chance));
      break;
    case 5:
      type = chance.pick(TYPES);
      body = Buffer.from(spoil('{}', chance)).subarray(0, 100_000);
      break;
    case 6:
    case 7:
    case 8:
      if (right.query !== undefined) query = spoiledQuery(right.query, chance);
      else body = spoiledBody(right.body ?? {}, chance);
      break;
    default:
      body = spoiledBody(right.body ?? {}, chance);
  }
  if (body !== undefined && type !== undefined) headers.push(`content-type: ${type}`);
  if (body !== undefined) headers.push(`content-length: ${body.length}`);
  const url = query.length > 0 ? `${path}?${query.join('&')}` : path;
  const head = Buffer.from(
    `${[`${method} ${url} HTTP/1.1`, ...usual, ...headers].join('\r\n')}\r\n\r\n`,
    'latin1',
  );
  return { method, bytes: Buffer.concat([head, body ?? Buffer.alloc(0)]) };
}

/** One part of it, encoded or (now and then) as it is. */
function spoiledPath(path: string, chance: Chance): string {
  const parts = path.split('/');
  const at = 1 + chance.below(parts.length - 1);
  const spoiled = Buffer.from(spoil(parts[at] ?? '', chance)).subarray(0, 5_000);
  const escaped = chance.once(4)
    ? spoiled.toString('latin1')
    : [...spoiled].map((byte) => `%${byte.toString(16).padStart(2, '0')}`).join('');
  return parts.with(at, escaped).join('/');
}

function spoiledQuery(query: Readonly<Record<string, string>>, chance: Chance): string[] {
  const names = Object.keys(query);
  const name = chance.pick(names);
  const value = Buffer.from(spoil(query[name] ?? '', chance))
    .subarray(0, 5_000)
    .toString('latin1');
  const pairs = Object.entries(query).map(
    ([one, right]) => `${one}=${encodeURIComponent(one === name ? value : right)}`,
  );
  if (chance.once(5)) pairs.push(`${name}=${encodeURIComponent(query[name] ?? '')}`); // twice
  if (chance.once(8)) pairs.push(`${name}[a]=1`, '%', '=', `__proto__=${name}`);
  return pairs;
}

function spoiledBody(body: object, chance: Chance): Buffer {
  if (chance.once(5)) return Buffer.from(chance.pick(BODIES)());
  if (chance.once(6)) return Buffer.from(spoil(JSON.stringify(body), chance)).subarray(0, 100_000);
  const digits = (_: string, value: unknown): unknown => (typeof value === 'bigint' ? Number(value) : value);
  return Buffer.from(JSON.stringify(spoilLeaves(body, chance), digits)).subarray(0, 100_000);
}
