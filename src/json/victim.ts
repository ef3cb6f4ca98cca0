import { decimal, micros, orNull, record, text } from './fields.ts';

const remembered = 'only the steal itself is on record';

/** An order that gave up its room. */
export const VICTIM = record({
  order: orNull(text('its id'), remembered),
  symbol: text('its symbol'),
  pnl: orNull(decimal('its forecasted PnL when it was taken'), remembered),
  heldMicros: orNull(micros('what it held then'), remembered),
});
