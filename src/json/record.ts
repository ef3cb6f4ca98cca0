import { count, document, text } from './fields.ts';

export const RECORD = document('What a recorder wrote until it was stopped.', {
  account: text('its name'),
  decisions: count('decisions'),
  missed: count('decisions for which it was too slow'),
  cut: count('decisions over too large a book, without what they saw'),
  events: count('events'),
});
