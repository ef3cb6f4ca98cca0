/**
 * A scenario in exact numbers: bigint nanos for prices, quantities and PnL, bigint micro-USD for money,
 * milliseconds for times. Everything after this file is comparison and addition.
 */
import { numberToDecimal, toNanos } from '../../src/domain/decimal.ts';
import { WorkstealError } from '../../src/domain/errors.ts';
import { toSymbol } from '../../src/domain/symbol.ts';
import type { Scenario } from '../support/scenario.ts';
import { worthOf } from '../support/worth.ts';

/** The settings of the rules (docs/settings.md), as far as a decision reads it. */
const DEFAULTS: Readonly<Record<string, string>> = {
  WORK_STEALING_ENABLED: '1',
  WORK_STEALING_DRY_RUN: '0',
  WORK_STEALING_LEVERAGE: '2',
  WORK_STEALING_POOLS: '',
  WORK_STEALING_TOLERANCE: '0.003',
  WORK_STEALING_PROTECTION: '0.004',
  WORK_STEALING_COOLDOWN: '300',
  WORK_STEALING_MIN_PNL_IMPROVEMENT: '1.1',
  WORK_STEALING_FIGHT_THRESHOLD: '3',
  WORK_STEALING_FIGHT_WINDOW: '1800',
  WORK_STEALING_FIGHT_COOLDOWN: '1800',
  WORK_STEALING_MAX_VICTIMS: '3',
  WORK_STEALING_QUOTE_MAX_AGE: '15',
  WORK_STEALING_VIP_SYMBOLS: '',
  WORK_STEALING_PNL_HALF_LIFE: '0',
  WORK_STEALING_MIN_RESIDENCY: '0',
  WORK_STEALING_MAX_ROBBED: '0',
  WORK_STEALING_ROBBED_WINDOW: '3600',
  WORK_STEALING_BUDGET: '0',
  WORK_STEALING_BUDGET_WINDOW: '3600',
  WORK_STEALING_PARTIAL: '0',
  WORK_STEALING_PARTIAL_MIN: '0.25',
};

export type Order = {
  id: string;
  symbol: string;
  side: 'buy' | 'sell';
  limit: bigint;
  /** What it counts against a cap while it lives, and frees when it is cancelled. */
  micros: bigint;
  /** Null when there is none that can be used: missing, zero or stale. */
  price: bigint | null;
  /** What it counts in a decision: a thief's forecast, what a victim is worth now. */
  pnl: bigint;
  /** Its forecast, as it was made. */
  forecast: bigint;
  /** That its limit trades, nanos of one. */
  probability: bigint;
  /** Its quantity in nanos of a unit, and how finely it can be divided. */
  qty: bigint;
  step: bigint;
  hasPlan: boolean;
  mode: 'normal' | 'probe';
  state: 'reserved' | 'working' | 'cancelling';
  kind: 'entry' | 'exit' | 'external';
  pool: string | null;
  /** It is bought with cash alone. */
  cash: boolean;
  placedAtMs: number;
};

/** `micros`: what it took. */
export type Steal = { atMs: number; from: string; to: string; micros: bigint };

export type Book = {
  policy: Scenario['policy'];
  nowMs: number;
  setting: (name: string) => string;
  /** Pool -> what may be held in it; `total` is always there, `cash` where it is limited. */
  caps: Map<string, bigint>;
  /** Of it steals may take a share. */
  budgetCap: bigint;
  /** Pool -> what is held in it. */
  used: Map<string, bigint>;
  vips: string[];
  orders: Order[];
  history: Steal[];
};

type Decimal = string | number | null | undefined;

export function nanos(value: Decimal): bigint {
  return toNanos(typeof value === 'number' ? numberToDecimal(value) : (value ?? '0'));
}

