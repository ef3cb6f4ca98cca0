/**
 * The HTTP API: one server and one Redis for all that it promises. At the end every answer of this file is
 * compared with the document that the server gives of itself.
 */
import { Validator } from '@seriousme/openapi-schema-validator';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { FINAL_STATES, ORDER_STATES } from '../../src/domain/order.ts';
import { OUTCOMES } from '../../src/domain/outcome.ts';
import type { AccountDoor } from '../../src/http/account-door.ts';
import { STATUS_OF } from '../../src/http/problem.ts';
import { EVENT_TYPES } from '../../src/inspection/event-line.ts';
import { FRAME } from '../../src/json/live.ts';
import { readClock } from '../../src/ledger/clock-reading.ts';
import { STAGES } from '../../src/ledger/commands/plans.ts';
import { release } from '../../src/ledger/commands/release.ts';
import { settle } from '../../src/ledger/commands/settle.ts';
import { key } from '../../src/ledger/keys.ts';
import { type AskOptions, startTestApi, type TestApi } from '../support/api.ts';
import { useLedgers } from '../support/fixtures.ts';
import { InstantBroker } from '../support/instant-broker.ts';
import { anOrder, type TestAccount } from '../support/ledger.ts';
import { faultsOf, operationOf, operationsOf, wordsOf } from '../support/openapi.ts';

const ledgers = useLedgers();
let account: TestAccount;
let other: TestAccount;
let broker: InstantBroker;
let api: TestApi;

beforeAll(async () => {
  [account, other] = await Promise.all([ledgers.account(), ledgers.account()]);
  broker = new InstantBroker();
  api = await startTestApi(ledgers.url, [account, other], { broker });
});
afterAll(() => api.close());

const ORDER = { symbol: 'AAA', side: 'buy', limit: '10', qty: '10' };
const PLAN = { symbol: 'AAA', side: 'buy', limit: '10', qty: '1' };

/** Asks as the trade token; the answer's status and body. */
async function trade(method: string, path: string, body?: unknown, options: AskOptions = {}) {
  const { status, body: said } = await api.ask(method, path, { as: 'trade', body, ...options });
  return { status, ...said };
}

/** Ends what the account holds, so that the next test begins with an empty book. */
async function emptyBook(): Promise<void> {
  for (const id of await account.ledger.redis.smembers(`ws:{${account.name}}:live`)) {
    const ending = { state: 'cancelled', filledQty: '0', costMicros: 0, reason: 'test' } as const;
    if ((await release(account.ledger, id, 'test')) === 'sent') await settle(account.ledger, id, ending);
  }
}

