/**
 * The closed list of outcomes of an attempt (docs/rules.md, 10): the same token in the reply, the log, the
 * event and the metric's label. Refusals are in precedence order, earlier ones first.
 */

export const ADMISSIONS = ['fits', 'stolen'] as const;

export const REFUSALS = [
  'invalid',
  'halted',
  'closed',
  'unsynced',
  'opposite',
  'no_position',
  'unconfirmed',
  'untakeable',
  'disabled',
  'no_price',
  'not_close_enough',
  'barred',
  'no_candidates',
  'fighting',
  'pnl_not_better',
  'insufficient_freed',
  'too_many_victims',
  'budget_spent',
  'lock_lost',
] as const;

export const OUTCOMES = [...ADMISSIONS, 'dry_run', ...REFUSALS] as const;

/** Why an order got no room: one of REFUSALS, in their order of precedence. `explain` has the sentences. */
export type Refusal = (typeof REFUSALS)[number];
export type Outcome = (typeof OUTCOMES)[number];

const SENTENCES: Record<Outcome, string> = {
  fits: 'there is room for it',
  stolen: 'it takes the room of worse orders',
  dry_run: 'it would take the room of worse orders; nothing was changed',
  invalid: 'an argument is invalid',
  halted: 'the account is halted',
  closed: 'the account is closed for entries',
  unsynced: 'the ledger was not reconciled with the broker recently',
  opposite: 'a position, or an order that it could trade with, is on the other side of its symbol',
  no_position: 'it would close more of the position than other exits leave',
  unconfirmed: 'the position it would close was not confirmed recently; ask the broker first',
  untakeable: 'the broker would refuse it',
  disabled: "it does not fit and stealing is switched off, or the settings of its host are not the account's",
  no_price: 'it does not fit, or is a short sale, and its symbol has no fresh price',
  not_close_enough: 'it does not fit and is too far from its limit to steal',
  barred: 'it does not fit, and may not steal for a while: its plan did not use an earlier steal',
  no_candidates: 'no open order may be a victim',
  fighting: 'every order that may be a victim is fighting with it',
  pnl_not_better: 'it is not enough better than the orders it would steal from',
  insufficient_freed: 'the orders it may steal from do not free enough room',
  too_many_victims: 'it would take more victims than one steal may have',
  budget_spent: 'steals took as much lately as they may',
  lock_lost: 'the mutex was lost before the commit',
};

/** The outcome as a sentence for people, without capital and full stop. */
export function explain(outcome: Outcome): string {
  return SENTENCES[outcome];
}
