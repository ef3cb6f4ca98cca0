/**
 * A fleet of real processes on one account, with a real Redis and a real exchange whose prices the test sets.
 * Leases are short, so that others take over within seconds after a death.
 */
import { expect } from 'vitest';
import { AlpacaBroker } from '../../src/broker/alpaca/alpaca.ts';
import { unlimited } from '../../src/broker/limiter.ts';
import type { JudgeReport } from '../../src/exchange/judge.ts';
import type { ExchangeSettingsInput } from '../../src/exchange/options.ts';
import { type RunningExchange, startExchange } from '../../src/exchange/server.ts';
import { audit } from '../../src/ledger/commands/audit.ts';
import { configure } from '../../src/ledger/commands/configure.ts';
import {
  filePlan,
  type LeasedPlan,
  type Plan,
  planOf,
  withdrawPlan,
} from '../../src/ledger/commands/plans.ts';
import { type LedgerOrder, readLedgerOrder, snapshot } from '../../src/ledger/commands/snapshot.ts';
import { key } from '../../src/ledger/keys.ts';
import { type Ledger, openLedger } from '../../src/ledger/ledger.ts';
import { ManualMarket } from '../../src/prices/manual.ts';
import { readSettings } from '../../src/rules/settings.ts';
import { type ByHand, byHand } from './by-hand.ts';
import { freshAccount } from './redis.ts';
import { RoleProcess } from './role-process.ts';

/** Long enough for a machine with twice as many processes as cores. */
export const PATIENCE = { timeout: 60_000, interval: 20 };
const SYNC_MAX_AGE_MS = 60_000;
/**
 * ETH and UNI, two cryptos, and pairs of a victim's and a thief's symbol for steals one after another: no
 * cooldown stands in their way.
 */
const SYMBOLS = [
  'ETH',
  'UNI',
  'BTCUSD',
  'ETHUSD',
  ...Array.from({ length: 40 }, (_, at) => [`V${at}`, `T${at}`]).flat(),
];
const quiet = { debug: () => {}, info: () => {}, warn: () => {} };

export type RoleName = 'watch' | 'work' | 'keep' | 'serve' | 'gateway' | 'alert';

/** What of the account matters to a test, read from both sides at nearly the same time. */
export type Book = {
  /** Live at the exchange: client order ids, sorted. */
  live: string[];
  /** In the ledger: `id state`, sorted. */
  orders: string[];
  /** In the ledger: `symbol quantity`. */
  positions: string[];
  /** What the ledger counts beyond what the exchange does, micro-USD. */
  leakedMicros: number;
  outbox: number;
  /** Steals that are neither granted nor failed. */
  openSteals: number;
};

export type Fleet = {
  account: string;
  ledger: Ledger;
  exchange: RunningExchange;
  start(role: RoleName, host?: string, env?: Record<string, string>): RoleProcess;
  price(symbol: string, price: string): void;
  /** From now on its price ages, until it is set again. */
  freeze(symbol: string): void;
  /** Waits until the ledger has this price, as a watcher told it. */
  priceKnown(symbol: string, price: string): Promise<void>;
  /** Somebody at the broker beside the fleet. */
  person: ByHand;
  faults(changes: Record<string, unknown>): Promise<void>;
  /** Files a plan: buy 9 at 100, with the changes given. */
  file(changes: Partial<Plan> & { id: string; symbol: string }): Promise<void>;
  withdraw(...ids: string[]): Promise<void>;
  plan(id: string): Promise<LeasedPlan & { owner: string; reason: string }>;
  order(id: string): Promise<LedgerOrder | undefined>;
  book(): Promise<Book>;
  judge(): Promise<JudgeReport>;
  /** Resolves when the account is reconciled: nothing is admitted before (I8). */
  reconciled(): Promise<void>;
  /**
   * No cap was exceeded, no order sent twice, none cancelled without a record but by hand, and the ledger's
   * sums are right (I1, I2, I6, I9).
   */
  expectSound(): Promise<void>;
  /** The logs' ends, for a test that failed. */
  story(): string;
  close(): Promise<void>;
};

/** An account without orders, positions, and anything on its way. */
export const EMPTY_BOOK: Book = {
  live: [],
  orders: [],
  positions: [],
  leakedMicros: 0,
  outbox: 0,
  openSteals: 0,
};

/**
 * The account's cap is 1,000 dollars; the exchange refuses nothing for want of buying power, so that
 * overreach is judged.
 * @param redisUrl where the test itself reads and files; the roles too, unless they are started with a
 *   REDIS_URL of their own
 */