describe('Forecasts', () => {
  const list = async () => {
    const { body } = await api.ask('GET', 'forecasts/trade', { as: 'trade' });
    return body['forecasts'];
  };

  it('are filed, replaced and removed; the same again changes nothing', async () => {
    const [path, aaa] = ['forecasts/trade/AAA/buy', { symbol: 'AAA', side: 'buy' }];
    const filed = { strategy: 'trade', ...aaa };
    const put = (body: unknown, at = path) => trade('PUT', at, body);
    expect(await put({ pnl: '2.5' })).toEqual({ status: 201, outcome: 'filed', ...filed });
    expect(await put({ pnl: 2.5 })).toEqual({ status: 200, outcome: 'exists', ...filed });
    expect(await put({ pnl: '-3.000000001' })).toEqual({ status: 200, outcome: 'replaced', ...filed });
    expect(await put({ pnl: '7' }, 'forecasts/trade/btc%2Fusd/sell')).toMatchObject({ symbol: 'BTCUSD' });
    expect(await put({ pnl: '8' }, 'forecasts/trade/BTCUSD/sell')).toMatchObject({ outcome: 'replaced' });
    const never = { fillProbability: '1', expiresAtMs: 0, over: false };
    const coin = { symbol: 'BTCUSD', side: 'sell', pnl: '8', ...never };
    expect(await list()).toEqual([{ ...aaa, pnl: '-3.000000001', ...never }, coin]);
    expect(await trade('GET', 'forecasts/trade?limit=1')).toMatchObject({ forecasts: [aaa], more: 1 });
    expect(await put({ pnl: '9', fillProbability: 0.25 })).toMatchObject({ outcome: 'replaced' });
    expect(await list()).toMatchObject([{ pnl: '9', fillProbability: '0.25' }, {}]);
    const gone = () => trade('DELETE', path);
    expect(await gone()).toEqual({ status: 200, outcome: 'removed', ...filed });
    expect(await gone()).toEqual({ status: 200, outcome: 'none', ...filed });
    expect(await list()).toEqual([coin]);
    expect(await trade('DELETE', 'forecasts/trade/BTC%2FUSD/sell')).toMatchObject({ outcome: 'removed' });
    expect(await trade('GET', 'forecasts/nobody')).toMatchObject({ status: 200, forecasts: [] });
  });

  it("end at an instant of the ledger's clock", async () => {
    const { nowMs } = await readClock(account.ledger);
    const path = 'forecasts/trade/AAA/sell';
    const body = { pnl: '1', expiresAtMs: nowMs + 1_000 };
    expect(await trade('PUT', path, body)).toMatchObject({ status: 201 });
    expect(await list()).toMatchObject([{ over: false }]);
    await account.advanceLedger(1_000);
    expect(await list()).toMatchObject([{ over: true }]);
    expect(await trade('PUT', path, body)).toMatchObject({
      status: 422,
      details: { field: 'expiresAtMs' },
    });
    await trade('DELETE', path);
  });

  it('that no order could have are refused, and change nothing', async () => {
    const put = (path: string, body: unknown) => trade('PUT', `forecasts/${path}`, body);
    const refused = { status: 422, code: 'invalid' };
    for (const pnl of ['', 'many', '1e99', '9007199', '-9007199', null, undefined])
      expect(await put('trade/AAA/buy', { pnl }), `${pnl}`).toMatchObject(refused);
    for (const fillProbability of ['1.1', -0.1, 'likely', null])
      expect(await put('trade/AAA/buy', { pnl: '1', fillProbability })).toMatchObject(refused);
    const paths = ['trade/AAA/long', 'trade/ETH%2FBTC/buy', 'trade/AAA%20/buy', 'tr%20ade/AAA/buy'];
    for (const path of paths) expect(await put(path, { pnl: '1' }), path).toMatchObject(refused);
    expect(await put('trade/AAA/buy', { pnl: '1', more: 1 })).toMatchObject(refused);
    expect(await put('trade/AAA/buy', { pnl: '1', expiresAtMs: -1 })).toMatchObject(refused);
    expect(await list()).toEqual([]);
  });

  it('are filed and removed by the token of their name, and by an admin', async () => {
    const as = api.makeToken('other-strategy', 'trade');
    const [path, body] = ['forecasts/trade/AAA/buy', { pnl: '1' }];
    const forbidden = { status: 403, code: 'forbidden' };
    expect(await trade('PUT', path, body, { as })).toMatchObject(forbidden);
    expect(await trade('PUT', path, body, { as: 'admin' })).toMatchObject({ outcome: 'filed' });
    expect(await trade('DELETE', path, undefined, { as })).toMatchObject(forbidden);
    expect(await trade('DELETE', path)).toMatchObject({ outcome: 'removed' });
  });

  it('are no more than 10,000 of a strategy, and are kept for 30 days after the last filing', async () => {
    const { redis } = account.ledger;
    const name = key(account.name, 'forecasts:trade');
    await redis.hset(
      name,
      Object.fromEntries(Array.from({ length: 9_999 }, (_, at) => [`F${at} buy`, '1 0'])),
    );
    expect(await trade('PUT', 'forecasts/trade/AAA/buy', { pnl: '1' })).toMatchObject({ status: 201 });
    expect(await trade('PUT', 'forecasts/trade/AAA/buy', { pnl: '2' })).toMatchObject({ status: 200 });
    expect(await trade('PUT', 'forecasts/trade/BBB/buy', { pnl: '1' })).toMatchObject({
      status: 422,
      details: { field: 'strategy' },
    });
    expect(await redis.hlen(name)).toBe(10_000);
    expect(Math.round((await redis.pttl(name)) / 86_400_000)).toBe(30);
    await redis.del(name);
  });
});

describe('Plans', () => {
  it('are filed once, and withdrawn', async () => {
    expect(await trade('PUT', 'plans/p1', PLAN)).toMatchObject({ status: 201, outcome: 'filed', id: 'p1' });
    expect(await trade('PUT', 'plans/p1', PLAN)).toMatchObject({ status: 200, outcome: 'exists' });
    expect(await trade('PUT', 'plans/p1', { ...PLAN, qty: '2' })).toMatchObject({
      status: 409,
      code: 'contradiction',
      type: 'urn:worksteal:problem:contradiction',
      retriable: false,
    });
    const [strategy, stage] = ['trade', 'waiting'];
    expect(await trade('GET', 'plans/p1')).toMatchObject({ id: 'p1', symbol: 'AAA', strategy, stage });
    expect(await trade('GET', 'plans?symbol=aaa&strategy=trade&stage=waiting')).toMatchObject({
      plans: [{ id: 'p1', stage: 'waiting' }],
      more: 0,
    });
    expect(await trade('GET', 'plans?symbol=BBB')).toMatchObject({ plans: [] });
    expect(await trade('DELETE', 'plans/p1')).toMatchObject({ status: 200, outcome: 'withdrawn' });
    expect(await trade('DELETE', 'plans/p1')).toMatchObject({ status: 200, outcome: 'exists' });
    expect(await trade('GET', 'plans?stage=ended')).toMatchObject({
      plans: [{ id: 'p1', stage: 'withdrawn' }],
    });
    expect(await trade('GET', 'plans/p1')).toMatchObject({ stage: 'withdrawn', reason: 'withdrawn' });
    expect(await trade('GET', 'plans/none')).toMatchObject({ status: 404, code: 'unknown' });
  });

  it('of another token are withdrawn by an admin alone', async () => {
    await trade('PUT', 'plans/p2', PLAN);
    const as = api.makeToken('second', 'trade');
    expect(await trade('DELETE', 'plans/p2', undefined, { as })).toMatchObject({ status: 403 });
    expect(await trade('DELETE', 'plans/p2', undefined, { as: 'admin' })).toMatchObject({
      outcome: 'withdrawn',
    });
  });

  it('come in pages that neither skip nor repeat one', async () => {
    for (const id of ['c', 'a', 'e', 'b', 'd']) await trade('PUT', `plans/page-${id}`, PLAN);
    const seen: unknown[] = [];
    let query = 'plans?limit=2';
    for (let pages = 1; pages <= 3; pages += 1) {
      const { plans, nextCursor } = (await trade('GET', query)) as unknown as {
        plans: { id: string }[];
        nextCursor: string | null;
      };
      seen.push(...plans.map(({ id }) => id));
      query = `plans?limit=2&cursor=${nextCursor}`;
      if (pages === 1) await trade('DELETE', 'plans/page-a');
      if (pages === 3) expect(nextCursor).toBeNull();
    }
    expect(seen).toEqual(['page-a', 'page-b', 'page-c', 'page-d', 'page-e']);
    expect(await trade('GET', 'plans?cursor=nonsense')).toMatchObject({ status: 422, code: 'invalid' });
  });
});

