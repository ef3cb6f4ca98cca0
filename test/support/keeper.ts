/**
 * An account at a paper exchange and in a ledger, and keepers for it: all real, with intervals short enough
 * for a test.
 */
import { setTimeout as wait } from 'node:timers/promises';
import { expect } from 'vitest';
import { AlpacaBroker } from '../../src/broker/alpaca/alpaca.ts';
import { unlimited } from '../../src/broker/limiter.ts';
import type { BrokerOrder } from '../../src/broker/port.ts';
import type { OrderWish } from '../../src/domain/order.ts';
import type { JudgeReport } from '../../src/exchange/judge.ts';
import type { ExchangeSettingsInput } from '../../src/exchange/options.ts';
import { type RunningExchange, startExchange } from '../../src/exchange/server.ts';
import { type KeeperOptions, type KeeperReport, runKeeper } from '../../src/keeper/keeper.ts';
import { admit } from '../../src/ledger/commands/admit.ts';
import { audit } from '../../src/ledger/commands/audit.ts';
import { type LedgerOrder, readLedgerOrder, snapshot } from '../../src/ledger/commands/snapshot.ts';
import { submit } from '../../src/ledger/commands/submit.ts';
import { type Ledger, openLedger } from '../../src/ledger/ledger.ts';
import { redlockMutex } from '../../src/mutex/redlock-mutex.ts';
import { ManualMarket } from '../../src/prices/manual.ts';
import type { Market } from '../../src/prices/market.ts';
import { type Env, readSettings } from '../../src/rules/settings.ts';
import { type ByHand, byHand } from './by-hand.ts';
import { freshAccount } from './redis.ts';

const PATIENCE_MS = 60_000;
const LEASE_MS = 500;
const SYNC_MS = 200;
/** How far positions may lag behind orders. The paper exchange has no lag, but a keeper cannot know that. */
const LAG_MS = 1_000;

const silent = { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} };

export type TestKeeper = {
  /** Its last report. */
  report(): KeeperReport | undefined;
  stop(): Promise<void>;
};

export type Stage = {
  account: string;
  ledger: Ledger;
  exchange: RunningExchange;
  broker: AlpacaBroker;
  /** Starts a keeper with a connection of its own. */
  keeper(changes?: Partial<KeeperOptions>): Promise<TestKeeper>;
  /** A buy of `qty` at 100, of AAPL, with the changes given. */
  wish(id: string, changes?: Partial<OrderWish>): OrderWish;
  /** Admitted, marked and sent, as a coordinator does, and nothing told to the ledger about the answer. */
  send(wish: OrderWish): Promise<BrokerOrder>;
  order(id: string): Promise<LedgerOrder | undefined>;
  /** Somebody at the broker beside the fleet. */
  person: ByHand;
  price(symbol: string, value: string): void;
  faults(changes: Record<string, unknown>): Promise<void>;
  judge(): Promise<JudgeReport>;
  /** What the ledger counts in `total`, micro-USD. */
  used(): Promise<number>;
  /** Waits until ledger and exchange count the same, and the ledger's sums are right. */
  agrees(): Promise<void>;
  close(): Promise<void>;
};

/** Waits until what it looks at is so. */
export async function until(
  what: string,
  look: () => Promise<boolean> | boolean,
  patienceMs = PATIENCE_MS,
): Promise<void> {
  const patience = AbortSignal.timeout(patienceMs);
  while (!(await look())) {
    if (patience.aborted) throw new Error(`not within ${patienceMs} ms: ${what}`);
    await wait(5);
  }
}

