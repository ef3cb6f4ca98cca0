/**
 * A ledger account for a test: fresh, synced, with both clocks stopped at NOW_MS until the test moves them;
 * and builders for its content. Nothing here waits for time to pass.
 */
import type { Redis } from 'ioredis';
import { expect } from 'vitest';
import { fromNanos, toNanos } from '../../src/domain/decimal.ts';
import { WorkstealError } from '../../src/domain/errors.ts';
import { dollarsToMicros, notionalMicros } from '../../src/domain/money.ts';
import type { FinalState, Mode, OrderType, OrderWish, Side } from '../../src/domain/order.ts';
import { type Admission, admit } from '../../src/ledger/commands/admit.ts';
import { audit } from '../../src/ledger/commands/audit.ts';
import { setClock } from '../../src/ledger/commands/clock.ts';
import { configure } from '../../src/ledger/commands/configure.ts';
import { open } from '../../src/ledger/commands/open.ts';
import { type Settlement, settle } from '../../src/ledger/commands/settle.ts';
import { type LedgerOrder, readLedgerOrder } from '../../src/ledger/commands/snapshot.ts';
import { type StealOutcome, steal } from '../../src/ledger/commands/steal.ts';
import { submit } from '../../src/ledger/commands/submit.ts';
import { type SyncedPosition, sync } from '../../src/ledger/commands/sync.ts';
import { tick } from '../../src/ledger/commands/tick.ts';
import { key, keyPrefix } from '../../src/ledger/keys.ts';
import { type Ledger, ledgerOn, openLedger } from '../../src/ledger/ledger.ts';
import { readAddress } from '../../src/redis/address.ts';
import { type Env, readSettings } from '../../src/rules/settings.ts';
import { freshAccount } from './redis.ts';

/** 2025-01-15 15:00 UTC, where the clocks of a test account stand first. */
export const NOW_MS = Date.parse('2025-01-15T15:00:00Z');

/** Of reservations made by the test account; shorter than any cooldown. */
export const LEASE_MS = 60_000;

export const SYNC_MAX_AGE_MS = 600_000;

/**
 * The settings of a test account: a cap that is its equity, short sales at their limit, and prices that may
 * jump.
 */
export const TEST_RULES: Env = {
  WORK_STEALING_LEVERAGE: '1',
  WORK_STEALING_SHORT_MARGIN: '0',
  WORK_STEALING_QUOTE_MAX_JUMP: '0',
};

/** A wish in the making; every word returns a new one. */
export type OrderBuilder = {
  readonly wish: OrderWish;
  of(symbol: string): OrderBuilder;
  /** Dollars; the quantity follows from the limit. */
  worth(dollars: number): OrderBuilder;
  at(limit: string): OrderBuilder;
  qty(qty: string): OrderBuilder;
  pnl(dollars: string): OrderBuilder;
  /** That its limit trades. */
  likely(probability: string): OrderBuilder;
  in(pool: string): OrderBuilder;
  by(owner: string): OrderBuilder;
  plan(id: string): OrderBuilder;
  selling(): OrderBuilder;
  /** Default: with a limit. */
  exiting(type?: OrderType): OrderBuilder;
  probing(): OrderBuilder;
};

/** A buy of 100 dollars at 10 of symbol `AAA`, worth nothing. */
export function anOrder(id: string): OrderBuilder {
  return build({
    id,
    symbol: 'AAA',
    side: 'buy',
    kind: 'entry',
    mode: 'normal',
    limit: '10',
    qty: '10',
    pnl: '0',
    owner: 'host',
  });
}

function build(wish: OrderWish): OrderBuilder {
  const worthDollars = (toNanos(wish.limit) * toNanos(wish.qty)) / 1_000_000_000n;
  const sized = (nanoDollars: bigint, limit: string): OrderWish => {
    const nanoUnits = (nanoDollars * 1_000_000_000n) / toNanos(limit);
    return { ...wish, limit, qty: fromNanos(nanoUnits) };
  };
  return {
    wish,
    of: (symbol) => build({ ...wish, symbol }),
    worth: (dollars) => build(sized(BigInt(Math.round(dollars * 1e6)) * 1000n, wish.limit)),
    at: (limit) => build(sized(worthDollars, limit)),
    qty: (qty) => build({ ...wish, qty }),
    pnl: (pnl) => build({ ...wish, pnl }),
    likely: (fillProbability) => build({ ...wish, fillProbability }),
    in: (pool) => build({ ...wish, pool }),
    by: (owner) => build({ ...wish, owner }),
    plan: (plan) => build({ ...wish, plan }),
    selling: () => build({ ...wish, side: 'sell' satisfies Side }),
    exiting: (type) => build({ ...wish, kind: 'exit', ...(type && { type }) }),
    probing: () => build({ ...wish, mode: 'probe' satisfies Mode }),
  };
}

export type AccountOptions = {
  /**
   * Settings on top of the defaults, by their variable; the leverage is 1, short sales count at their limit,
   * and no price is doubted, unless named.
   */
  env?: Env;
  /** Equity in dollars; with a leverage of 1 the cap. Default 1,000. */
  equity?: string;
  positions?: readonly SyncedPosition[];
};

