/**
 * The reference model of one decision: the rules (docs/rules.md) once more, in the plainest form, to check
 * the scripts against. It shares no code with the ledger, sorts whole lists and compares exact fractions.
 *
 * Where docs/rules.md leaves a choice, the model reads it so:
 * - An extended cooldown, like a cooldown, is over at exactly its length. A steal on record that is the third
 *   (or later) of its pair inside the window ending at itself started one at its own time.
 * - A symbol in a fight's extended cooldown is protected (rule 5.4), so the pair's own next attempt finds no
 *   candidate; `fighting` is for candidates that only rule 5.6 passes over.
 * - The 64 are counted among those that pass all six rules.
 * - Only the thief's own pool lacks room: only that pool's orders are candidates, others would be robbed for
 *   nothing. Only cash lacks: only orders that hold some of it are. `total` lacks it too: everybody is a
 *   candidate, and the greedy walk skips who frees nothing that still lacks.
 * - An exit needs no room and counts for none: it fits, however full the book is.
 * - The mutex is looked at only by a steal that would commit; a dry run commits nothing.
 * - A dry run concerns steals: an order that fits is admitted, and a refusal keeps its own reason.
 * - A pool that no setting names is bad input. A cap is rounded down to a micro.
 * - An order whose quantity has a fraction shows that its shares are sold in fractions.
 * - What is kept must have room in every pool in which it counts: a pool that is over its cap keeps nothing.
 * - Policy `distance`: nobody needs to be beaten, sums included; between two sets, least PnL decides there
 *   too.
 */
import { fromNanos } from '../../src/domain/decimal.ts';
import type { Outcome } from '../../src/domain/outcome.ts';
import type { Scenario } from '../support/scenario.ts';
import { type Book, countsIn, nanos, notional, type Order, readBook, readThief, seconds } from './book.ts';
import { PASSED_OVER, type PassedOver, passedOver, ranked, within } from './candidates.ts';

/** Candidates that one decision looks at. */
const LOOK_LIMIT = 64;

export type Numbers = {
  needMicros: number;
  /** In `total`; negative when the cap is exceeded already. */
  roomMicros: number;
  /** Pool -> room, for `total` and the attempt's own pool. */
  roomByPoolMicros: Record<string, number>;
  /** Orders that may be robbed by this thief. */
  candidates: number;
  /** How many orders were left alone, by the first reason that applies. */
  passedOver: Record<PassedOver, number>;
};

export type Kept = { order: string; qty: string; notional: string };

export type Decision = {
  admitted: boolean;
  /** Ids, worst first. */
  victims: string[];
  reason: Outcome;
  /** Whom a dry run would have robbed, worst first. */
  wouldVictims?: string[];
  /** What the best victim keeps, and what it would keep after a dry run; only where it keeps something. */
  kept?: Kept[];
  wouldKeep?: Kept[];
  /** Null for `invalid`, where there is nothing to count. */
  numbers: Numbers | null;
};

export function decide(scenario: Scenario): Decision {
  const book = readBook(scenario);
  const thief = readThief(scenario, book);
  if (thief === null) return { admitted: false, victims: [], reason: 'invalid', numbers: null };

  const pools = [
    'total',
    ...(thief.pool === null || thief.pool === 'total' ? [] : [thief.pool]),
    ...(thief.cash && book.caps.has('cash') ? ['cash'] : []),
  ];
  const room = new Map(
    pools.map((pool) => [pool, (book.caps.get(pool) ?? 0n) - (book.used.get(pool) ?? 0n)]),
  );
  const lack = new Map(
    [...room]
      .map(([pool, free]) => [pool, thief.micros - free] as const)
      .filter(([, missing]) => missing > 0n),
  );
  const judged = book.orders.map((order) => ({
    order,
    why: passedOver(order, thief, book, [...lack.keys()]),
  }));
  const candidates = ranked(
    judged.filter(({ why }) => why === null).map(({ order }) => order),
    book.policy,
  );
  const count = (kind: PassedOver): number => judged.filter(({ why }) => why === kind).length;
  const numbers: Numbers = {
    needMicros: Number(thief.micros),
    roomMicros: Number(room.get('total')),
    roomByPoolMicros: Object.fromEntries([...room].map(([pool, free]) => [pool, Number(free)])),
    candidates: candidates.length,
    passedOver: Object.fromEntries(PASSED_OVER.map((kind) => [kind, count(kind)])) as Record<
      PassedOver,
      number
    >,
  };
  const answer = (reason: Outcome, victims: Order[] = []): Decision => ({
    admitted: reason === 'fits' || reason === 'stolen',
    victims: reason === 'stolen' ? victims.map(({ id }) => id) : [],
    reason,
    ...(reason === 'dry_run' ? { wouldVictims: victims.map(({ id }) => id) } : {}),
    ...keptAs(reason, victims, thief, book),
    numbers,
  });

  if (scenario.account.halted === true) return answer('halted');
  if (scenario.account.synced === false) return answer('unsynced');
  if (thief.kind === 'exit' || lack.size === 0) return answer('fits');
  if (book.setting('WORK_STEALING_ENABLED') === '0') return answer('disabled');
  if (thief.price === null) return answer('no_price');
  if (!within(thief, thief.price, book.setting('WORK_STEALING_TOLERANCE'))) return answer('not_close_enough');
  if (candidates.length === 0) return answer(count('fighting') > 0 ? 'fighting' : 'no_candidates');

  const firstUnbeaten = candidates.findIndex((order) => !beats(thief.pnl, order.pnl, book));
  const looked = candidates.slice(0, firstUnbeaten === -1 ? LOOK_LIMIT : Math.min(firstUnbeaten, LOOK_LIMIT));
  if (looked.length === 0) return answer('pnl_not_better');
  const enough = [greedy(looked, lack), looked.filter((order) => fits([order], lack)).slice(0, 1)].filter(
    (set) => fits(set, lack),
  );
  if (enough.length === 0) return answer('insufficient_freed');
  const few = enough.filter((set) => set.length <= Number(book.setting('WORK_STEALING_MAX_VICTIMS')));
  if (few.length === 0) return answer('too_many_victims');
  const beaten = few.filter((set) => beats(thief.pnl, sum(set.map(({ pnl }) => pnl)), book));
  // stable: greedy first
  const [best] = beaten.toSorted((a, b) => Number(givenUp(a) - givenUp(b)) || a.length - b.length);
  if (best === undefined) return answer('pnl_not_better');

  if (isSpent(best, book)) return answer('budget_spent');
  if (book.setting('WORK_STEALING_DRY_RUN') === '1') return answer('dry_run', best);
  if (scenario.mutexHeld === false) return answer('lock_lost');
  return answer('stolen', best);
}

