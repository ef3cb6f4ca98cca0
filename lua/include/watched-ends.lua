-- The end of a watch, and of what is kept of it (watched). The caller bounds how many.

--- @include "integers"
--- @include "account"
--- @include "clock"
--- @include "events"
--- @include "watched"
--- @include "regrets"
--- @include "judged-today"

-- Adds the sums up anew, from the records, and returns the ids of steals whose record is lost.
local function recount_regrets()
  local sums, lost = {}, {}
  for _, ids in ipairs({ redis.call('ZRANGE', PREFIX .. 'watches', '0', '-1'),
    redis.call('ZRANGE', PREFIX .. 'judged', '0', '-1') }) do
    for _, id in ipairs(ids) do
      local steal = redis.call('HMGET', PREFIX .. 'steal:' .. id, 'victims', 'amounts', 'thief_symbol',
        'rules')
      if not steal[1] then lost[#lost + 1] = id end
      if steal[2] then
        sum_up(sums, steal[3] or '', steal[4] or '', read_victims(steal[1]), read_amounts(steal[2]), 1)
      end
    end
  end
  redis.call('DEL', PREFIX .. 'regrets')
  keep_regrets(sums)
  return lost
end

-- These steals leave the index of watched orders, in one pass over it.
local function forget_members(is_lost)
  for _, symbol in ipairs(redis.call('HKEYS', PREFIX .. 'watched')) do
    local is_changed = false
    for _, side in ipairs({ 'buy', 'sell' }) do
      local key = PREFIX .. 'watched:' .. symbol .. ':' .. side
      for _, member in ipairs(redis.call('ZRANGE', key, '0', '-1')) do
        if is_lost[string.match(member, '^%S+')] then
          is_changed = drop_watched(symbol, side, member) or is_changed
        end
      end
    end
    if is_changed then refresh_watched(symbol) end
  end
  local plans = redis.call('HGETALL', PREFIX .. 'watched_plans')
  for i = 1, #plans, 2 do
    if is_lost[string.match(plans[i + 1], '^%S+')] then
      redis.call('HDEL', PREFIX .. 'watched_plans', plans[i])
    end
  end
end

-- The records of some steals are gone: all such steals leave the index and the sums, in one pass. What that
-- costs does not grow with how many are lost, and the next call finds none of them.
local function forget_lost(ids)
  if #ids == 0 then return end
  local lost, is_lost = recount_regrets(), {}
  for _, some in ipairs({ ids, lost }) do
    for _, id in ipairs(some) do is_lost[id] = true end
  end
  for _, id in ipairs(lost) do
    redis.call('ZREM', PREFIX .. 'watches', id)
    redis.call('ZREM', PREFIX .. 'judged', id)
  end
  forget_members(is_lost)
end

-- What the steal came to is known. Returns whether its record is there.
local function end_watch(id, until_ms)
  local key = PREFIX .. 'steal:' .. id
  local steal = redis.call('HMGET', key, 'victims', 'watched', 'thief_symbol', 'regret', 'gain')
  redis.call('ZREM', PREFIX .. 'watches', id)
  if not steal[1] then return false end
  local victims, at = read_victims(steal[1]), 0
  for order, side, plan in string.gmatch(steal[2] or '', '(%S+) (%S+) %S+ ([^%s;]+);?') do
    at = at + 1
    local member, symbol = id .. ' ' .. order, victims[at] and victims[at].symbol or ''
    if drop_watched(symbol, side, member) then refresh_watched(symbol) end
    if plan ~= '-' and redis.call('HGET', PREFIX .. 'watched_plans', plan) == member then
      redis.call('HDEL', PREFIX .. 'watched_plans', plan)
    end
  end
  redis.call('ZADD', PREFIX .. 'judged', int(until_ms), id)
  redis.call('HSET', key, 'watch', 'over')
  note_judged(steal[4] or '0', steal[5] or '0')
  emit('judged', 'order', id, 'symbol', steal[3], 'victims', steal[1], 'regret', steal[4] or '0',
    'gain', steal[5] or '0')
  return true
end

-- The id steals again, after what its order and plan were is forgotten: so is its former steal.
local function forget_former(id)
  local key = PREFIX .. 'steal:' .. id
  if redis.call('EXISTS', key) == 0 then return end
  if redis.call('ZSCORE', PREFIX .. 'watches', id) then end_watch(id, int(now_ms)) end
  local steal, sums = redis.call('HMGET', key, 'victims', 'amounts', 'thief_symbol', 'rules'), {}
  if steal[2] then
    sum_up(sums, steal[3] or '', steal[4] or '', read_victims(steal[1]), read_amounts(steal[2]), -1)
  end
  redis.call('ZREM', PREFIX .. 'judged', id)
  keep_regrets(sums)
  redis.call('DEL', key)
end

-- Ends up to `limit` watches that are due. Returns how many.
local function end_watches(limit)
  local due = redis.call('ZRANGEBYSCORE', PREFIX .. 'watches', '-inf', '(' .. int(now_ms), 'WITHSCORES',
    'LIMIT', '0', int(limit))
  local lost = {}
  for i = 1, #due, 2 do
    if not end_watch(due[i], due[i + 1]) then lost[#lost + 1] = due[i] end
  end
  forget_lost(lost)
  return #due / 2
end

local function is_in_history(id, thief_symbol, victims)
  local first = read_victims(victims)[1]
  local member = first and (thief_symbol or '') .. '>' .. first.symbol .. '#' .. id
  return member and redis.call('ZSCORE', PREFIX .. 'steals', member) ~= false
end

-- So many steals whose watch is over are kept: what one pass over them costs is bounded.
local JUDGED_LIMIT = 8192

-- Forgets up to `limit` steals whose watch ended before, and the earliest of too many; their sums with them.
-- Returns how many.
local function forget_judged(before, limit)
  local old = redis.call('ZRANGEBYSCORE', PREFIX .. 'judged', '-inf', before, 'LIMIT', '0', int(limit))
  local over = redis.call('ZCARD', PREFIX .. 'judged') - JUDGED_LIMIT
  local is_early = over > #old
  if is_early then old = redis.call('ZRANGE', PREFIX .. 'judged', '0', int(math.min(over, limit) - 1)) end
  local sums, lost = {}, {}
  for _, id in ipairs(old) do
    local key = PREFIX .. 'steal:' .. id
    local steal = redis.call('HMGET', key, 'victims', 'amounts', 'thief_symbol', 'rules', 'left')
    if steal[2] then
      sum_up(sums, steal[3] or '', steal[4] or '', read_victims(steal[1]), read_amounts(steal[2]), -1)
    end
    if not steal[1] then lost[#lost + 1] = id end
    -- While a victim is being cancelled, the steal still holds the id of its outbox entry (I9). The record of
    -- one that is in the history goes with it (sweep).
    if (tonumber(steal[5]) or 0) > 0 or (is_early and is_in_history(id, steal[3], steal[1])) then
      redis.call('HDEL', key, 'watch_until_ms', 'amounts')
    else
      redis.call('DEL', key)
    end
  end
  if #old > 0 then redis.call('ZREM', PREFIX .. 'judged', unpack(old)) end
  keep_regrets(sums)
  forget_lost(lost)
  return #old
end
