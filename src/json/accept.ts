import { document, flag, micros, orNull, text } from './fields.ts';

export const ACCEPT = document('An equity that was held back.', {
  account: text('its name'),
  accepted: flag('whether one was held back'),
  equityMicros: orNull(micros('the equity in force now'), 'none was held back'),
});
