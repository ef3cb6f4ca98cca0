import { document, flag, list, optional, orNull, record, text } from './fields.ts';
import { LEDGER_FIELDS } from './from-ledger.ts';

const ID = text('an order of the scenario');

const KEPT = record({
  order: ID,
  qty: text('units that it keeps'),
  notional: text('what they cost at its limit, in USD'),
});

export const DECIDE = document('What the rules decide in one scenario; a line each.', {
  id: text("the scenario's, or its number"),
  admitted: optional(flag('whether the order was admitted')),
  victims: optional(list(ID, 'the orders that it takes room from')),
  reason: optional(text('docs/rules.md, 10')),
  wouldVictims: optional(list(ID, 'in a dry run: the orders that it would take room from')),
  kept: optional(list(KEPT, 'what a victim keeps of its order; without it none keeps any')),
  wouldKeep: optional(list(KEPT, 'in a dry run: what a victim would keep')),
  field: optional(orNull(text('of an invalid scenario: the field'), 'not known')),
  message: optional(text('of an invalid scenario: what is wrong with it')),
  numbers: optional(LEDGER_FIELDS.describe('with --verbose: what was judged, as in the fields of tail')),
  error: optional(
    record({ code: text('as above'), message: text('what is wrong'), next: text('what to do') }).describe(
      'why there is no decision',
    ),
  ),
});
