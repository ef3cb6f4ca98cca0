import { document, flag, list, orNull, record, text, word } from './fields.ts';

export const DOCTOR = document(
  'Whether the setup is fit to run. Exit code 0 if it is well, 1 if not, 2 if something is unknown.',
  {
    account: text('the name of the ledger'),
    market: orNull(
      word('what the address of the broker stands for; live: real money', ['live', 'paper', 'private']),
      'the address or the keys are missing',
    ),
    brokerAccount: orNull(text('the number of the account that the keys belong to'), 'unknown'),
    well: orNull(flag('of all checks'), 'something is unknown'),
    checks: list(
      record({
        check: text('its name'),
        well: orNull(flag('whether it is well'), 'unknown'),
        words: text('a sentence'),
        next: text('what to do; empty if nothing'),
      }),
      'in the order of the settings, the broker, Redis',
    ),
  },
);
