/**
 * Ids, symbols and names that could break out of a key are refused by every command, with the name of the
 * field, and change nothing. Orders placed by hand may have any id; the ledger keeps them under its own. No
 * key is ever outside its account.
 */
import { Redis } from 'ioredis';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readPlanOptions } from '../../src/cli/plan.ts';
import { toSymbol } from '../../src/domain/symbol.ts';
import { readFleetSettings } from '../../src/fleet/fleet-settings.ts';
import { adopt } from '../../src/ledger/commands/adopt.ts';
import { cancel } from '../../src/ledger/commands/cancel.ts';
import { fill } from '../../src/ledger/commands/fill.ts';
import { noteHost } from '../../src/ledger/commands/hosts.ts';
import { open } from '../../src/ledger/commands/open.ts';
import { dropPlan, replacePlan, type TermedPlan } from '../../src/ledger/commands/plan-series.ts';
import {
  claimPlans,
  closePlan,
  filePlan,
  notePlan,
  type Plan,
  renewPlans,
  withdrawPlan,
} from '../../src/ledger/commands/plans.ts';
import { release } from '../../src/ledger/commands/release.ts';
import { remember } from '../../src/ledger/commands/remember.ts';
import { renew } from '../../src/ledger/commands/renew.ts';
import { settle } from '../../src/ledger/commands/settle.ts';
import { snapshot } from '../../src/ledger/commands/snapshot.ts';
import { submit } from '../../src/ledger/commands/submit.ts';
import { sync } from '../../src/ledger/commands/sync.ts';
import { tick } from '../../src/ledger/commands/tick.ts';
import { openLedger } from '../../src/ledger/ledger.ts';
import { readForecast } from '../../src/planner/forecasts/forecast.ts';
import { readSettings } from '../../src/rules/settings.ts';
import { HOSTILE, LEDGER_KEY } from '../support/hostile-names.ts';
import { runCommand } from '../support/inspection.ts';
import { type Stage, sendToBroker, startStage, until } from '../support/keeper.ts';
import {
  anOrder,
  failure,
  LEASE_MS,
  NOW_MS,
  type TestAccount,
  type TestLedgers,
  testLedgers,
} from '../support/ledger.ts';
import { startPrivateRedis } from '../support/redis.ts';

let redis: Awaited<ReturnType<typeof startPrivateRedis>>;
let everything: Redis;
let ledgers: TestLedgers;
let account: TestAccount;
beforeAll(async () => {
  redis = await startPrivateRedis();
  everything = new Redis(redis.url);
  ledgers = testLedgers(redis.url);
  account = await ledgers.account({ env: { WORK_STEALING_POOLS: 'crypto:1' } });
  await account.prices({ AAA: '11', BBB: '11' });
  await account.place(anOrder('worse').worth(900));
});
afterAll(async () => {
  everything.disconnect();
  await ledgers.close();
  await redis.close();
});

/** Every key of the whole server, whoever's, and what it holds. */
async function contents(): Promise<string[]> {
  const names = (await everything.keys('*')).sort();
  return await Promise.all(
    names.map(async (name) => `${name} ${(await everything.dumpBuffer(name))?.toString('base64')}`),
  );
}

const keysOutside = async () => (await everything.keys('*')).filter((name) => !LEDGER_KEY.test(name));

const plan = (changes: Partial<TermedPlan>): TermedPlan => ({
  ...{
    id: 'p',
    symbol: 'AAA',
    side: 'buy',
    mode: 'normal',
    limit: '1',
    qty: '1',
    pnl: '1',
    pool: '',
    takeProfit: '',
  },
  ...{ startsAtMs: 0, expiresAtMs: 0, holdMs: 0, strategy: 's', terms: 't', ...changes },
});
const wish = (changes: object) => ({ ...anOrder('x').wish, ...changes });
const found = (changes: object) => ({
  ...{
    id: 'f',
    brokerId: 'b',
    symbol: 'AAA',
    side: 'buy' as const,
    limit: '1',
    qty: '1',
    filledQty: '0',
    filledMicros: 0,
    pool: '',
  },
  ...{ reducing: false, ...changes },
});
const ending = { state: 'cancelled', filledQty: '0', costMicros: 0, reason: 'x' } as const;

