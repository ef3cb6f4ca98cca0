-- Steal history and fights, kept by symbol (docs/rules.md, 5.9 and 6).
--
--   steals               zset  THIEF>VICTIM#id by ms
--   fight:<A>|<B>        zset  steal id by ms; an unordered pair, both directions
--   robbers:<SYMBOL>     zset  the symbols that stole from it, by the ms of their last steal
--   robbed:<SYMBOL>      zset  the steals from it, `THIEF#id`, by ms
--   fights               zset  A|B -> ms at which the fight ends, for inspection only

--- @include "integers"
--- @include "account"
--- @include "clock"
--- @include "events"
--- @include "bytes"
--- @include "ranking"

local OFTEN_ROBBED_SETTINGS = { 'max_robbed', 'robbed_window_ms' }

local function pair_of(a, b)
  return is_before(a, b) and (a .. '|' .. b) or (b .. '|' .. a)
end

-- Symbols that stole from `symbol` within the cooldown (over at exactly its length).
local function robbers_of(symbol, cooldown_ms)
  local robbers = {}
  for _, robber in ipairs(redis.call('ZRANGEBYSCORE', PREFIX .. 'robbers:' .. symbol,
    '(' .. int(now_ms - cooldown_ms), '+inf')) do
    robbers[robber] = true
  end
  return robbers
end

-- Would one more steal between the two start a fight? A steal exactly one window ago still counts.
local function would_fight(a, b, settings)
  local earlier = redis.call('ZCOUNT', PREFIX .. 'fight:' .. pair_of(a, b),
    int(now_ms - settings.fight_window_ms), '+inf')
  return earlier + 1 >= settings.fight_threshold
end

local function later_of(key, member, until_ms)
  redis.call('ZADD', PREFIX .. key, 'GT', int(until_ms), member)
end

-- Protects both symbols from every thief from at_ms on, for the extended cooldown.
local function start_fight(a, b, at_ms, settings)
  local until_ms = at_ms + settings.fight_cooldown_ms
  if until_ms <= now_ms then return end
  local pair = pair_of(a, b)
  later_of('fights', pair, until_ms)
  later_of('fighting', a, until_ms)
  later_of('fighting', b, until_ms)
  due_at(until_ms)
  refresh_symbol(a)
  refresh_symbol(b)
  emit('fight', 'pair', pair, 'until_ms', int(until_ms))
end

-- Protects a symbol that was stolen from too often (docs/rules.md, 5.9): until the earliest of the steals
-- that make it too many is older than the window. One exactly as old still counts.
local function protect_often_robbed(symbol, settings)
  local most = settings.max_robbed or 0
  if most == 0 then return end
  local place = int(-most)
  local earliest = redis.call('ZRANGE', PREFIX .. 'robbed:' .. symbol, place, place, 'WITHSCORES')[2]
  if not earliest then return end
  local until_ms = tonumber(earliest) + settings.robbed_window_ms + 1
  if until_ms <= now_ms then return end
  later_of('often_robbed', symbol, until_ms)
  due_at(until_ms)
end

-- Records a steal: history, pair, robber, protections of the robbed symbol. The caller refreshes the symbol's
-- heads. settings: cooldown_ms and OFTEN_ROBBED_SETTINGS.
local function remember_steal(id, thief_symbol, victim_symbol, at_ms, settings)
  redis.call('ZADD', PREFIX .. 'steals', int(at_ms), thief_symbol .. '>' .. victim_symbol .. '#' .. id)
  redis.call('ZADD', PREFIX .. 'fight:' .. pair_of(thief_symbol, victim_symbol), int(at_ms), id)
  redis.call('ZADD', PREFIX .. 'robbers:' .. victim_symbol, 'GT', int(at_ms), thief_symbol)
  redis.call('ZADD', PREFIX .. 'robbed:' .. victim_symbol, int(at_ms), thief_symbol .. '#' .. id)
  local until_ms = at_ms + settings.cooldown_ms
  if until_ms > now_ms then
    later_of('cooldowns', victim_symbol, until_ms)
    due_at(until_ms)
  end
  protect_often_robbed(victim_symbol, settings)
end
