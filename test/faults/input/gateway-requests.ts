/** Right requests for every route of the gateway, and the headers that come with them. */
import type { Chance } from './chance.ts';
import type { World } from './gateway-world.ts';
import type { Request } from './spoil-request.ts';

const ENTRY = {
  ...{ symbol: 'AAPL', qty: '1', side: 'buy', type: 'limit', limit_price: '100', time_in_force: 'day' },
  client_order_id: 'new',
};

/** @param ids as those of a World */
export function rightRequests([mine = '', odd = '', theirs = '']: readonly string[]): Request[] {
  const market = { ...ENTRY, type: 'market', limit_price: null };
  const bodies = [
    ENTRY,
    { ...ENTRY, client_order_id: 'mine' },
    { ...ENTRY, client_order_id: 'not / direct' },
    { ...market, qty: null, notional: '150' },
    { ...ENTRY, symbol: 'BTC/USD', qty: '0.5', time_in_force: 'gtc' },
    { ...ENTRY, side: 'sell', limit_price: '120', extended_hours: false },
    { ...ENTRY, side: 'sell', type: 'stop', limit_price: null, stop_price: '90' },
    {
      ...ENTRY,
      order_class: 'bracket',
      take_profit: { limit_price: '120' },
      stop_loss: { stop_price: '90' },
    },
  ];
  const byClientId = '/v2/orders:by_client_order_id';
  const reads = ['/v2/account', '/v2/positions', '/v2/positions/AAPL', '/v2/clock', '/v2/assets/AAPL'];
  return [
    ...bodies.map((body) => ({ method: 'POST', path: '/v2/orders', body })),
    ...[mine, theirs, 'none'].flatMap((id) => [
      { method: 'GET', path: `/v2/orders/${id}` },
      { method: 'PATCH', path: `/v2/orders/${id}`, body: { qty: '2', limit_price: '99' } },
    ]),
    ...[theirs, 'none'].map((id) => ({ method: 'DELETE', path: `/v2/orders/${id}` })),
    { method: 'DELETE', path: `/v2/orders/${odd}` },
    { method: 'DELETE', path: '/v2/positions/AAPL', query: { qty: '1' } },
    { method: 'GET', path: '/v2/orders', query: { status: 'all', limit: '10', symbols: 'AAPL,MSFT' } },
    { method: 'GET', path: '/v2/orders', query: { after: '2026-01-20T15:30:00Z', direction: 'asc' } },
    ...['mine', 'theirs', 'other--theirs', '\u00fcber 1'].map((id) => ({
      ...{ method: 'GET', path: byClientId, query: { client_order_id: id } },
    })),
    ...reads.map((path) => ({ method: 'GET', path })),
    { method: 'GET', path: '/v2/calendar', query: { start: '2026-01-01', end: '2026-02-01' } },
    { method: 'GET', path: '/v2/stocks/quotes/latest', query: { symbols: 'AAPL,MSFT', feed: 'iex' } },
    { method: 'GET', path: '/v1beta3/crypto/us/latest/quotes', query: { symbols: 'BTC/USD' } },
    { method: 'GET', path: '/stream' }, // no upgrade
    { method: 'GET', path: '/healthz' },
  ];
}

/** Mostly the keys of a bot, now and then with a forecast; else keys of nobody. */
export function headersOf({ bots: { one, other, gone }, gateway }: World, chance: Chance): string[] {
  const host = `host: ${new URL(gateway.url).host}`;
  const pair = (key: string, secret: string): string[] => [
    `APCA-API-KEY-ID: ${key}`,
    `APCA-API-SECRET-KEY: ${secret}`,
  ];
  const right = pair(one.keys.keyId, one.keys.secret);
  const pnl = ['5', '-1.5', 'NaN', '', '1e9', '9'.repeat(40), '5, 5', 'x'.repeat(5_000)];
  if (!chance.once(5))
    return [host, ...right, ...(chance.once(8) ? [`Worksteal-Pnl: ${chance.pick(pnl)}`] : [])];
  const wrong = [
    [],
    right.slice(1),
    right.slice(0, 1),
    [...right, ...right],
    [...right, ...pair(other.keys.keyId, other.keys.secret)],
    pair(one.keys.keyId, other.keys.secret),
    pair(gone.keys.keyId, gone.keys.secret),
    pair(one.keys.keyId.toLowerCase(), one.keys.secret),
    pair(one.keys.keyId, ''),
    pair('__proto__', 'constructor'),
    pair(one.keys.keyId, 'x'.repeat(5_000)),
    ['authorization: Basic YTpi'],
    [`authorization: Bearer ${one.keys.secret}`],
  ];
  return [host, ...chance.pick(wrong)];
}
