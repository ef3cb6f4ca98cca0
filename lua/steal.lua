-- steal: decides and commits in one step: victims become `cancelling`, the thief `pending` with the free room
-- there is; history, cooldowns and outbox are written (I1-I3, I5, I6, I8, I9; docs/rules.md, 5 to 9). It
-- repeats all checks, and needs the mutex only for the commit.
--
-- KEYS[1]   ws:{account}:account   hash   the account; the other keys are built from its prefix, in its slot
-- ARGV[1]   id          the thief, [A-Za-z0-9_-]{1,64}; also the id of its steal
-- ARGV[2]   symbol      one spelling: A-Z, 0-9 and .
-- ARGV[3]   side        buy | sell
-- ARGV[4]   kind        entry | exit
-- ARGV[5]   mode        normal | probe
-- ARGV[6]   limit       decimal USD
-- ARGV[7]   qty         decimal units
-- ARGV[8]   pnl         decimal USD, forecasted
-- ARGV[9]   pool        '' or the order's own pool
-- ARGV[10]  owner       the host that renews its lease
-- ARGV[11]  plan        '' or the plan it came from, [A-Za-z0-9_-]{1,64}
-- ARGV[12]  lease_ms    ms of health time until it must be renewed; once granted, until it must be sent
-- ARGV[13]  server_id   `<run id>:<replication id>` of the Redis server that the caller believes it talks to
-- ARGV[14]  type        limit | stop_limit | market | stop | trailing_stop: in which form it is sent; limit
--                       for an entry
-- ARGV[15]  fill_probability   decimal from 0 to 1: that its limit trades, as forecasted
-- ARGV[16]  mutex       the value that the mutex key must hold; '' for no mutex (what-if, tests)
-- ARGV[17]  fingerprint of the host's settings, which must be the account's; '' where they are not compared
--           (what-if, tests)
-- ARGV[18]  traceparent '' or the span in which it was tried; its steal and its outbox entry keep it
--
-- Reply: {outcome, field, value, ...}
--   fits | stolen | dry_run | exists state | superseded by (the latest order of its plan: continue with that
--   one) | halted | closed | unsynced | opposite | untakeable (by admit alone) | disabled | no_price |
--   not_close_enough | barred | no_candidates | fighting | pnl_not_better | insufficient_freed |
--   too_many_victims | budget_spent | lock_lost | no_position | unconfirmed | contradiction | invalid
--   All but exists, superseded, contradiction and invalid have need_micros, room_micros[, pool_room_micros][,
--   cash_room_micros]. Further fields, beside those of admit:
--     stolen, dry_run: victims "id symbol pnl held_micros;...", would_fight "SYMBOL;..."[, worths "worth
--       age_ms;..." of the victims, with a half-life or policy expected][, thief_expected: what the thief
--       counts, under policy expected][, kept "id qty held_micros": what the best one keeps]
--     stolen, lock_lost: looked
--     barred: cause (unused or refused); disabled: why (settings_differ), host_settings, account_settings
--     budget_spent: looked, taken_micros (by earlier steals within the window), takes_micros (by this one),
--       budget_micros, budget_window_ms, cap_micros
--     no_candidates, fighting, pnl_not_better, insufficient_freed, too_many_victims: looked, passed_over
--       "reason count;...", would_fight, frees_micros, frees_pool_micros, frees_cash_micros[, worst, unbeaten
--       "id symbol pnl held_micros"][, worst_worth, unbeaten_worth "worth age_ms"][, victims_needed]
--       [, bar_pnl, needs_pnl][, thief_expected]
-- A refusal is also kept in refusal:<plan or id> for an hour (lua/include/refusals.lua).

--- @include "integers"
--- @include "decimal"
--- @include "arguments"
--- @include "account"
--- @include "clock"
--- @include "settings"
--- @include "book"
--- @include "events"
--- @include "quotes"
--- @include "eligibility"
--- @include "ranking"
--- @include "worth"
--- @include "orders"
--- @include "fights"
--- @include "choosing"
--- @include "attempt"

local wish, refusal = read_wish('steal', 3)
if not wish then return refusal end
local mutex = ARGV[16]
local fingerprint = ARGV[17]
if not mutex or not any_text(mutex) then
  return invalid('steal', 'mutex', mutex or '', 'the value of the mutex, or empty')