describe('Orders', () => {
  it('get room, are placed and cancelled', async () => {
    expect(await trade('PUT', 'orders/o1', ORDER)).toMatchObject({
      status: 200,
      outcome: 'reserved',
      how: 'fits',
    });
    expect(await trade('POST', 'orders/o1/renew')).toMatchObject({ outcome: 'renewed' });
    expect(await trade('POST', 'orders/o1/cancel')).toMatchObject({ outcome: 'not_working' });
    expect(await trade('POST', 'orders/o1/place')).toMatchObject({ outcome: 'working', id: 'o1' });
    expect(await trade('PUT', 'orders/o1', ORDER)).toMatchObject({ outcome: 'known', state: 'working' });
    expect(await trade('POST', 'orders/o1/renew')).toMatchObject({ outcome: 'lost', state: 'working' });
    expect(await trade('POST', 'orders/o1/release')).toMatchObject({ outcome: 'sent' });
    expect(await trade('GET', 'orders/o1')).toMatchObject({ id: 'o1', state: 'working', owner: 'api-trade' });
    expect(await trade('GET', 'orders?state=working&symbol=AAA')).toMatchObject({ orders: [{ id: 'o1' }] });
    expect(await trade('POST', 'orders/o1/cancel')).toMatchObject({ outcome: 'cancelling' });
    expect(await trade('POST', 'orders/o1/cancel')).toMatchObject({ outcome: 'exists' });
    expect(await account.outbox()).toEqual([{ id: 'o1', victims: ['o1'] }]);
    await emptyBook();
    expect(await trade('GET', 'orders?state=ended')).toMatchObject({
      orders: [{ id: 'o1', state: 'cancelled' }],
    });
    expect(await trade('GET', 'orders/o1')).toMatchObject({ state: 'cancelled' });
  });

  it('cannot be entered or placed while the server stands aside; all else goes on', async () => {
    const [door] = api.doors;
    if (door === undefined) throw new Error('the API serves no account');
    door.trouble = 'the broker does not accept the keys';
    for (const [method, path] of [
      ['PUT', 'orders/o1'],
      ['POST', 'orders/o1/place'],
    ] as const) {
      const { status, body, headers } = await api.ask(method, path, { body: ORDER });
      expect({ status, body }, path).toMatchObject({
        status: 503,
        body: { code: 'unavailable', retriable: true },
      });
      expect(headers.get('retry-after')).toBe('1');
    }
    expect(await trade('GET', 'status')).toMatchObject({ status: 200 });
    door.trouble = '';
  });

  it('give back room that they did not use', async () => {
    await trade('PUT', 'orders/o2', ORDER);
    expect(await trade('POST', 'orders/o2/release')).toMatchObject({ outcome: 'released' });
    expect(await trade('POST', 'orders/o2/release')).toMatchObject({ outcome: 'exists' });
    expect(await trade('POST', 'orders/o2/place')).toMatchObject({ outcome: 'ended', state: 'cancelled' });
  });

  it('that the rules refuse are a result, with the reason and its numbers', async () => {
    await account.prices({ AAA: '12' });
    const refused = await trade('PUT', 'orders/o3', { ...ORDER, qty: '200' });
    expect(refused).toMatchObject({
      status: 200,
      outcome: 'refused',
      reason: 'not_close_enough',
      sentence: 'it does not fit and is too far from its limit to steal',
      numbers: { needMicros: 2_000_000_000 },
    });
    expect(await trade('GET', 'refusals?reason=not_close_enough&symbol=AAA')).toMatchObject({
      refusals: [{ id: 'o3', order: 'o3', reason: 'not_close_enough', times: 1 }],
    });
    expect(await trade('GET', 'why/o3')).toMatchObject({ id: 'o3', refusal: { reason: 'not_close_enough' } });
  });

  it('that the broker refuses end, and one whose answer is lost is asked for', async () => {
    await trade('PUT', 'orders/o4', ORDER);
    broker.nextSubmits('order');
    expect(await trade('POST', 'orders/o4/place')).toMatchObject({ outcome: 'ended', state: 'rejected' });
    await trade('PUT', 'orders/o5', ORDER);
    broker.nextSubmits('lose_reply');
    expect(await trade('POST', 'orders/o5/place')).toMatchObject({ outcome: 'working' });
    await emptyBook();
  });

  it('of which the broker says nothing are unclear, keep their room, and are asked for', async () => {
    const quick = await startTestApi(ledgers.url, [account], { broker, leaseMs: 200 });
    const ask = async (method: string, path: string, body?: unknown) =>
      await quick.ask(method, path, { as: 'trade', body });
    const unclear = {
      status: 504,
      body: { code: 'unclear', retriable: true, details: { order: 'silent' }, status: 504 },
    };
    await ask('PUT', 'orders/silent', ORDER);
    broker.nextSubmits('lose_request');
    expect(await ask('POST', 'orders/silent/place')).toMatchObject(unclear);
    expect(await ask('GET', 'orders/silent')).toMatchObject({
      body: { state: 'reserved', unclear: false, heldMicros: 100_000_000 },
    });
    // Nothing is sent a second time, and it may still arrive.
    expect(await ask('POST', 'orders/silent/place')).toMatchObject(unclear);
    await broker.submit({ ...ORDER, id: 'silent', symbol: 'AAA', side: 'buy' });
    expect(await ask('POST', 'orders/silent/place')).toMatchObject({ body: { outcome: 'working' } });
    await quick.close();
    await emptyBook();
  });

  it('that close a position go on where nobody has confirmed it lately: the broker is asked', async () => {
    await trade('PUT', 'orders/bought', ORDER);
    broker.nextSubmits('filled');
    expect(await trade('POST', 'orders/bought/place')).toMatchObject({ outcome: 'ended', state: 'filled' });
    await account.advanceHealth(60_000);
    const exit = { ...ORDER, side: 'sell', kind: 'exit' };
    expect(await trade('PUT', 'orders/sold', exit)).toMatchObject({ status: 200, outcome: 'reserved' });
    expect(await trade('PUT', 'orders/more', exit)).toMatchObject({
      outcome: 'refused',
      reason: 'no_position',
    });
    broker.nextSubmits('filled');
    expect(await trade('POST', 'orders/sold/place')).toMatchObject({ outcome: 'ended', state: 'filled' });
    await account.sync('1000');
    await emptyBook();
  });

  it('of another token, of a watcher or of a plan are not touched', async () => {
    await account.place(anOrder('w1').of('WWW'));
    await trade('PUT', 'plans/mine', PLAN);
    expect(await trade('PUT', 'orders/mine_1', ORDER)).toMatchObject({ status: 409, code: 'contradiction' });
    expect(await trade('PUT', 'orders/w1', { ...ORDER, symbol: 'WWW' })).toMatchObject({ status: 409 });
    for (const step of ['place', 'renew', 'release', 'cancel'])
      expect(await trade('POST', `orders/w1/${step}`), step).toMatchObject({
        status: 403,
        code: 'forbidden',
      });
    for (const step of ['place', 'renew', 'release'])
      expect(await trade('POST', `orders/w1/${step}`, undefined, { as: 'admin' }), step).toMatchObject({
        status: 403,
      });
    expect(await trade('POST', 'orders/w1/cancel', undefined, { as: 'admin' })).toMatchObject({
      outcome: 'cancelling',
    });
    expect(await account.field('order:w1', 'cancel_by')).toBe('admin@api');
    await emptyBook();
  });

  it('wait with 202 for their victims, and are reserved when these have ended', async () => {
    await account.prices({ OLD: '11', NEW: '10.01' });
    await account.place(anOrder('victim').of('OLD').worth(1000).pnl('1'));
    const wish = { symbol: 'NEW', side: 'buy', limit: '10', qty: '100', pnl: '5' };
    expect(await trade('PUT', 'orders/thief?waitMs=0', wish)).toEqual({
      status: 202,
      outcome: 'pending',
      id: 'thief',
    });
    await expect.poll(() => account.field('order:thief', 'state')).toBe('pending');
    expect(await trade('POST', 'orders/thief/place')).toMatchObject({ status: 422, code: 'invalid' });
    expect(await trade('PUT', 'orders/thief?waitMs=0', wish)).toMatchObject({ status: 202 });
    expect(await trade('PUT', 'orders/thief?waitMs=0', { ...wish, qty: '99' })).toMatchObject({
      status: 409,
    });
    const asked = trade('PUT', 'orders/thief?waitMs=20000', wish);
    await account.end('victim', 'cancelled');
    expect(await asked).toMatchObject({ status: 200, outcome: 'reserved', how: 'stolen' });
    expect(await trade('GET', 'steals?state=granted&symbol=NEW')).toMatchObject({
      steals: [{ thief: 'thief', victims: [{ order: 'victim' }] }],
    });
    expect(await trade('GET', 'steals/thief')).toMatchObject({ thief: 'thief', state: 'granted' });
    expect(await trade('GET', `why/${encodeURIComponent('NEW>OLD#thief')}`)).toMatchObject({
      thief: 'thief',
    });
    expect(await trade('GET', 'steals/none')).toMatchObject({ status: 404 });
    expect(await trade('GET', 'fights')).toMatchObject({ cooldowns: [{ symbol: 'OLD' }] });
    await emptyBook();
  });

  it('are shown as they are, also where one ends while it is looked up', async () => {
    await trade('PUT', 'orders/brief', ORDER);
    const { book } = api.doors[0] as AccountDoor;
    const rows = vi.spyOn(book, 'orderRows').mockImplementationOnce(async (ids, ended) => {
      await release(account.ledger, 'brief', 'test');
      rows.mockRestore();
      return await book.orderRows(ids, ended);
    });
    expect(await trade('GET', 'orders/brief')).toMatchObject({
      ...{ status: 200, id: 'brief', state: 'cancelled', reason: 'test' },
    });
    vi.spyOn(book, 'orderRows').mockImplementationOnce(async () => []);
    expect(await trade('GET', 'orders/brief')).toMatchObject({ status: 404, code: 'unknown' });
  });

  it('are not said to be none while a lost ledger is rebuilt: they may be at the broker', async () => {
    const { redis } = account.ledger;
    const book = `ws:{${account.name}}:account`;
    const synced = (await redis.hget(book, 'synced_at_ms')) ?? '';
    expect(await trade('GET', 'orders/lost-1')).toMatchObject({ status: 404, code: 'unknown' });
    await redis.hset(book, 'synced_at_ms', '0');
    for (const [method, path] of [
      ['GET', 'orders/lost-1'],
      ['POST', 'orders/lost-1/cancel'],
      ['POST', 'orders/lost-1/place'],
    ] as const)
      expect(await trade(method, path), path).toMatchObject({
        status: 503,
        code: 'unavailable',
        retriable: true,
      });
    await redis.hset(book, 'synced_at_ms', synced);
    expect(await trade('POST', 'orders/lost-1/cancel')).toMatchObject({ status: 404, code: 'unknown' });
  });

  it('and plans are asked for again while a damaged book is rebuilt', async () => {
    const book = `ws:{${account.name}}:account`;
    const plan = { symbol: 'AAPL', side: 'buy', limit: '190', qty: '1', pnl: '1' };
    await account.ledger.redis.hset(book, 'damaged', '1');
    expect(await trade('PUT', 'plans/early', plan)).toMatchObject({
      ...{ status: 503, code: 'unavailable', retriable: true },
    });
    await account.ledger.redis.hset(book, 'damaged', '');
    expect(await trade('PUT', 'plans/early', plan)).toMatchObject({ status: 201, outcome: 'filed' });
    expect(await trade('DELETE', 'plans/early')).toMatchObject({ status: 200 });
  });

  it('take numbers as programs print them, and say of others what is wrong', async () => {
    const floats = { limit: '190.12999999999998', qty: '0.5000000000000001', pnl: 0.1 + 2.2 };
    expect(await trade('PUT', 'orders/float', { ...ORDER, ...floats })).toMatchObject({
      outcome: 'reserved',
    });
    expect(await trade('GET', 'orders/float')).toMatchObject({ limit: '190.13', qty: '0.5', pnl: '2.3' });
    await trade('POST', 'orders/float/release');
    const refused = [
      [{ limit: '1,204.50' }, 'body.limit: is not a number: write 1204.50'],
      [{ limit: '$120' }, 'body.limit: is not a number: write 120'],
      [{ qty: '-1' }, 'body.qty: is below 0'],
      [{ pnl: '12%' }, 'body.pnl: is not a number: write it in dollars or units, not in percent'],
      [{ limit: 4e-12 }, 'body.limit: is 0 at nine decimals'],
      [{ qty: '1e15' }, 'body.qty: is beyond 1e12'],
      [{ qty: undefined }, 'body.qty: is missing'],
    ] as const;
    for (const [terms, detail] of refused)
      expect(await trade('PUT', 'orders/odd', { ...ORDER, ...terms })).toMatchObject({ status: 422, detail });
  });
});