/** What a forecast counts before it fades: under policy expected x its probability, rounded down. */
export function baseOf(
  policy: Scenario['policy'],
  { pnl, fillProbability }: { pnl?: Decimal | undefined; fillProbability?: Decimal | undefined },
): bigint {
  if (policy !== 'expected') return nanos(pnl);
  const exact = nanos(pnl) * nanos(fillProbability ?? '1'); // 1e-18 USD
  const down = exact / 10n ** 9n;
  return exact < 0n && exact % 10n ** 9n !== 0n ? down - 1n : down;
}

/** limit x quantity in micro-USD, rounded up. */
export function notional(limit: bigint, qty: bigint): bigint {
  const exact = limit * qty; // 1e-18 USD
  return exact % 10n ** 12n === 0n ? exact / 10n ** 12n : exact / 10n ** 12n + 1n;
}

/** Micro-USD: what it says that it holds, else its notional. */
function holds({
  limit,
  qty,
  holds: dollars,
}: {
  limit: Decimal;
  qty: Decimal;
  holds?: string | undefined;
}): bigint {
  return dollars === undefined ? notional(nanos(limit), nanos(qty)) : nanos(dollars) / 1000n;
}

export function readBook(scenario: Scenario): Book {
  const setting = (name: string): string => scenario.config[name] ?? DEFAULTS[name] ?? '';
  const list = (name: string): string[] =>
    setting(name)
      .split(',')
      .map((item) => item.trim())
      .filter((item) => item !== '');
  const equity = nanos(scenario.account.equity);
  const cap = (leverage: bigint): bigint => (equity * leverage) / 10n ** 12n; // rounded down to a micro
  const caps = new Map([
    ['total', cap(nanos(scenario.account.leverage ?? setting('WORK_STEALING_LEVERAGE')))],
  ]);
  for (const item of list('WORK_STEALING_POOLS')) {
    const [pool = '', leverage] = item.split(':');
    caps.set(pool, cap(nanos(leverage)));
  }
  if (scenario.account.cash !== undefined) caps.set('cash', nanos(scenario.account.cash) / 1000n);
  const classPool = (symbol: string): string | null => poolOfClass(symbol, caps);
  const maxAgeMs = seconds(setting('WORK_STEALING_QUOTE_MAX_AGE'));
  const halfLifeMs = seconds(setting('WORK_STEALING_PNL_HALF_LIFE'));
  const nowMs = Date.parse(scenario.now);
  const orders = scenario.orders.map((order): Order => {
    const ageMs = order.priceAt === undefined ? 0 : nowMs - Date.parse(order.priceAt);
    return {
      id: order.id,
      symbol: toSymbol(order.symbol),
      side: order.side,
      limit: nanos(order.limit),
      micros: order.kind === 'exit' ? 0n : holds(order),
      price: usable(order.price, ageMs, maxAgeMs),
      forecast: nanos(order.pnl),
      probability: nanos(order.fillProbability ?? '1'),
      pnl: worthOf(baseOf(scenario.policy, order), nowMs - Date.parse(order.placedAt), halfLifeMs),
      qty: nanos(order.qty),
      step: stepOf(order.symbol, nanos(order.qty)),
      hasPlan: order.plan !== null,
      mode: order.mode ?? 'normal',
      state: order.state ?? 'working',
      kind: order.kind ?? 'entry',
      pool: order.pool ?? classPool(order.symbol),
      cash: order.kind !== 'exit' && isBoughtWithCash(order.symbol, order.side),
      placedAtMs: Date.parse(order.placedAt),
    };
  });
  const held = (scenario.positions ?? []).map(({ symbol, qty, price, pool }) => ({
    micros: notional(nanos(price), nanos(qty) < 0n ? -nanos(qty) : nanos(qty)),
    pool: pool ?? classPool(symbol),
    cash: false,
  }));
  const used = new Map<string, bigint>();
  for (const pool of caps.keys()) {
    const counted = [...orders, ...held].filter((item) => countsIn(item, pool));
    used.set(
      pool,
      counted.reduce((sum, item) => sum + item.micros, 0n),
    );
  }
  const history = scenario.history.map(({ at, from, to, held }) => ({
    atMs: Date.parse(at),
    from: toSymbol(from),
    to: toSymbol(to),
    micros: (nanos(held) + 999n) / 1000n,
  }));
  return {
    policy: scenario.policy,
    nowMs,
    setting,
    caps,
    budgetCap:
      scenario.account.budgetCap === undefined
        ? (caps.get('total') ?? 0n)
        : nanos(scenario.account.budgetCap) / 1000n,
    used,
    vips: list('WORK_STEALING_VIP_SYMBOLS').map(toSymbol),
    orders,
    history,
  };
}

