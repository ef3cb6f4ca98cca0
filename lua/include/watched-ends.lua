-- The end of a watch, and of what is kept of it (watched). The caller bounds how many.

--- @include "integers"
--- @include "account"
--- @include "clock"
--- @include "events"
--- @include "watched"
--- @include "regrets"

-- Adds the sums up anew, from the records: one was lost, or the book was emptied.
local function recount_regrets()
  local sums = {}
  for _, ids in ipairs({ redis.call('ZRANGE', PREFIX .. 'watches', 0, -1),
    redis.call('ZRANGE', PREFIX .. 'judged', 0, -1) }) do
    for _, id in ipairs(ids) do
      local steal = redis.call('HMGET', PREFIX .. 'steal:' .. id, 'victims', 'amounts', 'thief_symbol',
        'rules')
      if steal[2] then
        sum_up(sums, steal[3] or '', steal[4] or '', read_victims(steal[1]), read_amounts(steal[2]), 1)
      end
    end
  end
  redis.call('DEL', PREFIX .. 'regrets')
  keep_regrets(sums)
end

-- The record of a steal is gone: it leaves the index and the sums without it.
local function forget_lost(id)
  local symbols = redis.call('HKEYS', PREFIX .. 'watched')
  for _, symbol in ipairs(symbols) do
    for _, side in ipairs({ 'buy', 'sell' }) do
      for _, member in ipairs(redis.call('ZRANGE', PREFIX .. 'watched:' .. symbol .. ':' .. side, 0, -1)) do
        if string.match(member, '^%S+') == id then drop_watched(symbol, side, member) end
      end
    end
    refresh_watched(symbol)
  end
  local plans = redis.call('HGETALL', PREFIX .. 'watched_plans')
  for i = 1, #plans, 2 do
    if string.match(plans[i + 1], '^%S+') == id then
      redis.call('HDEL', PREFIX .. 'watched_plans', plans[i])
    end
  end
  recount_regrets()
end

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
  if not steal[1] then return forget_lost(id) end
  redis.call('ZADD', PREFIX .. 'judged', until_ms, id)
  redis.call('HSET', key, 'watch', 'over')
  emit('judged', 'order', id, 'symbol', steal[3], 'victims', steal[1], 'regret', steal[4] or '0',
    'gain', steal[5] or '0')
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
    'LIMIT', 0, limit)
  for i = 1, #due, 2 do end_watch(due[i], due[i + 1]) end
  return #due / 2
end

-- Forgets up to `limit` steals whose watch ended before; their sums with them. Returns how many.
local function forget_judged(before, limit)
  local old, sums = redis.call('ZRANGEBYSCORE', PREFIX .. 'judged', '-inf', before, 'LIMIT', 0, limit), {}
  local is_lost = false
  for _, id in ipairs(old) do
    local key = PREFIX .. 'steal:' .. id
    local steal = redis.call('HMGET', key, 'victims', 'amounts', 'thief_symbol', 'rules', 'left')
    if steal[2] then
      sum_up(sums, steal[3] or '', steal[4] or '', read_victims(steal[1]), read_amounts(steal[2]), -1)
    end
    is_lost = is_lost or not steal[1]
    -- While a victim is being cancelled, the steal still holds the id of its outbox entry (I9).
    if (tonumber(steal[5]) or 0) > 0 then
      redis.call('HDEL', key, 'watch_until_ms', 'amounts')
    else
      redis.call('DEL', key)
    end
  end
  if #old > 0 then redis.call('ZREM', PREFIX .. 'judged', unpack(old)) end
  keep_regrets(sums)
  if is_lost then recount_regrets() end
  return #old
end
