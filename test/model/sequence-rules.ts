/** The rules of a sequence's account, and the reference model's decision on a sequence's book. */
import { fromNanos } from '../../src/domain/decimal.ts';
import type { OrderWish } from '../../src/domain/order.ts';
import type { Scenario } from '../support/scenario.ts';
import { type Book, nanos, type Order, readBook, readThief } from './book.ts';
import { passedOver, ranked } from './candidates.ts';
import { beats, type Decision, decide, givenUp, greedy } from './decide.ts';
import {
  capOf,
  cashRoomOf,
  type Held,
  lacks,
  type Model,
  type ModelOrder,
  needOf,
  needsCash,
  PAUSE_MS,
  roomOf,
  type SequenceRules,
} from './sequence-book.ts';
import { mayKeep, PARTIAL_MIN } from './sequence-kept.ts';
import { REGRET_MS } from './sequence-watches.ts';

export const COOLDOWN_MS = 30_000;
export const FIGHT_MS = 120_000;
export const HISTORY_MS = 240_000;

const BEYOND = {
  WORK_STEALING_PNL_HALF_LIFE: '20',
  WORK_STEALING_MIN_RESIDENCY: '10',
  WORK_STEALING_MAX_ROBBED: '2',
  WORK_STEALING_ROBBED_WINDOW: '100',
  WORK_STEALING_BUDGET: '0.3',
  WORK_STEALING_BUDGET_WINDOW: '60',
};

/** The settings of a sequence's account, by their variables. */
export function environment({
  policy,
  dryRun,
  leverage,
  shortMargin,
  beyond,
  partial,
}: SequenceRules): Record<string, string> {
  return {
    ...(beyond ? BEYOND : {}),
    WORK_STEALING_PARTIAL: partial ? '1' : '0',
    WORK_STEALING_PARTIAL_MIN: PARTIAL_MIN,
    WORK_STEALING_POLICY: policy,
    WORK_STEALING_DRY_RUN: dryRun ? '1' : '0',
    WORK_STEALING_SHORT_MARGIN: shortMargin,
    WORK_STEALING_QUOTE_MAX_JUMP: '0',
    WORK_STEALING_LEVERAGE: leverage['total'] ?? '',
    WORK_STEALING_POOLS: `crypto:${leverage['crypto']},stock:${leverage['stock']}`,
    WORK_STEALING_COOLDOWN: `${COOLDOWN_MS / 1000}`,
    WORK_STEALING_FIGHT_WINDOW: `${FIGHT_MS / 1000}`,
    WORK_STEALING_FIGHT_COOLDOWN: `${FIGHT_MS / 1000}`,
    WORK_STEALING_HISTORY_TTL: `${HISTORY_MS / 1000}`,
    WORK_STEALING_REGRET_WINDOW: `${REGRET_MS / 1000}`,
    WORK_STEALING_UNUSED_PAUSE: `${PAUSE_MS / 1000}`,
  };
}

/** Stands for positions and earmarks, so that every cap is above zero. */
const FILLER = 10n ** 15n;

/**
 * The model's book and a wish as a scenario: rooms to the micro, each symbol with its price, fights as VIPs.
 */
