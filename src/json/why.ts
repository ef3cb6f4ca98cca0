import {
  count,
  decimal,
  document,
  durationMs,
  ledgerMs,
  list,
  micros,
  optional,
  orNull,
  record,
  share,
  text,
} from './fields.ts';
import { REFUSAL } from './plans.ts';
import { VICTIM } from './victim.ts';

const SENTENCE = text('a sentence');

const LAST_REFUSAL = record({
  reason: text('docs/rules.md, 10'),
  order: text('the order that was refused'),
  times: count('how often'),
  firstAtMs: ledgerMs('the first time'),
  atMs: ledgerMs('the last time'),
  needMicros: orNull(micros('what it needed'), 'not known'),
  roomMicros: orNull(micros('the room in total'), 'not known'),
  poolRoomMicros: orNull(micros('the room in its pool'), 'in total alone'),
  price: orNull(text('the price then'), 'none'),
  gatePrice: orNull(text('the price from which it may steal'), 'not judged'),
  barPnl: orNull(text('the PnL that it had to beat'), 'not judged'),
  needsPnl: orNull(text('the least PnL that would beat it'), 'not judged'),
  thiefExpected: orNull(text('its own PnL x the probability that its limit trades'), 'another policy'),
  takenMicros: orNull(micros('what steals took within the window of their budget'), 'not judged'),
  takesMicros: orNull(micros('what this one would have taken'), 'not judged'),
  budgetMicros: orNull(micros('what they may take'), 'not judged'),
  worst: orNull(VICTIM, 'not judged').describe('the worst candidate; null: not judged'),
  wouldFight: list(text('a symbol'), 'passed over, since one more steal would be a fight'),
});

const KEPT = record({
  order: text("the victim's order"),
  qty: decimal('units'),
  heldMicros: micros('what they count'),
});

const STEAL = record({
  id: text("the thief's order"),
  state: text('pending, granted or failed'),
  outcome: orNull(text('unused or refused'), 'the room was used'),
  atMs: ledgerMs('when it was decided'),
  thiefPnl: decimal("the thief's forecasted PnL"),
  thiefExpected: orNull(decimal('the same x the probability that its limit trades'), 'another policy'),
  traceId: orNull(text('the trace that it belongs to'), 'it was not traced'),
  victims: list(VICTIM, 'who gave up room'),
  kept: orNull(KEPT, 'nothing').describe('what the best victim keeps of its order; null: nothing'),
});

const ROBBED = record({
  by: text('the order that took its room'),
  symbol: text("that order's symbol"),
  thiefPnl: decimal("that order's forecasted PnL"),
  thiefExpected: orNull(decimal('the same x the probability that its limit trades'), 'another policy'),
  pnl: decimal('its own'),
  improvement: text('how much better a thief must be'),
  atMs: ledgerMs('when'),
  state: text("the steal's state"),
});

const PASSED_OVER = record({
  rule: text('docs/rules.md, 5'),
  class: text('of orders or symbols'),
  count: count('how many'),
  of: text('orders or symbols'),
  why: text('a sentence'),
});

const CANDIDATE = record({
  id: text('its id'),
  kind: text('plan, order or refused'),
  side: orNull(text('buy or sell'), 'not on record'),
  limit: orNull(text('its limit'), 'not on record'),
  distance: orNull(share('of the limit, between limit and price'), 'no fresh price'),
  state: orNull(text('its stage or state'), 'it has none'),
  order: orNull(text('its live order'), 'none'),
  refusal: orNull(REFUSAL, 'none on record').describe('why it was refused last; null: none on record'),
});

export const WHY = document(
  'An explanation of a plan, an order, a steal or a refused wish; of a symbol with several of these the ' +
    'candidates. The fields that do not apply are left out.',
  {
    id: optional(text('what is explained')),
    symbol: optional(orNull(text('its symbol'), 'not on record')),
    state: optional(text("an order's state")),
    stage: optional(text("a plan's stage")),
    pnl: optional(orNull(decimal('its forecasted PnL'), 'none')),
    fillProbability: optional(decimal('the probability that its limit trades; 1: not forecasted')),
    worth: optional(decimal('where that is not its PnL: what an order is worth as a victim now')),
    plan: optional(orNull(text("an order's plan"), 'none')),
    pool: optional(orNull(text("a plan's pool"), 'total alone')),
    owner: optional(orNull(text('the host that runs it'), 'none')),
    attempt: optional(orNull(count("a plan's attempts so far"), 'none')),
    needMicros: optional(orNull(micros('what it needs'), 'not on record')),
    createdAtMs: optional(orNull(ledgerMs('when an order was reserved'), 'not on record')),
    filedAtMs: optional(orNull(ledgerMs('when a plan was filed'), 'not on record')),
    pausedMs: optional(durationMs('until a plan tries again')),
    why: optional(list(SENTENCE, 'the explanation')),
    order: optional(list(SENTENCE, "of a plan's last order")),
    earlier: optional(list(SENTENCE, 'refusals before')),
    refused: optional(list(SENTENCE, 'of the last refusal')),
    refusal: optional(LAST_REFUSAL.describe('the numbers of the last refusal')),
    passedOver: optional(list(PASSED_OVER, 'what could not be a victim')),
    wouldChange: optional(list(SENTENCE, 'each of these would change it')),
    steal: optional(STEAL.describe('the steal whose thief it is')),
    robbed: optional(ROBBED.describe('the steal that took its room')),
    thief: optional(text("a steal's thief, its order")),
    victimSymbol: optional(text('the symbol that gave up room')),
    atMs: optional(ledgerMs('when a steal was decided')),
    dryRun: optional(list(SENTENCE, 'only while steals are not carried out')),
    candidates: optional(list(CANDIDATE, 'what is on record of the symbol')),
    more: optional(count('candidates that are left out')),
  },
);
