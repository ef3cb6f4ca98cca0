/**
 * A gateway in one process: a paper exchange behind it, a keeper and a cancel worker beside it, and bots that
 * speak Alpaca's protocol to it.
 */
import { pino } from 'pino';
import type { AlpacaBroker } from '../../src/broker/alpaca/alpaca.ts';
import { CancelWorker } from '../../src/cancels/worker.ts';
import { HeldAtBroker } from '../../src/coordinator/held-at-broker.ts';
import type { ExchangeSettingsInput } from '../../src/exchange/options.ts';
import { Bots } from '../../src/gateway/bots.ts';
import type { GatewaySettings } from '../../src/gateway/gateway.ts';
import { Prices } from '../../src/gateway/prices.ts';
import { startGateway } from '../../src/gateway/server.ts';
import { openDoor } from '../../src/http/account-door.ts';
import { type BotRecord, botRecordOf, makeKeyPair } from '../../src/http/bot-keys.ts';
import { hashOf } from '../../src/http/token-file.ts';
import type { KeeperOptions } from '../../src/keeper/keeper-options.ts';
import { setLedgerSpeed } from '../../src/keeper/ledger-speed.ts';
import { key } from '../../src/ledger/keys.ts';
import type { Ledger } from '../../src/ledger/ledger.ts';
import type { Market } from '../../src/prices/market.ts';
import { type Env, readSettings } from '../../src/rules/settings.ts';
import type { Tracing } from '../../src/tracing/tracing.ts';
import { type Stage, startStage, until } from './keeper.ts';

export const LEASE_MS = 5_000;
const REQUEST_TIMEOUT_MS = 2_000;
const SYNC_MAX_AGE_MS = 10_000;
const log = pino({ level: 'silent' });

export type Json = Record<string, unknown>;
export type Answer = { status: number; headers: Headers; body: Json & Json[] };

/** A bot with keys of its own. */
export type TestBot = {
  name: string;
  keys: { keyId: string; secret: string };
  ask(method: string, path: string, body?: unknown, headers?: Record<string, string>): Promise<Answer>;
  /** Posts a limit buy of one AAPL at 100, with the changes given. */
  order(changes?: Json, headers?: Record<string, string>): Promise<Answer>;
};

export type LoneGateway = {
  url: string;
  /** With these keys, or keys of its own. */
  bot(name: string, rights?: Partial<BotRecord>, keys?: TestBot['keys']): TestBot;
  revoke(name: string): void;
  close(): Promise<void>;
};

export type TestGateway = LoneGateway & {
  stage: Stage;
  /** Resolves when the ledger has no open order. */
  settled(): Promise<void>;
  /** Another gateway of the same account; its owner closes it. */
  another(
    limits?: Pick<LoneGatewayParts, 'requestsPerMinute' | 'streams' | 'answerLimitMs'>,
  ): Promise<LoneGateway>;
};

/** `market`, `keeper`: as those of a Stage. `speed`: of the ledger's clock, 1 is real time. */
export type TestGatewayOptions = {
  market?: Market;
  speed?: number;
  keeper?: Partial<KeeperOptions>;
  exchange?: ExchangeSettingsInput;
  rules?: Env;
  settings?: Partial<GatewaySettings>;
  tracing?: Tracing;
};

export async function startTestGateway(
  redisUrl: string,
  { exchange = {}, rules: env = {}, settings = {}, tracing, ...more }: TestGatewayOptions = {},
): Promise<TestGateway> {
  const { market, speed, keeper = {} } = more;
  // Its judge has the ledger's cap; the broker itself allows more, so that it refuses nothing in its place.
  const leverage = env['WORK_STEALING_LEVERAGE'] ?? '2';
  const account = { leverage, multiplier: '4', ...exchange };
  const stage = await startStage(redisUrl, account, env, market);
  if (speed !== undefined)
    await setLedgerSpeed(stage.ledger, readSettings(env).settings, SYNC_MAX_AGE_MS, speed);
  await stage.keeper(keeper);
  await until('the account is synced', () => isSynced(stage));
  const { broker } = stage;
  const ledger = tracing === undefined ? stage.ledger : { ...stage.ledger, tracing };
  const worker = new CancelWorker({ url: redisUrl, ledger, broker, log, step: () => {} });
  await worker.ready();
  const prices = new Prices({ ledger, broker, log, intervalMs: 200 });
  const stopping = new AbortController();
  const following = prices.run(stopping.signal);
  const parts = { ledger, broker, prices, rules: env, settings };
  const gateway = await openTestGateway(redisUrl, parts);
  return {
    ...gateway,
    stage,
    settled: () =>
      until('no order is open', async () => (await ledger.redis.scard(key(ledger.account, 'live'))) === 0),
    another: (limits = {}) => openTestGateway(redisUrl, { ...parts, ...limits }),
    async close() {
      await gateway.close();
      stopping.abort();
      await following;
      await worker.close();
      await stage.close();
    },
  };
}

