/**
 * The replay's planner: files the forecasts of a folder of bars as plans, each to start at the END of its bar
 * and to expire an hour later, so that nothing looks ahead. They are filed some time before they start; a
 * symbol's last plan is withdrawn when the next one starts.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Logger } from 'pino';
import { toNanos } from '../domain/decimal.ts';
import { WorkstealError } from '../domain/errors.ts';
import type { Micros } from '../domain/money.ts';
import { type Plan, withdrawPlan } from '../ledger/commands/plans.ts';
import type { Ledger } from '../ledger/ledger.ts';
import { type Forecast, readForecasts } from '../prices/forecasts.ts';
import { legalPrice, usualPriceSteps } from '../rules/legal-price.ts';
import { poolOfSymbol } from '../rules/pools.ts';
import type { Settings } from '../rules/settings.ts';
import { LedgerClock } from '../watcher/ledger-clock.ts';
import { capFor, fileOnce, profitOf, quantityFor, stageOf } from './desk.ts';

const HOUR_MS = 3_600_000;
/** Real time ahead of its start at which a plan is filed, at least. */
const AHEAD_MS = 2_000;
const ROUND_MS = 100;

export type ReplayOptions = {
  ledger: Ledger;
  rules: Settings;
  folder: string;
  log: Logger;
  report: (message: Readonly<Record<string, unknown>>) => void;
  /** Share of the cap that one plan is worth; default 0.12. */
  share?: number;
  /** Ledger time after which a position is closed; default 8 h. */
  holdMs?: number;
  monotonicMs?: () => number;
};

/** The plan of one forecast; undefined where it promises no profit at legal prices. */
export function replayPlan(
  forecast: Forecast,
  capMicros: Micros,
  pool: string,
  share: number,
  holdMs: number,
): Plan | undefined {
  const { symbol, atMs, untilMs } = forecast;
  const steps = usualPriceSteps(symbol);
  const limit = legalPrice(steps, toNanos(forecast.buyLimit, 'buy_limit'), 'down');
  const takeProfit = legalPrice(steps, toNanos(forecast.sellLimit, 'sell_limit'), 'up');
  if (toNanos(takeProfit) <= toNanos(limit)) return undefined;
  const qty = quantityFor(symbol, capMicros * share, limit);
  const pnl = profitOf(limit, takeProfit, qty);
  const when = { startsAtMs: atMs, expiresAtMs: untilMs, holdMs };
  return {
    id: planId(forecast),
    symbol,
    side: 'buy',
    mode: 'normal',
    limit,
    qty,
    pnl,
    pool,
    takeProfit,
    ...when,
    strategy: 'replay',
  };
}

/** Of symbol and hour alone: whoever replays the same folder makes the same ids. */
function planId({ symbol, atMs }: Forecast): string {
  return `replay-${symbol.replaceAll('.', '-')}-${Math.floor(atMs / 60_000)}`;
}

type State = {
  clock: LedgerClock;
  next: Forecast | undefined;
  waiting: Filed[];
  current: Map<string, string>;
  filed: number;
};
type Filed = { id: string; symbol: string; atMs: number };

/**
 * Files the folder's forecasts until there are none left or the signal aborts.
 * @throws WorkstealError `invalid`, naming file and line, for a folder that can not be read
 */
export async function runReplay(options: ReplayOptions, signal: AbortSignal): Promise<void> {
  const { ledger, folder, log, report, monotonicMs = () => performance.now() } = options;
  const forecasts = readForecasts(folder);
  const take = () => forecasts.next().value as Forecast | undefined;
  const state: State = {
    clock: new LedgerClock(ledger, monotonicMs),
    next: take(),
    waiting: [],
    current: new Map(),
    filed: 0,
  };
  while (!signal.aborted && (state.next !== undefined || state.waiting.length > 0)) {
    try {
      await round(options, state, take);
    } catch (error) {
      log.warn({ err: error }, 'replay: a round failed');
    }
    report({ type: 'plans', filed: state.filed });
    await sleep(ROUND_MS, undefined, { signal }).catch(() => {});
  }
}

async function round(options: ReplayOptions, state: State, take: () => Forecast | undefined): Promise<void> {
  const { ledger, rules, share = 0.12, holdMs = 8 * HOUR_MS } = options;
  const { clock } = state;
  await clock.read();
  const nowMs = clock.nowMs() ?? 0;
  const untilMs = nowMs + Math.max(2 * HOUR_MS, AHEAD_MS * clock.scale);
  for (let forecast = state.next; forecast !== undefined && forecast.atMs <= untilMs; forecast = state.next) {
    if (forecast.untilMs > nowMs) {
      const pool = poolOfSymbol(forecast.symbol, rules);
      const capMicros = await capFor(ledger, pool);
      if (capMicros <= 0) return; // not reconciled yet: nothing can be sized
      const plan = replayPlan(forecast, capMicros, pool, share, holdMs);
      if (plan !== undefined) await fileOne(options, state, plan);
    }
    state.next = take();
  }
  await replaceWaiting(options, state, nowMs);
}

async function fileOne({ ledger, log }: ReplayOptions, state: State, plan: Plan): Promise<void> {
  const outcome = await fileOnce(ledger, plan);
  if (outcome === 'no_account') throw new WorkstealError('unavailable', 'the ledger has no such account yet');
  if (outcome === 'filed') state.filed += 1;
  state.waiting.push({ id: plan.id, symbol: plan.symbol, atMs: plan.startsAtMs });
  log.debug({ plan: plan.id, limit: plan.limit, takeProfit: plan.takeProfit }, `${plan.symbol}: plan filed`);
}

/** Plans whose time has come take the places of their symbols' last ones, unless those hold something. */
async function replaceWaiting({ ledger }: ReplayOptions, state: State, nowMs: number): Promise<void> {
  while (state.waiting[0] !== undefined && state.waiting[0].atMs <= nowMs) {
    const { id, symbol } = state.waiting[0];
    const last = state.current.get(symbol);
    if (last !== undefined) {
      const stage = await stageOf(ledger, last);
      if (stage === 'waiting' || stage === 'entering') await withdrawPlan(ledger, last, 'replaced');
    }
    state.current.set(symbol, id);
    state.waiting.shift();
  }
}
