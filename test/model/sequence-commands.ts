/**
 * The commands of a sequence: how they are generated, and which answer the model (sequence-book.ts) expects.
 */
import fc from 'fast-check';
import { fromNanos } from '../../src/domain/decimal.ts';
import {
  FINAL_STATES,
  type FinalState,
  isFinal,
  ORDER_TYPES,
  type OrderType,
  type OrderWish,
} from '../../src/domain/order.ts';
import { nanos, notional } from './book.ts';
import type { Kept } from './decide.ts';
import type { Model, ModelOrder } from './sequence-book.ts';
import * as book from './sequence-book.ts';
import { QUOTE_MAX_AGE_MS } from './sequence-book.ts';
import { queueBy } from './sequence-queue.ts';
import { COOLDOWN_MS, decideSteal, FIGHT_MS, HISTORY_MS } from './sequence-rules.ts';
import { settleOrder } from './sequence-settle.ts';
import { sweepWatches, watch } from './sequence-watches.ts';

export const SYMBOLS = ['AAAUSD', 'BBBUSD', 'CCC', 'DDD', 'EEE'] as const;
export const PLANS = SYMBOLS.flatMap((symbol) => [1, 2].map((nth) => ({ id: `${symbol}-${nth}`, symbol })));
/** Between two orders of a plan there are the ids of those with which it goes on. */
const ATTEMPTS_APART = 1_000;
const LEASES_MS = [20_000, 60_000, 200_000];
const STEPS_MS = [1, 5_000, QUOTE_MAX_AGE_MS, QUOTE_MAX_AGE_MS + 1, COOLDOWN_MS, FIGHT_MS, HISTORY_MS];

/** What is made up: choices by number; which order is meant is only known when its turn comes. */
export type Choice =
  | { kind: 'admit' | 'steal' | 'place'; wish: WishChoice }
  | { kind: 'submit' | 'open' | 'cancel' | 'release' | 'renew'; order: number }
  | { kind: 'amend'; order: number; limit: string; qty: string }
  | { kind: 'fill'; order: number; tenths: number }
  | { kind: 'settle'; order: number; state: FinalState; tenths: number; victim: boolean }
  | { kind: 'prices'; symbols: number; share: number; ageMs: number }
  | { kind: 'advance'; ledgerMs: number; healthMs: number }
  /** `cash`: what the broker tells of it; null: nothing. */
  | { kind: 'sync'; dollars: number; cash: number | null }
  | { kind: 'sweep' | 'halt' | 'resume' }
  | { kind: 'replay'; command: number };

export type WishChoice = {
  symbol: number;
  exit: boolean;
  /** Of an exit. */
  type: OrderType;
  /** An entry on the other side of its symbol. */
  other: boolean;
  probe: boolean;
  /** At a price of 10: `far` is a victim's place, `near` a thief's. */
  place: 'far' | 'near' | 'through';
  qty: number;
  pnl: string;
  /** That its limit trades. */
  chance: string;
  pool: 'own' | 'none' | 'stock';
  /** Of one of its symbol's two plans, or of none. */
  plan: 0 | 1 | 2;
  lease: number;
};

/** A steal on record from before the sequence, by symbol. */
export type Past = { thief: number; victim: number; ageMs: number };

const index = fc.nat(99);
const someSymbol = fc.nat(SYMBOLS.length - 1);

function wishes(places: WishChoice['place'][], pnls: string[]): fc.Arbitrary<WishChoice> {
  return fc.record({
    symbol: someSymbol,
    exit: fc.nat(11).map((n) => n < 3),
    type: fc.constantFrom('limit', 'limit', 'limit', 'limit', ...ORDER_TYPES),
    other: fc.nat(15).map((n) => n === 0),
    probe: fc.nat(11).map((n) => n === 0),
    place: fc.constantFrom(...places),
    qty: fc.constantFrom(3, 10, 10, 10, 20, 30, 40),
    pnl: fc.constantFrom(...pnls),
    chance: fc.constantFrom('1', '1', '0.5', '0.1', '0.333333333', '0'),
    pool: fc.constantFrom('own' as const, 'own' as const, 'own' as const, 'none' as const, 'stock' as const),
    plan: fc.constantFrom(1 as const, 1 as const, 1 as const, 2 as const, 0 as const),
    lease: fc.nat(LEASES_MS.length - 1),
  });
}
const resting = wishes(['far', 'far', 'far', 'near'], ['-2', '0', '1', '1.1', '2']);
const thieving = wishes(['near', 'near', 'through', 'far'], ['-1', '1', '1.1', '5', '10', '50']);

