/**
 * The trade_updates stream of the paper exchange: both forms of authentication, binary frames, faults on
 * demand.
 */
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { startTestExchange, type TestExchange, Updates } from '../support/exchange.ts';

let exchange: TestExchange;
const opened: Updates[] = [];

beforeEach(async () => {
  exchange = await startTestExchange({ key: 'the-key', secret: 'the-secret' });
});
afterEach(async () => {
  for (const updates of opened.splice(0)) updates.close();
  await exchange.close();
});

const keys = { 'APCA-API-KEY-ID': 'the-key', 'APCA-API-SECRET-KEY': 'the-secret' };

async function connect(): Promise<Updates> {
  const updates = await Updates.connect(exchange.url);
  opened.push(updates);
  return updates;
}

async function listening(): Promise<Updates> {
  const updates = await connect();
  updates.send({ action: 'auth', key: 'the-key', secret: 'the-secret' });
  updates.send({ action: 'listen', data: { streams: ['trade_updates'] } });
  await updates.frame((message) => message['stream'] === 'listening');
  return updates;
}

function order(client_order_id: string) {
  const body = {
    symbol: 'BTCUSD',
    qty: '1',
    side: 'buy',
    type: 'limit',
    limit_price: '100',
    time_in_force: 'gtc',
    client_order_id,
  };
  return exchange.call('POST', '/v2/orders', body, keys);
}

describe('The stream', () => {
  it.each([
    ['auth', { action: 'auth', key: 'the-key', secret: 'the-secret' }, 'authorized'],
    [
      'authenticate',
      { action: 'authenticate', data: { key_id: 'the-key', secret_key: 'the-secret' } },
      'authorized',
    ],
    ['auth', { action: 'auth', key: 'the-key', secret: 'wrong' }, 'unauthorized'],
    [
      'authenticate',
      { action: 'authenticate', data: { key_id: 'wrong', secret_key: 'the-secret' } },
      'unauthorized',
    ],
  ])('answers %s in a binary frame: %j -> %s', async (action, message, status) => {
    const updates = await connect();
    updates.send(message);
    const frame = await updates.frame((answer) => answer['stream'] === 'authorization');
    expect(frame).toEqual({ binary: true, message: { stream: 'authorization', data: { status, action } } });
  });

  it('sends nothing to an unauthorized client', async () => {
    const updates = await connect();
    updates.send({ action: 'listen', data: { streams: ['trade_updates'] } });
    const { message } = await updates.frame((answer) => answer['stream'] === 'authorization');
    expect(message['data']).toMatchObject({ status: 'unauthorized' });
  });

  it('replaces the set at every listen', async () => {
    const [updates, other] = [await listening(), await listening()];
    updates.send({ action: 'listen', data: { streams: [] } });
    await updates.frame((answer) => JSON.stringify(answer['data']) === '{"streams":[]}');
    await order('a');
    await other.next('new', 'a');
    expect(updates.seen).toEqual([]);
  });

  it('answers an unknown message with an error, and continues', async () => {
    const updates = await connect();
    updates.socket.send('no json');
    await updates.frame((answer) => answer['stream'] === 'error');
    updates.send({ action: 'auth', key: 'the-key', secret: 'the-secret' });
    await updates.frame((answer) => answer['stream'] === 'authorization');
  });

  it('sends each event with the order, an id and a time in nanoseconds', async () => {
    const updates = await listening();
    await order('a');
    expect(await updates.next('new', 'a')).toMatchObject({
      event: 'new',
      execution_id: expect.stringMatching(/^[0-9a-f-]{36}$/),
      timestamp: expect.stringMatching(/\.\d{9}Z$/),
      order: { client_order_id: 'a', status: 'new' },
    });
  });

  it('drops and duplicates updates on demand, and can be cut', async () => {
    const updates = await listening();
    await exchange.call('POST', '/faults', { dropUpdates: 1, duplicateUpdates: 1 });
    await order('dropped');
    await order('twice');
    await order('once');
    await updates.next('new', 'once');
    expect(updates.seen.map((update) => update.order['client_order_id'])).toEqual(['twice', 'twice', 'once']);
    const closed = new Promise((resolve) => updates.socket.once('close', resolve));
    await exchange.call('POST', '/faults', { disconnectStreams: true });
    await closed;
  });
});
