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
  serverMs,
  share,
  text,
  word,
} from './fields.ts';

const POOL = record({
  pool: text('its name'),
  leverage: orNull(decimal('its cap is this times equity'), 'never reconciled'),
  capMicros: micros('the most that may be used'),
  positionsMicros: micros('positions'),
  ordersMicros: micros('live orders'),
  roomMicros: micros('what is left; below 0: over the cap'),
  used: share('of the cap that is used'),
});

const HALT = record({
  atMs: ledgerMs('when'),
  by: orNull(text('who'), 'not said'),
  reason: orNull(text('why'), 'not said'),
});

const CLOSURE = record({
  cause: text('as worksteal reopen takes it'),
  words: orNull(text('why'), 'not on record'),
  sinceMs: orNull(serverMs('since when'), 'not on record'),
});

const ODDITY = record({
  what: text('order or position'),
  id: text("the broker's id"),
  symbol: orNull(text('its symbol'), 'it has none'),
  counts: text('what counts of it'),
  why: orNull(text('why it does not count in full'), 'not said'),
  sinceMs: serverMs('since when'),
});

const DOUBT = record({
  symbol: text('the symbol'),
  price: text('the price that is doubted'),
  last: orNull(text('the last price that was believed'), 'none'),
  sinceMs: serverMs('since when'),
});

const HOST = record({
  host: text('its name'),
  role: text('watch, work, keep, plan or serve'),
  fingerprint: orNull(text('of its settings'), 'not said'),
  agrees: flag("its settings are the account's; a host whose settings differ does not steal"),
  seenMs: serverMs('its last heartbeat'),
});

const BAR = record({
  plan: text('its id'),
  cause: orNull(text('why it may not steal'), 'not on record'),
  reason: orNull(text('the reason on record'), 'not on record'),
  times: orNull(count('how often in a row'), 'not on record'),
  untilMs: ledgerMs('until when'),
});

const NEXT_VICTIM = record({
  order: text('its id'),
  symbol: orNull(text('its symbol'), 'its record is lost'),
  side: orNull(text('buy or sell'), 'its record is lost'),
  pnl: orNull(decimal('its forecasted PnL'), 'its record is lost'),
  heldMicros: orNull(micros('what it holds'), 'its record is lost'),
  limit: orNull(decimal('its limit'), 'its record is lost'),
  price: orNull(decimal('the last price'), 'no fresh price'),
  distance: orNull(share('of the limit, between limit and price'), 'no fresh price'),
  createdAtMs: orNull(ledgerMs('when it was reserved'), 'its record is lost'),
});