const oneOfThree = fc.nat(2);
const pastAge = fc.constantFrom(
  1_000,
  COOLDOWN_MS - 1,
  COOLDOWN_MS,
  40_000,
  60_000,
  110_000,
  FIGHT_MS,
  FIGHT_MS + 1,
);

/** Of few pairs, so that another steal is often a fight. */
export const pasts: fc.Arbitrary<Past[]> = fc
  .array(fc.record({ thief: oneOfThree, victim: oneOfThree, ageMs: pastAge }), { maxLength: 8 })
  .map((list) => list.filter(({ thief, victim }) => thief !== victim));

/** What the book is filled with before a sequence: victims' places mostly. */
export const fillings: fc.Arbitrary<Choice[]> = fc.array(
  fc.record({ kind: fc.constant('place' as const), wish: resting }),
  {
    minLength: 2,
    maxLength: 8,
  },
);

const step = fc.constantFrom(...STEPS_MS);
const kindOf = <K extends Choice['kind']>(kind: K) => fc.constant(kind);

export const choices: fc.Arbitrary<Choice> = fc.oneof(
  { weight: 12, arbitrary: fc.record({ kind: kindOf('place'), wish: resting }) },
  { weight: 10, arbitrary: fc.record({ kind: kindOf('steal'), wish: thieving }) },
  { weight: 3, arbitrary: fc.record({ kind: kindOf('admit'), wish: thieving }) },
  {
    weight: 7,
    arbitrary: fc.record({
      kind: kindOf('prices'),
      symbols: fc.constantFrom(31, 31, 31, 31, 31, 1, 2, 12, 16, 6),
      share: fc.constantFrom(-9, 0, 0, 0, 0, 2, 5, 40),
      ageMs: fc.constantFrom(0, 0, 0, 0, 0, 16_000),
    }),
  },
  {
    weight: 3,
    arbitrary: fc.record({
      kind: fc.constantFrom(
        'submit' as const,
        'open' as const,
        'cancel' as const,
        'release' as const,
        'renew' as const,
      ),
      order: index,
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      kind: kindOf('amend'),
      order: index,
      limit: fc.constantFrom('9', '10', '11'),
      qty: fc.constantFrom('5', '15', '25', '45'),
    }),
  },
  { weight: 2, arbitrary: fc.record({ kind: kindOf('fill'), order: index, tenths: fc.nat(10) }) },
  {
    weight: 8,
    arbitrary: fc.record({
      kind: kindOf('settle'),
      order: index,
      state: fc.constantFrom(...FINAL_STATES),
      tenths: fc.constantFrom(0, 0, 0, 3, 10),
      victim: fc.nat(3).map((n) => n > 0),
    }),
  },
  {
    weight: 3,
    arbitrary: fc.record({
      kind: kindOf('advance'),
      ledgerMs: step,
      healthMs: fc.constantFrom(0, 0, 0, 0, 0, 1, 5_000, 16_000, 60_000),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      kind: kindOf('sync'),
      dollars: fc.constantFrom(200, 300, 400, 400, 500),
      cash: fc.constantFrom(null, 0, 50, 100, 100, 200),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      kind: fc.constantFrom(
        'sweep' as const,
        'sweep' as const,
        'halt' as const,
        'resume' as const,
        'resume' as const,
        'resume' as const,
      ),
    }),
  },
  { weight: 3, arbitrary: fc.record({ kind: kindOf('replay'), command: index }) },
);

