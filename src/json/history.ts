/** What an account did: how full it was, who took room from whom, what was refused, how cancels went. */
import type { z } from 'zod';
import { REFUSALS } from '../domain/outcome.ts';
import { count, durationMs, ledgerMs, list, micros, orNull, record, serverMs, text, word } from './fields.ts';

export const CAPACITY = record({
  atMs: serverMs('when'),
  capMicros: micros('the cap of total'),
  positionsMicros: micros('positions'),
  ordersMicros: micros('live orders: the sum of the four that follow'),
  workingMicros: micros('orders that work at the broker'),
  reservedMicros: micros('orders that are not sent yet'),
  cancellingMicros: micros('orders that are being cancelled'),
  earmarkedMicros: micros('what thieves that wait for their victims hold already'),
});

export const STEAL_PAIR = record({
  thief: text('the symbol that took room'),
  victim: text('the symbol that it took room from'),
  steals: count('how often'),
  lastAtMs: serverMs('the latest of them'),
});

export const FOUGHT = record({
  symbols: list(text('a symbol'), 'the two symbols'),
  untilMs: ledgerMs('until when both are protected'),
});

export const REFUSED = record({
  atMs: serverMs('when the 10 s begin'),
  reasons: list(
    record({ reason: word('docs/rules.md, 10', REFUSALS), count: count('refusals') }),
    'in the order of the rules; a reason without a refusal is left out',
  ),
});

export const CANCELS = record({
  count: count('cancellations that the broker confirmed'),
  p50Ms: orNull(durationMs('half of them took at most so long, from the request to the end'), 'none'),
  p99Ms: orNull(durationMs('99 of 100 took at most so long'), 'none'),
  lastMs: orNull(durationMs('the latest of them'), 'none'),
  recentMs: list(durationMs('one cancellation'), 'ms; the latest 40, the oldest first'),
  waiting: count('that the broker has not confirmed yet'),
});

/** Steals and cancellations of the last 30 minutes. */
export const PAST = record({
  pairs: list(STEAL_PAIR, 'who took room from whom, the most frequent first, at most 100'),
  morePairs: count('how many are left out'),
  steals: count('steals of all pairs'),
  fights: list(FOUGHT, 'in force, or begun in the period'),
  cancels: CANCELS.describe('how long cancellations took'),
});

export type Capacity = z.output<typeof CAPACITY>;
export type StealPair = z.output<typeof STEAL_PAIR>;
export type Fought = z.output<typeof FOUGHT>;
export type Refused = z.output<typeof REFUSED>;
export type Cancels = z.output<typeof CANCELS>;
export type Past = z.output<typeof PAST>;
