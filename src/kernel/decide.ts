/**
 * One decision of docs/rules.md, in memory: may this order have room, and who gives it up? The ledger's
 * scripts decide for accounts; this is for replays of years, and a test holds the two equal on random
 * decisions. It changes nothing: the caller carries out what it says.
 */
import type { Book, BookOrder, Thief } from './book.ts';
import { candidatesOf } from './candidates.ts';
import { type Choice, choose, type Lack, type Unchosen } from './choice.ts';
import { isWithin } from './distance.ts';
import { compareProducts, NANOS } from './exact.ts';
import { type KeptPart, keptOf } from './partial.ts';
import type { KernelRules } from './rules.ts';

export type KernelOutcome = 'fits' | 'stolen' | 'no_price' | 'not_close_enough' | Unchosen | 'budget_spent';

export type KernelDecision = {
  readonly outcome: KernelOutcome;
  /** Worst first. */
  readonly victims: readonly BookOrder[];
  /** Symbols whose fight with the thief's starts now (6.3), whatever the outcome. */
  readonly fought: readonly number[];
  /** Only with `stolen`. */
  readonly kept?: KeptPart;
};

const without = (outcome: KernelOutcome): KernelDecision =>
  Object.freeze({ outcome, victims: [], fought: [] });
const FITS = without('fits');
const NO_PRICE = without('no_price');
const TOO_FAR = without('not_close_enough');
const NO_CANDIDATES = without('no_candidates');

/** The outcomes in their order; what comes before them (halted, disabled, ...) is the caller's. */
export function decide(book: Book, thief: Thief, rules: KernelRules, nowMs: number): KernelDecision {
  const lack = lackOf(thief, book);
  const [first] = lack;
  if (first === undefined) return FITS;
  if (thief.price === 0) return NO_PRICE;
  if (!isWithin(thief.side, thief.price, thief.gate)) return TOO_FAR;
  const candidates = candidatesOf(thief, book, rules, 1 << first.pool, nowMs);
  if (candidates.length === 0) return NO_CANDIDATES;
  const choice = choose(candidates, thief, lack, book, rules, nowMs);
  if (choice.refusal !== null) return { outcome: choice.refusal, victims: [], fought: choice.fought };
  if (isSpent(choice, book, rules, nowMs))
    return { outcome: 'budget_spent', victims: [], fought: choice.fought };
  const kept = keptOf(choice.victims, thief, book, rules);
  const { victims, fought } = choice;
  return { outcome: 'stolen', victims, fought, ...(kept && { kept }) };
}

/** What lacks in the thief's pools, in their order: total, its own, cash. */
function lackOf(thief: Thief, { caps, used }: Book): Lack {
  const lack: { pool: number; micros: number }[] = [];
  for (let pool = 0; pool < caps.length; pool++) {
    if ((thief.pools & (1 << pool)) === 0) continue;
    const micros = thief.need - ((caps[pool] ?? 0) - (used[pool] ?? 0));
    if (micros > 0) lack.push({ pool, micros });
  }
  return lack;
}

/** Would steals have taken more within the window than the budget's share of the cap? */
function isSpent({ victims }: Choice, book: Book, { budget }: KernelRules, nowMs: number): boolean {
  if (budget === 0) return false;
  let taken = book.history.takenLately(nowMs);
  for (const { held } of victims) taken += held;
  return compareProducts(taken, NANOS, book.budgetCap, budget) > 0;
}
