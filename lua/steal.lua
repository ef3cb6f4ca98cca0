-- steal: decides and commits in one step: victims `cancelling`, thief `pending` on the free room there is,
-- history, cooldowns, outbox (I1-I3, I5, I6, I8, I9; docs/rules.md, 5 to 9). Judges everything again;
-- needs the mutex only at the commit.
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
-- ARGV[12]  lease_ms    ms of health time until it must be renewed; granted: until it must be sent
-- ARGV[13]  server_id   `<run id>:<replication id>` of the Redis server that the caller believes it talks to
-- ARGV[14]  mutex       the value the mutex key must hold; '' where no mutex is used (what-if, tests)
-- ARGV[15]  fingerprint of the host's settings, which must be the account's; '' where they are not compared
--           (what-if, tests)
--
-- Reply: {outcome, field, value, ...}
--   fits | stolen | dry_run, the last two with victims: "id symbol pnl held_micros;..." | exists state
--   | superseded by (the latest order of its plan, to be gone on with)
--   | halted | closed | unsynced | opposite (as in admit) | untakeable (by admit alone) | disabled | no_price
--   | not_close_enough | barred | no_candidates | fighting | pnl_not_better
--   | insufficient_freed | too_many_victims | lock_lost | no_position | unconfirmed (both as in admit) |
--   contradiction | invalid barred with until_ms, barred_times, cause (unused | refused), bar_reason
--   (lua/include/bars.lua) refusals with need_micros, room_micros[, pool_room_micros][, cash_room_micros],
--   looked, passed_over: "reason count;...", closed also with cause, words; disabled also with why:
--   settings_differ, host_settings, account_settings would_fight: "SYMBOL;...", frees_micros,
--   frees_pool_micros, frees_cash_micros[, worst, unbeaten: "id symbol pnl held_micros"] [, victims_needed][,
--   bar_pnl, needs_pnl]
-- A refusal is also kept in refusal:<plan or id> for an hour (lua/include/refusals.lua).

--- @include "book"
--- @include "orders"
--- @include "fights"
--- @include "attempt"

local wish, refusal = read_wish('steal', 2)
if not wish then return refusal end
local mutex = ARGV[14]
local fingerprint = ARGV[15]
if not mutex or not any_text(mutex) then return invalid('steal', 'mutex', mutex or '', 'the value of the mutex, or empty') end
if not fingerprint or not any_text(fingerprint) then
  return invalid('steal', 'fingerprint', fingerprint or '', 'the fingerprint of the settings, or empty')
end
if not open_book() then return { 'unsynced', 'need_micros', int(wish.need_micros), 'room_micros', '0' } end
local before = known(wish)
if before then return before end
local pool_fault = refuse_pool(wish, 'steal')
if pool_fault then return pool_fault end

local shut = refuse_closed(wish)
if shut then return shut end
local later = superseded(wish)
if later then return later end
local opposite = refuse_opposite(wish)
if opposite then return opposite end
local unheld = refuse_unheld(wish)
if unheld then return unheld end
local unpriced = refuse_unpriced(wish, 'steal')
if unpriced then return unpriced end

local lack_total, lack_own, lack_cash = lacks(wish)
if lack_total == 0 and lack_own == 0 and lack_cash == 0 then
  reserve(wish)
  return refuse(wish, 'fits')
end
local account_settings = redis.call('HGET', PREFIX .. 'settings', 'fingerprint')
if fingerprint ~= '' and fingerprint ~= account_settings then
  return refuse(wish, 'disabled', 'why', 'settings_differ', 'host_settings', fingerprint, 'account_settings', account_settings)
end
local refused, settings = gate(wish)
if refused then return refused end

-- A function of its own: Lua has room for 200 names at once.
local function choose(lack)
  --- @include "selection"
  local victims, reason, looked, passed, fights, seen = select_victims(wish, lack, settings)
  return victims, reason, looked, passed, fights, seen and refusal_numbers(seen, settings)
end
local victims, reason, looked, passed, fights, numbers = choose({ total = lack_total, own = lack_own, cash = lack_cash })
if account['damaged'] == '1' then return refuse_as_closed(wish) end     -- by the index, just now
local dry_run = settings.dry_run == 1

