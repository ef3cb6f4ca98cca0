/**
 * Several accounts at one exchange: each has its own keys, book, positions, equity and judge; they share the
 * market.
 */
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { startExchange } from '../../src/exchange/server.ts';
import { type Json, startTestExchange, type TestExchange, Updates } from '../support/exchange.ts';

const ONE = { 'APCA-API-KEY-ID': 'k1', 'APCA-API-SECRET-KEY': 's1' };
const TWO = { 'APCA-API-KEY-ID': 'k2', 'APCA-API-SECRET-KEY': 's2' };
const ORDER = {
  symbol: 'BTCUSD',
  qty: '1',
  side: 'buy',
  type: 'limit',
  limit_price: '100',
  time_in_force: 'gtc',
  client_order_id: 'a',
};

let exchange: TestExchange;
beforeEach(async () => {
  exchange = await startTestExchange({ accounts: 'PA1:k1:s1,PA2:k2:s2:5000' });
});
afterEach(() => exchange.close());

const get = async (path: string, keys: Record<string, string>) =>
  (await exchange.call(`GET`, path, undefined, keys)).body;
const listed = async (keys: Record<string, string>) =>
  (await get('/v2/orders?status=all', keys)) as unknown as Json[];

describe('The accounts of an exchange', () => {
  it('are distinguished by their keys, each with its own equity', async () => {
    expect(await get('/v2/account', ONE)).toMatchObject({ account_number: 'PA1', equity: '100000' });
    expect(await get('/v2/account', TWO)).toMatchObject({
      account_number: 'PA2',
      equity: '5000',
      last_equity: '5000',
    });
    expect(
      (await exchange.call('GET', '/v2/account', undefined, { ...ONE, 'APCA-API-SECRET-KEY': 's2' })).status,
    ).toBe(401);
  });

  it('have separate orders and positions', async () => {
    await exchange.call('POST', '/v2/orders', ORDER, ONE);
    expect(await listed(ONE)).toMatchObject([{ client_order_id: 'a', status: 'new' }]);
    expect(await listed(TWO)).toEqual([]);
    exchange.price('BTCUSD', '99');
    expect(await get('/v2/positions', ONE)).toMatchObject([{ symbol: 'BTCUSD', qty: '1' }]);
    expect(await get('/v2/positions', TWO)).toEqual([]);
    expect((await exchange.call('POST', '/v2/orders', ORDER, TWO)).status).toBe(200);
  });

  it('have separate judges, selected by account number (default: the first)', async () => {
    await exchange.call('POST', '/v2/orders', ORDER, TWO);
    expect(await get('/judge?account=PA2', {})).toMatchObject({
      acceptances: 1,
      exposureMicros: 100_000_000,
    });
    expect(await exchange.judge()).toMatchObject({ acceptances: 0 });
    expect(await exchange.call('GET', '/judge?account=PA3')).toMatchObject({
      status: 404,
      body: { message: 'there is no account PA3' },
    });
  });

  it('receive updates of their own orders only', async () => {
    const one = await Updates.connect(exchange.url);
    const two = await Updates.connect(exchange.url);
    for (const [client, key, secret] of [
      [one, 'k1', 's1'],
      [two, 'k2', 's2'],
    ] as const) {
      client.send({ action: 'auth', key, secret });
      client.send({ action: 'listen', data: { streams: ['trade_updates'] } });
      await client.frame((message) => message['stream'] === 'listening');
    }
    await exchange.call('POST', '/v2/orders', ORDER, ONE);
    await exchange.call('POST', '/v2/orders', { ...ORDER, client_order_id: 'b' }, TWO);
    await one.next('new', 'a');
    await two.next('new', 'b');
    expect(one.events('b')).toEqual([]);
    expect(two.events('a')).toEqual([]);
    one.close();
    two.close();
  });

  it('have separate cash', async () => {
    await exchange.call('POST', '/faults?account=PA2', { withdrawUsd: '1000' });
    expect(await get('/v2/account', TWO)).toMatchObject({ equity: '4000' });
    expect(await get('/v2/account', ONE)).toMatchObject({ equity: '100000' });
  });

  it('may be refused whatever their keys, by a fault, requests and streams', async () => {
    await exchange.call('POST', '/faults', { rejectKeys: 403 });
    expect(await exchange.call('GET', '/v2/account', undefined, ONE)).toMatchObject({
      status: 403,
      body: { message: 'forbidden.' },
    });
    await exchange.call('POST', '/faults', { rejectKeys: 401 });
    expect((await exchange.call('GET', '/v2/account', undefined, ONE)).status).toBe(401);
    const client = await Updates.connect(exchange.url);
    client.send({ action: 'auth', key: 'k1', secret: 's1' });
    const { message } = await client.frame(({ stream }) => stream === 'authorization');
    expect(message).toMatchObject({ data: { status: 'unauthorized' } });
    client.close();
    await exchange.call('POST', '/faults', { rejectKeys: null });
    expect((await exchange.call('GET', '/v2/account', undefined, ONE)).status).toBe(200);
  });
});

describe('An exchange with one account', () => {
  it('has the number that it is given, or another one at every start', async () => {
    const numbers = [];
    for (const settings of [{ accountNumber: 'PA123' }, {}, {}]) {
      const running = await startTestExchange(settings);
      numbers.push((await running.call('GET', '/v2/account')).body['account_number']);
      await running.close();
    }
    expect(numbers[0]).toBe('PA123');
    expect(numbers[1]).toMatch(/^PA[0-9A-F]{10}$/);
    expect(new Set(numbers).size).toBe(3);
  });
});

it.each([
  ['an entry without a secret', { accounts: 'PA1:k1' }, '--accounts: entry 1 is not NUMBER:KEY:SECRET'],
  ['a number twice', { accounts: 'PA1:k1:s1,PA1:k2:s2' }, '--accounts: entry 2 is not'],
  ['a key twice', { accounts: 'PA1:k1:s1,PA2:k1:s2' }, '--accounts: entry 2 is not'],
  ['no money', { accounts: 'PA1:k1:s1:0' }, '--accounts: entry 1 is not'],
  [
    'keys twice over',
    { accounts: 'PA1:k1:s1', key: 'k', secret: 's' },
    'remove --account-number, --key and --secret',
  ],
  ['a number that is none', { accountNumber: 'PA 1' }, '--account-number: must be 1 to 64'],
])('the options refuse %s', async (_, settings, message) => {
  await expect(startExchange({ port: 0, ...settings })).rejects.toThrow(message);
});
