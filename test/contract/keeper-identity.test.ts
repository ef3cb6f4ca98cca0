/**
 * A ledger is bound to one broker account under one name; another account or another name closes it (I1, I4,
 * I8).
 */

import type { Logger } from 'pino';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { AlpacaBroker } from '../../src/broker/alpaca/alpaca.ts';
import { unlimited } from '../../src/broker/limiter.ts';
import { type RunningExchange, startExchange } from '../../src/exchange/server.ts';
import { claimKey } from '../../src/ledger/claims.ts';
import { vouch } from '../../src/ledger/commands/bind.ts';
import { type Closure, readClosures } from '../../src/ledger/commands/closures.ts';
import { snapshot } from '../../src/ledger/commands/snapshot.ts';
import { key } from '../../src/ledger/keys.ts';
import { ManualMarket } from '../../src/prices/manual.ts';
import { useRedis } from '../support/fixtures.ts';
import { type Stage, sendToBroker, startStage, until } from '../support/keeper.ts';

const MILLION = 1_000_000;
const silent = { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} };

const redis = useRedis();
let stage: Stage;
let exchange: RunningExchange;
beforeEach(async () => {
  stage = await startStage(redis.url, { equity: '1000', leverage: '1' }, { WORK_STEALING_LEVERAGE: '1' });
  const number = Math.random().toString(36).slice(2, 10).toUpperCase();
  const accounts = `PA${number}:k1:s1:1000,PB${number}:k2:s2:5000`;
  const market = new ManualMarket(['AAPL', 'MSFT']);
  exchange = await startExchange({ port: 0, rateLimit: 0, partialRate: 0, tick: 10, accounts }, { market });
  for (const symbol of ['AAPL', 'MSFT']) market.set(symbol, '110');
  exchange.advance();
});
afterEach(async () => {
  await stage.close();
  await exchange.close();
});

function brokerOf(keys: '1' | '2'): AlpacaBroker {
  const urls = { tradingUrl: exchange.url, dataUrl: exchange.url, keyId: `k${keys}`, secretKey: `s${keys}` };
  return new AlpacaBroker({
    ...urls,
    limiter: unlimited,
    requestTimeoutMs: 1_000,
    log: silent,
    random: () => 0,
  });
}

const numberOf = async (broker: AlpacaBroker) => (await broker.account()).number;
const bound = (one: Stage = stage) => one.ledger.redis.hget(key(one.account, 'account'), 'broker_account');
const synced = (one: Stage = stage) => one.ledger.redis.hget(key(one.account, 'account'), 'synced_at_ms');
const opened = (one: Stage = stage) => until('it is open', async () => (await synced(one)) !== null);
const closure = async (one: Stage = stage): Promise<Closure | undefined> =>
  (await readClosures(one.ledger)).at(0);
const closed = (one: Stage = stage) =>
  until('it is closed', async () => (await closure(one))?.cause === 'account');
const reopened = (one: Stage = stage) =>
  until('it is open again', async () => (await closure(one)) === undefined);

/** A position and a working order, of the first account. */
async function aBook(broker: AlpacaBroker): Promise<void> {
  const keeper = await stage.keeper({ broker });
  await opened();
  await sendToBroker(broker, stage.wish('held', { limit: '120', qty: '4' }));
  await sendToBroker(broker, stage.wish('rests', { symbol: 'MSFT', limit: '100', qty: '5' }));
  await until('both count', async () => (await stage.used()) === 940 * MILLION);
  await keeper.stop();
}

describe('The keys of another account', () => {
  it('close the ledger with both numbers, and nothing is rebuilt from it', async () => {
    const [one, two] = [brokerOf('1'), brokerOf('2')];
    await aBook(one);
    expect(await bound()).toBe(await numberOf(one));
    await stage.keeper({ broker: two });
    await closed();
    const words = (await closure())?.words;
    expect(words).toBe(
      `the keys are of account ${await numberOf(two)}, the ledger is kept for account ${await numberOf(one)}`,
    );
    expect(await stage.used()).toBe(940 * MILLION);
    expect(await stage.order('rests')).toMatchObject({ state: 'working' });
    expect((await snapshot(stage.ledger))?.account['equity_micros']).toBe(String(1_000 * MILLION));
  });

  it('make their keeper step down; one with the right keys takes over and reopens the account', async () => {
    const [one, two] = [brokerOf('1'), brokerOf('2')];
    await aBook(one);
    const said: string[] = [];
    const wrong = await stage.keeper({
      broker: two,
      log: { ...silent, error: ((_: object, line: string) => void said.push(line)) as Logger['error'] },
    });
    await closed();
    const right = await stage.keeper({ broker: one });
    await reopened();
    await until('it says why', async () => said.length > 0);
    expect(said[0]).toMatch(
      /^keeper: standing down, so that another one may keep the account: the keys are of account PB/,
    );
    // Each reports at its own pace.
    await until('one of them is active', async () => right.report()?.active === true);
    await until('the other one is not', async () => wrong.report()?.active === false);
  });

  it('are accepted when a person confirms them: orders unknown to the broker have then ended', async () => {
    const [one, two] = [brokerOf('1'), brokerOf('2')];
    await aBook(one);
    await stage.keeper({ broker: two });
    await closed();
    expect(await vouch(stage.ledger, 'test')).toBe(await numberOf(one));
    await until('it is kept for the other account', async () => (await bound()) === (await numberOf(two)));
    await until('nothing of the old one counts', async () => (await stage.used()) === 0);
    expect(await stage.order('rests')).toMatchObject({ state: 'cancelled', reason: 'not_found' });
    expect(await closure()).toBeUndefined();
  });
});