/** An entrance, the argument's name there, and how a text comes in. */
const ENTRANCES: [string, string, (text: string) => Promise<unknown>][] = [
  ['an order that asks for room', 'id', (id) => account.admit({ ...anOrder('x'), wish: wish({ id }) })],
  [
    'an order that asks for room',
    'symbol',
    (symbol) => account.admit({ ...anOrder('x'), wish: wish({ symbol }) }),
  ],
  [
    'an order that asks for room',
    'owner',
    (owner) => account.admit({ ...anOrder('x'), wish: wish({ owner }) }),
  ],
  [
    'an order that asks for room',
    'plan',
    (of) => account.admit({ ...anOrder('x'), wish: wish({ plan: of }) }),
  ],
  ['an order that asks for room', 'pool', (pool) => account.admit({ ...anOrder('x'), wish: wish({ pool }) })],
  ['a thief', 'id', (id) => account.steal({ ...anOrder('x'), wish: wish({ id }) })],
  ['a thief', 'symbol', (symbol) => account.steal({ ...anOrder('x'), wish: wish({ symbol }) })],
  ['a submission', 'id', (id) => submit(account.ledger, id, LEASE_MS)],
  ['a confirmation', 'id', (id) => open(account.ledger, id, 'b')],
  ['a fill', 'id', (id) => fill(account.ledger, id, '1', 1)],
  ["an order's end", 'id', (id) => settle(account.ledger, id, ending)],
  ['a cancellation', 'id', (id) => cancel(account.ledger, id, 'x')],
  ['a reservation given back', 'id', (id) => release(account.ledger, id, 'x')],
  ['a lease', 'owner', (owner) => renew(account.ledger, owner, LEASE_MS, ['worse'])],
  ['a lease', 'id', (id) => renew(account.ledger, 'host', LEASE_MS, [id])],
  ['an order found at the broker', 'id', (id) => adopt(account.ledger, found({ id }), NOW_MS)],
  ['an order found at the broker', 'symbol', (symbol) => adopt(account.ledger, found({ symbol }), NOW_MS)],
  ['an order found at the broker', 'pool', (pool) => adopt(account.ledger, found({ pool }), NOW_MS)],
  ['a price', 'symbol', (symbol) => tick(account.ledger, [{ symbol, price: '1', ageMs: 0 }])],
  [
    'a position of the broker',
    'symbol',
    (symbol) =>
      sync(account.ledger, 1, NOW_MS, [{ symbol, side: 'long', qty: '1', costMicros: 1, pool: '' }]),
  ],
  [
    'a position of the broker',
    'pool',
    (pool) =>
      sync(account.ledger, 1, NOW_MS, [{ symbol: 'AAA', side: 'long', qty: '1', costMicros: 1, pool }]),
  ],
  [
    'a steal of the past',
    'id',
    (id) => remember(account.ledger, { id, thiefSymbol: 'A', victimSymbol: 'B', atMs: NOW_MS }),
  ],
  [
    'a steal of the past',
    'thief_symbol',
    (thiefSymbol) => remember(account.ledger, { id: 'x', thiefSymbol, victimSymbol: 'B', atMs: NOW_MS }),
  ],
  [
    'a steal of the past',
    'victim_symbol',
    (victimSymbol) => remember(account.ledger, { id: 'x', thiefSymbol: 'A', victimSymbol, atMs: NOW_MS }),
  ],
  ['a plan', 'id', (id) => filePlan(account.ledger, plan({ id }) satisfies Plan)],
  ['a plan', 'symbol', (symbol) => filePlan(account.ledger, plan({ symbol }))],
  ['a plan', 'pool', (pool) => filePlan(account.ledger, plan({ pool }))],
  ['a plan in its place', 'id', (id) => replacePlan(account.ledger, plan({ id }))],
  ['a plan in its place', 'symbol', (symbol) => replacePlan(account.ledger, plan({ symbol }))],
  ['a plan in its place', 'strategy', (strategy) => replacePlan(account.ledger, plan({ strategy }))],
  ['a plan in its place', 'terms', (terms) => replacePlan(account.ledger, plan({ terms }))],
  [
    'a place that is given up',
    'strategy',
    (strategy) => dropPlan(account.ledger, { ...plan({ strategy }) }, 'x'),
  ],
  ['a place that is given up', 'symbol', (symbol) => dropPlan(account.ledger, { ...plan({ symbol }) }, 'x')],
  ['a plan that is closed', 'id', (id) => closePlan(account.ledger, id, '')],
  ['a plan that is withdrawn', 'id', (id) => withdrawPlan(account.ledger, id, 'x')],
  ['a host that leases plans', 'owner', (owner) => claimPlans(account.ledger, owner, LEASE_MS, 1)],
  ['a host that holds plans', 'id', (id) => renewPlans(account.ledger, 'host', LEASE_MS, [id])],
  [
    "a plan's progress",
    'id',
    (id) => notePlan(account.ledger, 'host', { id, stage: 'holding', attempt: 1, exitAttempt: 0 }),
  ],
  [
    'a process that tells of itself',
    'host',
    (host) => noteHost(account.ledger, { host, role: 'work', fingerprint: 'f' }),
  ],
  [
    'a process that tells of itself',
    'role',
    (role) => noteHost(account.ledger, { host: 'h', role, fingerprint: 'f' }),
  ],
];

