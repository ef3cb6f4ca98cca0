/**
 * The demo's planner: keeps filing plans so that the cap is always full. It derives them from a seed, the
 * symbol's price and the cap. Their ids count up: `demo-<number>-<symbol>`.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Logger } from 'pino';
import type { Broker } from '../broker/port.ts';
import { toNanos } from '../domain/decimal.ts';
import type { Micros } from '../domain/money.ts';
import type { Plan } from '../ledger/commands/plans.ts';
import type { Ledger } from '../ledger/ledger.ts';
import { type Random, seededRandom } from '../prices/random.ts';
import { LEFT_TO_BOTS, SYNTHETIC_SYMBOLS } from '../prices/synthetic.ts';
import { legalPrice, usualPriceSteps } from '../rules/legal-price.ts';
import { poolOfSymbol } from '../rules/pools.ts';
import type { Settings } from '../rules/settings.ts';
import { LedgerClock } from '../watcher/ledger-clock.ts';
import { capFor, fileOnce, profitOf, quantityFor, unfinishedPlans } from './desk.ts';

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const ROUND_MS = 500;

export type DemoOptions = {
  ledger: Ledger;
  broker: Pick<Broker, 'quotes'>;
  rules: Settings;
  seed: number;
  log: Logger;
  report: (message: Readonly<Record<string, unknown>>) => void;
  /** Default: those of the synthetic market, but for the one that is left to bots. */
  symbols?: readonly string[];
  /** At most this many unfinished plans per symbol; default 3. */
  openPerSymbol?: number;
  /** Stops after this many plans; default 20,000. */
  total?: number;
  monotonicMs?: () => number;
};

type Made = { id: string; symbol: string; price: string; nowMs: number; capMicros: Micros; pool: string };

/**
 * One plan: 0.2-1.2 % below the price, 5-15 % of the cap, a profit of 0.3-0.8 %, expiry after 1.5 to 6 hours.
 * One in twenty is a probe.
 */
export function demoPlan({ id, symbol, price, nowMs, capMicros, pool }: Made, random: Random): Plan {
  const between = (least: number, most: number) => least + (most - least) * random.next();
  const times = (nanos: bigint, factor: number) =>
    (nanos * BigInt(Math.round(factor * 1_000_000))) / 1_000_000n;
  const steps = usualPriceSteps(symbol);
  const limit = legalPrice(steps, times(toNanos(price, 'price'), 1 - between(0.002, 0.012)), 'down');
  const takeProfit = legalPrice(steps, times(toNanos(limit), 1 + between(0.003, 0.008)), 'up');
  const mode = random.next() < 0.05 ? 'probe' : 'normal';
  const share = between(0.05, 0.15) * (mode === 'probe' ? 0.02 : 1);
  const qty = quantityFor(symbol, capMicros * share, limit);
  const pnl = profitOf(limit, takeProfit, qty, Math.max(0.05, 1 + 0.35 * random.normal()));
  const expiresAtMs = Math.round(nowMs + between(1.5, 6) * HOUR_MS);
  const holdMs = Math.round(between(8, 30) * MINUTE_MS);
  return {
    id,
    symbol,
    side: 'buy',
    mode,
    limit,
    qty,
    pnl,
    pool,
    takeProfit,
    startsAtMs: 0,
    expiresAtMs,
    holdMs,
    strategy: 'demo',
  };
}

/**
 * Files plans until the signal aborts or the total is reached. Errors are logged; the next round tries again.
 */
export async function runDemo(options: DemoOptions, signal: AbortSignal): Promise<void> {
  const {
    ledger,
    seed,
    log,
    report,
    symbols = SYNTHETIC_SYMBOLS.filter((symbol) => symbol !== LEFT_TO_BOTS),
    total = 20_000,
    monotonicMs = () => performance.now(),
  } = options;
  const state: State = {
    clock: new LedgerClock(ledger, monotonicMs),
    random: seededRandom(seed),
    dueMs: new Map(symbols.map((symbol) => [symbol, 0])),
    number: 0,
    filed: 0,
  };
  while (!signal.aborted && state.filed < total) {
    try {
      await round(options, state, signal);
    } catch (error) {
      if (!signal.aborted) log.warn({ err: error }, 'demo: filing plans failed; trying again');
    }
    report({ type: 'plans', filed: state.filed });
    await sleep(ROUND_MS, undefined, { signal }).catch(() => {});
  }
}

/** `dueMs`: symbol -> ledger time of its next plan. `number`: the last one that was used in an id. */
type State = {
  clock: LedgerClock;
  random: Random;
  dueMs: Map<string, number>;
  number: number;
  filed: number;
};

async function round(options: DemoOptions, state: State, signal: AbortSignal): Promise<void> {
  const { ledger, broker, rules, openPerSymbol = 3, total = 20_000, log } = options;
  const { clock, random, dueMs } = state;
  await clock.read();
  const nowMs = clock.nowMs() ?? 0;
  const open = await unfinishedPlans(ledger, 'demo-');
  const openOf = (symbol: string) => open.filter((id) => id.endsWith(`-${inId(symbol)}`)).length;
  const due = [...dueMs]
    .filter(([symbol, atMs]) => atMs <= nowMs && openOf(symbol) < openPerSymbol)
    .map(([symbol]) => symbol);
  if (due.length === 0) return;
  for (const { symbol, price } of await broker.quotes(due, signal)) {
    const pool = poolOfSymbol(symbol, rules);
    const capMicros = await capFor(ledger, pool);
    if (capMicros <= 0 || state.filed >= total || signal.aborted) return;
    dueMs.set(symbol, nowMs + (2 + 6 * random.next()) * MINUTE_MS);
    for (;;) {
      state.number += 1;
      const plan = demoPlan(
        { id: `demo-${state.number}-${inId(symbol)}`, symbol, price, nowMs, capMicros, pool },
        random,
      );
      const outcome = await fileOnce(ledger, plan);
      if (outcome === 'no_account') return;
      if (outcome === 'taken') continue; // of an earlier run
      state.filed += 1;
      log.debug({ plan: plan.id, limit: plan.limit, qty: plan.qty, pnl: plan.pnl }, `${symbol}: plan filed`);
      break;
    }
  }
}

/** The symbol as a part of an id, which must not contain a point. */
function inId(symbol: string): string {
  return symbol.replaceAll('.', '-');
}
