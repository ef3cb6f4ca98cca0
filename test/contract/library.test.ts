/** What `import … from 'worksteal'` gives, on a real ledger, a broker of one's own and a cancel worker. */
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { readFiledForecast } from '../../src/ledger/filed-forecasts.ts';
import { key } from '../../src/ledger/keys.ts';
import {
  type AccountEvent,
  alpaca,
  type ConnectOptions,
  connect,
  type LogEntry,
  type Order,
  type TradingAccount,
  WorkstealError,
} from '../../src/library/index.ts';
import { type Coordination, coordinate } from '../support/coordination.ts';
import { useLedgers } from '../support/fixtures.ts';
import { InstantBroker } from '../support/instant-broker.ts';
import { TEST_RULES, type TestAccount } from '../support/ledger.ts';

const ledgers = useLedgers();
const closing: (() => Promise<void>)[] = [];

let account: TestAccount;
let fleet: Coordination;
let bot: TradingAccount;

const options = (more: ConnectOptions = {}): ConnectOptions => ({
  redis: ledgers.url,
  account: account.name,
  bot: 'bot-1',
  env: { ...TEST_RULES, WORKSTEAL_LEASE_MS: '60000' },
  ...more,
});

/** Rests 10 % from its limit, or is about to fill. */
const worse: Order = { id: 'worse', symbol: 'AAPL', side: 'buy', limit: '10', qty: '90', pnl: '1' };
const better: Order = { id: 'better', symbol: 'MSFT', side: 'buy', limit: '10', qty: '50', pnl: '10' };

beforeEach(async () => {
  account = await ledgers.account();
  await account.prices({ AAPL: '11', MSFT: '10.01' });
  fleet = await coordinate(ledgers.url, account);
  closing.push(() => fleet.close());
  bot = await connect({ ...options(), broker: () => fleet.broker });
  closing.push(() => bot.close());
});

afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close();
});

/** Events up to the first of this type. */
async function upTo(type: string, events: AsyncIterable<AccountEvent>): Promise<AccountEvent[]> {
  const seen: AccountEvent[] = [];
  for await (const event of events) {
    seen.push(event);
    if (event.type === type) return seen;
  }
  throw new Error(`no event ${type} among ${seen.map((event) => event.type).join(', ')}`);
}