export type LoneGatewayParts = {
  ledger: Ledger;
  broker: AlpacaBroker;
  prices: Prices;
  rules?: Env;
  settings?: Partial<GatewaySettings>;
  requestsPerSecond?: number;
  requestsPerMinute?: number;
  streams?: number;
  answerLimitMs?: number;
};

/** The gateway alone: nobody reconciles, follows prices or cancels. */
export async function openTestGateway(
  redisUrl: string,
  { ledger, broker, prices, rules: env = {}, settings = {}, ...limits }: LoneGatewayParts,
): Promise<LoneGateway> {
  const { settings: rules } = readSettings(env);
  const parts = { ledger, redisUrl, broker, rules, leaseMs: LEASE_MS, log };
  const door = openDoor({ ...parts, requestTimeoutMs: REQUEST_TIMEOUT_MS });
  const bots = new Bots(ledger.account);
  let records: BotRecord[] = [];
  const server = await startGateway({
    gateway: {
      ...{ door, broker, requestTimeoutMs: REQUEST_TIMEOUT_MS },
      held: new HeldAtBroker(ledger, broker),
      settings: { waitMs: 3_000, collar: '0.005', lists: 'all', updates: 'own', ...settings },
      price: (symbol) => prices.of(symbol),
    },
    ...{
      bots,
      log,
      host: '127.0.0.1',
      port: 0,
      ...limits,
    },
  });
  return {
    url: server.url,
    bot(name, rights = {}, keys = makeKeyPair()) {
      const usual = { strategy: '', mode: 'normal', pnl: '0', maxNotional: null, symbols: [], accounts: [] };
      const own = { name, keyId: keys.keyId, sha256: hashOf(keys.secret), createdAtMs: 0 };
      records = [...records, botRecordOf({ ...usual, ...rights, ...own } as BotRecord)];
      bots.set(records);
      return botOf(server.url, name, keys);
    },
    revoke(name) {
      records = records.filter((one) => one.name !== name);
      bots.set(records);
    },
    async close() {
      await server.close();
      await door.close();
    },
  };
}

async function isSynced({ ledger, account }: Stage): Promise<boolean> {
  return Number((await ledger.redis.hget(`ws:{${account}}:account`, 'synced_at_ms')) ?? 0) > 0;
}

export function botOf(url: string, name: string, keys: TestBot['keys']): TestBot {
  const bot: TestBot = {
    name,
    keys,
    async ask(method, path, body, more = {}) {
      const answer = await fetch(`${url}${path}`, {
        method,
        headers: {
          'APCA-API-KEY-ID': keys.keyId,
          'APCA-API-SECRET-KEY': keys.secret,
          ...(body !== undefined && { 'content-type': 'application/json' }),
          ...more,
        },
        ...(body !== undefined && { body: typeof body === 'string' ? body : JSON.stringify(body) }),
      });
      const text = await answer.text();
      return { status: answer.status, headers: answer.headers, body: JSON.parse(text || 'null') };
    },
    order: (changes = {}, headers = {}) =>
      bot.ask(
        'POST',
        '/v2/orders',
        {
          ...{ symbol: 'AAPL', qty: '1', side: 'buy', type: 'limit', time_in_force: 'day' },
          ...{ limit_price: '100' },
          ...changes,
        },
        headers,
      ),
  };
  return bot;
}
