-- What the book holds: orders and plans counted, who may be taken now, what is protected.

--- @include "integers"
--- @include "account"
--- @include "clock"
--- @include "format"
--- @include "prices"

local function pool_rows()
  local rows = {}
  for pool in string.gmatch(account.pools or 'total', '[^;]+') do
    local cap = micros('cap_micros:' .. pool)
    rows[#rows + 1] = { pool, account['leverage:' .. pool], cap, micros('positions_micros:' .. pool),
      micros('orders_micros:' .. pool), room(pool), cap == 0 and 0 or (cap - room(pool)) / cap }
  end
  return rows
end

-- The orders of each state, and how many of them were examined: at most `most`.
local function order_rows(most)
  local counts, held, looked, cursor = {}, {}, 0, '0'
  repeat
    local page = redis.call('SSCAN', PREFIX .. 'live', cursor, 'COUNT',
      math.min(500, most - looked))
    cursor = page[1]
    for _, id in ipairs(page[2]) do
      local order = redis.call('HMGET', PREFIX .. 'order:' .. id, 'state', 'held_micros')
      local state = order[1] or 'lost'
      counts[state] = (counts[state] or 0) + 1
      held[state] = (held[state] or 0) + tonumber(order[2] or 0)
      looked = looked + 1
    end
  until cursor == '0' or looked >= most
  local rows = {}
  for _, state in ipairs({ 'pending', 'reserved', 'working', 'cancelling', 'lost' }) do
    if counts[state] then rows[#rows + 1] = { state, counts[state], held[state] } end
  end
  return rows, looked
end

local function plan_rows(most)
  local counts, rows = {}, {}
  for _, id in ipairs(redis.call('ZRANGE', PREFIX .. 'plans', 0, most - 1)) do
    local stage = redis.call('HGET', PREFIX .. 'plan:' .. id, 'stage') or 'lost'
    counts[stage] = (counts[stage] or 0) + 1
  end
  for _, stage in ipairs({ 'waiting', 'entering', 'holding', 'exiting', 'lost' }) do
    if counts[stage] then rows[#rows + 1] = { stage, counts[stage] } end
  end
  return rows
end

-- The worst order of each symbol that may be taken now, worst first.
local VICTIMS_SHOWN, PROTECTED_SHOWN = 5, 10
local function victim_rows()
  local rows = {}
  for i, member in ipairs(redis.call('ZRANGE', PREFIX .. 'victims:total', 0, VICTIMS_SHOWN - 1)) do
    local id = string.match(member, '([^:]+)$')
    local o = redis.call('HMGET', PREFIX .. 'order:' .. id, 'symbol', 'side', 'pnl', 'held_micros', 'limit',
      'created_at_ms')
    local _, _, price = price_of(o[1] or '')
    rows[i] = { id, o[1], o[2], o[3], tonumber(o[4]), o[5], price, price and distance(o[2], o[5], price),
      tonumber(o[6]) }
  end
  return rows, redis.call('ZCARD', PREFIX .. 'victims:total') - #rows
end

local function protected_rows()
  local rows, all = {}, 0
  for _, kind in ipairs({ { 'cooldowns', 'cooldown' }, { 'fights', 'fight' },
    { 'often_robbed', 'often robbed' } }) do
    local from = '(' .. int(now_ms)
    all = all + redis.call('ZCOUNT', PREFIX .. kind[1], from, '+inf')
    local flat = redis.call('ZRANGEBYSCORE', PREFIX .. kind[1], from, '+inf', 'WITHSCORES', 'LIMIT', 0,
      PROTECTED_SHOWN)
    for i = 1, #flat, 2 do
      rows[#rows + 1] = { flat[i], kind[2], tonumber(flat[i + 1]), tonumber(flat[i + 1]) }
    end
  end
  return rows, all - #rows
end
