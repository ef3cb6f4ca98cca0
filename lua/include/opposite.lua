-- What keeps an entry out on the other side of its symbol: the broker nets positions, and takes no order that
-- could trade with another one of the account. A position of the other side keeps it out, and so does a live
-- order there. Only exits of a position on the entry's own side may rest beside it, as at the broker: those
-- whose limits are apart from its own, and trailing stops, as long as the position covers all exits.

--- @include "decimal"
--- @include "account"
--- @include "exits"
--- @include "sides"

-- Exits that are looked at; one more keeps the entry out.
local BESIDE_LIMIT = 64

-- Can this order not trade with the entry? Of an exit that is being replaced at the broker, both versions
-- count.
local function is_apart(id, side, limit)
  local other = redis.call('HMGET', PREFIX .. 'order:' .. id, 'kind', 'type', 'limit', 'next_limit')
  if other[1] ~= 'exit' then return false end
  if other[2] == 'trailing_stop' then return true end
  if other[2] ~= 'limit' and other[2] ~= 'stop_limit' then return false end
  for at = 3, 4 do
    local exit_limit = other[at] and other[at] ~= '' and to_nanos(other[at])
    if exit_limit and (side == 'buy' and exit_limit <= limit or side == 'sell' and exit_limit >= limit) then
      return false
    end
  end
  return true
end

-- What keeps out an entry with this limit (nanos), as numbers of its refusal; nil for nothing. `by`: an order
-- of the other side; `by_plan`: its plan, or the one that opened the position; `held_qty`: units of a
-- position of the other side, negative when short.
local function opposite_of(symbol, side, limit)
  local other_side = side == 'buy' and 'sell' or 'buy'
  local orders = live_of(symbol, other_side, '', BESIDE_LIMIT + 1)
  local held = redis.call('HMGET', PREFIX .. 'position:' .. symbol, 'side', 'qty', 'plan')
  local is_against = held[1] and held[1] ~= (side == 'buy' and 'long' or 'short')
  if not orders[1] and not is_against then return nil end
  local by = orders[1]
  if held[1] and not is_against then
    local _, whole, nanos = split_decimal(held[2])
    local exits_whole, exits_nanos = exits_of(symbol, other_side)
    if quantity_compare(whole, nanos, exits_whole, exits_nanos) >= 0 then
      local at = 1
      while at <= BESIDE_LIMIT and orders[at] and is_apart(orders[at], side, limit) do at = at + 1 end
      by = orders[at]
      if not by then return nil end
    end
  end
  local plan = by and redis.call('HGET', PREFIX .. 'order:' .. by, 'plan') or held[3]
  return { 'by', by or '', 'by_plan', plan or '', 'held_qty',
    is_against and (held[1] == 'short' and '-' or '') .. held[2] or '0' }
end