describe('an order', () => {
  it('that fits is entered, placed and cancelled, and its events say so', async () => {
    const events = await bot.events();
    expect(await bot.enter(worse)).toEqual({ outcome: 'reserved', how: 'fits' });
    expect(await bot.place(worse)).toEqual({ outcome: 'working' });
    expect(fleet.broker.orders.get('worse')).toMatchObject({ symbol: 'AAPL', limit: '10', qty: '90' });
    expect(await bot.enter(worse)).toEqual({ outcome: 'known', state: 'working' });
    expect(await bot.cancel('worse')).toBe('cancelling');
    const seen = await upTo('ended', events);
    expect(seen.map(({ type }) => type)).toEqual(['reserved', 'working', 'cancelling', 'ended']);
    expect(seen.at(-1)).toMatchObject({
      fields: { order: 'worse', state: 'cancelled' },
      sentence: 'AAPL worse ended cancelled (withdrawn)',
    });
    expect(await bot.cancel('worse')).toBe('exists');
  });

  it('takes the room of a worse one; decide has said so before', async () => {
    await bot.enter(worse);
    await bot.place(worse);
    const victim = { order: 'worse', symbol: 'AAPL', pnl: '1', heldMicros: 900_000_000 };
    expect(await bot.decide(better)).toMatchObject({
      admitted: true,
      reason: 'stolen',
      sentence: 'it takes the room of worse orders',
      victims: [victim],
      wouldVictims: [],
    });
    expect(await bot.enter(better)).toMatchObject({ outcome: 'reserved', how: 'stolen' });
    expect(await bot.place(better)).toEqual({ outcome: 'working' });
    expect(fleet.broker.orders.get('worse')?.state).toBe('cancelled');
  });

  it('that gets no room is refused, with the reason, a sentence and the numbers', async () => {
    await bot.enter(worse);
    expect(await bot.enter({ ...better, pnl: '0' })).toMatchObject({
      outcome: 'refused',
      reason: 'no_candidates',
      sentence: 'no open order may be a victim',
      numbers: { needMicros: 500_000_000 },
    });
  });

  it('that was not sent gives its room back when it is cancelled', async () => {
    await bot.enter(worse);
    expect(await bot.cancel('worse')).toBe('released');
    expect((await bot.status()).pools).toMatchObject([{ pool: 'total', roomMicros: 1_000_000_000 }]);
  });

  it('that may have been sent, as far as a lost ledger knows, is not called released', async () => {
    await bot.enter(worse);
    await account.ledger.redis.hset(key(account.name, 'account'), 'server_id', 'another:server');
    expect(await bot.cancel('worse')).toBe('unclear');
    expect(await account.order('worse')).toMatchObject({ state: 'reserved' });
    await expect(bot.cancel('nobodys')).rejects.toMatchObject({ code: 'unavailable' });
  });

  it('counts in the pool of its symbol, however that is spelled', async () => {
    await account.configure({ ...TEST_RULES, WORK_STEALING_POOLS: 'crypto:0.1' });
    const env = { ...TEST_RULES, WORK_STEALING_POOLS: 'crypto:0.1' };
    const other = await connect({ ...options({ env, bot: 'bot-2' }), broker: () => fleet.broker });
    closing.push(() => other.close());
    const order: Order = { id: 'coins', symbol: 'btc/usd', side: 'buy', limit: '10', qty: '5' };
    expect(await other.enter(order)).toMatchObject({ outcome: 'reserved' });
    expect(await account.order('coins')).toMatchObject({ symbol: 'BTCUSD', pool: 'crypto', owner: 'bot-2' });
  });

  it('that the ledger does not hold, or that it can not take, is an error with a code', async () => {
    await expect(bot.cancel('nobody')).rejects.toMatchObject({ code: 'unknown', retriable: false });
    await expect(bot.enter({ ...worse, qty: '1e3' })).rejects.toMatchObject({ code: 'invalid' });
    await expect(bot.enter({ ...worse, symbol: 'ETH/BTC' })).rejects.toThrow(WorkstealError);
    await bot.enter(worse);
    await expect(bot.enter({ ...worse, qty: '80' })).rejects.toMatchObject({ code: 'contradiction' });
  });

  it('that lacks a field, which nothing but a compiler would see, is an error that names it', async () => {
    const { limit, symbol, ...rest } = worse;
    const misspelled = { ...rest, symbol, limt: limit } as unknown as Order;
    const error = { code: 'invalid', message: 'the order lacks limit', details: { field: 'limit' } };
    await expect(bot.enter(misspelled)).rejects.toMatchObject(error);
    await expect(bot.decide(misspelled)).rejects.toMatchObject(error);
    await expect(bot.enter(rest as Order)).rejects.toThrow('the order lacks symbol, limit');
  });

  it('that has a field which does not exist is an error that names the one that was meant', async () => {
    const misspelled = { ...worse, pln: '9' } as Order;
    const error = { code: 'invalid', message: 'the order has no field pln; did you mean pnl?' };
    await expect(bot.enter(misspelled)).rejects.toMatchObject({ ...error, details: { field: 'pln' } });
    await expect(bot.decide(misspelled)).rejects.toMatchObject(error);
    await expect(bot.enter({ ...worse, comment: 'x' } as Order)).rejects.toThrow(
      'comment; it may have id, symbol,',
    );
    expect(await bot.enter({ ...worse, comment: undefined } as Order)).toMatchObject({ outcome: 'reserved' });
  });
});

