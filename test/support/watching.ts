/**
 * Watcher hosts on one test account, with a real exchange whose prices the test sets, a real queue and
 * worker, and a small keeper that only reports the exchange's order updates to the ledger.
 */

import { type Logger, pino } from 'pino';
import { vi } from 'vitest';
import { AlpacaBroker } from '../../src/broker/alpaca/alpaca.ts';
import { unlimited } from '../../src/broker/limiter.ts';
import type { JudgeReport } from '../../src/exchange/judge.ts';
import type { ExchangeSettingsInput } from '../../src/exchange/options.ts';
import { type RunningExchange, startExchange } from '../../src/exchange/server.ts';
import { applyOrder } from '../../src/keeper/apply-order.ts';
import { filePlan, type LeasedPlan, type Plan, planOf, type Stage } from '../../src/ledger/commands/plans.ts';
import { key } from '../../src/ledger/keys.ts';
import { openLedger } from '../../src/ledger/ledger.ts';
import { ManualMarket } from '../../src/prices/manual.ts';
import { readSettings } from '../../src/rules/settings.ts';
import type { StatsReport } from '../../src/watcher/stats.ts';
import { runWatcher, type WatcherOptions } from '../../src/watcher/watcher.ts';
import { type ByHand, byHand } from './by-hand.ts';
import { type Coordination, coordinateWith, type LogLine } from './coordination.ts';
import { TEST_RULES, type TestAccount } from './ledger.ts';

const PATIENCE = { timeout: 60_000, interval: 10 };
const quiet = { debug: () => {}, info: () => {}, warn: () => {} };

export type WatchingHost = { lines: LogLine[]; reports: StatsReport[]; stop(): Promise<void> };

export type Watching = {
  account: TestAccount;
  all: Coordination<AlpacaBroker>;
  exchange: RunningExchange;
  /** Somebody at the broker beside the fleet. */
  person: ByHand;
  price(symbol: string, price: string): void;
  /** Files a plan: buy 1 AAPL at 100, take-profit 101, with the changes given. */
  file(changes: Partial<Plan> & { id: string }): Promise<void>;
  plan(id: string): Promise<LeasedPlan & { owner: string; reason: string }>;
  /** Resolves when the plan is so far. */
  reached(id: string, stage: Stage, attempt?: number): Promise<void>;
  /** Resolves when the order is so far in the ledger. */
  order(id: string, state: string): Promise<void>;
  host(name: string, changes?: Partial<WatcherOptions>): WatchingHost;
  /** Has the exchange answer or behave so from now on. */
  faults(changes: Record<string, unknown>): Promise<void>;
  /** Violations of the cap, as the exchange itself counts (I1). */
  judged(): Promise<unknown[]>;
  close(): Promise<void>;
};

export async function watching(
  url: string,
  account: TestAccount,
  settings: ExchangeSettingsInput = {},
): Promise<Watching> {
  const market = new ManualMarket(['AAPL', 'MSFT', 'BTCUSD', 'ETHUSD']);
  const defaults = {
    port: 0,
    equity: '1000',
    leverage: '1',
    rateLimit: 0,
    partialRate: 0,
    cancelDelay: 1,
    tick: 1_000,
  };
  const exchange = await startExchange({ ...defaults, ...settings }, { market });
  const broker = new AlpacaBroker({
    ...{ tradingUrl: exchange.url, dataUrl: exchange.url, keyId: 'k', secretKey: 's' },
    ...{ limiter: unlimited, requestTimeoutMs: 3_000, log: quiet, random: () => 0 },
  });
  const all = await coordinateWith(url, account, broker);
  const ended = new AbortController();
  const applying = new Set<Promise<unknown>>();
  const following = broker.follow((update) => {
    if (update.kind !== 'order') return;
    const applied = applyOrder(account.ledger, update.order).catch(() => {});
    applying.add(applied);
    void applied.finally(() => applying.delete(applied));
  }, ended.signal);
  const hosts: WatchingHost[] = [];

  async function plan(id: string): Promise<LeasedPlan & { owner: string; reason: string }> {
    const fields = await account.ledger.redis.hgetall(key(account.name, `plan:${id}`));
    return { ...planOf(fields), owner: fields['owner'] ?? '', reason: fields['reason'] ?? '' };
  }

  return {
    account,
    all,
    exchange,
    plan,
    person: byHand(exchange.url),
    price(symbol, price) {
      market.set(symbol, price);
      exchange.advance();
    },
    async file(changes) {
      const usual = {
        symbol: 'AAPL',
        side: 'buy',
        mode: 'normal',
        limit: '100',
        qty: '1',
        pnl: '1',
        pool: '',
        takeProfit: '101',
      } as const;
      await filePlan(account.ledger, {
        ...usual,
        startsAtMs: 0,
        expiresAtMs: 0,
        holdMs: 0,
        strategy: 'test',
        ...changes,
      });
    },
    async reached(id, stage, attempt) {
      await vi.waitFor(async () => {
        const now = await plan(id);
        if (now.stage !== stage || (attempt !== undefined && now.attempt !== attempt)) {
          throw new Error(
            `${id} is ${now.stage}, attempt ${now.attempt}, not ${stage}, attempt ${attempt ?? 'any'}`,
          );
        }
      }, PATIENCE);
    },
    async order(id, state) {
      await vi.waitFor(async () => {
        const order = await account.order(id);
        if (order.state !== state) throw new Error(`${id} is ${order.state}, not ${state}`);
      }, PATIENCE);
    },
    async faults(changes) {
      const headers = { 'content-type': 'application/json' };
      const answer = await fetch(`${exchange.url}/faults`, {
        method: 'POST',
        headers,
        body: JSON.stringify(changes),
      });
      if (!answer.ok) throw new Error(`faults: ${answer.status} ${await answer.text()}`);
    },
    async judged() {
      const answer = (await (await fetch(`${exchange.url}/judge`)).json()) as JudgeReport;
      return [...answer.violations];
    },
    host(name, changes = {}) {
      const host = startHost(url, { account, broker, all }, name, changes);
      hosts.push(host);
      return host;
    },
    async close() {
      for (const host of hosts) await host.stop();
      ended.abort();
      await following;
      await Promise.all(applying);
      await all.close();
      await exchange.close();
    },
  };
}

type Ground = { account: TestAccount; broker: AlpacaBroker; all: Coordination<AlpacaBroker> };

function startHost(
  url: string,
  { account, broker, all }: Ground,
  name: string,
  changes: Partial<WatcherOptions>,
): WatchingHost {
  const lines: LogLine[] = [];
  const log: Logger = pino(
    { level: 'debug' },
    { write: (line: string) => void lines.push(JSON.parse(line) as LogLine) },
  );
  const reports: StatsReport[] = [];
  const stopping = new AbortController();
  const running = (async () => {
    const ledger = await openLedger(url, account.name);
    const { settings: rules } = readSettings(TEST_RULES);
    const usual = { planLeaseMs: 3_000, maxPlans: 100, quotesMs: 20, coordinator: all.coordinator };
    const report = (message: object): void => void reports.push(message as StatsReport);
    try {
      await runWatcher(
        { ledger, broker, rules, host: name, log, report, ...usual, ...changes },
        stopping.signal,
      );
    } finally {
      await ledger.close();
    }
  })();
  return {
    lines,
    reports,
    async stop() {
      stopping.abort();
      await running;
    },
  };
}
