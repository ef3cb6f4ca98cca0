import { count, document, list, text } from './fields.ts';

export const AUDIT = document('Whether all sums and indexes agree. Exit code 1 if one does not.', {
  account: text('its name'),
  orders: count('live orders that were read'),
  positions: count('positions that were read'),
  faultCount: count('how many faults there are'),
  faults: list(text('a sentence'), 'the first 50'),
});
