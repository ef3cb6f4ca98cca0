import { count, document, flag, list, micros, orNull, record, text, word } from './fields.ts';
import { STOPPED_ITEM } from './stopped.ts';

export const HALT = document('What `halt` did, and what goes on.', {
  account: text('its name'),
  outcome: word('halted; noted: it was halted, and this reason is recorded, too; exists: nothing is new', [
    'halted',
    'noted',
    'exists',
  ]),
  by: text('who asked'),
  reason: text('why'),
  goesOn: record({
    entries: count('entries that count'),
    entriesAtBroker: count('those among them that may be at the broker'),
    entriesMicros: micros('what these hold at the broker'),
    exits: count('live exits'),
    holding: count('plans that hold a position, whose exits go on'),
  }).describe('what a halt does not stop'),
  cancelled: orNull(
    record({
      confirmed: flag('all entries are cancelled, as the broker confirmed'),
      items: list(STOPPED_ITEM, 'the entries'),
    }).describe('what --cancel-entries did'),
    'without --cancel-entries',
  ),
});

export const RESUME = document('What `resume` did.', {
  account: text('its name'),
  outcome: word('resumed; exists: it was not halted', ['resumed', 'exists']),
  by: text('who asked'),
  reason: text('why'),
});
