-- The live orders by symbol and side.
--
--   sides   zset   `SYMBOL side id` of every live order, score 0

--- @include "integers"
--- @include "account"

local function add_side(order)
  redis.call('ZADD', PREFIX .. 'sides', '0', order.symbol .. ' ' .. order.side .. ' ' .. order.id)
end

local function drop_side(order)
  redis.call('ZREM', PREFIX .. 'sides', order.symbol .. ' ' .. order.side .. ' ' .. order.id)
end

-- The ids of at most `limit` live orders of a symbol and side that begin with `start`.
local function live_of(symbol, side, start, limit)
  local from = symbol .. ' ' .. side .. ' ' .. start
  local found = redis.call('ZRANGEBYLEX', PREFIX .. 'sides', '[' .. from, '(' .. from .. '\255',
    'LIMIT', '0', int(limit))
  for at, member in ipairs(found) do found[at] = string.sub(member, #symbol + #side + 3) end
  return found
end

-- Recomputes `sides` from all live orders, when the index may be wrong.
local function recount_sides()
  redis.call('DEL', PREFIX .. 'sides')
  for _, id in ipairs(redis.call('SMEMBERS', PREFIX .. 'live')) do
    local order = redis.call('HMGET', PREFIX .. 'order:' .. id, 'symbol', 'side')
    if order[1] and order[2] then add_side({ id = id, symbol = order[1], side = order[2] }) end
  end
end