describe('The account', () => {
  it('has the status of `worksteal status --json`', async () => {
    expect(await trade('GET', 'status')).toMatchObject({ account: account.name, admits: 'yes' });
  });

  it('has its settings, its processes and its audit', async () => {
    expect(await trade('GET', 'settings')).toMatchObject({ settings: { cooldownMs: 300_000 } });
    expect(await trade('GET', 'hosts')).toMatchObject({ hosts: [] });
    expect(await trade('GET', 'audit')).toMatchObject({ faultCount: 0 });
  });

  it('has its last half hour: room, steals per pair, refusals, cancellations', async () => {
    // The summary is made once a second.
    const history = async () => (await api.ask('GET', 'history')).body;
    await expect.poll(history, { timeout: 60_000 }).toMatchObject({
      pairs: [{ thief: 'NEW', victim: 'OLD', steals: 1 }],
      steals: 1,
      cancels: { waiting: 0 },
    });
    const body = await history();
    expect(body['capacity']).toContainEqual(expect.objectContaining({ capMicros: 1_000_000_000 }));
    expect(JSON.stringify(body['refusals'])).toMatch(/not_close_enough/);
    expect(await api.ask('GET', '/v1/accounts/other/history')).toMatchObject({ status: 404 });
  });

  it('is halted and resumed by an admin, for the record', async () => {
    const body = { reason: 'a test' };
    const admin = (path: string) => trade('POST', path, body, { as: 'admin' });
    expect(await admin('halt')).toMatchObject({ outcome: 'halted', by: 'admin@api', reason: 'a test' });
    expect(await trade('PUT', 'orders/h1', ORDER)).toMatchObject({ outcome: 'refused', reason: 'halted' });
    expect(await admin('resume')).toMatchObject({ outcome: 'resumed' });
    expect(await admin('resume')).toMatchObject({ outcome: 'exists' });
  });

  it('is reached by the tokens that name it, and by no other', async () => {
    const as = api.makeToken('one-account', 'trade', [other.name]);
    const path = (name: string) => `/v1/accounts/${name}/orders/x1`;
    expect(await trade('PUT', path(other.name), ORDER, { as })).toMatchObject({ outcome: 'reserved' });
    expect(await trade('PUT', path(account.name), ORDER, { as })).toMatchObject({ status: 403 });
    expect(await trade('GET', '/v1/accounts/nobody/status', undefined, { as })).toMatchObject({
      status: 403,
    });
    expect(await trade('GET', '/v1/accounts/nobody/status')).toMatchObject({
      status: 404,
      code: 'unknown',
      next: expect.stringContaining('WORKSTEAL_API_ACCOUNTS'),
    });
  });
});

