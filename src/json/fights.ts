import { count, document, ledgerMs, list, record, text, word } from './fields.ts';

const PAIR = list(text('a symbol'), 'the two symbols');

export const FIGHTS = document('Fights, pairs on their way into one, and cooldowns.', {
  fights: list(record({ symbols: PAIR, untilMs: ledgerMs('until when both are protected') }), 'in force'),
  pairs: list(
    record({
      symbols: PAIR,
      steals: count('within the window of a fight'),
      threshold: count('the steal that would be a fight'),
      next: word('what the next steal between the two would be', ['free', 'a fight']),
      lastAtMs: ledgerMs('the latest steal'),
      firstForgottenMs: ledgerMs('when the earliest of them leaves the window'),
    }),
    'with steals within the window of a fight',
  ),
  cooldowns: list(
    record({
      symbol: text('the symbol'),
      untilMs: ledgerMs('until when'),
      robbers: list(text('a symbol'), 'who took room from it, the latest 3'),
    }),
    'symbols that were stolen from',
  ),
});
