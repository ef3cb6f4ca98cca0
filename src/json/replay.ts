import { count, document, ledgerMs, list, record, text } from './fields.ts';

const DECIDED = record({
  outcome: text('docs/rules.md, 10'),
  victims: list(text('an order'), 'whose room it takes, or in a dry run would take, worst first'),
  kept: text('what the best of them keeps, such as 6 of m_1; empty: nothing'),
});

export const REPLAY = document('What a journal would have decided under other settings.', {
  settings: list(record({ name: text('a setting'), value: text('its value') }), 'that were changed'),
  decisions: count('that were recorded'),
  differ: count('that would have been others'),
  left: list(
    record({ why: text('a sentence'), count: count('how many') }),
    'decisions that were not made again, and stay as they were',
  ),
  missing: count('decisions that the recorder missed'),
  cutOff: list(text('a file'), 'whose last line is cut off; what is before it counts'),
  differences: list(
    record({
      at: text('file and line'),
      seq: count('the number of the decision in its account'),
      atMs: ledgerMs('when it was made'),
      order: text('who wanted room'),
      symbol: text('its symbol'),
      was: DECIDED.describe('as it was recorded'),
      would: DECIDED.describe('as it would have been'),
    }),
    'each decision that would have been another',
  ),
});