/** Which scope each route needs. A route that is not here fails the test. */
const SCOPES: Readonly<Record<string, string>> = {
  'GET /healthz': 'none',
  'GET /readyz': 'none',
  'GET /v1/session': 'read',
  'POST /v1/session': 'none',
  'DELETE /v1/session': 'none',
  'GET /v1/accounts/{account}/status': 'read',
  'GET /v1/accounts/{account}/orders': 'read',
  'GET /v1/accounts/{account}/orders/{id}': 'read',
  'GET /v1/accounts/{account}/plans': 'read',
  'GET /v1/accounts/{account}/plans/{id}': 'read',
  'GET /v1/accounts/{account}/steals': 'read',
  'GET /v1/accounts/{account}/steals/{id}': 'read',
  'GET /v1/accounts/{account}/fights': 'read',
  'GET /v1/accounts/{account}/refusals': 'read',
  'GET /v1/accounts/{account}/history': 'read',
  'GET /v1/accounts/{account}/hosts': 'read',
  'GET /v1/accounts/{account}/settings': 'read',
  'GET /v1/accounts/{account}/audit': 'read',
  'GET /v1/accounts/{account}/why/{id}': 'read',
  'GET /v1/accounts/{account}/timeline/{id}': 'read',
  'GET /v1/accounts/{account}/events': 'read',
  'GET /v1/accounts/{account}/live': 'read',
  'POST /v1/accounts/{account}/decide': 'read',
  'GET /v1/accounts/{account}/forecasts/{strategy}': 'read',
  'PUT /v1/accounts/{account}/forecasts/{strategy}/{symbol}/{side}': 'trade',
  'DELETE /v1/accounts/{account}/forecasts/{strategy}/{symbol}/{side}': 'trade',
  'PUT /v1/accounts/{account}/plans/{id}': 'trade',
  'DELETE /v1/accounts/{account}/plans/{id}': 'trade',
  'PUT /v1/accounts/{account}/orders/{id}': 'trade',
  'POST /v1/accounts/{account}/orders/{id}/place': 'trade',
  'POST /v1/accounts/{account}/orders/{id}/renew': 'trade',
  'POST /v1/accounts/{account}/orders/{id}/release': 'trade',
  'POST /v1/accounts/{account}/orders/{id}/cancel': 'trade',
  'POST /v1/accounts/{account}/halt': 'admin',
  'POST /v1/accounts/{account}/resume': 'admin',
};