/**
 * The wish that a choice stands for. A symbol has a side and a pool of its own; `stock` and `none` break with
 * that.
 */
export function wishOf(choice: WishChoice, made: number): { wish: OrderWish; leaseMs: number } {
  const symbol = SYMBOLS[choice.symbol] ?? 'AAAUSD';
  const plan = choice.plan === 0 ? undefined : `${symbol}-${choice.plan}`;
  const id = plan === undefined ? `o${made}` : `${plan}_${made * ATTEMPTS_APART}`;
  const sells = (choice.symbol % 4 === 3) !== (choice.exit || choice.other);
  const own = choice.symbol < 2 ? 'crypto' : undefined;
  const pool = choice.pool === 'own' ? own : choice.pool === 'stock' ? 'stock' : undefined;
  return {
    wish: {
      id,
      symbol,
      side: sells ? 'sell' : 'buy',
      kind: choice.exit ? 'exit' : 'entry',
      ...(choice.exit && { type: choice.type }),
      mode: choice.probe ? 'probe' : 'normal',
      limit: limitOf(choice.place, sells),
      qty: `${choice.qty}`,
      pnl: choice.pnl,
      fillProbability: choice.chance,
      owner: 'host',
      ...(pool === undefined ? {} : { pool }),
      ...(plan === undefined ? {} : { plan }),
    },
    leaseMs: LEASES_MS[choice.lease] ?? 60_000,
  };
}

function limitOf(place: WishChoice['place'], sells: boolean): string {
  if (place === 'near') return '10';
  return (place === 'far') !== sells ? '9' : '11';
}

/** The order that a number stands for; victims that are being cancelled first when asked. */
export function pick(
  model: Model,
  at: number,
  among: (order: ModelOrder) => boolean = () => true,
): ModelOrder | undefined {
  const list = [...model.orders.values()].filter(among);
  return list[at % Math.max(1, list.length)];
}

/** A price of 10 dollars' orders: so many thousandths away from the limit. */
export function priceOf(share: number, symbol: string): string {
  const away = symbol === 'DDD' ? -share : share;
  return fromNanos(10n * (1_000n + BigInt(away)) * 1_000_000n);
}

type Attempt = { outcome: string; victims: string[]; wouldFight: string[]; kept: Kept[] };
const plain = (outcome: string): Attempt => ({ outcome, victims: [], wouldFight: [], kept: [] });

/** Why it is refused before anybody looks at the room. */
function refusedEarly(model: Model, wish: OrderWish): string | null {
  const why = wish.kind === 'exit' ? book.unheld(model, wish) : book.closed(model);
  if (why !== null) return why;
  if (book.isOpposite(model, wish)) return 'opposite';
  return book.priceOf(model, wish) === null ? 'no_price' : null;
}

/** admit and steal begin alike. */
function begin(
  model: Model,
  { id, kind, pool }: OrderWish,
  need: bigint,
  lack: book.Held,
  at: { wish: OrderWish; leaseMs: number },
): Attempt | null {
  if (model.orders.has(id)) return plain('exists');
  const why = refusedEarly(model, at.wish);
  if (why !== null) return plain(why);
  if (lack.total > 0n || lack.own > 0n || lack.cash > 0n) return null;
  const held = kind === 'exit' ? 0n : need;
  book.write(
    model,
    at.wish,
    'reserved',
    { total: held, own: pool === undefined ? 0n : held, cash: held },
    at.leaseMs,
  );
  return plain('fits');
}

export function admit(model: Model, of: { wish: OrderWish; leaseMs: number }): Attempt {
  return queued(model, of.wish, (need, lack) => {
    const early = begin(model, of.wish, need, lack, of);
    if (early !== null) return early;
    const { outcome } = decided(decideSteal(model, of.wish).decision);
    if (outcome === 'no_price' || outcome === 'not_close_enough') return plain(outcome);
    return plain(book.isBarred(model, of.wish) ? 'barred' : 'blocked');
  });
}