describe('in the ledger', () => {
  it.each(ENTRANCES)(
    '%s is refused for its %s, whatever could break out of a key',
    async (_, field, enter) => {
      const before = await contents();
      for (const [what, text] of Object.entries(HOSTILE)) {
        const { code, details, message } = await failure(enter(text));
        expect({ what, code, field: details['field'] }).toEqual({ what, code: 'invalid', field });
        expect(message.length).toBeLessThan(300);
      }
      expect(await contents()).toEqual(before);
    },
  );

  it.each([
    ['names of an account', async (text: string) => await openLedger(redis.url, text)],
    ['names of pools', async (text: string) => readSettings({ WORK_STEALING_POOLS: `${text}:1` })],
    [
      'symbols that are never robbed',
      async (text: string) => readSettings({ WORK_STEALING_VIP_SYMBOLS: `X${text}X` }),
    ],
    [
      'accounts in the environment',
      async (text: string) => readFleetSettings({ REDIS_URL: redis.url, WORKSTEAL_ACCOUNT: text }),
    ],
    [
      'hosts in the environment',
      async (text: string) => readFleetSettings({ REDIS_URL: redis.url, WORKSTEAL_HOST: text }),
    ],
    [
      'accounts of a command',
      async (text: string) => await runCommand(redis.url, 'x', 'status', ['--account', text]),
    ],
    [
      'orders that are asked about',
      async (text: string) => await runCommand(redis.url, account.name, 'why', [text]),
    ],
    [
      'symbols that are asked about',
      async (text: string) => await runCommand(redis.url, account.name, 'orders', [text]),
    ],
    ['strategies of a planner', async (text: string) => readPlanOptions({ strategy: text }, 'file.csv')],
    [
      'strategies of a forecast',
      async (strategy: string) =>
        readForecast({ strategy, symbol: 'AAA', limit: '1', quantity: '1' }, FORECASTS),
    ],
    [
      'symbols of a forecast',
      async (symbol: string) => readForecast({ symbol, limit: '1', quantity: '1' }, FORECASTS),
    ],
    ['symbols of whatever spelling', async (text: string) => toSymbol(text)],
  ])('%s are refused too', async (_, enter) => {
    const before = await contents();
    for (const [what, text] of Object.entries(HOSTILE)) {
      const { code, message } = await failure(enter(text));
      expect({ what, short: message.length < 500 }).toEqual({ what, short: true });
      expect({ what, refused: ['invalid', 'settings', 'unknown'].includes(code) }).toEqual({
        what,
        refused: true,
      });
    }
    expect(await contents()).toEqual(before);
  });
  const FORECASTS = { strategy: 's', fractional: false };

  it('free text, such as reasons and broker ids, stays in fields: kept as it is, or refused', async () => {
    for (const [at, text] of Object.values(HOSTILE).entries()) {
      const word = text.slice(0, 256);
      const id = `free${at}`;
      await account.admit(anOrder(id).worth(1));
      await submit(account.ledger, id, LEASE_MS);
      if (/\p{Cc}/u.test(word)) {
        expect((await failure(open(account.ledger, id, word))).code).toBe('invalid');
        continue;
      }
      await open(account.ledger, id, word);
      await settle(account.ledger, id, { ...ending, reason: word });
      expect(await account.order(id)).toMatchObject({ brokerId: word, reason: word });
    }
    expect(await keysOutside()).toEqual([]);
  });
});

describe('at the broker', () => {
  let stage: Stage;
  beforeAll(async () => {
    stage = await startStage(redis.url);
  });
  afterAll(() => stage.close());

  it('orders placed by hand, with whatever ids, count under ids of the ledger until they end', async () => {
    await stage.keeper();
    const ids = Object.values(HOSTILE).filter((id) => id.length <= 128);
    for (const id of ids) {
      const order = {
        symbol: 'AAPL',
        qty: '1',
        side: 'buy',
        type: 'limit',
        limit_price: '100',
        time_in_force: 'day',
        client_order_id: id,
      };
      const headers = {
        'content-type': 'application/json',
        'apca-api-key-id': 'k',
        'apca-api-secret-key': 's',
      };
      const answer = await fetch(`${stage.exchange.url}/v2/orders`, {
        method: 'POST',
        headers,
        body: JSON.stringify(order),
      });
      expect({ id, status: answer.status }).toEqual({ id, status: 200 });
    }
    const { brokerId } = await sendToBroker(stage.broker, stage.wish('plain', { qty: '1' }));
    await until(
      'all are adopted',
      async () => ((await snapshot(stage.ledger))?.orders ?? []).length === ids.length + 1,
    );
    await stage.agrees();
    const known = (await snapshot(stage.ledger))?.orders.map(({ id }) => id) ?? [];
    expect(known.filter((id) => !/^hand_[0-9a-f]{32}$/.test(id))).toEqual(['plain']);
    await stage.broker.cancel(brokerId);
    stage.price('AAPL', '99');
    await until('all have ended', async () => (await snapshot(stage.ledger))?.orders.length === 0);
    await stage.agrees();
    expect(await keysOutside()).toEqual([]);
  });
});