/** Thief >= victim + 0.1 x |victim|, and > victim; `distance` asks for nothing. */
export function beats(thief: bigint, victim: bigint, book: Book): boolean {
  if (book.policy === 'distance') return true;
  const more = nanos(book.setting('WORK_STEALING_MIN_PNL_IMPROVEMENT')) - 10n ** 9n;
  return thief > victim && (thief - victim) * 10n ** 9n >= more * (victim < 0n ? -victim : victim);
}

/** Does the room of these orders cover what lacks, in every pool? */
function fits(set: Order[], lack: Map<string, bigint>): boolean {
  return [...lack].every(([pool, missing]) => freed(set, pool) >= missing);
}

function freed(set: Order[], pool: string): bigint {
  return sum(set.filter((order) => countsIn(order, pool)).map(({ micros }) => micros));
}

/** Takes the worst until it fits, then, from the best of them back, lets go who isn't needed. */
export function greedy(looked: Order[], lack: Map<string, bigint>): Order[] {
  let set: Order[] = [];
  for (const order of looked) {
    const helps = [...lack].some(
      ([pool, missing]) => freed(set, pool) < missing && freed([order], pool) > 0n,
    );
    if (helps) set = [...set, order];
  }
  for (const order of set.toReversed()) {
    const rest = set.filter((other) => other !== order);
    if (fits(rest, lack)) set = rest;
  }
  return set;
}

/** Would steals have taken more within the window than the budget's share of the cap? */
function isSpent(set: Order[], book: Book): boolean {
  const windowMs = seconds(book.setting('WORK_STEALING_BUDGET_WINDOW'));
  const share = nanos(book.setting('WORK_STEALING_BUDGET'));
  const lately = book.history.filter(({ atMs }) => book.nowMs - atMs <= windowMs);
  const taken = sum([...lately, ...set].map(({ micros }) => micros));
  return share > 0n && taken * 10n ** 9n > book.budgetCap * share;
}

function keptAs(reason: Outcome, victims: Order[], thief: Order, book: Book): Partial<Decision> {
  const best = victims.at(-1);
  if (book.setting('WORK_STEALING_PARTIAL') !== '1' || best === undefined || !best.hasPlan) return {};
  const qty = keptQty(best, victims, thief, book);
  if (qty * 10n ** 9n < best.qty * nanos(book.setting('WORK_STEALING_PARTIAL_MIN')) || qty <= 0n) return {};
  const cost = fromNanos(notional(best.limit, qty) * 1000n);
  const kept = [{ order: best.id, qty: fromNanos(qty), notional: cost }];
  return reason === 'dry_run' ? { wouldKeep: kept } : { kept };
}

/** What the surplus of every pool of the victim buys, in its steps, and less than all of it. */
function keptQty(best: Order, victims: Order[], thief: Order, book: Book): bigint {
  const pools = [...book.caps.keys()].filter((pool) => countsIn(best, pool));
  const spare = pools.map((pool) => {
    const room = (book.caps.get(pool) ?? 0n) - (book.used.get(pool) ?? 0n);
    return room + freed(victims, pool) - (countsIn(thief, pool) ? thief.micros : 0n);
  });
  const affordable = (spare.reduce(least) * 10n ** 12n) / best.limit;
  const whole = (qty: bigint): bigint => qty - (qty % best.step);
  return whole(least(affordable, whole(best.qty) - best.step));
}

function least(one: bigint, other: bigint): bigint {
  return one < other ? one : other;
}

export function givenUp(set: Order[]): bigint {
  return sum(set.map(({ pnl }) => pnl));
}

function sum(values: bigint[]): bigint {
  return values.reduce((total, value) => total + value, 0n);
}