end
if not fingerprint or not any_text(fingerprint) then
  return invalid('steal', 'fingerprint', fingerprint or '', 'the fingerprint of the settings, or empty')
end
local traced = {}
do
  --- @include "traceparent"
  local traceparent = ARGV[18]
  if not traceparent or not a_traceparent(traceparent) then
    return invalid('steal', 'traceparent', traceparent or '', 'empty, or a traceparent of version 00')
  end
  if traceparent ~= '' then traced = { 'traceparent', traceparent } end
end
if not open_book() then return { 'unsynced', 'need_micros', int(wish.need_micros), 'room_micros', '0' } end
local before = known(wish)
if before then return before end
local pool_fault = refuse_pool(wish, 'steal')
if pool_fault then return pool_fault end

local early = refuse_early(wish)
if early then return early end
local unpriced = refuse_unpriced(wish, 'steal')
if unpriced then return unpriced end

local lack = {}
lack.total, lack.own, lack.cash = lacks(wish)
if lack.total == 0 and lack.own == 0 and lack.cash == 0 then
  reserve(wish)
  return refuse(wish, 'fits')
end
local account_settings = read_settings('fingerprint').fingerprint or ''
if fingerprint ~= '' and fingerprint ~= account_settings then
  return refuse(wish, 'disabled', 'why', 'settings_differ', 'host_settings', fingerprint,
    'account_settings', account_settings)
end
local refused, settings = gate(wish, 'dry_run', 'cooldown_ms', 'improvement_nanos', 'fight_threshold',
  'fight_window_ms', 'fight_cooldown_ms', 'max_victims', 'max_robbed', 'robbed_window_ms', 'budget_nanos',
  'budget_window_ms', 'partial', 'partial_min_nanos', 'regret_window_ms', 'history_ttl_ms',
  unpack(ELIGIBILITY_SETTINGS))
if refused then return refused end

-- Returns the refusal; or nil, the victims, how many orders were looked at, and the symbols with which a
-- steal would be a fight.
local function choose()
  local select_victims, passed_over, refusal_numbers = choosing()
  local victims, reason, looked, passed, fights, seen = select_victims(wish, lack, settings)
  if account['damaged'] == '1' then return refuse_as_closed(wish) end     -- the index fault came up just now

  -- A steal that would make a fight starts the extended cooldown, even if this attempt fails.
  if settings.dry_run ~= 1 then
    for _, symbol in ipairs(fights) do start_fight(wish.symbol, symbol, now_ms, settings) end
  end
  local would_fight = table.concat(fights, ';')
  if victims then return nil, victims, looked, would_fight end
  return refuse(wish, reason, 'looked', int(looked), 'passed_over', passed_over(passed, settings),
    'would_fight', would_fight, unpack(refusal_numbers(seen, settings)))
end
local victims, looked, would_fight
refused, victims, looked, would_fight = choose()
if refused then return refused end

local takes_micros = 0
for _, victim in ipairs(victims) do takes_micros = takes_micros + victim.held_micros end

-- May steals take so much now (docs/rules.md, 9.7)? Returns the refusal.
local function refuse_spent()
  if (settings.budget_nanos or 0) == 0 then return nil end
  --- @include "budget"
  local cap_micros = number('cap_micros:total')
  local budget_micros = scale_nanos(cap_micros, settings.budget_nanos)
  local taken_micros = taken_within(settings.budget_window_ms)
  if not budget_micros or taken_micros + takes_micros <= budget_micros then return nil end
  return refuse(wish, 'budget_spent', 'looked', int(looked), 'taken_micros', int(taken_micros),
    'takes_micros', int(takes_micros), 'budget_micros', int(budget_micros),
    'budget_window_ms', int(settings.budget_window_ms), 'cap_micros', int(cap_micros))
end
refused = refuse_spent()
if refused then return refused end

local ids, texts, worths = {}, {}, {}
for i, victim in ipairs(victims) do
  ids[i] = victim.id
  texts[i] = victim.id .. ' ' .. victim.symbol .. ' ' .. victim.pnl .. ' ' .. int(victim.held_micros)
  worths[i] = nanos_text(victim.pnl_nanos) .. ' ' .. int(now_ms - victim.created_at_ms)