export async function startFleet(
  redisUrl: string,
  exchangeSettings: ExchangeSettingsInput = {},
  account = freshAccount('fleet'),
): Promise<Fleet> {
  const market = new ManualMarket(SYMBOLS);
  const usual = {
    port: 0,
    equity: '1000',
    leverage: '1',
    buyingPower: false,
    rateLimit: 0,
    partialRate: 0,
    cancelDelay: 5,
    tick: 20,
  };
  const exchange = await startExchange({ ...usual, ...exchangeSettings }, { market });
  const env = {
    REDIS_URL: redisUrl,
    WORKSTEAL_ACCOUNT: account,
    APCA_API_BASE_URL: exchange.url,
    APCA_API_DATA_URL: exchange.url,
    APCA_API_KEY_ID: 'k',
    APCA_API_SECRET_KEY: 's',
    WORKSTEAL_REQUESTS_PER_MINUTE: '100000',
    WORKSTEAL_DATA_REQUESTS_PER_MINUTE: '0',
    WORKSTEAL_REQUEST_TIMEOUT_MS: '700',
    WORKSTEAL_LEASE_MS: '1500',
    WORKSTEAL_PLAN_LEASE_MS: '2000',
    WORKSTEAL_SYNC_MS: '300',
    // The paper exchange has no lag; money that a test takes away and gives back is not an error.
    WORKSTEAL_BROKER_LAG_MS: '500',
    WORKSTEAL_EQUITY_JUMP: '0',
    WORKSTEAL_QUOTES_MS: '50',
    WORKSTEAL_MAX_PLANS: '1',
    WORKSTEAL_LOG_LEVEL: 'debug',
    WORK_STEALING_LEVERAGE: '1',
  };
  const urls = { tradingUrl: exchange.url, dataUrl: exchange.url, keyId: 'k', secretKey: 's' };
  const broker = new AlpacaBroker({
    ...urls,
    limiter: unlimited,
    requestTimeoutMs: 5_000,
    log: quiet,
    random: () => 0,
  });
  const ledger = await openLedger(redisUrl, account);
  await configure(ledger, readSettings(env).settings, SYNC_MAX_AGE_MS);
  const roles: RoleProcess[] = [];

  const person = byHand(exchange.url);
  const fleet: Fleet = {
    person,
    account,
    ledger,
    exchange,
    start(role, host = `${role}-${roles.length + 1}`, more = {}) {
      const one = new RoleProcess(host, [role], { ...env, WORKSTEAL_HOST: host, ...more });
      roles.push(one);
      return one;
    },
    price(symbol, price) {
      market.set(symbol, price);
      exchange.advance();
    },
    freeze: (symbol) => market.freeze(symbol),
    async priceKnown(symbol, price) {
      await expect
        .poll(() => ledger.redis.hget(key(account, 'quotes'), symbol), PATIENCE)
        .toMatch(new RegExp(`^${price} `));
    },
    async faults(changes) {
      const headers = { 'content-type': 'application/json' };
      const answer = await fetch(`${exchange.url}/faults`, {
        method: 'POST',
        headers,
        body: JSON.stringify(changes),
      });
      expect(answer.ok).toBe(true);
    },
    async file(changes) {
      const wish = {
        side: 'buy',
        mode: 'normal',
        limit: '100',
        qty: '9',
        pnl: '1',
        pool: '',
        takeProfit: '',
      } as const;
      await filePlan(ledger, {
        ...wish,
        startsAtMs: 0,
        expiresAtMs: 0,
        holdMs: 0,
        strategy: 'test',
        ...changes,
      });
    },
    async withdraw(...ids) {
      for (const id of ids) await withdrawPlan(ledger, id, 'test');
    },
    async plan(id) {
      const fields = await ledger.redis.hgetall(key(account, `plan:${id}`));
      return { ...planOf(fields), owner: fields['owner'] ?? '', reason: fields['reason'] ?? '' };
    },
    order: (id) => readLedgerOrder(ledger, id),
    async book() {
      const book = await snapshot(ledger);
      const live = (await broker.openOrders()).map(({ id }) => id);
      const { exposureMicros } = await fleet.judge();
      const used =
        Number(book?.account['orders_micros:total'] ?? 0) +
        Number(book?.account['positions_micros:total'] ?? 0);
      return {
        live: live.sort(),
        orders: (book?.orders ?? []).map(({ id, state }) => `${id} ${state}`).sort(),
        positions: (book?.positions ?? []).map(({ symbol, qty }) => `${symbol} ${qty}`).sort(),
        leakedMicros: used - exposureMicros,
        outbox: await ledger.redis.xlen(key(account, 'outbox')),
        openSteals: await openSteals(ledger),
      };
    },
    async judge() {
      return (await (await fetch(`${exchange.url}/judge`)).json()) as JudgeReport;
    },
    async reconciled() {
      // A keeper that starts on a busy machine needs most of this to come up.
      const patience = { ...PATIENCE, timeout: 60_000 };
      await expect
        .poll(() => ledger.redis.hget(key(account, 'account'), 'synced_at_ms'), patience)
        .not.toBeNull();
    },
    async expectSound() {
      const { violations, doubleOrders, cancelRequests } = await fleet.judge();
      const unexplained: string[] = [];
      for (const { id } of cancelRequests) {
        if (person.cancelled.includes(id)) continue;
        const ours = person.changed.get(id) ?? id;
        if ((await ledger.redis.hget(key(account, `order:${ours}`), 'cancel_asked_ms')) === null)
          unexplained.push(id);
      }
      const faults = (await audit(ledger))?.faults;
      expect({ violations, doubleOrders, unexplained, faults }).toEqual({
        violations: [],
        doubleOrders: 0,
        unexplained: [],
        faults: [],
      });
    },
    story: () => roles.map((role) => role.story()).join('\n'),
    async close() {
      await Promise.all(roles.map((role) => role.stop('SIGKILL')));
      await ledger.close();
      await exchange.close();
    },
  };
  return fleet;
}

async function openSteals(ledger: Ledger): Promise<number> {
  const steals = new Set(
    (await ledger.redis.zrange(key(ledger.account, 'steals'), 0, '-1')).map(
      (member) => member.split('#').at(-1) ?? '',
    ),
  );
  const states = await Promise.all(
    [...steals].map((id) => ledger.redis.hget(key(ledger.account, `steal:${id}`), 'state')),
  );
  return states.filter((state) => state !== 'granted' && state !== 'failed').length;
}
