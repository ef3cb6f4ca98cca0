import {
  count,
  decimal,
  document,
  durationMs,
  flag,
  ledgerMs,
  list,
  micros,
  orNull,
  record,
  text,
} from './fields.ts';

const lost = 'the record of the plan is lost';

export const WAITING = document(
  'Plans that wait for room, best first: highest forecast, then oldest, then id.',
  {
    waiting: count('how many wait'),
    turnsNamed: count('how often it was the turn of a plan, since the account began'),
    turnsPassedOver: count('how many of these plans did not come in time'),
    silentHosts: list(text('a host'), 'hosts whose plans are passed over until they call again'),
    room: list(record({ pool: text('its name'), roomMicros: micros('free in it') }), 'of each pool'),
    plans: list(
      record({
        place: count('its place, from 1'),
        plan: text('its id'),
        symbol: orNull(text('its symbol'), lost),
        side: orNull(text('buy or sell'), lost),
        pnl: orNull(decimal('USD, forecasted'), lost),
        needMicros: micros('what it needs in `total`, and in its pool'),
        pool: orNull(text('its own pool'), 'it counts in `total` alone'),
        needsCash: flag('whether it needs as much cash'),
        turnLeftMs: orNull(durationMs('until it is passed over'), 'it is not its turn'),
        host: text('the host that carries it out'),
        sinceMs: ledgerMs('since when it waits'),
        limit: orNull(decimal('USD per unit'), lost),
      }),
      'the first of them, up to --limit',
    ),
    more: count('how many more there are'),
  },
);
