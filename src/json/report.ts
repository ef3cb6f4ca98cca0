import { REFUSALS } from '../domain/outcome.ts';
import { CAME_TO } from './came-to.ts';
import {
  count,
  decimal,
  document,
  durationMs,
  flag,
  list,
  micros,
  orNull,
  record,
  serverMs,
  share,
  text,
  word,
} from './fields.ts';
import { CANCELS, CAPACITY, FOUGHT, REFUSED } from './history.ts';
import { TAIL } from './tail.ts';

const { schema: _, victims: _victims, fields: _fields, ...event } = TAIL.shape;

export const REPORT = document('What an account did in a period.', {
  account: text('its name'),
  fromMs: serverMs('when the period begins'),
  toMs: serverMs('when it ends: the time of the report'),
  eventsFromMs: orNull(serverMs('the first event that is kept'), 'there is none'),
  complete: flag('the events reach back to the beginning; false: earlier ones were dropped'),
  summary: record({
    admits: text('whether entries are admitted now, or why not'),
    capMicros: micros('the cap now'),
    positionsMicros: micros('positions now'),
    ordersMicros: micros('live orders now'),
    roomMicros: micros('what is left now; below 0: over the cap'),
    used: share('of the cap that is used now'),
    mostUsed: orNull(share('the most of the cap that was used in the period'), 'not known'),
    admitted: count('orders that fitted'),
    steals: count('orders that took the room of others'),
    granted: count('of them, those that got it'),
    failed: count('of them, those that did not'),
    filled: count('orders that filled in whole'),
    fills: count('reports of fills, in part or in whole'),
    ended: count('orders that ended'),
  }).describe('now, and in the period as far as the events tell'),
  stepMs: durationMs('between two samples'),
  capacity: list(CAPACITY, 'the oldest first'),
  pairs: list(
    record({
      thief: text('the symbol that took room'),
      victim: text('the symbol that it took room from'),
      steals: count('how often'),
      granted: count('of them, those that got the room'),
      failed: count('of them, those that did not'),
      lastAtMs: serverMs('the latest of them'),
      regret: decimal('USD; of all their steals on record, whatever the period'),
      gain: decimal('USD; likewise'),
    }),
    'who took room from whom, from the steal history, the most frequent first',
  ),
  stealsLeftOut: count('steals of the history beyond the latest 5,000'),
  cameTo: CAME_TO.describe('what steals came to, of all on record, whatever the period'),
  fights: list(FOUGHT, 'in force, or begun in the period'),
  refused: list(
    record({
      reason: word('docs/rules.md, 10', REFUSALS),
      wishes: count('plans, and orders without one, whose last refusal it was'),
      times: count('refusals of these, for whatever reason'),
      lastAtMs: serverMs('the latest'),
    }),
    'by reason; the last refusal of each plan, kept for an hour',
  ),
  refusals: list(REFUSED, 'those last refusals over time; here a step lasts stepMs'),
  cancels: CANCELS.describe('how long cancellations took'),
  events: list(record(event), 'halts and whatever else is rare, the oldest first, the latest 100'),
  moreEvents: count('how many earlier ones are left out'),
});