/** @param moving a market in the place of the one whose prices `price` sets */
export async function startStage(
  redisUrl: string,
  exchangeSettings: ExchangeSettingsInput = {},
  rulesEnv: Env = {},
  moving?: Market,
): Promise<Stage> {
  const account = freshAccount('keep');
  const market = new ManualMarket(['AAPL', 'MSFT', 'BTCUSD']);
  const settings = {
    port: 0,
    equity: '100000',
    rateLimit: 0,
    partialRate: 0,
    cancelDelay: 1,
    tick: 10,
    ...exchangeSettings,
  };
  const exchange = await startExchange(settings, { market: moving ?? market });
  const urls = { tradingUrl: exchange.url, dataUrl: exchange.url, keyId: 'k', secretKey: 's' };
  const broker = new AlpacaBroker({
    ...urls,
    limiter: unlimited,
    requestTimeoutMs: 1_000,
    log: silent,
    random: () => 0,
  });
  const ledger = await openLedger(redisUrl, account);
  const rules = readSettings(rulesEnv).settings;
  const keepers: TestKeeper[] = [];
  const price = (symbol: string, value: string) => {
    market.set(symbol, value);
    exchange.advance();
  };
  for (const [symbol, value] of [
    ['AAPL', '110'],
    ['MSFT', '110'],
    ['BTCUSD', '110'],
  ] as const)
    price(symbol, value);

  const stage: Stage = {
    account,
    ledger,
    exchange,
    broker,
    price,
    person: byHand(exchange.url),
    async keeper(changes = {}) {
      const own = await openLedger(redisUrl, account);
      const stopping = new AbortController();
      let last: KeeperReport | undefined;
      const running = runKeeper(
        {
          ledger: own,
          redisUrl,
          broker,
          mutex: redlockMutex([own.redis]),
          rules,
          leaseMs: LEASE_MS,
          inFlightMs: LEASE_MS,
          syncMs: SYNC_MS,
          syncMaxAgeMs: 10_000,
          lagMs: LAG_MS,
          log: silent,
          recoverOutbox: async () => {},
          report: (report) => {
            last = report;
          },
          ...changes,
        },
        stopping.signal,
      );
      const keeper: TestKeeper = {
        report: () => last,
        async stop() {
          stopping.abort();
          await running;
          await own.close();
        },
      };
      keepers.push(keeper);
      return keeper;
    },
    wish: (id, changes = {}) => ({
      ...{
        id,
        symbol: 'AAPL',
        side: 'buy',
        kind: 'entry',
        mode: 'normal',
        limit: '100',
        qty: '10',
        owner: 'host',
      },
      ...changes,
    }),
    async send(wish) {
      expect(await admit(ledger, wish, 60_000)).toMatchObject({ outcome: 'fits' });
      expect(await submit(ledger, wish.id, LEASE_MS)).toEqual({ outcome: 'send' });
      return await sendToBroker(broker, wish);
    },
    order: (id) => readLedgerOrder(ledger, id),
    async faults(changes) {
      const headers = { 'content-type': 'application/json' };
      const answer = await fetch(`${exchange.url}/faults`, {
        method: 'POST',
        headers,
        body: JSON.stringify(changes),
      });
      expect(answer.ok).toBe(true);
    },
    async judge() {
      return (await (await fetch(`${exchange.url}/judge`)).json()) as JudgeReport;
    },
    async used() {
      const book = await snapshot(ledger);
      return (
        Number(book?.account['orders_micros:total'] ?? 0) +
        Number(book?.account['positions_micros:total'] ?? 0)
      );
    },
    async agrees() {
      await until(
        'the ledger counts what the exchange does',
        async () => (await stage.used()) === (await stage.judge()).exposureMicros,
      );
      expect((await audit(ledger))?.faults).toEqual([]);
    },
    async close() {
      for (const keeper of keepers) await keeper.stop();
      await ledger.close();
      await exchange.close();
    },
  };
  return stage;
}

/** A confirmed order at the broker, whether or not a ledger knows of it. */
export async function sendToBroker(
  broker: AlpacaBroker,
  wish: Pick<OrderWish, 'id' | 'symbol' | 'side' | 'limit' | 'qty'>,
): Promise<BrokerOrder> {
  const { id, symbol, side, limit, qty } = wish;
  const answer = await broker.submit({
    id,
    symbol,
    side,
    limit,
    qty,
  });
  if (answer.kind !== 'confirmed') throw new Error(`submit: ${JSON.stringify(answer)}`);
  return answer.order;
}