end
local victims_text = table.concat(texts, ';')

-- What further fields tell of this steal: what its victims are worth, what the best of them keeps.
local function further_fields()
  local fields = {}
  if (settings.half_life_ms or 0) > 0 or settings.policy == 'expected' then
    fields = { 'worths', table.concat(worths, ';') }
  end
  if settings.policy == 'expected' then
    fields[#fields + 1] = 'thief_expected'
    fields[#fields + 1] = nanos_text(base_of(wish.pnl, wish.fill_probability, settings))
  end
  if settings.partial ~= 1 then return fields end
  --- @include "kept"
  local best = read_order(ids[#ids])
  local kept = kept_of(best, spare_for(best, wish, victims), settings)
  if kept then
    fields[#fields + 1] = 'kept'
    fields[#fields + 1] = best.id .. ' ' .. kept.qty .. ' ' .. int(kept.held_micros)
  end
  return fields
end
local further = further_fields()

if settings.dry_run == 1 then
  --- @include "dry-runs"
  record_dry_run(wish, victims_text)
  emit('dry_run', 'order', wish.id, 'symbol', wish.symbol, 'plan', wish.plan, 'victims', victims_text)
  return refuse(wish, 'dry_run', 'victims', victims_text, 'would_fight', would_fight, unpack(further))
end
if mutex ~= '' and redis.call('GET', PREFIX .. 'mutex') ~= mutex then
  return refuse(wish, 'lock_lost', 'looked', int(looked))
end

-- The commit. It stores the prices that it was based on: "SYMBOL price;...", the thief's first.
local prices = wish.symbol .. ' ' .. nanos_text(wish.price_nanos)
local robbed = {}
for _, victim in ipairs(victims) do
  drop_tracked(victim)
  write_order(victim.id, 'state', 'cancelling', 'robbed_by', wish.id, 'rank', '',
    'cancel_asked_ms', int(health_ms))
  if not robbed[victim.symbol] then
    robbed[victim.symbol] = true
    prices = prices .. ';' .. victim.symbol .. ' ' .. nanos_text(victim.price_nanos)
    remember_steal(wish.id, wish.symbol, victim.symbol, now_ms, settings)
  end
end
for symbol in pairs(robbed) do refresh_symbol(symbol, settings.cooldown_ms > 0) end
do
  --- @include "taken"
  record_taken(wish.id, takes_micros, now_ms)
end

write_wish(wish, 'pending', math.max(0, wish.need_micros - lack.total),
  wish.pool == '' and 0 or math.max(0, wish.need_micros - lack.own), lack.cash, 'steal', wish.id)
do
  --- @include "watched-ends"
  forget_former(wish.id)
end
local outbox = redis.call('XADD', PREFIX .. 'outbox', '*', 'steal', wish.id, 'victims',
  table.concat(ids, ' '), 'at_ms', int(health_ms), unpack(traced))
local record = { 'state', 'pending', 'thief', wish.id,
  'thief_symbol', wish.symbol, 'thief_pnl', ARGV[8], 'victims', victims_text, 'left', int(#victims),
  'need_micros', int(wish.need_micros), 'lack_micros', int(lack.total), 'lack_pool_micros', int(lack.own),
  'lack_cash_micros', int(lack.cash), 'lease_ms', int(wish.lease_ms), 'outbox', outbox, 'prices', prices,
  'at_ms', int(now_ms) }
local function also(fields)
  for _, text in ipairs(fields) do record[#record + 1] = text end
end
also(traced)
also(further)
do
  --- @include "watching"
  also(begin_watch(wish.id, victims, account_settings, settings))
end
redis.call('HSET', PREFIX .. 'steal:' .. wish.id, unpack(record))
emit('stolen', 'order', wish.id, 'symbol', wish.symbol, 'plan', wish.plan, 'victims', victims_text,
  'prices', prices, 'held_micros', int(math.max(0, wish.need_micros - lack.total)), unpack(further))
return refuse(wish, 'stolen', 'victims', victims_text, 'looked', int(looked), 'would_fight', would_fight,
  unpack(further))
