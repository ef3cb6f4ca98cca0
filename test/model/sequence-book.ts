/**
 * A plain model of the ledger, to check whole sequences of commands against. Written from
 * docs/architecture.md and docs/rules.md. It keeps no index and no running totals: sums are computed on
 * demand. The reference model of a decision (decide.ts) chooses the victims.
 */
import type { FinalState, OrderState, OrderWish } from '../../src/domain/order.ts';
import { isFinal } from '../../src/domain/order.ts';
import { isBoughtWithCash, nanos, notional } from './book.ts';
import { bought, type ModelWatch } from './sequence-watches.ts';

/** A plan's bar: how often in a row, and until when it may not steal (ledger ms). */
export type ModelBar = { times: number; untilMs: number; overMs: number };

export const QUOTE_MAX_AGE_MS = 15_000;

export type SequenceRules = {
  policy: 'pnl' | 'distance' | 'expected';
  dryRun: boolean;
  /** Pool -> leverage. */
  leverage: Readonly<Record<string, string>>;
  syncMaxAgeMs: number;
  /** Of short sales. */
  shortMargin: string;
  /** Are the rules on that are off by default? */
  beyond: boolean;
  /** Do victims keep what is not needed? */
  partial: boolean;
};

export type ModelOrder = {
  wish: OrderWish;
  state: OrderState;
  /** Micro-USD it counts in total, and in its own pool. */
  held: bigint;
  heldPool: bigint;
  heldCash: bigint;
  need: bigint;
  /** Nanos at which an unfilled unit counts. */
  price: bigint;
  /** Nanos of a unit, and micro-USD. */
  filled: bigint;
  filledMicros: bigint;
  createdMs: number;
  sent: boolean;
  sentMs: number;
  leaseUntilMs: number | null;
  leaseMs: number;
  robbedBy: string | null;
  /** The victim whose part it is. */
  keptOf?: string;
  /** How often somebody changed it at the broker. */
  amended: number;
  /** It stole. */
  thief: boolean;
  /** Its own cancellation is on record. */
  cancelAsked: boolean;
  endedMs: number;
};

/** `openedMs`: health time of the fill that opened it. */
export type ModelPosition = {
  side: 'long' | 'short';
  qty: bigint;
  micros: bigint;
  pool: string;
  openedMs: number;
};
export type ModelSteal = {
  left: number;
  state: 'pending' | 'granted' | 'failed';
  /** The victim that is to keep a part, what the thief lacked, and what was freed so far where it counts. */
  keeps: string | null;
  lack: Held;
  freed: Held;
  leaseMs: number;
};

/** A plan that waits for room: its need in micro-USD and its PnL in nanos, as of its last refusal. */
export type ModelWait = { need: bigint; pool: string | undefined; cash: boolean; pnl: bigint };

export type Queue = {
  waits: Map<string, ModelWait>;
  /** Plan -> health time at which it is passed over. */
  turns: Map<string, number>;
  /** The host did not come in time, and has not called since. */
  silent: boolean;
};

export type Model = {
  rules: SequenceRules;
  nowMs: number;
  healthMs: number;
  syncedMs: number;
  halted: boolean;
  equityMicros: bigint;
  quotes: Map<string, { price: string; atMs: number }>;
  orders: Map<string, ModelOrder>;
  positions: Map<string, ModelPosition>;
  steals: Map<string, ModelSteal>;
  /** `held`: what the steal took, at one of its symbols. */
  history: { atMs: number; from: string; to: string; held: bigint }[];
  /** Symbol -> end of a fight's extended cooldown. */
  fights: Map<string, number>;
  /**
   * What buys of crypto may hold at most; `seen`: what came of the broker's word at `seenMs`. Null: no limit.
   */
  cash: { cap: bigint; seen: bigint; seenMs: number } | null;
  /** What steals come to. */
  watches: ModelWatch[];
  /** By plan; an order without one has a bar of its own, which keeps nobody from anything. */
  bars: Map<string, ModelBar>;
  queue: Queue;
};