/** The answer decides whether its plan waits for room. */
function queued(model: Model, wish: OrderWish, answer: (need: bigint, lack: book.Held) => Attempt): Attempt {
  const [need, why] = [book.needOf(model, wish), refusedEarly(model, wish)];
  const lack = book.lacks(model, wish, need);
  const answered = answer(need, lack);
  queueBy(model, wish, answered.outcome, need, why === null ? lack : null);
  return answered;
}

function decided({ reason, victims, wouldVictims }: ReturnType<typeof decideSteal>['decision']): {
  outcome: string;
  victims: string[];
} {
  return { outcome: reason, victims: reason === 'dry_run' ? (wouldVictims ?? []) : victims };
}

export function steal(model: Model, of: { wish: OrderWish; leaseMs: number }): Attempt {
  return queued(model, of.wish, (need, lack) => {
    const early = begin(model, of.wish, need, lack, of);
    return early ?? take(model, of, need, lack);
  });
}

function take(
  model: Model,
  { wish, leaseMs }: { wish: OrderWish; leaseMs: number },
  need: bigint,
  lack: book.Held,
): Attempt {
  const { decision, fought } = decideSteal(model, wish);
  const { outcome, victims } = decided(decision);
  if (outcome === 'no_price' || outcome === 'not_close_enough') return plain(outcome);
  if (book.isBarred(model, wish)) return plain('barred');
  if (!model.rules.dryRun) {
    for (const symbol of fought)
      for (const one of [symbol, wish.symbol]) model.fights.set(one, model.nowMs + FIGHT_MS);
  }
  const kept = decision.kept ?? decision.wouldKeep ?? [];
  if (outcome === 'stolen') {
    const robbed = new Map<string, bigint>();
    watch(
      model,
      wish,
      victims.map((id) => model.orders.get(id) as ModelOrder),
    );
    for (const id of victims) {
      const victim = model.orders.get(id) as ModelOrder;
      Object.assign(victim, { state: 'cancelling', robbedBy: wish.id });
      robbed.set(victim.wish.symbol, (robbed.get(victim.wish.symbol) ?? 0n) + victim.held);
    }
    for (const [from, held] of robbed) model.history.push({ atMs: model.nowMs, from, to: wish.symbol, held });
    const left = (missing: bigint): bigint => book.max(0n, need - missing);
    const had = { total: left(lack.total), own: left(lack.own), cash: left(lack.cash) };
    book.write(model, wish, 'pending', had, leaseMs);
    const steal = { left: victims.length, state: 'pending', keeps: kept[0]?.order ?? null } as const;
    model.steals.set(wish.id, { ...steal, lack, freed: { total: 0n, own: 0n, cash: 0n }, leaseMs });
  }
  return { outcome, victims, wouldFight: fought, kept };
}

export function submit(model: Model, order: ModelOrder, leaseMs: number): string {
  if (isFinal(order.state)) return 'ended';
  if (order.state === 'pending') return 'pending';
  if (order.state !== 'reserved' || order.sent) return 'exists';
  const { kind, pool } = order.wish;
  const why = kind === 'exit' ? book.unheld(model, order.wish) : book.closed(model);
  if (why !== null) return why;
  if (book.isOpposite(model, order.wish)) return 'opposite';
  const price = book.priceOf(model, order.wish);
  if (price === null) return 'no_price';
  const need = kind === 'exit' ? 0n : book.max(order.held, notional(price, nanos(order.wish.qty)));
  const more = need - order.held;
  const isOver =
    book.roomOf(model, 'total') < more || (pool !== undefined && book.roomOf(model, pool) < more);
  if (kind !== 'exit' && (isOver || (book.needsCash(order.wish) && (book.cashRoomOf(model) ?? 0n) < 0n)))
    return 'over_cap';
  if (more > 0n) Object.assign(order, { held: need, heldPool: pool === undefined ? 0n : need, need, price });
  Object.assign(order, { sent: true, sentMs: model.healthMs, leaseUntilMs: model.healthMs + leaseMs });
  return 'send';
}

