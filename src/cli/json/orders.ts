import {
  count,
  decimal,
  document,
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
});

export const ORDERS = document('Orders, worst first.', {
  orders: list(ORDER, 'as many as --limit allows'),
  more: count('how many are left out'),
});
