-- Checks the index of watched orders, and the sums of regret and gain (watched). Its time grows with the
-- steals that are watched or judged. A record that is lost, such as by eviction, is no fault: sweep forgets
-- what there was of it (watched-ends).

--- @include "integers"
--- @include "decimal"
--- @include "account"
--- @include "clock"
--- @include "bands"
--- @include "watched"
--- @include "regrets"

-- Its limit has not traded; or it did so without counting, after the watch or the order's plan was over.
local function is_watched_still(key, order, plan, until_ms)
  if now_ms > (tonumber(until_ms) or 0) or redis.call('HEXISTS', key, 'traded:' .. order) == 1 then
    return false
  end
  if plan == '-' then return true end
  local of = redis.call('HMGET', PREFIX .. 'plan:' .. plan, 'ended_at_ms', 'expires_at_ms')
  return not of[1] and (tonumber(of[2]) or 0) == 0
end

-- Each order that is watched must be found by its limit. Returns how many are, by symbol; nil where the
-- record is lost.
local function audit_watch(id, fault)
  local key = PREFIX .. 'steal:' .. id
  local steal, at, counts = redis.call('HMGET', key, 'victims', 'watched', 'watch_until_ms', 'watch'), 0, {}
  if not steal[1] then return nil end
  if not steal[3] or steal[4] then fault('steal ' .. id .. ' is watched, and its record does not say so') end
  local victims = read_victims(steal[1])
  for order, side, limit, plan in string.gmatch(steal[2] or '', '(%S+) (%S+) (%S+) ([^%s;]+);?') do
    at = at + 1
    local symbol, member = victims[at] and victims[at].symbol or '', id .. ' ' .. order
    local score = redis.call('ZSCORE', PREFIX .. 'watched:' .. symbol .. ':' .. side, member)
    local is_latest = plan == '-' or redis.call('HGET', PREFIX .. 'watched_plans', plan) == member
    if score then
      counts[symbol] = (counts[symbol] or 0) + 1
      if tonumber(score) ~= to_nanos(limit) then fault(order .. ' is watched at a wrong limit') end
    elseif is_latest and is_watched_still(key, order, plan, steal[3]) then
      fault(order .. ' of steal ' .. id .. ' is missing in watched')
    end
  end
  return counts
end

-- The sums must be those of the steals on record.
local function audit_regrets(sums, fault)
  local kept = redis.call('HGETALL', PREFIX .. 'regrets')
  for i = 1, #kept, 2 do
    local sum = sums[kept[i]] or { { 0, 0 }, { 0, 0 } }
    local text = with_sum(nil, sum)
    if text ~= kept[i + 1] then
      fault('regrets: ' .. kept[i] .. ' is ' .. kept[i + 1] .. ', the steals add up to ' .. text)
    end
    sums[kept[i]] = nil
  end
  for field, sum in pairs(sums) do
    local text = with_sum(nil, sum)
    if text ~= '0 0' then fault('regrets lacks ' .. field .. ': the steals add up to ' .. text) end
  end
end

-- The steals that it looks at in one step.
local AUDITED_STEALS = 500

-- No decision depends on any of this: its faults begin with `regret: `, and the keeper empties no book for
-- them.
local function audit_watches(find)
  if redis.call('ZCARD', PREFIX .. 'watches') + redis.call('ZCARD', PREFIX .. 'judged') > AUDITED_STEALS then
    return
  end
  local function fault(text) find('regret: ' .. text) end
  local counts, sums = {}, {}
  local watches = redis.call('ZRANGE', PREFIX .. 'watches', '0', '-1')
  local is_lost = false
  for _, id in ipairs(watches) do
    local found = audit_watch(id, fault)
    for symbol, more in pairs(found or {}) do counts[symbol] = (counts[symbol] or 0) + more end
    is_lost = is_lost or not found
  end
  for _, ids in ipairs({ watches, redis.call('ZRANGE', PREFIX .. 'judged', '0', '-1') }) do
    for _, id in ipairs(ids) do
      local steal = redis.call('HMGET', PREFIX .. 'steal:' .. id, 'victims', 'amounts', 'thief_symbol',
        'rules')
      if steal[2] then
        sum_up(sums, steal[3] or '', steal[4] or '', read_victims(steal[1]), read_amounts(steal[2]), 1)
      end
      is_lost = is_lost or not steal[1]
    end
  end
  local texts = redis.call('HGETALL', PREFIX .. 'watched')
  for i = 1, #texts, 2 do
    local symbol, text = texts[i], texts[i + 1]
    if text ~= bounds_of_index(symbol) then fault('watched: ' .. symbol .. ' is ' .. text) end
    local _, _, count = read_watched(text)
    if count ~= counts[symbol] and not is_lost then
      fault('watched:' .. symbol .. ' has orders that nobody watches')
    end
    counts[symbol] = nil
    local low, high = read_band(redis.call('HGET', PREFIX .. 'bands', symbol))
    local trades_below, trades_above = read_watched(text)
    if low and (low <= trades_below or (trades_above < MAX_INTEGER and high >= trades_above)) then
      fault('a watched limit of ' .. symbol .. ' is within its band')
    end
  end
  for symbol in pairs(counts) do fault('watched lacks ' .. symbol) end
  if not is_lost then audit_regrets(sums, fault) end
end
