/** Counts the minutes in which somebody lacks room, once for each reason. */
import type { KernelOutcome } from '../kernel/decide.ts';
import type { BlockedMinutes } from './types.ts';

type Reason = keyof BlockedMinutes;

const REASON_OF: Partial<Record<KernelOutcome, Reason>> = {
  not_close_enough: 'tooFar',
  no_candidates: 'protected',
  fighting: 'fighting',
  pnl_not_better: 'notBetter',
  insufficient_freed: 'notEnough',
  too_many_victims: 'tooManyVictims',
  budget_spent: 'budget',
};

const REASONS = [
  'any',
  'tooFar',
  'onlyPositions',
  'protected',
  'fighting',
  'notBetter',
  'notEnough',
  'tooManyVictims',
  'budget',
] as const;

export class Blocked {
  readonly #minutes = new Float64Array(REASONS.length);
  readonly #lastMinute = new Float64Array(REASONS.length).fill(-1);

  add(reason: Reason, minute: number): void {
    const at = REASONS.indexOf(reason);
    if (this.#lastMinute[at] === minute) return;
    this.#lastMinute[at] = minute;
    this.#minutes[at] = (this.#minutes[at] as number) + 1;
  }

  refused(outcome: KernelOutcome, minute: number): void {
    const reason = REASON_OF[outcome];
    if (reason !== undefined) this.add(reason, minute);
  }

  get result(): BlockedMinutes {
    const minutes = REASONS.map((reason, at) => [reason, this.#minutes[at] as number] as const);
    return Object.fromEntries(minutes) as Record<Reason, number>;
  }
}