export const STATUS = document('The state of an account.', {
  account: text('its name'),
  brokerAccount: orNull(text("the broker's account number"), 'not reconciled yet'),
  nowMs: ledgerMs('now'),
  serverNowMs: serverMs('now; syncedAtMs, keeperSeenMs and other times of the server are compared with it'),
  session: orNull(text('of New York: open or closed'), 'no watcher says'),
  admits: word('whether entries are admitted, or why not', ['yes', 'halted', 'closed', 'unsynced', 'over']),
  keeper: word('whether a keeper is active', ['active', 'none']),
  syncedAtMs: serverMs('the last reconciliation with the broker; 0: never'),
  failedAtMs: orNull(serverMs('the last reconciliation that failed'), 'none on record'),
  equityMicros: micros("the account's equity"),
  cashRoomMicros: orNull(micros('cash that is left for crypto'), 'no limit is known'),
  stealing: word('whether orders may steal', ['on', 'off', 'dry run']),
  fingerprint: orNull(text('of the settings in force'), 'none yet'),
  stealsLastHour: count('steals within an hour of ledger time; at most 500 are counted'),
  waiting: count('plans that wait for room in the queue'),
  barred: count('plans that may not steal for a while'),
  outbox: count('cancellations on record that are not carried out'),
  state: text('active or halted'),
  equityHeldBackMicros: micros('an equity that waits for worksteal accept equity; 0: none'),
  cashCapMicros: orNull(micros('cash for crypto'), 'no limit is known'),
  cashHeldMicros: micros('what crypto orders hold of it'),
  bars: list(BAR, 'plans that may not steal for a while, the first 10'),
  bestWaiting: orNull(
    record({
      plan: text('its id'),
      symbol: orNull(text('its symbol'), 'its record is lost'),
      pnl: orNull(decimal('its forecasted PnL'), 'its record is lost'),
      needMicros: micros('what it needs'),
    }),
    'no plan waits',
  ).describe('the best plan that waits for room'),
  turnsNamed: count('how often it was the turn of a plan, since the account began'),
  turnsPassedOver: count('how often a plan did not come when it was its turn'),
  keeperSeenMs: orNull(serverMs("the keeper's last sweep"), 'none yet'),
  admitsUntilMs: orNull(
    serverMs('until when entries are admitted without another reconciliation'),
    'not now',
  ),
  probeAtMs: orNull(
    serverMs('when one entry tries whether the broker takes orders again'),
    'not closed for that',
  ),
  lossWaitMs: orNull(
    durationMs('how long the keeper still waits for what was sent before the ledger was lost'),
    'it does not wait',
  ),
  failure: orNull(text('the error of the reconciliation that failed'), 'none on record'),
  sessionUntilMs: orNull(ledgerMs('until when the session is as it is'), 'no watcher says'),
  outboxOldestMs: orNull(durationMs('age of the oldest cancellation on record'), 'none'),
  cancelQueuePaused: word("whether BullMQ's queue was paused", ['yes', 'no']),
  steals: record({
    granted: count('that got their room'),
    pending: count('that wait for their victims'),
    failed: count('that did not get it'),
  }).describe('steals of the last hour by state'),
  judgedToday: record({
    steals: count('how many'),
    regret: decimal("USD; what their victims' forecasts would have brought, where their limits traded"),
    gain: decimal("USD; what their thieves' forecasts brought, as far as they filled"),
  }).describe("steals of which it became known today what they came to: UTC, by the ledger's clock"),
  furtherRules: list(text('a rule and its numbers'), 'rules that are off by default, and on here'),
  takenMicros: orNull(micros('what steals took within the window of their budget'), 'they have no budget'),
  budgetMicros: orNull(micros('what they may take'), 'they have no budget, or it is beyond any cap'),
  brokerCountMicros: orNull(
    micros(
      "what the broker's own answers add up to: positions at cost, and orders; the lesser of two rounds",
    ),
    'not reconciled yet',
  ),
  dryRunsLastHour: count('orders that would have stolen'),
  liveOrders: count('orders that count against the caps'),
  unfinishedPlans: count('plans that have not ended'),
  halts: list(HALT, 'the reasons of the halt in force, the first one first'),
  pools: list(POOL, 'total, and the others'),
  warnings: list(text('a sentence'), 'what the broker or the settings warn of'),
  closures: list(CLOSURE, 'the causes for which entries are closed'),
  oddities: list(ODDITY, 'items at the broker that do not count in full'),
  doubts: list(DOUBT, 'prices that jumped and are not confirmed, the first 10'),
  hosts: list(HOST, 'seen in the last 15 s'),
  troubles: list(
    record({ host: text('its name'), role: text('its role'), why: text('why it stands aside') }),
    'hosts that stand aside',
  ),
  orders: list(
    record({
      state: text('their state; lost: without a record'),
      count: count('how many'),
      heldMicros: micros('what they hold'),
    }),
    'live orders by state; the command looks at the first 600, or --limit',
  ),
  plans: list(
    record({ stage: text('their stage; lost: without a record'), count: count('how many') }),
    'unfinished plans by stage; the command looks at the first 600, or --limit',
  ),
  tiers: list(
    record({
      tier: text('its name'),
      tolerance: text('how near the limit the price must be: a share, or a word'),
      count: count('how many'),
    }),
    'plans that wait for their entry',
  ),
  victims: list(NEXT_VICTIM, 'orders that may be taken now, worst first, the first 5'),
  protected: list(
    record({
      symbol: text('the symbol, or two symbols in a fight as A|B'),
      by: word('what protects it', ['cooldown', 'fight', 'often robbed']),
      untilMs: ledgerMs('until when'),
    }),
    'protected symbols',
  ),
  refusals: list(
    record({
      reason: text('docs/rules.md, 10'),
      wishes: count('orders or plans'),
      times: count('refusals'),
      last: text('the latest of them, its id'),
      atMs: orNull(ledgerMs('when'), 'not on record'),
    }),
    'by reason, each kept for an hour',
  ),
});
