-- The unfilled units of live exits, by symbol and side. A new exit may close the position less these (I1,
-- I2). An exit with `leg` = 1 (adopt) does not count: the broker reserves no units for it.
--
--   exits   hash   `SYMBOL side` -> units, a decimal; absent where there are none

--- @include "decimal"
--- @include "account"

local EXITS_LIMIT = 999999999999999               -- units; split_decimal reads no larger number

local function exits_of(symbol, side)
  local _, whole, nanos = split_decimal(redis.call('HGET', PREFIX .. 'exits', symbol .. ' ' .. side) or '0')
  return whole or 0, nanos or 0
end

local function write_exits(symbol, side, whole, nanos)
  if whole + nanos == 0 then
    redis.call('HDEL', PREFIX .. 'exits', symbol .. ' ' .. side)
  else
    redis.call('HSET', PREFIX .. 'exits', symbol .. ' ' .. side,
      quantity_text(math.min(whole, EXITS_LIMIT), nanos))
  end
end

local function add_exit(order, whole, nanos)
  if order.leg == '1' then return end
  local had_whole, had_nanos = exits_of(order.symbol, order.side)
  write_exits(order.symbol, order.side, quantity_plus(had_whole, had_nanos, whole, nanos))
end

local function drop_exit(order, whole, nanos)
  if order.leg == '1' then return end
  local had_whole, had_nanos = exits_of(order.symbol, order.side)
  if quantity_compare(had_whole, had_nanos, whole, nanos) < 0 then had_whole, had_nanos = whole, nanos end
  write_exits(order.symbol, order.side, quantity_minus(had_whole, had_nanos, whole, nanos))
end

-- An order's unfilled quantity: whole, nanos.
local function unfilled_of(order)
  local _, whole, nanos = split_decimal(order.qty)
  local _, filled_whole, filled_nanos = split_decimal(order.filled_qty)
  return quantity_minus(whole, nanos, filled_whole, filled_nanos)
end

-- Recomputes `exits` from all live orders, for a book that was rebuilt.
local function recount_exits()
  redis.call('DEL', PREFIX .. 'exits')
  for _, id in ipairs(redis.call('SMEMBERS', PREFIX .. 'live')) do
    local order = redis.call('HMGET', PREFIX .. 'order:' .. id, 'kind', 'symbol', 'side', 'qty', 'filled_qty',
      'leg')
    if order[1] == 'exit' and order[2] and order[3] and order[4] and order[5] then
      local exit = { symbol = order[2], side = order[3], qty = order[4], filled_qty = order[5],
        leg = order[6] }
      add_exit(exit, unfilled_of(exit))
    end
  end
end
