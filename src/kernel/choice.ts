/** Choosing the set of victims (docs/rules.md, 9), by one walk over the candidates, worst first. */
import type { Book, BookOrder, Thief } from './book.ts';
import { beats } from './improvement.ts';
import type { KernelRules } from './rules.ts';

/** Candidates that one decision looks at. */
const LOOK_LIMIT = 64;

export type Unchosen =
  | 'no_candidates'
  | 'fighting'
  | 'pnl_not_better'
  | 'insufficient_freed'
  | 'too_many_victims';

/** `victims`, worst first, or why there are none; `fought`: symbols with which a steal would be a fight. */
export type Choice = {
  readonly victims: readonly BookOrder[];
  readonly refusal: Unchosen | null;
  readonly fought: readonly number[];
};

const NOBODY: readonly BookOrder[] = [];
const NO_SYMBOL: readonly number[] = [];

/** By pool, what lacks; only pools that lack something are in it. */
export type Lack = readonly { readonly pool: number; readonly micros: number }[];

/** @param candidates worst first, those included that only rule 5.6 keeps out. */
export function choose(
  candidates: readonly BookOrder[],
  thief: Thief,
  lack: Lack,
  book: Book,
  rules: KernelRules,
  nowMs: number,
): Choice {
  const seen = new Walk(thief, lack, rules);
  let fought = NO_SYMBOL;
  for (const candidate of candidates) {
    if (seen.looked === LOOK_LIMIT) break;
    if (book.history.wouldFight(candidate.symbol, thief.symbol, nowMs)) {
      if (!fought.includes(candidate.symbol)) fought = [...fought, candidate.symbol];
    } else if (!seen.look(candidate)) break;
  }
  const none = (refusal: Unchosen): Choice => ({ victims: NOBODY, refusal, fought });
  if (seen.looked === 0) return none(fought.length > 0 ? 'fighting' : 'no_candidates');
  if (!seen.isWorstBeaten) return none('pnl_not_better');
  const sets: (readonly BookOrder[])[] = seen.isCovered ? [needed(seen.greedy, lack)] : [];
  if (seen.single !== undefined) sets.push([seen.single]);
  if (sets.length === 0) return none('insufficient_freed');
  return { ...cheapest(sets, thief, rules), fought };
}

/** What was seen of the candidates: the greedy set, and the worst that suffices alone. */
class Walk {
  looked = 0;
  isWorstBeaten = false;
  single: BookOrder | undefined;
  readonly greedy: BookOrder[] = [];
  isCovered = false;
  readonly #thief: Thief;
  readonly #lack: Lack;
  readonly #rules: KernelRules;
  #greedySum: number | undefined;

  constructor(thief: Thief, lack: Lack, rules: KernelRules) {
    this.#thief = thief;
    this.#lack = lack;
    this.#rules = rules;
  }

  /** False: no later one can matter. */
  look(candidate: BookOrder): boolean {
    this.looked++;
    if (!beats(this.#thief.pnl, candidate.worth, this.#rules)) return false;
    this.isWorstBeaten = true;
    if (!this.isCovered && helps(candidate, this.greedy, this.#lack)) {
      this.greedy.push(candidate);
      this.isCovered = covers(this.greedy, this.#lack);
    }
    if (this.single === undefined && coversAlone(candidate, this.#lack)) this.single = candidate;
    if (!this.isCovered) return true;
    if (this.single !== undefined) return false;
    if (this.#rules.ranking !== 'pnl') return true;
    // No later order is worth less than this one, so none alone gives up less than a set that sums to less.
    this.#greedySum ??= givenUp(needed(this.greedy, this.#lack), this.#thief, this.#rules) ?? Infinity;
    return this.#greedySum >= candidate.worth;
  }
}

/** Of the sets that are small enough and beaten: the least given up, then the fewest, then the first. */
function cheapest(
  sets: readonly (readonly BookOrder[])[],
  thief: Thief,
  rules: KernelRules,
): Omit<Choice, 'fought'> {
  const small = sets.filter((set) => set.length <= rules.maxVictims);
  if (small.length === 0) return { victims: NOBODY, refusal: 'too_many_victims' };
  let best: readonly BookOrder[] | undefined;
  let bestSum = Infinity;
  for (const set of small) {
    const sum = givenUp(set, thief, rules);
    if (sum === undefined) continue;
    if (best === undefined || sum < bestSum || (sum === bestSum && set.length < best.length)) {
      best = set;
      bestSum = sum;
    }
  }
  return best === undefined
    ? { victims: NOBODY, refusal: 'pnl_not_better' }
    : { victims: best, refusal: null };
}

/** What a set gives up; undefined if the thief may not take it. */
function givenUp(set: readonly BookOrder[], thief: Thief, rules: KernelRules): number | undefined {
  if (set.length > rules.maxVictims) return undefined;
  let sum = 0;
  for (const { worth } of set) sum += worth;
  return beats(thief.pnl, sum, rules) ? sum : undefined;
}

/** Without those that are not needed, let go from the best back. */
function needed(set: readonly BookOrder[], lack: Lack): readonly BookOrder[] {
  if (set.length === 1) return set;
  let kept = set;
  for (const order of set.toReversed()) {
    const rest = kept.filter((other) => other !== order);
    if (covers(rest, lack)) kept = rest;
  }
  return kept;
}

function freed(set: readonly BookOrder[], pool: number): number {
  let sum = 0;
  for (const { held, pools } of set) if ((pools & (1 << pool)) !== 0) sum += held;
  return sum;
}

function covers(set: readonly BookOrder[], lack: Lack): boolean {
  for (const { pool, micros } of lack) if (freed(set, pool) < micros) return false;
  return true;
}

function coversAlone({ held, pools }: BookOrder, lack: Lack): boolean {
  for (const { pool, micros } of lack) if ((pools & (1 << pool)) === 0 || held < micros) return false;
  return true;
}

function helps({ held, pools }: BookOrder, set: readonly BookOrder[], lack: Lack): boolean {
  for (const { pool, micros } of lack)
    if (held > 0 && (pools & (1 << pool)) !== 0 && freed(set, pool) < micros) return true;
  return false;
}
