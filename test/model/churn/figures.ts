/** What a simulated month counts: steals, what became of them, and their cycles. */

import { closedCycle, type Taking } from './cycles.ts';
import type { MadePlan } from './plans.ts';

export const FIGHT_WINDOW_MS = 1_800_000;
/** So long a victim's limit is watched after the steal. */
export const REGRET_MS = 3_600_000;
const DAY_MS = 86_400_000;

/** One victim of a steal, by plan; `worth` in dollars at that time, `ageMs` of its order. */
export type Cancelled = Taking & { steal: string };
/** What became of the order that stole. */
type Fate = 'open' | 'filled' | 'robbed' | 'ended';
type Regret = { symbol: string; limitCents: number; untilMs: number };

export type Figures = {
  hours: number;
  steals: number;
  cancels: number;
  /** Plans whose orders were taken, and those of them that were taken from twice or more. */
  robbedPlans: number;
  robbedAgain: number;
  /** Steals that closed a cycle of three or more symbols within the fight window; of the same plans. */
  cycles: number;
  planCycles: number;
  /** Cancels whose thief did not fill, and those of them whose thief was itself taken from. */
  forNothing: number;
  thiefRobbed: number;
  /** Cancels whose limit traded within an hour after. */
  missed: number;
  fills: number;
  /** Dollars of forecast of the plans that filled. */
  filledForecast: number;
  /** Mean share of the cap that was in use. */
  use: number;
};

export class Counter {
  readonly #symbols: Taking[] = [];
  readonly #plans: Cancelled[] = [];
  readonly #fates = new Map<string, Fate>();
  /** An order that goes on with a part of one that stole -> that steal. */
  readonly #steals = new Map<string, string>();
  readonly #robbed = new Map<string, number>();
  #regrets: Regret[] = [];
  #cycles = 0;
  #planCycles = 0;
  #missed = 0;
  #fills = 0;
  #forecast = 0;
  #uses: number[] = [];

  stole(order: string, atMs: number, thief: MadePlan, victims: readonly MadePlan[]): void {
    this.#fates.set(order, 'open');
    this.#steals.set(order, order);
    const symbols = new Set(victims.map(({ plan }) => plan.symbol));
    let closes = false;
    for (const victim of symbols) {
      const taking = { atMs, thief: thief.plan.symbol, victim };
      closes ||= closedCycle(this.#symbols, taking, FIGHT_WINDOW_MS) !== undefined;
      this.#symbols.push(taking);
    }
    if (closes) this.#cycles += 1;
    let closesPlans = false;
    for (const { plan, limitCents } of victims) {
      const taking = { atMs, thief: thief.plan.id, victim: plan.id, steal: order };
      closesPlans ||= closedCycle(this.#plans, taking, DAY_MS) !== undefined;
      this.#plans.push(taking);
      this.#robbed.set(plan.id, (this.#robbed.get(plan.id) ?? 0) + 1);
      this.#regrets.push({ symbol: plan.symbol, limitCents, untilMs: atMs + REGRET_MS });
    }
    if (closesPlans) this.#planCycles += 1;
  }

  /** The order's plan goes on with a part of it. */
  kept(order: string, as: string): void {
    const steal = this.#steals.get(order);
    if (steal !== undefined) this.#steals.set(as, steal);
  }

  /** An entry ended; `forecast`: of what was filled, in dollars. */
  ended(order: string, how: 'filled' | 'robbed' | 'ended', forecast = 0): void {
    if (how === 'filled') {
      this.#fills += 1;
      this.#forecast += forecast;
    }
    const steal = this.#steals.get(order);
    if (steal !== undefined) this.#fates.set(steal, how);
    this.#steals.delete(order);
  }

  /** The prices of a step. */
  saw(nowMs: number, centsOf: (symbol: string) => number): void {
    this.#regrets = this.#regrets.filter(({ symbol, limitCents, untilMs }) => {
      if (nowMs > untilMs) return false;
      const trades = centsOf(symbol) <= limitCents;
      if (trades) this.#missed += 1;
      return !trades;
    });
  }

  used(share: number): void {
    this.#uses.push(share);
  }

  figures(hours: number): Figures {
    const nothing = this.#plans.filter(({ steal }) => {
      const fate = this.#fates.get(steal);
      return fate === 'robbed' || fate === 'ended';
    });
    const times = [...this.#robbed.values()];
    return {
      hours,
      steals: this.#fates.size,
      cancels: this.#plans.length,
      robbedPlans: times.length,
      robbedAgain: times.filter((count) => count > 1).length,
      cycles: this.#cycles,
      planCycles: this.#planCycles,
      forNothing: nothing.length,
      thiefRobbed: nothing.filter(({ steal }) => this.#fates.get(steal) === 'robbed').length,
      missed: this.#missed,
      fills: this.#fills,
      filledForecast: Math.round(this.#forecast),
      use: this.#uses.reduce((sum, share) => sum + share, 0) / Math.max(1, this.#uses.length),
    };
  }
}