/** The first pause of a bar, and the longest. */
export const PAUSE_MS = 100_000;
const LONGEST_PAUSE_MS = 3_600_000;

export function capOf(model: Model, pool: string): bigint {
  return (model.equityMicros * nanos(model.rules.leverage[pool] ?? '0')) / 10n ** 9n;
}

export function usedOf(model: Model, pool: string): bigint {
  let used = 0n;
  for (const order of model.orders.values()) {
    if (pool === 'total') used += order.held;
    else if (order.wish.pool === pool) used += order.heldPool;
  }
  for (const position of model.positions.values())
    if (pool === 'total' || position.pool === pool) used += position.micros;
  return used;
}

export function needsCash({ kind, symbol, side }: OrderWish): boolean {
  return kind !== 'exit' && isBoughtWithCash(symbol, side);
}

export function cashHeld(model: Model): bigint {
  return [...model.orders.values()].reduce((sum, { heldCash }) => sum + heldCash, 0n);
}

/** Null: no limit. */
export function cashRoomOf(model: Model): bigint | null {
  return model.cash && model.cash.cap - cashHeld(model);
}

/**
 * The broker says what may be bought with cash: what the orders hold that it has taken off comes on top; more
 * counts when seen twice.
 */
export function tellCash(model: Model, told: bigint | null, apartMs: number): void {
  if (told === null) {
    model.cash = null;
    return;
  }
  const counted = [...model.orders.values()].filter(
    ({ state, sentMs }) => (state === 'working' || state === 'cancelling') && sentMs < model.healthMs,
  );
  const now = told + counted.reduce((sum, { heldCash }) => sum + heldCash, 0n);
  const before = model.cash;
  if (before === null) model.cash = { cap: now, seen: now, seenMs: model.healthMs };
  else if (model.healthMs - before.seenMs < apartMs)
    model.cash = { ...before, cap: min(before.cap, now), seen: min(before.seen, now) };
  else model.cash = { cap: min(before.seen, now), seen: now, seenMs: model.healthMs };
}

export function roomOf(model: Model, pool: string): bigint {
  return capOf(model, pool) - usedOf(model, pool);
}

/** Leases that ended: what was never sent is given back. */
export function bringUpToDate(model: Model): void {
  for (const order of model.orders.values()) {
    if (order.leaseUntilMs === null || order.leaseUntilMs > model.healthMs) continue;
    order.leaseUntilMs = null;
    if (order.sent) continue;
    if (order.state === 'pending') failSteal(model, order.wish.id);
    end(model, order, 'expired');
  }
}

/** Whether the account is closed for entries, and why (I8). */
export function closed(model: Model): 'halted' | 'unsynced' | null {
  if (model.halted) return 'halted';
  return model.healthMs - model.syncedMs > model.rules.syncMaxAgeMs ? 'unsynced' : null;
}

/**
 * Whether something on the other side of its symbol keeps an entry out: a position, for the broker nets them,
 * or a live order. Exits of a position on its own side keep it out where it could trade with them, or where
 * they close more than is held.
 */
export function isOpposite(model: Model, { symbol, side, kind, limit }: OrderWish): boolean {
  if (kind === 'exit') return false;
  const position = model.positions.get(symbol);
  if (position !== undefined && position.side !== (side === 'buy' ? 'long' : 'short')) return true;
  const others = [...model.orders.values()].filter(
    ({ wish, state }) => wish.symbol === symbol && wish.side !== side && !isFinal(state),
  );
  const closing = others
    .filter(({ wish }) => wish.kind === 'exit')
    .reduce((sum, { wish, filled }) => sum + nanos(wish.qty) - filled, 0n);
  const isCovered = position !== undefined && closing <= position.qty;
  return others.some(({ wish }) => !isCovered || wish.kind !== 'exit' || canTrade(wish, side, limit));
}