describe('Scopes', () => {
  const RANK = ['none', 'read', 'trade', 'admin'];

  it('the document has exactly these routes, with these scopes', () => {
    expect(Object.fromEntries(operationsOf(api.document))).toEqual(SCOPES);
  });

  it.each(Object.entries(SCOPES))('%s needs %s', async (operation, needed) => {
    const [method = '', pattern = ''] = operation.split(' ');
    const path = pattern.replace('{account}', account.name).replace('{id}', 'nothing');
    const body = method === 'GET' ? undefined : 'no JSON';
    const foreign = api.makeToken(`foreign-${operation.replaceAll(/\W/g, '-')}`.slice(0, 48), 'admin', [
      'elsewhere',
    ]);
    for (const scope of RANK) {
      const { status } = await api.ask(method, path, { as: scope === 'none' ? '' : scope, body });
      const allowed = RANK.indexOf(scope) >= RANK.indexOf(needed);
      const expected = allowed ? expect.not.toBeOneOf([401, 403]) : scope === 'none' ? 401 : 403;
      expect(status, `as ${scope}`).toEqual(expected);
    }
    const stranger = await api.ask(method, path, { as: foreign, body });
    const isOfAccount = needed !== 'none' && pattern.includes('{account}');
    expect(stranger.status).toEqual(!isOfAccount ? expect.not.toBeOneOf([401, 403]) : 403);
    const forged = await api.ask(method, path, { as: 'ws_forged', body });
    expect(forged.status).toEqual(needed === 'none' ? expect.not.toBeOneOf([401, 403]) : 401);
  });

  it('a token that was taken back is refused at once, and its signal tells open streams', async () => {
    const as = api.makeToken('fired', 'read');
    const token = api.tokens.find(as);
    expect(await trade('GET', 'status', undefined, { as })).toMatchObject({ status: 200 });
    api.revoke('fired');
    expect(token?.revoked.aborted).toBe(true);
    expect(await trade('GET', 'status', undefined, { as })).toMatchObject({
      status: 401,
      code: 'unauthenticated',
    });
  });
});

