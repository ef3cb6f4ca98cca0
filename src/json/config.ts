import { document, flag, list, optional, orNull, record, text } from './fields.ts';

const IN_FORCE = record({
  account: text('its name'),
  fingerprint: orNull(text("of the account's settings"), 'it has none yet, or is not known'),
  agrees: flag('whether it is the same as that of this environment'),
  fault: optional(text('why it is not known')),
});

export const CONFIG = document('The settings of the rules in this environment.', {
  fingerprint: text('of all of them'),
  warnings: list(text('a sentence'), 'what is unwise, and names that are not known'),
  settings: list(
    record({
      variable: text('its name'),
      value: text('its value'),
      source: text('where it came from'),
      fallback: text('its default'),
      unit: text('its unit; empty for none'),
      meaning: text('what it means'),
    }),
    'every setting',
  ),
  inForce: orNull(
    IN_FORCE.describe('the settings of the account in the ledger at REDIS_URL'),
    'no REDIS_URL',
  ),
});