/** Can an exit trade with an entry of this side and limit? The broker exempts trailing stops. */
function canTrade({ type, limit: atLeast }: OrderWish, side: string, limit: string): boolean {
  if (type === 'trailing_stop') return false;
  if (type === 'market' || type === 'stop') return true;
  return side === 'buy' ? nanos(limit) >= nanos(atLeast) : nanos(limit) <= nanos(atLeast);
}

/** So long a reconciliation, or the fill that opened a position, tells what is held. */
const CONFIRMED_MS = 3_000;

/**
 * Why an exit is not sent: it and all other live exits of its symbol close more than is held, or nobody
 * confirmed that lately.
 */
export function unheld(model: Model, wish: OrderWish): 'no_position' | 'unconfirmed' | null {
  const position = model.positions.get(wish.symbol);
  const held = position?.side === (wish.side === 'sell' ? 'long' : 'short') ? position.qty : 0n;
  let asked = nanos(wish.qty);
  for (const { wish: other, state, filled } of model.orders.values()) {
    const counts =
      other.kind === 'exit' &&
      other.symbol === wish.symbol &&
      other.side === wish.side &&
      other.id !== wish.id;
    if (counts && !isFinal(state)) asked += nanos(other.qty) - filled;
  }
  if (asked > held) return 'no_position';
  const openedMs = position?.openedMs ?? 0;
  return model.healthMs - Math.max(model.syncedMs, openedMs) <= CONFIRMED_MS ? null : 'unconfirmed';
}

export function lacks(
  model: Model,
  wish: OrderWish,
  need: bigint,
): { total: bigint; own: bigint; cash: bigint } {
  if (wish.kind === 'exit') return { total: 0n, own: 0n, cash: 0n };
  const cash = needsCash(wish) ? cashRoomOf(model) : null;
  const lack = (pool: string): bigint => max(0n, need - roomOf(model, pool));
  return {
    total: lack('total'),
    own: wish.pool === undefined ? 0n : lack(wish.pool),
    cash: cash === null ? 0n : max(0n, need - cash),
  };
}

/**
 * Nanos at which a unit counts: the limit; of a sale that opens a short position the last price with a
 * margin, where that is more.
 */
export function priceOf(model: Model, wish: OrderWish): bigint | null {
  const [limit, margin] = [nanos(wish.limit), nanos(model.rules.shortMargin)];
  if (wish.kind !== 'entry' || wish.side !== 'sell' || margin === 0n) return limit;
  const quote = model.quotes.get(wish.symbol);
  if (quote === undefined || model.healthMs - quote.atMs > QUOTE_MAX_AGE_MS) return null;
  return max(limit, ceil(nanos(quote.price) * (10n ** 9n + margin), 10n ** 9n));
}

export function needOf(model: Model, wish: OrderWish): bigint {
  return notional(priceOf(model, wish) ?? nanos(wish.limit), nanos(wish.qty));
}

export type Held = { total: bigint; own: bigint; cash: bigint };

export function write(
  model: Model,
  wish: OrderWish,
  state: 'reserved' | 'pending',
  { total, own, cash }: Held,
  leaseMs: number,
): void {
  const need = wish.kind === 'exit' ? 0n : needOf(model, wish);
  model.orders.set(wish.id, {
    wish,
    state,
    held: total,
    heldPool: wish.pool === undefined ? 0n : own,
    heldCash: needsCash(wish) ? cash : 0n,
    need,
    price: priceOf(model, wish) ?? nanos(wish.limit),
    filled: 0n,
    filledMicros: 0n,
    createdMs: model.nowMs,
    sent: false,
    sentMs: 0,
    leaseUntilMs: model.healthMs + leaseMs,
    leaseMs,
    robbedBy: null,
    amended: 0,
    thief: state === 'pending',
    cancelAsked: false,
    endedMs: 0,
  });
}

export function failSteal(model: Model, id: string): void {
  const steal = model.steals.get(id);
  if (steal) steal.state = 'failed';
}

