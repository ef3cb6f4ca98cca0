import { document, flag, list, optional, orNull, record, text } from './fields.ts';

export const CHECK = document('Whether an account is well. Exit code 0 well, 1 not well, 2 unknown.', {
  account: text('its name'),
  well: orNull(flag('whether all checks are well'), 'a check could not be made, and none is bad'),
  checks: list(
    record({
      check: text('what was checked'),
      well: orNull(flag('whether it is well'), 'unknown'),
      words: text('a sentence'),
      next: text('what to do about it; empty if nothing'),
      cause: optional(text('of entries: halted, closed, unsynced or over')),
    }),
    'in the order in which to repair them',
  ),
});
