-- A lost book settles between the first report of its positions and the one that opens it (I1;
-- docs/decisions/0049).
--
--   settling                  field of the account: `server_id health_ms` of the first report; '' afterwards
--   first_qty, first_micros   fields of a position meanwhile: as the latest report that was counted had them,
--                             less what was sold since (positions)

--- @include "integers"
--- @include "decimal"
--- @include "account"
--- @include "clock"

-- Health time of the first report on this server; nil before it.
local function settling_since(server_id)
  local on, since_ms = string.match(account['settling'] or '', '^(%S+) (%d+)$')
  return on == server_id and tonumber(since_ms) or nil
end

-- When the position last changed here.
local function touched_at(symbol)
  return tonumber(redis.call('HGET', PREFIX .. 'position:' .. symbol, 'updated_ms')
    or redis.call('HGET', PREFIX .. 'closed', symbol) or 0)
end

-- A later report of a rebuild has all that filled before the first one, and may have what we heard of since.
-- What we heard of lately counts beside it, also where the two are equal. Returns the position to count, if
-- that is more than what counts. args: of sync.
local function unheard(theirs, ours, args)
  if not theirs then return nil end
  local first = redis.call('HMGET', PREFIX .. 'position:' .. theirs.symbol, 'first_qty', 'first_micros')
  local first_micros = tonumber(first[2] or 0)
  local qty, cost = theirs.qty, theirs.cost_micros
  local is_lately = touched_at(theirs.symbol) + args.apart_ms >= args.started_ms
  if ours and ours.side == theirs.side and cost > first_micros and ours.cost > first_micros and is_lately then
    local _, whole, nanos = split_decimal(qty)
    local _, our_whole, our_nanos = split_decimal(ours.qty)
    local _, first_whole, first_nanos = split_decimal(first[1] or '0')
    if quantity_compare(our_whole, our_nanos, first_whole, first_nanos) > 0 then
      qty = quantity_text(quantity_plus(whole, nanos, quantity_minus(our_whole, our_nanos, first_whole,
        first_nanos)))
    end
    cost = cost + ours.cost - first_micros
  end
  if cost <= (ours and ours.cost or 0) then return nil end
  return { symbol = theirs.symbol, side = theirs.side, pool = theirs.pool, qty = qty, cost_micros = cost }
end

-- What later reports of the rebuild are compared with.
local function note_first(position)
  redis.call('HSET', PREFIX .. 'position:' .. position.symbol, 'first_qty', position.qty,
    'first_micros', int(position.cost_micros))
end

-- told: symbol -> position, or false, of the first report.
local function begin_settling(server_id, told)
  set('settling', server_id .. ' ' .. int(health_ms))
  set('rebuilt_ms', health_ms)
  for _, position in pairs(told) do
    if position then note_first(position) end
  end
end

local function end_settling()
  set('settling', '')
  for _, symbol in ipairs(redis.call('SMEMBERS', PREFIX .. 'positions')) do
    redis.call('HDEL', PREFIX .. 'position:' .. symbol, 'first_qty', 'first_micros')
  end
end
