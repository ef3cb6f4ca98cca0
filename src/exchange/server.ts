/** Starts the paper exchange as a server: market, accounts, routes and stream. */
import { hostname } from 'node:os';
import type { FastifyInstance } from 'fastify';
import { alpacaServer } from '../alpaca-server/server.ts';
import { WorkstealError } from '../domain/errors.ts';
import { openMetrics } from '../ops/metrics/metrics.ts';
import { CsvReplay } from '../prices/csv-replay.ts';
import type { Market } from '../prices/market.ts';
import { seededRandom } from '../prices/random.ts';
import { SyntheticMarket } from '../prices/synthetic.ts';
import { MarketCalendar } from '../rules/session.ts';
import { Accounts } from './accounts.ts';
import { Exchange } from './exchange.ts';
import { exposureLog, noExposureLog, ofAccount } from './exposure-log.ts';
import { Faults } from './faults.ts';
import { MarketClock } from './market-clock.ts';
import {
  type ExchangeSettings,
  type ExchangeSettingsInput,
  poolsOf,
  readExchangeSettings,
} from './options.ts';
import type { TradeUpdateJson } from './order-desk.ts';
import { accountRoutes } from './routes/account.ts';
import { harnessRoutes } from './routes/harness.ts';
import { marketRoutes } from './routes/market.ts';
import { metricsRoute } from './routes/metrics.ts';
import { orderRoutes } from './routes/orders.ts';
import { positionRoutes } from './routes/positions.ts';
import { UpdateStream } from './stream.ts';
import { realTimers } from './timers.ts';
import { type Authorize, addBrokerHooks } from './wire.ts';

export type RunningExchange = {
  url: string;
  /** The first account's. */
  exchange: Exchange;
  accounts: Accounts;
  /** Moves the market to now, without waiting for the next tick. */
  advance(): void;
  close(): Promise<void>;
};

export type ExchangeParts = {
  /** Replaces the CSV replay or the synthetic market. */
  market?: Market;
  /** The real time in ms. Default: the host's clock. */
  nowMs?: () => number;
  /** Receives warnings for the operator. */
  onWarning?: (message: string) => void;
};

/**
 * Starts an exchange and listens; port 0 takes a free one.
 * @throws WorkstealError `settings` for faulty options, `invalid` for faulty data, `unavailable` for a port
 *   in use.
 */
export async function startExchange(
  input: ExchangeSettingsInput = {},
  parts: ExchangeParts = {},
): Promise<RunningExchange> {
  const settings = readExchangeSettings(input);
  const nowMs = parts.nowMs ?? Date.now;
  const calendar = new MarketCalendar();
  const { market, startMs } = parts.market
    ? { market: parts.market, startMs: startOf(settings, nowMs()) }
    : openMarket(settings, calendar, nowMs());
  const clock = new MarketClock({ nowMs, startMs, speed: settings.speed });
  market.advance(startMs);
  const faults = new Faults(seededRandom(settings.seed + 1));
  const authorize: Authorize = (key, secret) => accounts.of(key, secret);
  const stream = new UpdateStream(authorize, faults, (open) => metrics.http.streams(open));
  const timers = realTimers();
  const warn = parts.onWarning ?? (() => {});
  const log =
    settings.log === undefined
      ? noExposureLog
      : exposureLog(settings.log, (error) => warn(`exposure log: ${error.message}`));
  const shared = {
    market,
    clock,
    calendar,
    random: seededRandom(settings.seed),
    timers,
    faults,
    pools: poolsOf(settings),
    judgeWindowMs: settings.judgeWindow,
    buyingPower: {
      multiplierNanos: settings.multiplier ?? settings.leverage,
      cryptoCash: settings.cryptoCash,
      enforced: settings.buyingPower,
    },
    partialRate: settings.partialRate,
    cancelDelayMs: settings.cancelDelay,
    replaceDelayMs: settings.replaceDelay,
    stockHours: settings.stockHours,
  };
  const several = settings.accounts.length > 0;
  const accounts = new Accounts(settings, nowMs, (cashNanos, number) => {
    const onUpdate = (update: TradeUpdateJson): void => stream.publish(number, update);
    return new Exchange({
      ...shared,
      log: several ? ofAccount(log, number) : log,
      cash: cashNanos * 1_000_000_000n,
      onUpdate,
    });
  });
  const { exchange } = accounts.first;
  const advance = (): void => accounts.advance(market, clock.marketMs());

  const app = alpacaServer();
  const identity = { role: 'exchange', host: hostname(), account: accounts.first.number };
  const metrics = openMetrics(identity);
  metrics.http.count(app);
  harnessRoutes(app, accounts, faults, stream);
  metricsRoute(app, accounts, metrics);
  await app.register(async (broker: FastifyInstance) => {
    addBrokerHooks(broker, authorize, faults);
    accountRoutes(broker, new Date(startMs).toISOString());
    positionRoutes(broker);
    orderRoutes(broker, faults);
    marketRoutes(broker, { exchange, faults, clock, calendar });
  });
  app.server.on('upgrade', (request, socket, head) => stream.upgrade(request, socket, head));
  const url = await listen(app, settings);
  const ticker = setInterval(advance, settings.tick);

  return {
    url,
    exchange,
    accounts,
    advance,
    async close() {
      clearInterval(ticker);
      timers.stop();
      stream.close();
      await app.close();
      await log.close();
    },
  };
}

function startOf(settings: ExchangeSettings, otherwiseMs: number): number {
  return settings.start === undefined ? otherwiseMs : Date.parse(settings.start);
}

function openMarket(
  settings: ExchangeSettings,
  calendar: MarketCalendar,
  nowMs: number,
): { market: Market; startMs: number } {
  if (settings.data !== undefined) {
    const startMs = settings.start === undefined ? undefined : Date.parse(settings.start);
    const market = CsvReplay.fromFolder(settings.data, startMs);
    return { market, startMs: startMs ?? market.startMs };
  }
  const startMs = startOf(settings, nowMs);
  const sessionOnly = settings.stockHours === 'session';
  const stocksOpen = sessionOnly ? (atMs: number) => calendar.isOpen(atMs) : () => true;
  return { market: new SyntheticMarket({ seed: settings.seed, startMs, stocksOpen }), startMs };
}

async function listen(app: FastifyInstance, { host, port }: ExchangeSettings): Promise<string> {
  try {
    return await app.listen({ host, port });
  } catch (error) {
    await app.close();
    const { code, message } = error as NodeJS.ErrnoException;
    const why = code === 'EADDRINUSE' ? 'another process has this port, EADDRINUSE' : message;
    throw new WorkstealError(
      'unavailable',
      `exchange: cannot listen on ${host}:${port} (${why})`,
      {},
      error,
      'choose another --port (0 takes a free one) or --host',
    );
  }
}