describe('A browser', () => {
  /** A session of the admin token: its cookie. */
  async function session(as = api.token.admin): Promise<string> {
    const { status, body, headers } = await api.ask('POST', '/v1/session', { as: '', body: { token: as } });
    expect({ status, body }).toMatchObject({
      status: 201,
      body: { scope: 'admin', accounts: [account.name, other.name] },
    });
    const set = headers.get('set-cookie') ?? '';
    expect(set).toMatch(/; HttpOnly; SameSite=Strict$/);
    return set.split(';', 1)[0] ?? '';
  }
  const halt = (headers: Record<string, string>) =>
    api.ask('POST', 'halt', { as: '', body: { reason: 'from a page' }, headers });

  it('exchanges its token for a cookie, and gives it back', async () => {
    const cookie = await session();
    expect(await api.ask('GET', '/v1/session', { as: '', headers: { cookie } })).toMatchObject({
      status: 200,
      body: { name: 'admin', scope: 'admin', accounts: expect.arrayContaining([account.name]) },
    });
    expect(await api.ask('GET', 'status', { as: '', headers: { cookie } })).toMatchObject({ status: 200 });
    const headers = { cookie, origin: api.url };
    expect(await api.ask('DELETE', '/v1/session', { as: '', headers })).toMatchObject({ status: 204 });
    expect(await api.ask('GET', 'status', { as: '', headers })).toMatchObject({ status: 401 });
    expect(await api.ask('POST', '/v1/session', { as: '', body: { token: 'ws_wrong' } })).toMatchObject({
      status: 401,
    });
  });

  it('writes with it from a page of this server, not from another site or without an origin', async () => {
    const cookie = await session();
    for (const origin of ['https://evil.example', 'null', `${api.url}.evil.example`])
      expect(await halt({ cookie, origin }), origin).toMatchObject({
        status: 403,
        body: { code: 'forbidden' },
      });
    expect(await halt({ cookie })).toMatchObject({ status: 403 });
    expect(await account.field('account', 'state')).toBe('running');
    expect(await halt({ cookie, origin: api.url })).toMatchObject({
      status: 200,
      body: { outcome: 'halted' },
    });
    await trade('POST', 'resume', { reason: 'over' }, { as: 'admin' });
  });

  it('loses its session with its token', async () => {
    const token = api.makeToken('page', 'admin');
    const cookie = await session(token);
    api.revoke('page');
    expect(await api.ask('GET', 'status', { as: '', headers: { cookie } })).toMatchObject({ status: 401 });
  });
});

