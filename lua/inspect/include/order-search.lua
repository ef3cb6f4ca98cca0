-- Finds orders for a list. Each finder returns them sorted, how many were examined, and how many there are.

--- @include "account"
--- @include "order-rank"
--- @include "worst-first"

local LOOK = 5000
-- A book of so many orders is looked at as a whole.
local SMALL_BOOK = 500
local STATES = { pending = 1, reserved = 2, cancelling = 3, working = 4 }

-- The few fields by which orders are filtered and sorted; nil without a record.
local function brief(id)
  local fields = redis.call('HMGET', PREFIX .. 'order:' .. id, 'id', 'state', 'symbol', 'pnl',
    'created_at_ms', 'fill_probability', 'side', 'limit')
  if not fields[1] then return nil end
  local order = { id = id, state = fields[2], symbol = fields[3], pnl = fields[4] or '',
    at_ms = tonumber(fields[5]) or 0, fill_probability = fields[6] or '', side = fields[7],
    limit = fields[8] or '' }
  order.score, order.pnl_nanos = listed_rank(order)
  return order
end

-- By state; within a state, orders that may be taken stand as in the index of victims.
local function is_shown_before(a, b)
  if a.state ~= b.state then return (STATES[a.state] or 9) < (STATES[b.state] or 9) end
  if a.score ~= b.score then return a.score < b.score end
  if a.pnl_nanos ~= b.pnl_nanos and settings.policy == 'distance' then return a.pnl_nanos < b.pnl_nanos end
  if a.at_ms ~= b.at_ms then return a.at_ms < b.at_ms end
  return a.id < b.id
end

-- The latest ended first.
local function find_ended(symbol, limit)
  local found = {}
  local ids = redis.call('ZREVRANGE', PREFIX .. 'ended', 0, (symbol and LOOK or limit) - 1)
  for _, id in ipairs(ids) do
    local order = brief(id)
    if order and (not symbol or order.symbol == symbol) then found[#found + 1] = order end
  end
  local all = redis.call('ZCARD', PREFIX .. 'ended')
  return found, symbol and #ids or all, all
end

-- The ids of live orders that an index has first: reservations, cancellations, and those that may be taken
-- now, worst first; up to `limit` of each.
local function ids_by_index(limit, take)
  for _, id in ipairs(redis.call('ZRANGE', PREFIX .. 'leases', 0, limit - 1)) do take(id) end
  for _, entry in ipairs(redis.call('XRANGE', PREFIX .. 'outbox', '-', '+', 'COUNT', limit)) do
    for i = 1, #entry[2], 2 do
      if entry[2][i] == 'victims' then
        for id in string.gmatch(entry[2][i + 1], '%S+') do take(id) end
      end
    end
  end
  local heads, opened = head_reader('total'), {}
  for _ = 1, limit do
    local worst, is_head = worst_of(heads, opened)
    if not worst then break end
    local id = string.match(worst.member, '([^:]+)$')
    take(id)
    if is_head then
      heads.skip()
      local symbol = redis.call('HGET', PREFIX .. 'order:' .. id, 'symbol')
      if symbol then put_in_order(opened, open_symbol('total', symbol)()) end
    else
      table.remove(opened)
      put_in_order(opened, worst.advance())
    end
  end
end

-- Live orders of a state, of a symbol, or all; both may be nil.
local function find_live(state, symbol, limit)
  local all = redis.call('SCARD', PREFIX .. 'live')
  local found, seen, examined = {}, {}, 0
  local function take(id)
    if seen[id] then return end
    seen[id], examined = true, examined + 1
    local order = brief(id)
    if order and STATES[order.state] and (not state or order.state == state) then
      found[#found + 1] = order
    end
  end
  if symbol then
    for _, member in ipairs(redis.call('ZRANGEBYLEX', PREFIX .. 'sides', '[' .. symbol .. ' ', '(' .. symbol
      .. '!', 'LIMIT', 0, LOOK)) do take(string.match(member, '(%S+)$')) end
    all = examined
  else
    local enough, most = math.huge, LOOK
    if all > SMALL_BOOK and (not state or state == 'working') then
      enough, most = limit, LOOK
      ids_by_index(limit, take)
    end
    local cursor = '0'
    repeat
      if #found >= enough or examined >= most then break end
      local page = redis.call('SSCAN', PREFIX .. 'live', cursor, 'COUNT', math.min(500, enough))
      cursor = page[1]
      for _, id in ipairs(page[2]) do take(id) end
    until cursor == '0'
  end
  table.sort(found, is_shown_before)
  return found, examined, all
end