/** The attempt as an order of the book, or null when it can't be taken (`invalid`). */
export function readThief(scenario: Scenario, book: Book): Order | null {
  const { attempt } = scenario;
  try {
    const [limit, qty] = [nanos(attempt.limit), nanos(attempt.qty)];
    const pool = attempt.pool ?? poolOfClass(attempt.symbol, book.caps);
    const [side, mode, kind] = [attempt.side, attempt.mode ?? 'normal', attempt.kind ?? 'entry'];
    if (side !== 'buy' && side !== 'sell') return null;
    if (mode !== 'normal' && mode !== 'probe') return null;
    if (kind !== 'entry' && kind !== 'exit') return null;
    if (limit <= 0n || qty <= 0n) return null;
    const probability = nanos(attempt.fillProbability ?? '1');
    if (probability < 0n || probability > 10n ** 9n) return null;
    if (notional(limit, qty) > BigInt(Number.MAX_SAFE_INTEGER)) return null;
    if (pool !== null && !book.caps.has(pool)) return null;
    const ageMs = attempt.priceAt === undefined ? 0 : book.nowMs - Date.parse(attempt.priceAt);
    return {
      id: '',
      symbol: toSymbol(attempt.symbol),
      side,
      limit,
      micros: kind === 'exit' ? 0n : holds(attempt),
      price: usable(attempt.price, ageMs, seconds(book.setting('WORK_STEALING_QUOTE_MAX_AGE'))),
      pnl: baseOf(book.policy, attempt),
      forecast: nanos(attempt.pnl),
      probability,
      qty,
      step: 1n,
      hasPlan: false,
      mode,
      state: 'reserved',
      kind,
      pool,
      cash: kind !== 'exit' && isBoughtWithCash(attempt.symbol, side),
      placedAtMs: book.nowMs,
    };
  } catch (error) {
    if (error instanceof WorkstealError && error.code === 'invalid') return null;
    throw error;
  }
}

/** Does it count in the pool, and free of it what it holds? */
export function countsIn({ pool: own, cash }: { pool: string | null; cash: boolean }, pool: string): boolean {
  return pool === 'cash' ? cash : pool === 'total' || own === pool;
}

/** Crypto is divided to nine decimals, and so are shares where an order has a part of one. */
function stepOf(symbol: string, qty: bigint): bigint {
  return isBoughtWithCash(symbol, 'buy') || qty % 10n ** 9n !== 0n ? 1n : 10n ** 9n;
}

/** Brokers lend nothing for crypto: a pair against the dollar or a dollar coin. */
export function isBoughtWithCash(symbol: string, side: string): boolean {
  return side === 'buy' && /^[A-Z0-9]{2,}(USD|USDT|USDC)$/.test(toSymbol(symbol));
}

/** An order that names no pool counts in that of its asset class, where the settings have it. */
function poolOfClass(symbol: string, caps: ReadonlyMap<string, bigint>): string | null {
  const name = /^[A-Z0-9]{2,}(USD|USDT|USDC)$/.test(toSymbol(symbol)) ? 'crypto' : 'stock';
  return caps.has(name) ? name : null;
}

/** A setting in seconds -> milliseconds. */
export function seconds(setting: string): number {
  return Number(setting) * 1000;
}

function usable(price: Decimal, ageMs: number, maxAgeMs: number): bigint | null {
  const value = nanos(price);
  return value > 0n && ageMs <= maxAgeMs ? value : null;
}
