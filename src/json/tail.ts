import type { LedgerEvent } from '../ledger/events.ts';
import { document, ledgerMs, list, orNull, text } from './fields.ts';
import { fromLedger, LEDGER_FIELDS, victimsOf } from './from-ledger.ts';
import { VICTIM } from './victim.ts';

export const TAIL = document('One event of the ledger; a line each.', {
  id: text("its id in the stream: the server's time in ms, and a number"),
  type: text('what happened, such as reserved, stolen, ended'),
  atMs: orNull(ledgerMs('when'), 'not on record'),
  sentence: text('what happened, for people'),
  victims: list(VICTIM, 'who gives up room; empty but for stolen and dry_run'),
  fields: LEDGER_FIELDS.describe(
    'the other facts by name, which depend on the type: ...Micros are micro-USD, ...Ms are ms, ' +
      'lists are lists, the others text',
  ),
});

/** An event as TAIL has it, without the version. */
export function eventFields({ id, type, fields }: LedgerEvent, sentence: string): object {
  const { type: _, at_ms, victims = '', ...others } = fields;
  const atMs = Number(at_ms);
  return {
    id,
    type,
    atMs: Number.isSafeInteger(atMs) && atMs > 0 ? atMs : null,
    sentence,
    victims: victimsOf(victims),
    fields: fromLedger(others),
  };
}