describe('A second name over the same account', () => {
  it('does not open, and the error names the first name', async () => {
    const other = await startStage(redis.url);
    try {
      await stage.keeper();
      await opened();
      await other.keeper({ broker: stage.broker });
      await closed(other);
      expect((await closure(other))?.words).toContain(
        `${await numberOf(stage.broker)} is kept as account ${stage.account} on this Redis`,
      );
      expect(await synced(other)).toBeNull();
      expect(await closure()).toBeUndefined();
    } finally {
      await other.close();
    }
  });

  it('opens when the first one gave it up', async () => {
    const other = await startStage(redis.url);
    try {
      const first = await stage.keeper();
      await opened();
      await other.keeper({ broker: stage.broker });
      await closed(other);
      await first.stop();
      await stage.ledger.redis.del(claimKey(await numberOf(stage.broker)));
      await opened(other);
      await reopened(other);
      expect(await stage.ledger.redis.get(claimKey(await numberOf(stage.broker)))).toBe(other.account);
    } finally {
      await other.close();
    }
  });
});

describe('An order that the broker confirmed', () => {
  it('does not end: its room stays taken and the account is closed until it is found', async () => {
    await stage.keeper();
    await opened();
    const { brokerId } = await stage.send(stage.wish('a_1', { qty: '5' }));
    await until('it works', async () => (await stage.order('a_1'))?.state === 'working');
    const { broker } = stage;
    const [listed, order, byItsId] = [broker.openOrders, broker.order, broker.orderByBrokerId];
    broker.openOrders = async () => [];
    broker.order = async () => ({ kind: 'not_found' });
    broker.orderByBrokerId = async () => ({ kind: 'not_found' });
    await closed();
    expect((await closure())?.words).toBe(
      `order a_1 (AAPL) was confirmed by the broker as ${brokerId}, and the broker does not find it now: ` +
        'are the keys of another account?',
    );
    expect(await stage.order('a_1')).toMatchObject({ state: 'working', heldMicros: 500 * MILLION });
    Object.assign(broker, { openOrders: listed, order, orderByBrokerId: byItsId });
    await reopened();
    expect(await stage.order('a_1')).toMatchObject({ state: 'working' });
  });

  it('and does not find keeps the account closed under the next keeper, too', async () => {
    const first = await stage.keeper();
    await opened();
    await stage.send(stage.wish('a_1', { qty: '5' }));
    await until('it works', async () => (await stage.order('a_1'))?.state === 'working');
    const { broker } = stage;
    const [listed, order, byItsId] = [broker.openOrders, broker.order, broker.orderByBrokerId];
    broker.openOrders = async () => [];
    broker.order = async () => ({ kind: 'not_found' });
    broker.orderByBrokerId = async () => ({ kind: 'not_found' });
    await closed();
    await first.stop();
    const next = await stage.keeper({ syncMs: 1_000 });
    await until('it has reconciled', async () => (next.report()?.reconciles ?? 0) > 0);
    expect((await closure())?.cause).toBe('account');
    Object.assign(broker, { openOrders: listed, order, orderByBrokerId: byItsId });
    await reopened();
  });

  it("is found by the broker's id, whatever its client id is", async () => {
    await stage.keeper();
    await opened();
    const { brokerId } = await stage.send(stage.wish('a_1', { qty: '5' }));
    await until('it works', async () => (await stage.order('a_1'))?.state === 'working');
    await stage.faults({ dropUpdateRate: 1 });
    stage.broker.order = async () => ({ kind: 'not_found' });
    await stage.broker.cancel(brokerId);
    await until('its end is known', async () => (await stage.order('a_1'))?.state === 'cancelled');
    expect((await stage.order('a_1'))?.reason).toBe('by_hand');
    expect(await closure()).toBeUndefined();
  });

  it('and was placed by hand, under whatever id, ends when its end was not heard of', async () => {
    await stage.keeper();
    await opened();
    await sendToBroker(stage.broker, stage.wish('mine: 1/2', { qty: '5' }));
    await until('it counts', async () => (await stage.used()) === 500 * MILLION);
    const [order] = (await snapshot(stage.ledger))?.orders ?? [];
    await stage.faults({ dropUpdateRate: 1 });
    await stage.broker.cancel(order?.brokerId ?? '');
    await until('it counts no more', async () => (await stage.used()) === 0);
    expect((await stage.order(order?.id ?? ''))?.reason).toBe('cancelled');
  });
});