describe('a plan', () => {
  const plan = { id: 'plan-1', symbol: 'AAPL', side: 'buy', limit: '9', qty: '1' } as const;

  it('that lacks a field is an error that names it', async () => {
    const { qty: _, ...rest } = plan;
    await expect(bot.filePlan(rest as unknown as typeof plan)).rejects.toThrow('the plan lacks qty');
  });

  it('that has a field which does not exist is an error that names the one that was meant', async () => {
    const misspelled = { ...plan, expiresAtMS: 1 } as typeof plan;
    await expect(bot.filePlan(misspelled)).rejects.toThrow('expiresAtMS; did you mean expiresAtMs?');
    expect(await bot.filePlan({ ...plan, pnl: undefined } as unknown as typeof plan)).toBe('filed');
  });

  it('is filed once, and withdrawn', async () => {
    expect(await bot.filePlan(plan)).toBe('filed');
    expect(await bot.filePlan(plan)).toBe('exists');
    await expect(bot.filePlan({ ...plan, qty: '2' })).rejects.toMatchObject({ code: 'contradiction' });
    expect(await bot.withdrawPlan('plan-1')).toBe('withdrawn');
    expect(await bot.withdrawPlan('plan-1')).toBe('exists');
    await expect(bot.withdrawPlan('plan-2')).rejects.toMatchObject({ code: 'unknown' });
  });

  it('needs no broker', async () => {
    const planner = await connect(options({ bot: 'planner' }));
    closing.push(() => planner.close());
    expect(planner).not.toHaveProperty('enter');
    expect(await planner.filePlan(plan)).toBe('filed');
  });
});

describe('a forecast', () => {
  const name = { symbol: 'btc/usd', side: 'buy' } as const;

  it('is filed for the bot, replaced, and removed', async () => {
    expect(await bot.fileForecast({ ...name, pnl: '2' })).toBe('filed');
    expect(await bot.fileForecast({ ...name, pnl: '2' })).toBe('exists');
    expect(await bot.fileForecast({ ...name, pnl: '3' })).toBe('replaced');
    const series = { strategy: bot.bot, symbol: 'BTCUSD', side: 'buy' } as const;
    expect(await readFiledForecast(account.ledger, series)).toMatchObject({ pnl: '3', fillProbability: '1' });
    expect(await bot.removeForecast(name)).toBe('removed');
    expect(await bot.removeForecast(name)).toBe('none');
  });

  it.each([
    ['a PnL that is no decimal', { ...name, pnl: '1e3' }],
    ['a symbol that nobody trades', { symbol: 'ETH/BTC', side: 'buy', pnl: '1' } as const],
    ['a side that is none', { symbol: 'AAPL', side: 'long' as 'buy', pnl: '1' }],
    ['a time that is none', { ...name, pnl: '1', expiresAtMs: 1.5 }],
  ])('with %s is refused', async (_, forecast) => {
    await expect(bot.fileForecast(forecast)).rejects.toMatchObject({ code: 'invalid' });
  });
});

describe('events', () => {
  it('go on after the id of the last one that was seen', async () => {
    const events = await bot.events();
    await bot.enter(worse);
    const [{ id } = { id: '' }] = await upTo('reserved', events);
    await bot.cancel('worse');
    const [next] = await upTo('ended', await bot.events({ after: id }));
    expect(next).toMatchObject({ type: 'ended', fields: { order: 'worse' } });
  });

  it('that the ledger does not keep any more leave a gap', async () => {
    const [{ id } = { id: '' }] = await (async () => {
      const events = await bot.events();
      await bot.enter(worse);
      return await upTo('reserved', events);
    })();
    await bot.cancel('worse');
    await account.ledger.redis.xtrim(key(account.name, 'events'), 'MAXLEN', 0);
    await bot.enter({ ...worse, id: 'next' });
    const seen = await upTo('reserved', await bot.events({ after: id }));
    expect(seen.map(({ type }) => type)).toEqual(['gap', 'reserved']);
  });

  it('reach a slow reader all, in order', async () => {
    const events = await bot.events();
    const stream = key(account.name, 'events');
    const adding = account.ledger.redis.pipeline();
    for (let n = 0; n < 5_000; n += 1) adding.xadd(stream, '*', 'type', 'test', 'number', String(n));
    await adding.exec();
    const numbers: number[] = [];
    for await (const event of events) {
      numbers.push(Number(event.fields['number']));
      if (numbers.length === 1) await new Promise((resolve) => setTimeout(resolve, 300));
      if (numbers.length === 5_000) break;
    }
    expect(numbers).toEqual(Array.from({ length: 5_000 }, (_, n) => n));
  });

  it('end with their signal, and with the account', async () => {
    const stopping = new AbortController();
    const first = await bot.events({ signal: stopping.signal });
    const second = await bot.events();
    const ends = [first.next(), second.next()];
    stopping.abort();
    expect(await ends[0]).toMatchObject({ done: true });
    await bot.close();
    expect(await ends[1]).toMatchObject({ done: true });
  });
});

