/**
 * Steals as far as they protect somebody (docs/rules.md, 5.3 to 5.6, 5.9, 6 and 9.7). Symbols are numbers
 * below `symbols`. Steals are recorded in the order of their times; what is older than every window is
 * forgotten as it is passed.
 */
import type { KernelRules } from './rules.ts';

type HistoryRules = Pick<
  KernelRules,
  | 'cooldownMs'
  | 'fightThreshold'
  | 'fightWindowMs'
  | 'fightCooldownMs'
  | 'maxRobbed'
  | 'robbedWindowMs'
  | 'budget'
  | 'budgetWindowMs'
>;

export class StealHistory {
  readonly #rules: HistoryRules;
  readonly #symbols: number;
  /** By symbol: when it was last stolen from, and until when a fight protects it. */
  readonly #robbedAt: Float64Array;
  readonly #fightUntil: Float64Array;
  /** victim x symbols + thief -> the last steal. */
  readonly #takenAt = new Map<number, number>();
  /** lower x symbols + higher -> times, ascending. */
  readonly #pairs = new Map<number, number[]>();
  /** Victim -> times, ascending; kept while `maxRobbed` asks for it. */
  readonly #robberies = new Map<number, number[]>();
  /** Kept while there is a budget. */
  #taken: { atMs: number; micros: number }[] = [];

  constructor(symbols: number, rules: HistoryRules) {
    this.#symbols = symbols;
    this.#rules = rules;
    this.#robbedAt = new Float64Array(symbols).fill(-Infinity);
    this.#fightUntil = new Float64Array(symbols).fill(-Infinity);
  }

  /**
   * Not before any that was recorded. The third of its pair within the window, should one be recorded, starts
   * a fight at its own time.
   */
  record(atMs: number, victim: number, thief: number, micros: number): void {
    const { fightThreshold, fightWindowMs, maxRobbed, robbedWindowMs, budget, budgetWindowMs } = this.#rules;
    this.#robbedAt[victim] = atMs;
    this.#takenAt.set(victim * this.#symbols + thief, atMs);
    const times = this.#timesOf(victim, thief);
    times.push(atMs);
    while ((times[0] ?? atMs) < atMs - fightWindowMs) times.shift();
    if (times.length >= fightThreshold) this.startFight(victim, thief, atMs);
    if (maxRobbed > 0) {
      const robberies = this.#robberies.get(victim) ?? [];
      robberies.push(atMs);
      while ((robberies[0] ?? atMs) < atMs - robbedWindowMs) robberies.shift();
      this.#robberies.set(victim, robberies);
    }
    if (budget > 0) {
      this.#taken.push({ atMs, micros });
      this.#taken = this.#taken.filter((one) => one.atMs >= atMs - budgetWindowMs);
    }
  }

  /** Protects both from everybody, from this time on for the extended cooldown. */
  startFight(one: number, other: number, atMs: number): void {
    const until = atMs + this.#rules.fightCooldownMs;
    if (until > (this.#fightUntil[one] ?? until)) this.#fightUntil[one] = until;
    if (until > (this.#fightUntil[other] ?? until)) this.#fightUntil[other] = until;
  }

  /** Is nobody to steal from the symbol now: its cooldown (5.3), a fight (5.4), often robbed (5.9)? */
  protects(symbol: number, nowMs: number): boolean {
    if (nowMs - (this.#robbedAt[symbol] ?? -Infinity) < this.#rules.cooldownMs) return true;
    if (nowMs < (this.#fightUntil[symbol] ?? -Infinity)) return true;
    return this.#rules.maxRobbed > 0 && this.#isOftenRobbed(symbol, nowMs);
  }

  /** Did `taker` steal from `symbol` within the cooldown (5.5)? */
  tookFrom(taker: number, symbol: number, nowMs: number): boolean {
    const atMs = this.#takenAt.get(symbol * this.#symbols + taker);
    return atMs !== undefined && nowMs - atMs < this.#rules.cooldownMs;
  }

  /** Would one more steal between the two, now, be a fight (5.6)? */
  wouldFight(one: number, other: number, nowMs: number): boolean {
    const earliest = nowMs - this.#rules.fightWindowMs;
    let count = 1;
    const times = this.#pairs.get(this.#pairOf(one, other)) ?? [];
    for (let at = times.length - 1; at >= 0 && (times[at] ?? 0) >= earliest; at--) count++;
    return count >= this.#rules.fightThreshold;
  }

  /** Micro-USD that steals took within the budget's window (9.7). */
  takenLately(nowMs: number): number {
    let sum = 0;
    for (const { atMs, micros } of this.#taken) if (nowMs - atMs <= this.#rules.budgetWindowMs) sum += micros;
    return sum;
  }

  #isOftenRobbed(symbol: number, nowMs: number): boolean {
    const times = this.#robberies.get(symbol) ?? [];
    const earliestThatCounts = times.at(-this.#rules.maxRobbed);
    return earliestThatCounts !== undefined && nowMs - earliestThatCounts <= this.#rules.robbedWindowMs;
  }

  #timesOf(one: number, other: number): number[] {
    const pair = this.#pairOf(one, other);
    let times = this.#pairs.get(pair);
    if (times === undefined) {
      times = [];
      this.#pairs.set(pair, times);
    }
    return times;
  }

  #pairOf(one: number, other: number): number {
    return one < other ? one * this.#symbols + other : other * this.#symbols + one;
  }
}
