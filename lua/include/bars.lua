-- Bars: a plan for which victims were cancelled for nothing, or whose order the broker refused, may not steal
-- for a while (I3). Each time in a row the pause doubles. An order of the plan that works at the broker lifts
-- the bar; one that ends otherwise than refused forgets it.
--
--   bar:<plan>   hash   cause (unused: it left without using the room that was freed for it; refused: the
--                       broker refused its order), reason, order, times, at_ms, until_ms (ledger time; 0:
--                       lifted). An order without a plan: its series, or its id
--   bars         zset   those by the ledger time at which their pause ends; the latest 10,000; forgotten at
--                       the history's age (sweep)
--   barred       field of the account: how many there are, so that a command of an account without bars reads
--                nothing more

--- @include "account"
--- @include "clock"
--- @include "series"

local function bar_name(order)
  if order.plan ~= '' then return order.plan end
  return series_of(order.id) or order.id
end

-- The bar in force for this wish; nil for none.
local function bar_of(wish)
  if number('barred') == 0 then return nil end
  local bar = redis.call('HMGET', PREFIX .. 'bar:' .. bar_name(wish), 'until_ms', 'cause', 'reason', 'times')
  if (tonumber(bar[1] or 0) or 0) <= now_ms then return nil end
  return { until_ms = tonumber(bar[1]), cause = bar[2] or '', reason = bar[3] or '', times = bar[4] or '1' }
end