describe('the account', () => {
  it('is halted and resumed by the bot, and its status says so', async () => {
    expect(await bot.halt('maintenance')).toBe('halted');
    expect(await bot.enter(worse)).toMatchObject({ outcome: 'refused', reason: 'halted' });
    expect(await bot.status()).toMatchObject({
      account: account.name,
      admits: 'halted',
      halts: [{ by: 'bot-1', reason: 'maintenance' }],
    });
    expect(await bot.halt('maintenance')).toBe('exists');
    expect(await bot.resume('done')).toBe('resumed');
    expect(await bot.resume('done')).toBe('exists');
  });

  it('shows the bot among its hosts', async () => {
    await expect
      .poll(async () => (await bot.status()).hosts)
      .toMatchObject([{ host: 'bot-1', role: 'bot', agrees: true }]);
  });

  it('lends no room of others to a bot with other settings, whose log says so', async () => {
    const told: LogEntry[] = [];
    const env = { ...TEST_RULES, WORK_STEALING_COOLDOWN: '1' };
    const other = await connect({
      ...options({ env, bot: 'bot-2', log: (entry) => void told.push(entry) }),
      broker: () => fleet.broker,
    });
    closing.push(() => other.close());
    await bot.enter(worse);
    await bot.place(worse);
    expect(await other.enter(better)).toMatchObject({ outcome: 'refused', reason: 'disabled' });
    await expect.poll(() => told).toContainEqual(expect.objectContaining({ level: 'warn' }));
    expect(told.find(({ level }) => level === 'warn')?.sentence).toContain("are not the account's");
  });

  it('that a ledger does not hold is named, with those that there are', async () => {
    const lost = await connect(options({ account: 'nobody' }));
    closing.push(() => lost.close());
    await expect(lost.status()).rejects.toMatchObject({ code: 'unknown' });
    await expect(lost.halt('why')).rejects.toMatchObject({ code: 'unknown' });
  });
});

describe('connecting', () => {
  it('lists every fault of its settings', async () => {
    const faulty = options({ bot: 'a bot', env: { WORKSTEAL_LEASE_MS: '1' } });
    await expect(connect(faulty)).rejects.toMatchObject({
      code: 'settings',
      message: expect.stringMatching(/WORKSTEAL_HOST.*WORKSTEAL_LEASE_MS/s),
    });
  });

  it('fails as unavailable where Redis does not answer', async () => {
    const nowhere = options({ redis: 'redis://127.0.0.1:1' });
    await expect(connect(nowhere)).rejects.toMatchObject({ code: 'unavailable', retriable: true });
  });

  it('fails where the broker refuses the keys', async () => {
    const broker = new InstantBroker();
    broker.mood = 'refuses_keys';
    await expect(connect({ ...options(), broker: () => broker })).rejects.toMatchObject({ code: 'keys' });
  });

  it('to Alpaca needs keys', () => {
    expect(() => alpaca({ url: 'http://127.0.0.1:1' })).toThrow(/APCA_API_KEY_ID: is missing/);
    expect(alpaca({ keyId: 'k', secretKey: 's' })).toBeTypeOf('function');
  });
});