/**
 * A thief that did not use what was freed for it, and whoever the broker refused, may not steal for a while;
 * an end at the broker clears.
 */
function judgeEnd(model: Model, order: ModelOrder, state: FinalState): void {
  const { plan, kind } = order.wish;
  if (plan === undefined || kind === 'exit') return;
  const had = model.bars.get(plan);
  const [unused, refused] = [
    order.filled === 0n && !order.sent,
    order.filled === 0n && order.sent && state === 'rejected',
  ];
  const lostItsVictims = order.state === 'pending' && state === 'rejected';
  if (unused && (!order.thief || lostItsVictims)) return;
  if (!unused && !refused) {
    model.bars.delete(plan);
    return;
  }
  const times = (had?.times ?? 0) + 1;
  const untilMs = model.nowMs + Math.min(PAUSE_MS * 2 ** (times - 1), LONGEST_PAUSE_MS);
  model.bars.set(plan, { times, untilMs, overMs: untilMs });
}

export function isBarred(model: Model, { plan }: OrderWish): boolean {
  return plan !== undefined && (model.bars.get(plan)?.untilMs ?? 0) > model.nowMs;
}

export function end(model: Model, order: ModelOrder, state: FinalState): void {
  judgeEnd(model, order, state);
  Object.assign(order, {
    state,
    held: 0n,
    heldPool: 0n,
    heldCash: 0n,
    leaseUntilMs: null,
    endedMs: model.nowMs,
  });
}

/** `filled` units in all, for `micros` in all. */
export function applyFill(model: Model, order: ModelOrder, filled: bigint, micros: bigint): void {
  if (filled <= order.filled) return;
  const more = max(0n, micros - order.filledMicros);
  const moreUnits = filled - order.filled;
  addPosition(model, order, filled - order.filled, more);
  if (order.wish.side === 'buy' && model.cash) model.cash.cap -= more;
  order.filled = filled;
  order.filledMicros = max(micros, order.filledMicros);
  if (order.wish.kind === 'exit') return;
  const left = notional(order.price, nanos(order.wish.qty) - filled);
  order.held = min(left, order.held);
  order.heldPool = min(left, order.heldPool);
  order.heldCash = min(left, order.heldCash);
  if (order.wish.kind === 'entry') bought(model, order, moreUnits);
}

function addPosition(model: Model, { wish }: ModelOrder, qty: bigint, micros: bigint): void {
  const side = wish.side === 'buy' ? 'long' : 'short';
  const held = model.positions.get(wish.symbol);
  if (!held) {
    model.positions.set(wish.symbol, { side, qty, micros, pool: wish.pool ?? '', openedMs: model.healthMs });
  } else if (held.side === side) {
    held.qty += qty;
    held.micros += micros;
  } else if (qty < held.qty) {
    held.micros = ceil(held.micros * (held.qty - qty), held.qty);
    held.qty -= qty;
  } else if (qty === held.qty) {
    model.positions.delete(wish.symbol);
  } else {
    const left = ceil(micros * (qty - held.qty), qty);
    model.positions.set(wish.symbol, {
      side,
      qty: qty - held.qty,
      micros: left,
      pool: held.pool,
      openedMs: held.openedMs,
    });
  }
}

/**
 * What the outbox must hold: steal or cancelled order -> how many victims it names that have not ended (I9).
 */
export function onRecord(model: Model): string[] {
  const robbed = [...model.steals].filter(([, steal]) => steal.left > 0).map(([id]) => id);
  const own = [...model.orders.values()]
    .filter((order) => order.cancelAsked && !isFinal(order.state))
    .map(({ wish }) => wish.id);
  return [...robbed, ...own].sort();
}

export function min(a: bigint, b: bigint): bigint {
  return a < b ? a : b;
}

export function max(a: bigint, b: bigint): bigint {
  return a > b ? a : b;
}

function ceil(dividend: bigint, divisor: bigint): bigint {
  return (dividend + divisor - 1n) / divisor;
}