export type Keyspace = Readonly<Record<string, unknown>>;

/** An opened test account. */
export type TestAccount = {
  readonly ledger: Ledger;
  readonly name: string;
  readonly nowMs: () => number;
  readonly healthMs: () => number;
  /**
   * Moves both clocks; so may each alone. The account stays as fresh as it was: sync it again if that is not
   * the point.
   */
  advance(ms: number): Promise<void>;
  advanceLedger(ms: number): Promise<void>;
  advanceHealth(ms: number): Promise<void>;
  configure(env: Env): Promise<void>;
  sync(equity: string, positions?: readonly SyncedPosition[]): Promise<Awaited<ReturnType<typeof sync>>>;
  /** Fresh prices, `{ AAPL: '10.5' }`. */
  prices(prices: Readonly<Record<string, string>>): Promise<void>;
  admit(order: OrderBuilder, leaseMs?: number): Promise<Admission>;
  /** Without a mutex unless its value is given. */
  steal(order: OrderBuilder, mutex?: string): Promise<StealOutcome>;
  /** submit and open: a reservation is sent, and the broker has it. */
  send(id: string): Promise<void>;
  /** admit, submit and open. */
  place(...orders: OrderBuilder[]): Promise<void>;
  /** The broker's word on an end: `filled` units of it, at its limit unless `costMicros` is given. */
  end(id: string, state: FinalState, filled?: string, costMicros?: number): Promise<Settlement>;
  order(id: string): Promise<LedgerOrder>;
  /** Micro-USD: what counts in a pool, and what is left of its cap. */
  used(pool?: string): Promise<number>;
  room(pool?: string): Promise<number>;
  field(name: string, field: string): Promise<string | null>;
  /** The entries of the outbox: `steal` or `cancel` and the ids of the victims. */
  outbox(): Promise<{ id: string; victims: string[] }[]>;
  /** Every key of the account with all it holds. */
  keyspace(): Promise<Keyspace>;
  /** The same without what only tells: events, refusals and dry runs on record. */
  book(): Promise<Keyspace>;
  /** I2: the audit finds no fault. */
  expectSound(): Promise<void>;
};

export type TestLedgers = {
  account(options?: AccountOptions): Promise<TestAccount>;
  /** A ledger with an account name of its own, and nothing in it. */
  bare(): Promise<Ledger>;
  close(): Promise<void>;
};

/**
 * Test accounts on the Redis at `url`, all on one connection; on a Cluster, on one connection per account.
 * `close` removes them.
 */
export function testLedgers(url: string): TestLedgers {
  const accounts: Ledger[] = [];
  const everyOwn = readAddress(url).kind === 'cluster';
  let first: Promise<Ledger> | undefined;
  const onFirst = async (account: string): Promise<Ledger> => {
    first ??= openLedger(url, freshAccount('ledger'), { loadsFunctions: true });
    const { redis, functions } = await first;
    redis.setMaxListeners(0);
    return ledgerOn(redis, account, { functions });
  };
  const bare = async (): Promise<Ledger> => {
    const account = freshAccount('ledger');
    const ledger = everyOwn
      ? await openLedger(url, account, { loadsFunctions: true })
      : await onFirst(account);
    accounts.push(ledger);
    return ledger;
  };
  return {
    bare,
    account: async (options = {}) => await openAccount(await bare(), options),
    async close() {
      if (everyOwn) return await Promise.all(accounts.map(remove)).then(() => {});
      if (first === undefined) return;
      const { redis, close } = await first;
      const prefixes = new Set(accounts.map(({ account }) => keyPrefix(account)));
      const ours = (await keysOf(redis, 'ws:{ledger-')).filter((name) =>
        prefixes.has(name.slice(0, name.indexOf('}') + 2)),
      );
      for (let i = 0; i < ours.length; i += 1_000) await redis.unlink(...ours.slice(i, i + 1_000));
      await close();
    },
  };
}

/** An account with a connection of its own, and all its keys. */
async function remove({ redis, account, close }: Ledger): Promise<void> {
  const ours = await keysOf(redis, keyPrefix(account));
  for (let i = 0; i < ours.length; i += 1_000) await redis.unlink(...ours.slice(i, i + 1_000));
  await close();
}

