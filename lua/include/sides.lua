-- One side of a symbol at a time: the broker takes no order against an open one of the other side, and it
-- nets positions. So an entry waits while the symbol has a live order or a position on the other side, from
-- that plan's entry to its exit.
--
--   sides   zset   `SYMBOL side id` of every live order, score 0

--- @include "account"

local OTHER_SIDE = { buy = 'sell', sell = 'buy' }

local function add_side(order)
  redis.call('ZADD', PREFIX .. 'sides', 0, order.symbol .. ' ' .. order.side .. ' ' .. order.id)
end

local function drop_side(order)
  redis.call('ZREM', PREFIX .. 'sides', order.symbol .. ' ' .. order.side .. ' ' .. order.id)
end

-- What blocks an entry, as numbers of its refusal; nil for nothing. `by`: an order of the other side;
-- `by_plan`: its plan, or the one that opened the position; `held_qty`: units of the position, negative when
-- short.
local function opposite_of(symbol, side)
  local from = symbol .. ' ' .. OTHER_SIDE[side] .. ' '
  local to = string.sub(from, 1, -2) .. '!'
  local found = redis.call('ZRANGEBYLEX', PREFIX .. 'sides', '[' .. from, '(' .. to, 'LIMIT', 0, 1)[1]
  local held = redis.call('HMGET', PREFIX .. 'position:' .. symbol, 'side', 'qty', 'plan')
  local is_held = held[1] and held[1] ~= (side == 'buy' and 'long' or 'short')
  if not found and not is_held then return nil end
  local by = found and string.sub(found, #from + 1) or ''
  local plan = by ~= '' and redis.call('HGET', PREFIX .. 'order:' .. by, 'plan') or held[3]
  return { 'by', by, 'by_plan', plan or '', 'held_qty', is_held and (held[1] == 'short' and '-' or '')
    .. held[2] or '0' }
end

-- The ids of at most `limit` live orders of a symbol and side that begin with `start`.
local function live_of(symbol, side, start, limit)
  local from = symbol .. ' ' .. side .. ' ' .. start
  local found = redis.call('ZRANGEBYLEX', PREFIX .. 'sides', '[' .. from, '(' .. from .. '\255',
    'LIMIT', 0, limit)
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
