-- The end of a watch, and of what is kept of it (watched). The caller bounds how many.

--- @include "integers"
--- @include "account"
--- @include "clock"
--- @include "events"
--- @include "watched"
--- @include "regrets"

-- What the steal came to is known.
local function end_watch(id, until_ms)
  local key = PREFIX .. 'steal:' .. id
  local steal = redis.call('HMGET', key, 'victims', 'watched', 'thief_symbol', 'regret', 'gain')
  local victims, at = read_victims(steal[1]), 0
  for order, side, plan in string.gmatch(steal[2] or '', '(%S+) (%S+) %S+ ([^%s;]+);?') do
    at = at + 1
    local member, symbol = id .. ' ' .. order, victims[at] and victims[at].symbol or ''
    if drop_watched(symbol, side, member) then refresh_watched(symbol) end
    if plan ~= '-' and redis.call('HGET', PREFIX .. 'watched_plans', plan) == member then
      redis.call('HDEL', PREFIX .. 'watched_plans', plan)
    end
  end
  redis.call('ZREM', PREFIX .. 'watches', id)
  if not steal[1] then return end
  redis.call('ZADD', PREFIX .. 'judged', until_ms, id)
  redis.call('HSET', key, 'watch', 'over')
  emit('judged', 'order', id, 'symbol', steal[3], 'victims', steal[1], 'regret', steal[4] or '0',
    'gain', steal[5] or '0')
end

-- Ends up to `limit` watches that are due. Returns how many.
local function end_watches(limit)
  local due = redis.call('ZRANGEBYSCORE', PREFIX .. 'watches', '-inf', '(' .. int(now_ms), 'WITHSCORES',
    'LIMIT', 0, limit)
  for i = 1, #due, 2 do end_watch(due[i], due[i + 1]) end
  return #due / 2
end

-- Forgets up to `limit` steals whose watch ended before; their sums with them. Returns how many.
local function forget_judged(before, limit)
  local old, sums = redis.call('ZRANGEBYSCORE', PREFIX .. 'judged', '-inf', before, 'LIMIT', 0, limit), {}
  for _, id in ipairs(old) do
    local key = PREFIX .. 'steal:' .. id
    local steal = redis.call('HMGET', key, 'victims', 'amounts', 'thief_symbol', 'rules', 'left')
    if steal[2] then
      sum_up(sums, steal[3], steal[4] or '', read_victims(steal[1]), read_amounts(steal[2]), -1)
    end
    -- While a victim is being cancelled, the steal still holds the id of its outbox entry (I9).
    if (tonumber(steal[5]) or 0) > 0 then
      redis.call('HDEL', key, 'watch_until_ms', 'amounts')
    else
      redis.call('DEL', key)
    end
  end
  if #old > 0 then redis.call('ZREM', PREFIX .. 'judged', unpack(old)) end
  keep_regrets(sums)
  return #old
end