-- A steal that would be the third starts the fight's extended cooldown, whatever becomes of this attempt.
if not dry_run then
  for _, symbol in ipairs(fights) do start_fight(wish.symbol, symbol, now_ms, settings) end
end

-- Why other orders were not even looked at, counted from the index: a few lookups a refusal.
local function passed_over()
  local function beyond_of(key)
    local count = 0
    for _, symbol in ipairs(redis.call('ZRANGE', PREFIX .. key, 0, 31)) do
      count = count + redis.call('ZCARD', PREFIX .. 'far:total:' .. symbol)
    end
    return count
  end
  local live, tracked, far = redis.call('SCARD', PREFIX .. 'live'), number('tracked'), number('far')
  return 'exempt ' .. int(live - tracked) .. ';near ' .. int(tracked - far) .. ';cooling ' .. int(beyond_of('cooldowns'))
    .. ';fighting ' .. int(beyond_of('fighting')) .. ';no_quote ' .. int(redis.call('SCARD', PREFIX .. 'stale'))
    .. ';own ' .. int(passed.own) .. ';stole_from_us ' .. int(passed.stole_from_us) .. ';would_fight ' .. int(passed.would_fight)
    .. (passed.no_cash > 0 and ';no_cash ' .. int(passed.no_cash) or '')
end

if not victims then
  return refuse(wish, reason, 'looked', int(looked), 'passed_over', passed_over(), 'would_fight', table.concat(fights, ';'),
    unpack(numbers))
end

local ids, texts = {}, {}
for i, victim in ipairs(victims) do
  ids[i] = victim.id
  texts[i] = victim.id .. ' ' .. victim.symbol .. ' ' .. victim.pnl .. ' ' .. int(victim.held_micros)
end
local victims_text = table.concat(texts, ';')

if dry_run then
  --- @include "dry-runs"
  record_dry_run(wish, victims_text)
  emit('dry_run', 'order', wish.id, 'symbol', wish.symbol, 'plan', wish.plan, 'victims', victims_text)
  return refuse(wish, 'dry_run', 'victims', victims_text, 'would_fight', table.concat(fights, ';'))
end
if mutex ~= '' and redis.call('GET', PREFIX .. 'mutex') ~= mutex then
  return refuse(wish, 'lock_lost', 'looked', int(looked))
end

-- The commit. The prices that it was judged by are kept with it: "SYMBOL price;...", the thief's first.
local prices = wish.symbol .. ' ' .. nanos_text(quote_of(wish.symbol))
local robbed = {}
for _, victim in ipairs(victims) do
  drop_tracked(victim)
  write_order(victim.id, 'state', 'cancelling', 'robbed_by', wish.id, 'rank', '', 'cancel_asked_ms', health_ms)
  if not robbed[victim.symbol] then
    robbed[victim.symbol] = true
    prices = prices .. ';' .. victim.symbol .. ' ' .. nanos_text(victim.price_nanos)
    remember_steal(wish.id, wish.symbol, victim.symbol, now_ms, settings)
  end
end
for symbol in pairs(robbed) do refresh_symbol(symbol) end

write_wish(wish, 'pending', math.max(0, wish.need_micros - lack_total),
  wish.pool == '' and 0 or math.max(0, wish.need_micros - lack_own), lack_cash, 'steal', wish.id)
local outbox = redis.call('XADD', PREFIX .. 'outbox', '*', 'steal', wish.id, 'victims', table.concat(ids, ' '), 'at_ms', int(health_ms))
redis.call('HSET', PREFIX .. 'steal:' .. wish.id, 'state', 'pending', 'thief', wish.id, 'thief_symbol', wish.symbol,
  'thief_pnl', ARGV[8], 'victims', victims_text, 'left', #victims, 'need_micros', wish.need_micros, 'lack_micros', lack_total,
  'lack_pool_micros', lack_own, 'lack_cash_micros', lack_cash, 'lease_ms', wish.lease_ms, 'outbox', outbox, 'prices', prices, 'at_ms', now_ms)
emit('stolen', 'order', wish.id, 'symbol', wish.symbol, 'plan', wish.plan, 'victims', victims_text, 'prices', prices)
return refuse(wish, 'stolen', 'victims', victims_text, 'looked', int(looked), 'would_fight', table.concat(fights, ';'))
