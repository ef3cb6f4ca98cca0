import { REFUSALS } from '../domain/outcome.ts';
import { count, decimal, document, ledgerMs, list, orNull, record, share, text, word } from './fields.ts';

/** The last refusal of a plan, or of an order without one. */
export const REFUSAL = record({
  reason: word('why', REFUSALS),
  atMs: ledgerMs('the last time'),
  times: count('how often it was refused'),
});

const lost = 'the record of the plan is lost';

const PLAN = record({
  id: text('its id'),
  symbol: orNull(text('its symbol'), lost),
  side: orNull(text('buy or sell'), lost),
  limit: orNull(decimal('USD per unit'), lost),
  price: orNull(decimal('USD per unit'), 'there is no fresh price'),
  distance: orNull(share('how far the price is from the limit'), 'there is no fresh price'),
  stage: text('waiting, entering, holding, exiting, done, withdrawn, expired or lost'),
  host: orNull(text('the host that carries it out'), 'none does'),
  stageAtMs: orNull(ledgerMs('since when it is in its stage'), lost),
  order: orNull(text('its live order'), 'it has none'),
  orderState: orNull(text('the state of that order'), 'it has none'),
  refusal: orNull(REFUSAL, 'none is on record').optional().describe('of plans that have not ended'),
  reason: orNull(text('why it ended'), 'no reason was given').optional().describe('of plans that have ended'),
  qty: orNull(decimal('units'), lost),
  pnl: orNull(decimal('USD, forecasted'), lost),
  fillProbability: orNull(decimal('the probability that its limit trades; 1: not forecasted'), lost),
  strategy: orNull(text('who asked for it'), lost),
  filedAtMs: orNull(ledgerMs('when it was filed'), lost),
});

export const PLANS = document('Plans, in the order of the table.', {
  plans: list(PLAN, 'the first of them, up to --limit'),
  more: count('how many more there are; with a filter, among those that were examined'),
});
