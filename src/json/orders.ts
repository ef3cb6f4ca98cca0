import {
  count,
  decimal,
  document,
  flag,
  ledgerMs,
  list,
  micros,
  optional,
  orNull,
  record,
  share,
  text,
} from './fields.ts';

const ORDER = record({
  id: text('its id, which is also the client order id at the broker'),
  symbol: text('its symbol'),
  side: text('buy or sell'),
  state: text('docs/architecture.md, 2'),
  kind: text('normal, probe, exit or external'),
  limit: decimal('its limit'),
  qty: decimal('its quantity'),
  filledQty: orNull(decimal('how much of it was filled'), 'nothing'),
  pnl: orNull(decimal('its forecasted PnL'), 'none'),
  heldMicros: orNull(micros('what it counts against the caps'), 'nothing'),
  price: orNull(decimal('the last price'), 'no fresh price'),
  distance: orNull(share('of the limit, between limit and price'), 'no fresh price'),
  victim: optional(text('takeable, or what protects it; of live orders')),
  reason: optional(orNull(text('why it ended; of ended orders alone'), 'none')),
  robbedBy: orNull(text('the order that took its room'), 'none'),
  plan: orNull(text('its plan'), 'none'),
  createdAtMs: orNull(ledgerMs('when it was reserved'), 'not on record'),
  edge: orNull(decimal('the price at which the protection by its distance ends'), 'it is not ranked'),
  pool: orNull(text('its own pool'), 'it counts in total alone'),
  heldPoolMicros: orNull(micros("what it counts against its own pool's cap"), 'nothing'),
  fillProbability: decimal('the probability that its limit trades, as it was forecasted; 1: not forecasted'),
  unclear: flag('it was sent and not confirmed in time: the broker is asked about it'),
});

export const ORDERS = document('Orders, worst first.', {
  orders: list(ORDER, 'as many as --limit allows'),
  more: count('how many are left out'),
});
