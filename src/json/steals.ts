import {
  count,
  decimal,
  document,
  durationMs,
  ledgerMs,
  list,
  micros,
  orNull,
  record,
  text,
  word,
} from './fields.ts';
import { VICTIM } from './victim.ts';
import { WATCH } from './watch.ts';

const remembered = 'only the steal itself is on record';
const unwatched = 'not watched';

const STEAL = record({
  atMs: ledgerMs('when it was decided'),
  thief: text("the thief's order"),
  thiefSymbol: text('its symbol'),
  thiefPnl: orNull(decimal('its forecasted PnL'), remembered),
  state: word('what became of it; unused, refused: granted, and the room was not used', [
    'pending',
    'granted',
    'failed',
    'unused',
    'refused',
    'remembered',
    'dry_run',
  ]),
  tookMs: orNull(durationMs('ledger time until its end'), 'not ended'),
  needMicros: orNull(micros('what the thief needed'), remembered),
  victimsHeldMicros: orNull(micros('what its victims held'), remembered),
  victims: list(VICTIM, 'who gave up room'),
  reason: orNull(text('why it failed, or was not used'), 'none'),
  regret: orNull(decimal("USD; its victims' forecasts, where their limits traded so far"), unwatched),
  gain: orNull(decimal('USD; its forecast, as far as it filled so far'), unwatched),
  watch: orNull(WATCH, unwatched),
});

export const STEALS = document('The latest steals, newest first.', {
  steals: list(STEAL, 'as many as --limit allows'),
  more: count('how many are left out'),
});
