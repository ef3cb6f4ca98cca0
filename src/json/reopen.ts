import { document, orNull, text, word } from './fields.ts';

export const REOPEN = document('One cause for which an account was closed.', {
  account: text('its name'),
  cause: text('the cause'),
  outcome: word('what was done; exists: it was not closed for that', ['reopened', 'exists', 'unbound']),
  brokerAccount: orNull(text('the account of the broker that the ledger let go of'), 'none'),
});