/** A test account on a ledger that the caller opened, and closes. */
export async function openAccount(ledger: Ledger, options: AccountOptions): Promise<TestAccount> {
  let nowMs = NOW_MS;
  let healthMs = NOW_MS;
  const { redis, account: name } = ledger;
  const move = async (ledgerBy: number, healthBy: number): Promise<void> => {
    nowMs += ledgerBy;
    healthMs += healthBy;
    await setClock(ledger, { mode: 'manual', nowMs, healthMs });
  };
  const number = async (field: string): Promise<number> =>
    Number((await redis.hget(key(name, 'account'), field)) ?? 0);
  const used = async (pool = 'total'): Promise<number> =>
    (await number(`orders_micros:${pool}`)) + (await number(`positions_micros:${pool}`));
  const account: TestAccount = {
    ledger,
    name,
    nowMs: () => nowMs,
    healthMs: () => healthMs,
    advance: (ms) => move(ms, ms),
    advanceLedger: (ms) => move(ms, 0),
    advanceHealth: (ms) => move(0, ms),
    async configure(env) {
      await configure(ledger, readSettings({ ...TEST_RULES, ...env }).settings, SYNC_MAX_AGE_MS);
    },
    sync: (equity, positions = []) => sync(ledger, dollarsToMicros(equity, 'down'), healthMs, positions),
    async prices(prices) {
      await tick(
        ledger,
        Object.entries(prices).map(([symbol, price]) => ({ symbol, price, ageMs: 0 })),
      );
    },
    admit: (order, leaseMs = LEASE_MS) => admit(ledger, order.wish, leaseMs),
    steal: (order, mutex = '') => steal(ledger, order.wish, LEASE_MS, mutex),
    async send(id) {
      expect(await submit(ledger, id, LEASE_MS)).toEqual({ outcome: 'send' });
      expect(await open(ledger, id, `broker-${id}`)).toBe('working');
    },
    async place(...orders) {
      for (const order of orders) {
        expect(await account.admit(order)).toMatchObject({ outcome: 'fits' });
        await account.send(order.wish.id);
      }
    },
    async end(id, state, filled = '0', costMicros) {
      const { limit } = await account.order(id);
      const cost = costMicros ?? (toNanos(filled) === 0n ? 0 : notionalMicros(limit, filled));
      return await settle(ledger, id, { state, filledQty: filled, costMicros: cost, reason: 'broker' });
    },
    async order(id) {
      const order = await readLedgerOrder(ledger, id);
      if (order === undefined) throw new WorkstealError('unknown', `there is no order ${id}`);
      return order;
    },
    used,
    room: async (pool = 'total') => (await number(`cap_micros:${pool}`)) - (await used(pool)),
    field: (at, field) => redis.hget(key(name, at), field),
    async outbox() {
      const entries = await redis.xrange(key(name, 'outbox'), '-', '+');
      return entries.map(([, [, id = '', , victims = '']]) => ({ id, victims: victims.split(' ') }));
    },
    keyspace: () => readKeyspace(redis, name),
    async book() {
      const all = await readKeyspace(redis, name);
      return Object.fromEntries(
        Object.entries(all).filter(
          ([at]) => at !== 'events' && !at.startsWith('refusal') && !at.startsWith('dry_run'),
        ),
      );
    },
    async expectSound() {
      expect((await audit(ledger))?.faults).toEqual([]);
    },
  };
  await account.configure(options.env ?? {});
  await move(0, 0);
  expect(await account.sync(options.equity ?? '1000', options.positions)).toMatchObject({
    outcome: 'synced',
    rebuilt: true,
  });
  return account;
}

/** Every key of the account, in a form that two readings can be compared by. */
export async function readKeyspace(redis: Redis, account: string): Promise<Keyspace> {
  const prefix = keyPrefix(account);
  const names = (await keysOf(redis, prefix)).sort();
  const types = await Promise.all(names.map((name) => redis.type(name)));
  const values = await Promise.all(names.map((name, i) => readValue(redis, name, types[i] as string)));
  return Object.fromEntries(names.map((name, i) => [name.slice(prefix.length), values[i]]));
}

async function readValue(redis: Redis, name: string, type: string): Promise<unknown> {
  if (type === 'hash') return await redis.hgetall(name);
  if (type === 'set') return (await redis.smembers(name)).sort();
  if (type === 'zset') return await redis.zrange(name, 0, '-1', 'WITHSCORES');
  if (type === 'list') return await redis.lrange(name, 0, -1);
  if (type === 'stream') return await redis.xrange(name, '-', '+');
  return await redis.get(name);
}

async function keysOf(redis: Redis, prefix: string): Promise<string[]> {
  const found = new Set<string>();
  let cursor = '0';
  do {
    const [next, page] = await redis.scan(cursor, 'MATCH', `${prefix}*`, 'COUNT', 5_000);
    for (const name of page) found.add(name);
    cursor = next;
  } while (cursor !== '0');
  return [...found];
}

/** Awaits what must throw a WorkstealError and gives it back. */
export async function failure(attempt: Promise<unknown>): Promise<WorkstealError> {
  const error = await attempt.then(
    (value) => new Error(`it did not fail: ${JSON.stringify(value)}`),
    (thrown: unknown) => thrown,
  );
  if (error instanceof WorkstealError) return error;
  throw error;
}

/** The same command once more, and a third time: each answers, and none changes a key (I6). */
export async function expectNoEffect(
  account: TestAccount,
  again: () => Promise<unknown>,
): Promise<unknown[]> {
  const before = await account.keyspace();
  const answers = [await again(), await again()];
  expect(await account.keyspace()).toEqual(before);
  return answers;
}
