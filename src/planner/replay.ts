/**
 * The replay's planner: files the forecasts of a folder of bars as plans. Each starts at the END of its bar,
 * so that nothing looks ahead, and expires an hour later. Plans are filed some time before they start. When a
 * symbol's next plan starts, the one before is withdrawn, unless it holds a position.
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
/** A plan is filed at least this much (real time) before its start. */
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

/** The plan of one forecast; undefined where it has no profit once its prices are rounded to legal ones. */
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

/** Depends on symbol and time only, so that every replay of the same folder makes the same ids. */
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
 * @throws WorkstealError `invalid` with file and line for a folder or a row that cannot be read
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
      log.warn({ err: error }, 'replay: filing plans failed; trying again');
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
      if (capMicros <= 0) return; // not reconciled yet, so there is no cap to size plans by
      const plan = replayPlan(forecast, capMicros, pool, share, holdMs);
      if (plan !== undefined) await fileOne(options, state, plan);
    }
    state.next = take();
  }
  await replaceWaiting(options, state, nowMs);
}

async function fileOne({ ledger, log }: ReplayOptions, state: State, plan: Plan): Promise<void> {
  const outcome = await fileOnce(ledger, plan);
  if (outcome === 'no_account')
    throw new WorkstealError('unavailable', `the ledger has no account ${ledger.account} yet`);
  if (outcome === 'filed') state.filed += 1;
  state.waiting.push({ id: plan.id, symbol: plan.symbol, atMs: plan.startsAtMs });
  log.debug({ plan: plan.id, limit: plan.limit, takeProfit: plan.takeProfit }, `${plan.symbol}: plan filed`);
}

/**
 * Each plan that starts now replaces its symbol's plan before, which is withdrawn unless it holds a position.
 */
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
