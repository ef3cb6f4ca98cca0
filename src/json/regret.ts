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
import { WATCH } from './watch.ts';

const regret = decimal("USD; what the victims' forecasts would have brought, where their limits traded");
const gain = decimal("USD; what the thieves' forecasts brought, as far as they filled");

const VICTIM = record({
  order: text('its id'),
  symbol: text('its symbol'),
  pnl: decimal('its forecasted PnL'),
  heldMicros: micros('what it held when it was taken'),
  tradedAtMs: orNull(ledgerMs('when its limit traded'), 'it did not, within the watch'),
  regret: decimal('USD; its part of the regret'),
});

const JUDGED = record({
  atMs: ledgerMs('when it was decided'),
  thief: text("the thief's order"),
  thiefSymbol: text('its symbol'),
  thiefPnl: decimal('its forecasted PnL'),
  gain,
  regret,
  watch: WATCH,
  watchUntilMs: ledgerMs('until when it is watched'),
  victims: list(VICTIM, 'who gave up room'),
  rules: text('the fingerprint of the settings under which it was decided'),
});

/** What `worksteal steals --regret` prints; lua/inspect/regret.lua makes it. */
export const REGRET = document('What steals came to, newest first.', {
  regret: regret.describe('decimal; USD, of all steals on record'),
  gain: gain.describe('decimal; USD, of all steals on record'),
  watched: count('how many steals are on record: those that are watched, and those whose watch is over'),
  windowMs: durationMs('for how long a steal is watched'),
  steals: list(JUDGED, 'as many as --limit allows'),
  more: count('how many are left out'),
  pairs: list(
    record({
      thief: text('the symbol that took room'),
      victim: text('the symbol that it took room from'),
      gain,
      regret,
    }),
    'the sums by pair of symbols, without those that are 0, the largest regret first',
  ),
  rules: list(
    record({
      fingerprint: text('of the settings'),
      inForce: flag('whether they are in force now'),
      gain,
      regret,
    }),
    'the sums by the settings under which the steals were decided',
  ),
});