export function open(model: Model, order: ModelOrder): string {
  if (isFinal(order.state)) return 'ended';
  if (order.state === 'working' || order.state === 'cancelling') return 'exists';
  if (!order.sent) return 'contradiction';
  Object.assign(order, { state: 'working', leaseUntilMs: null });
  const bar =
    order.wish.plan === undefined || order.wish.kind === 'exit' ? undefined : model.bars.get(order.wish.plan);
  if (bar) bar.untilMs = 0;
  return 'working';
}

export function cancel(order: ModelOrder): string {
  if (isFinal(order.state) || order.state === 'cancelling') return 'exists';
  if (order.state !== 'working') return 'not_working';
  Object.assign(order, { state: 'cancelling', cancelAsked: true });
  return 'cancelling';
}

export function release(model: Model, order: ModelOrder): string {
  if (isFinal(order.state)) return 'exists';
  if (order.sent) return 'sent';
  if (order.state === 'pending') book.failSteal(model, order.wish.id);
  book.end(model, order, 'cancelled');
  return 'released';
}

/** Returns what is lost. */
export function renew(model: Model, order: ModelOrder, leaseMs: number): string[] {
  if ((order.state !== 'reserved' && order.state !== 'pending') || order.sent) return [order.wish.id];
  order.leaseUntilMs = model.healthMs + leaseMs;
  return [];
}

/** Somebody changed it at the broker: it is another order there, and counts as that one. */
export function amend(model: Model, order: ModelOrder, limit: string, qty: string): string {
  if (isFinal(order.state)) return 'ended';
  if (!order.sent || nanos(qty) < order.filled) return 'contradiction';
  // A short sale whose limit is lowered may fill where it was.
  const isShort =
    order.wish.kind === 'entry' && order.wish.side === 'sell' && model.rules.shortMargin !== '0';
  const price = isShort ? book.max(order.price, nanos(limit)) : nanos(limit);
  const left = order.wish.kind === 'exit' ? 0n : notional(price, nanos(qty) - order.filled);
  const wish = { ...order.wish, limit, qty };
  const heldCash = book.needsCash(wish) ? left : 0n;
  Object.assign(order, {
    wish,
    price,
    held: left,
    heldPool: wish.pool === undefined ? 0n : left,
    heldCash,
    amended: order.amended + 1,
  });
  return 'amended';
}

/** Units and micro-USD of so many tenths of an order: what fills now, at its limit. */
export function tenthsOf(
  { wish: { qty, limit }, ...had }: ModelOrder,
  tenths: number,
): { filled: bigint; micros: bigint } {
  const filled = (nanos(qty) * BigInt(tenths)) / 10n;
  const more = filled > had.filled ? filled - had.filled : 0n;
  return { filled, micros: had.filledMicros + notional(nanos(limit), more) };
}

export function fill(model: Model, order: ModelOrder, filled: bigint, micros: bigint): string {
  if (isFinal(order.state)) return 'ended';
  if (!order.sent) return 'contradiction';
  if (filled <= order.filled) return 'exists';
  book.applyFill(model, order, filled, micros);
  return 'filled_so_far';
}

export function settle(
  model: Model,
  order: ModelOrder,
  state: FinalState,
  filled: bigint,
  micros: bigint,
): { outcome: string; steal?: string } {
  if (isFinal(order.state))
    return { outcome: order.state === state && order.filled === filled ? 'exists' : 'contradiction' };
  if (!order.sent || (state === 'filled') !== (filled === nanos(order.wish.qty)) || filled < order.filled)
    return { outcome: 'contradiction' };
  const steal = settleOrder(model, order, state, filled, micros);
  return { outcome: 'settled', ...(steal === null ? {} : { steal }) };
}

/** Ended orders and bars past their age are forgotten, and so is the record of a steal that is over. */
export function sweep(model: Model): void {
  sweepWatches(model, HISTORY_MS);
  for (const [id, order] of model.orders) {
    if (isFinal(order.state) && order.endedMs < model.nowMs - HISTORY_MS) model.orders.delete(id);
  }
  for (const [plan, { overMs }] of model.bars) if (overMs < model.nowMs - HISTORY_MS) model.bars.delete(plan);
}
