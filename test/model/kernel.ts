/**
 * A scenario as the book of the kernel (src/kernel), and the kernel's decision as the ledger would tell it.
 * Reads the scenario with the reference model's reader (book.ts); the rules are the kernel's own.
 */
import { fromNanos } from '../../src/domain/decimal.ts';
import type { Outcome } from '../../src/domain/outcome.ts';
import type { BookOrder, Book as KernelBook } from '../../src/kernel/book.ts';
import { decide, type KernelDecision } from '../../src/kernel/decide.ts';
import { furthestPrice } from '../../src/kernel/distance.ts';
import { StealHistory } from '../../src/kernel/history.ts';
import type { KernelRules } from '../../src/kernel/rules.ts';
import { expectedOf } from '../../src/kernel/worth.ts';
import type { Scenario } from '../support/scenario.ts';
import { type Book, countsIn, nanos, type Order, readBook, readThief, seconds } from './book.ts';

export type KernelAnswer = {
  admitted: boolean;
  victims: string[];
  reason: Outcome;
  wouldVictims?: string[];
  kept?: { order: string; qty: string; notional: string }[];
  wouldKeep?: { order: string; qty: string; notional: string }[];
  /** Symbols whose fight with the thief's starts now; only where the kernel was asked. */
  fought?: string[];
};

export function decideByKernel(scenario: Scenario): KernelAnswer {
  const book = readBook(scenario);
  const thief = readThief(scenario, book);
  const refused = (reason: Outcome): KernelAnswer => ({ admitted: false, victims: [], reason });
  if (thief === null) return refused('invalid');
  if (scenario.account.halted === true) return refused('halted');
  if (scenario.account.synced === false) return refused('unsynced');
  if (thief.kind === 'exit') return { admitted: true, victims: [], reason: 'fits' };

  const rules = rulesOf(book);
  const symbols = [...new Set([thief, ...book.orders].map(({ symbol }) => symbol))];
  for (const { from, to } of book.history)
    for (const symbol of [from, to]) if (!symbols.includes(symbol)) symbols.push(symbol);
  const history = new StealHistory(symbols.length, rules);
  for (const { atMs, from, to, micros } of book.history.toSorted((a, b) => a.atMs - b.atMs))
    history.record(atMs, symbols.indexOf(from), symbols.indexOf(to), Number(micros));

  const pools = [...book.caps.keys()].sort((a, b) => placeOf(a) - placeOf(b));
  const maskOf = (order: Order): number =>
    pools.reduce((mask, pool, at) => (countsIn(order, pool) ? mask | (1 << at) : mask), 0);
  const ids = book.orders.map(({ id }) => id).sort();
  const protection = share(book, 'WORK_STEALING_PROTECTION');
  const orders = book.orders.map(
    (order): BookOrder => ({
      symbol: symbols.indexOf(order.symbol),
      side: order.side,
      limit: Number(order.limit),
      protection: furthestPrice(order.side, Number(order.limit), protection),
      price: Number(order.price ?? 0n),
      pnl: countedOf(order, book),
      worth: 0,
      placedAtMs: order.placedAtMs,
      tie: ids.indexOf(order.id),
      lot: 0,
      held: Number(order.micros),
      pools: maskOf(order),
      takeable:
        order.state === 'working' &&
        order.kind === 'entry' &&
        order.mode === 'normal' &&
        !book.vips.includes(order.symbol),
      ...(order.hasPlan ? { divisible: { qty: order.qty, step: order.step } } : {}),
    }),
  );
  const kernelBook: KernelBook = {
    caps: pools.map((pool) => Number(book.caps.get(pool))),
    used: pools.map((pool) => Number(book.used.get(pool))),
    budgetCap: Number(book.budgetCap),
    orders,
    history,
  };
  const decision = decide(
    kernelBook,
    {
      symbol: symbols.indexOf(thief.symbol),
      side: thief.side,
      price: Number(thief.price ?? 0n),
      gate: furthestPrice(thief.side, Number(thief.limit), share(book, 'WORK_STEALING_TOLERANCE')),
      pnl: countedOf(thief, book),
      need: Number(thief.micros),
      pools: maskOf(thief),
    },
    rules,
    book.nowMs,
  );
  const idOf = (order: BookOrder): string => book.orders[orders.indexOf(order)]?.id ?? '';
  return told(decision, scenario, book, idOf, symbols);
}

/** With what stands before and after a decision: stealing is off, a dry run, the mutex is gone. */
function told(
  { outcome, victims, fought, kept }: KernelDecision,
  scenario: Scenario,
  book: Book,
  idOf: (order: BookOrder) => string,
  symbols: string[],
): KernelAnswer {
  if (outcome === 'fits') return { admitted: true, victims: [], reason: 'fits' };
  const refused = (reason: Outcome): KernelAnswer => ({ admitted: false, victims: [], reason });
  if (book.setting('WORK_STEALING_ENABLED') === '0') return refused('disabled');
  const fights = { fought: fought.map((symbol) => symbols[symbol] ?? '') };
  const ids = victims.map(idOf);
  const part = kept && [
    { order: idOf(kept.order), qty: fromNanos(kept.qty), notional: fromNanos(kept.held * 1000n) },
  ];
  if (outcome !== 'stolen') return { ...refused(outcome), ...fights };
  if (book.setting('WORK_STEALING_DRY_RUN') === '1')
    return { ...refused('dry_run'), wouldVictims: ids, ...(part && { wouldKeep: part }), ...fights };
  if (scenario.mutexHeld === false) return { ...refused('lock_lost'), ...fights };
  return { admitted: true, victims: ids, reason: 'stolen', ...(part && { kept: part }), ...fights };
}

function rulesOf(book: Book): KernelRules {
  const whole = (name: string): number => Number(book.setting(name));
  const ms = (name: string): number => Math.round(seconds(book.setting(name)));
  return {
    ranking: book.policy === 'distance' ? 'distance' : 'pnl',
    cooldownMs: ms('WORK_STEALING_COOLDOWN'),
    margin: share(book, 'WORK_STEALING_MIN_PNL_IMPROVEMENT') - 1e9,
    fightThreshold: whole('WORK_STEALING_FIGHT_THRESHOLD'),
    fightWindowMs: ms('WORK_STEALING_FIGHT_WINDOW'),
    fightCooldownMs: ms('WORK_STEALING_FIGHT_COOLDOWN'),
    maxVictims: whole('WORK_STEALING_MAX_VICTIMS'),
    halfLifeMs: ms('WORK_STEALING_PNL_HALF_LIFE'),
    residencyMs: ms('WORK_STEALING_MIN_RESIDENCY'),
    maxRobbed: whole('WORK_STEALING_MAX_ROBBED'),
    robbedWindowMs: ms('WORK_STEALING_ROBBED_WINDOW'),
    budget: share(book, 'WORK_STEALING_BUDGET'),
    budgetWindowMs: ms('WORK_STEALING_BUDGET_WINDOW'),
    partialMin: book.setting('WORK_STEALING_PARTIAL') === '1' ? share(book, 'WORK_STEALING_PARTIAL_MIN') : -1,
  };
}

/** What a forecast counts before it fades: under policy expected x its probability. */
function countedOf({ forecast, probability }: Order, { policy }: Book): number {
  return policy === 'expected' ? expectedOf(Number(forecast), Number(probability)) : Number(forecast);
}

function share(book: Book, name: string): number {
  return Number(nanos(book.setting(name)));
}

/** `total` first, the cash last. */
function placeOf(pool: string): number {
  return pool === 'total' ? 0 : pool === 'cash' ? 2 : 1;
}