describe('A request', () => {
  it('has an id in its answer: its own, or a new one', async () => {
    const ids = [];
    for (const sent of ['my-request.1', 'not allowed', 'x'.repeat(65)]) {
      const { headers } = await api.ask('GET', '/healthz', { as: '', headers: { 'x-request-id': sent } });
      ids.push(headers.get('x-request-id'));
    }
    expect(ids).toEqual([
      'my-request.1',
      expect.stringMatching(/^[0-9a-f-]{36}$/),
      expect.stringMatching(/^[0-9a-f-]{36}$/),
    ]);
    const { headers, body } = await api.ask('GET', '/nowhere', { as: '' });
    expect(body).toMatchObject({
      code: 'unknown',
      next: expect.stringContaining('/v1/openapi.json'),
      requestId: headers.get('x-request-id'),
    });
  });

  it.each([
    ['a body that is no JSON', '{', {}, 422, 'invalid'],
    ['an unknown field', { ...ORDER, extra: 1 }, {}, 422, 'invalid'],
    ['a quantity that is no number', { ...ORDER, qty: 'ten' }, {}, 422, 'invalid'],
    ['a symbol that is none', { ...ORDER, symbol: '$$$' }, {}, 422, 'invalid'],
    [
      'another content type',
      'symbol=AAA',
      { 'content-type': 'application/x-www-form-urlencoded' },
      422,
      'invalid',
    ],
    [
      'a body that is too large',
      JSON.stringify({ ...ORDER, symbol: 'A'.repeat(70_000) }),
      {},
      413,
      'too_large',
    ],
  ] as const)('%s is refused', async (_what, body, headers, status, code) => {
    expect(await trade('PUT', 'orders/bad', body, { headers })).toMatchObject({ status, code });
  });

  it('is refused beyond the limit of its token', async () => {
    const strict = await startTestApi(ledgers.url, [account], { requestsPerSecond: 1 });
    try {
      const answers = await Promise.all([1, 2, 3].map(() => strict.ask('GET', 'status', { as: 'read' })));
      expect(answers.map(({ status }) => status).sort()).toContain(429);
      const refused = answers.find(({ status }) => status === 429);
      expect(refused?.body).toMatchObject({ code: 'too_many_requests', retriable: true });
      expect(refused?.headers.get('retry-after')).toBe('1');
      expect(faultsOf(api.document, strict.heard.find(({ status }) => status === 429) as never)).toEqual([]);
    } finally {
      await strict.close();
    }
  });
});

describe('What follows the book', () => {
  it('a stream of events begins with hello, a live one with the whole book', async () => {
    expect((await api.ask('GET', 'events', { as: 'read' })).text).toMatch(
      /^retry: 1000\n\n.*\nevent: hello$/m,
    );
    const { text } = await api.ask('GET', 'live', { as: 'read' });
    expect(text).toMatch(/^event: frame$/m);
    const frame: unknown = JSON.parse(/^data: (.*)$/m.exec(text)?.[1] ?? '');
    expect(FRAME.parse(frame)).toMatchObject({ account: account.name, rules: { policy: 'pnl', speed: 0 } });
  });

  it('the timeline of an order has its events, and of a plan those of its orders', async () => {
    await account.place(anOrder('line_1').of('LINE').qty('1'));
    for (const id of ['line_1', 'line'])
      expect(await trade('GET', `timeline/${id}`)).toMatchObject({
        events: [
          { type: 'reserved', fields: { order: 'line_1' } },
          { type: 'working', sentence: 'LINE line_1 works at the broker' },
        ],
        complete: true,
      });
    await account.end('line_1', 'cancelled');
    expect(((await trade('GET', 'timeline/line_1')) as { events?: { type: string }[] }).events).toMatchObject(
      [{ type: 'reserved' }, { type: 'working' }, { type: 'ended' }],
    );
    expect(await trade('GET', 'timeline/lin')).toMatchObject({ events: [] });
  });

  it('a what-if says what would become of an order', async () => {
    expect(await trade('POST', 'decide', { ...ORDER, qty: '1' })).toMatchObject({
      status: 200,
      reason: 'fits',
    });
  });
});

describe('The document', () => {
  it('is valid OpenAPI 3.1, and needs no token', async () => {
    const { status, body } = await api.ask('GET', '/v1/openapi.json', { as: '' });
    expect(status).toBe(200);
    const validator = new Validator();
    expect(await validator.validate(body)).toEqual({ valid: true });
    expect(validator.version).toBe('3.1');
  });

  it('has every outcome, refusal, state, stage and error code', () => {
    const all = [
      ...OUTCOMES,
      ...ORDER_STATES,
      ...FINAL_STATES,
      ...STAGES,
      ...EVENT_TYPES,
      ...Object.keys(STATUS_OF),
      'steal_failed',
    ];
    const words = wordsOf(api.document);
    expect(all.filter((word) => !words.has(word))).toEqual([]);
  });

  it('describes every answer of this file, and each route has answered well', () => {
    const heard = api.heard.filter(({ path }) => path !== '/v1/openapi.json');
    expect(heard.flatMap((one) => faultsOf(api.document, one))).toEqual([]);
    const well = new Set(
      heard
        .filter(({ status }) => status < 300)
        .map(({ method, path }) => operationOf(api.document, method, path)),
    );
    expect(Object.keys(SCOPES).filter((operation) => !well.has(operation))).toEqual([]);
  });
});