export function scenarioOf(model: Model, wish: OrderWish): Scenario {
  const counted = [...model.orders.values()].filter(
    ({ state }) => state === 'reserved' || state === 'working' || state === 'cancelling',
  );
  const cap = (pool: string): string => {
    const sum = counted.reduce(
      (micros, { wish: other, held }) => micros + (pool === 'total' || other.pool === pool ? held : 0n),
      0n,
    );
    return fromNanos(roomOf(model, pool) + sum + (pool === 'total' ? 2n : 1n) * FILLER);
  };
  const iso = (ms: number): string => new Date(ms).toISOString();
  const priced = (symbol: string): { price: string | null; priceAt: string } => {
    const quote = model.quotes.get(symbol);
    const ageMs = quote === undefined ? 0 : model.healthMs - quote.atMs;
    return { price: quote?.price ?? null, priceAt: iso(model.nowMs - ageMs) };
  };
  const orderOf = ({
    wish: other,
    state,
    filled,
    createdMs,
    held,
  }: ModelOrder): Scenario['orders'][number] => ({
    id: other.id,
    symbol: other.symbol,
    side: other.side,
    limit: other.limit,
    qty: fromNanos(nanos(other.qty) - filled),
    ...priced(other.symbol),
    holds: fromNanos(held * 1000n),
    pnl: other.pnl ?? null,
    fillProbability: other.fillProbability ?? null,
    mode: other.mode,
    kind: other.kind,
    state: state as 'reserved' | 'working' | 'cancelling',
    placedAt: iso(createdMs),
    ...(mayKeep({ wish: other, filled }) ? {} : { plan: null }),
    pool: other.pool ?? 'total',
  });
  const fighting = [...model.fights].filter(([, untilMs]) => untilMs > model.nowMs).map(([symbol]) => symbol);
  const filler = (pool: string): { symbol: string; qty: string; price: string; pool: string } => ({
    symbol: `FILL${pool.toUpperCase()}`,
    qty: '1000',
    price: '1000000',
    pool,
  });
  const cashRoom = cashRoomOf(model);
  const cashCounted = counted
    .filter(({ wish: other }) => needsCash(other))
    .reduce((sum, { held }) => sum + held, 0n);
  const cash = cashRoom === null ? {} : { cash: fromNanos((cashRoom + cashCounted) * 1000n) };
  return {
    id: 'sequence',
    policy: model.rules.policy,
    config: {
      ...environment(model.rules),
      WORK_STEALING_POOLS: `crypto:${cap('crypto')},stock:${cap('stock')}`,
      WORK_STEALING_VIP_SYMBOLS: fighting.join(','),
    },
    now: iso(model.nowMs),
    account: {
      equity: '1000',
      leverage: cap('total'),
      budgetCap: fromNanos(capOf(model, 'total') * 1000n),
      ...cash,
    },
    positions: [filler('crypto'), filler('stock')],
    orders: counted.map(orderOf),
    history: model.history.map(({ atMs, from, to, held }) => ({
      at: iso(atMs),
      from,
      to,
      held: fromNanos(held * 1000n),
    })),
    attempt: {
      symbol: wish.symbol,
      side: wish.side,
      limit: wish.limit,
      qty: wish.qty,
      ...priced(wish.symbol),
      holds: fromNanos(needOf(model, wish) * 1000n),
      pnl: wish.pnl ?? null,
      fillProbability: wish.fillProbability ?? null,
      mode: wish.mode,
      kind: wish.kind,
      pool: wish.pool ?? 'total',
    },
  };
}

/**
 * What the reference model decides, and the symbols whose fight the search for victims comes upon before it
 * is done.
 */
export function decideSteal(model: Model, wish: OrderWish): { decision: Decision; fought: string[] } {
  const scenario = scenarioOf(model, wish);
  return { decision: decide(scenario), fought: foughtBy(model, wish, scenario) };
}

function foughtBy(model: Model, wish: OrderWish, scenario: Scenario): string[] {
  const book = readBook(scenario);
  const thief = readThief(scenario, book);
  if (thief === null) return [];
  const lack = lacks(model, wish, needOf(model, wish));
  const lacking = [
    ...(lack.total > 0n ? ['total'] : []),
    ...(lack.own > 0n ? [wish.pool ?? ''] : []),
    ...(lack.cash > 0n ? ['cash'] : []),
  ];
  const judged = new Map(book.orders.map((order) => [order, passedOver(order, thief, book, lacking)]));
  const fought = new Set<string>();
  const sum = { total: 0n, own: 0n, cash: 0n };
  const covers = (freed: Held): boolean =>
    freed.total >= lack.total && freed.own >= lack.own && freed.cash >= lack.cash;
  const missing = new Map(lacking.map((pool) => [pool, lackIn(lack, pool)]));
  const looked: Order[] = [];
  let single = false;
  for (const order of ranked(
    [...judged].filter(([, why]) => why === null || why === 'fighting').map(([one]) => one),
    book.policy,
  )) {
    if (judged.get(order) === 'fighting') {
      fought.add(order.symbol);
      continue;
    }
    if (!beats(thief.pnl, order.pnl, book)) break;
    looked.push(order);
    const frees = freedBy(order, wish);
    if (
      sum.total < lack.total ||
      (sum.own < lack.own && frees.own > 0n) ||
      (sum.cash < lack.cash && frees.cash > 0n)
    ) {
      sum.total += frees.total;
      sum.own += frees.own;
      sum.cash += frees.cash;
    }
    single ||= covers(frees);
    if (covers(sum) && (single || isCheapest(greedy(looked, missing), order, thief, book))) break;
  }
  return [...fought];
}

function lackIn(lack: Held, pool: string): bigint {
  if (pool === 'total') return lack.total;
  return pool === 'cash' ? lack.cash : lack.own;
}

/** May the set be taken, and does it give up less than this order and so than each after it? */
function isCheapest(set: Order[], order: Order, thief: Order, book: Book): boolean {
  const most = Number(book.setting('WORK_STEALING_MAX_VICTIMS'));
  const sum = givenUp(set);
  return book.policy !== 'distance' && set.length <= most && beats(thief.pnl, sum, book) && sum < order.pnl;
}

/** What an order frees for the wish. */
function freedBy({ micros, pool, cash }: Order, wish: OrderWish): Held {
  return {
    total: micros,
    own: wish.pool !== undefined && pool === wish.pool ? micros : 0n,
    cash: cash ? micros : 0n,
  };
}
