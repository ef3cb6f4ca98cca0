import { document, flag, list, micros, record, text, word } from './fields.ts';

/** One order, plan or position that a command was to stop. */
export const STOPPED_ITEM = record({
  kind: word('what it is', ['order', 'plan', 'position']),
  id: text('its id; of a position its symbol'),
  symbol: text('its symbol'),
  what: text('its kind, state or stage before'),
  sizeMicros: micros('what it holds, or would hold'),
  atBroker: flag('an order or a position of it is at the broker'),
  state: word('done; open: asked for, and not confirmed in time; left: not done; untouched: declined', [
    'done',
    'open',
    'left',
    'untouched',
  ]),
  words: text('what became of it, as a sentence'),
});

export const STOPPED = document(
  'What `cancel`, `withdraw` or `close` did. Exit code 1 if not all of it was confirmed in time.',
  {
    account: text('its name'),
    by: text('who asked'),
    confirmed: flag('all of it is done; what was at the broker, as the broker confirmed'),
    items: list(STOPPED_ITEM, 'what was to be stopped'),
  },
);
