-- Begins to watch what becomes of a steal (watched).

--- @include "integers"
--- @include "decimal"
--- @include "account"
--- @include "clock"
--- @include "watched"

-- So many steals of an account, and so many orders of a symbol, are watched at a time: they bound what one
-- tick may find. A steal beyond that is not watched, and says nothing of regret.
local WATCHES_LIMIT, ORDERS_LIMIT = 4096, 64

-- These plans had an order taken before, which is still watched: from now on the latest one is. Returns
-- whether there was one.
local function take_over(plans)
  local found = false
  for _, member in pairs(redis.call('HMGET', PREFIX .. 'watched_plans', unpack(plans))) do
    local order = string.match(member or '', '^%S+ (%S+)$')
    local known = order and redis.call('HMGET', PREFIX .. 'order:' .. order, 'symbol', 'side')
    if known and known[1] and drop_watched(known[1], known[2], member) then
      refresh_watched(known[1])
      found = true
    end
  end
  return found
end

-- symbol -> {low, high, count}
local function read_bounds(symbols)
  local bounds = {}
  for i, text in ipairs(redis.call('HMGET', PREFIX .. 'watched', unpack(symbols))) do
    local low, high, count = read_watched(text or '- - 0')
    bounds[symbols[i]] = { low = low, high = high, count = count }
  end
  return bounds
end

-- The victims go into the index. bounds: of their symbols.
local function put_watched(id, victims, bounds)
  for _, victim in ipairs(victims) do
    local bound, limit = bounds[victim.symbol], to_nanos(victim.limit)
    redis.call('ZADD', PREFIX .. 'watched:' .. victim.symbol .. ':' .. victim.side, int(limit),
      id .. ' ' .. victim.id)
    if victim.side == 'buy' then
      bound.low = math.max(bound.low, limit)
    else
      bound.high = math.min(bound.high, limit)
    end
    bound.count = bound.count + 1
  end
  local texts = {}
  for symbol, bound in pairs(bounds) do
    texts[#texts + 1], texts[#texts + 2] = symbol, watched_text(bound.low, bound.high, bound.count)
  end
  redis.call('HSET', PREFIX .. 'watched', unpack(texts))
end

-- victims: as of select_victims. rules: the fingerprint of the settings. settings: regret_window_ms,
-- history_ttl_ms. Returns the fields of the steal's record that tell of the watch; none where there is none.
local function begin_watch(id, victims, rules, settings)
  local window_ms = math.min(settings.regret_window_ms or 0, settings.history_ttl_ms or 0)
  if window_ms == 0 or redis.call('ZCARD', PREFIX .. 'watches') >= WATCHES_LIMIT then return {} end
  local symbols, plans, members, told, seen = {}, {}, {}, {}, {}
  for i, victim in ipairs(victims) do
    local symbol, plan = victim.symbol, victim.plan
    if not seen[symbol] then symbols[#symbols + 1] = symbol end
    seen[symbol] = true
    if plan ~= '' then
      plans[#plans + 1] = plan
      members[2 * #plans - 1], members[2 * #plans] = plan, id .. ' ' .. victim.id
    end
    told[i] = table.concat({ victim.id, victim.side, victim.limit, plan == '' and '-' or plan }, ' ')
  end
  local bounds = read_bounds(symbols)
  for _, bound in pairs(bounds) do
    if bound.count >= ORDERS_LIMIT then return {} end
  end
  if #plans > 0 then
    if take_over(plans) then bounds = read_bounds(symbols) end
    redis.call('HSET', PREFIX .. 'watched_plans', unpack(members))
  end
  put_watched(id, victims, bounds)
  local until_ms = int(now_ms + window_ms)
  redis.call('ZADD', PREFIX .. 'watches', until_ms, id)
  return { 'watch_until_ms', until_ms, 'rules', rules, 'watched', table.concat(told, ';') }
end
