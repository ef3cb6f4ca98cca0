-- Bars: a plan may not steal for a while after victims were cancelled for it in vain, or after the broker
-- refused its order (I3). Each bar in a row doubles the pause. A working order of the plan lifts the bar. An
-- order that reached the broker and ends without a refusal removes it.
--
--   bar:<plan>   hash   cause (unused: the freed room was not used; refused: the broker refused its order),
--                       reason, order, times, at_ms, until_ms (ledger time; 0: lifted). Without a plan, the
--                       key has the order's series, or its id
--   bars         zset   their names by the ledger time at which the pause ends; the latest 10,000; sweep
--                       removes those older than the history
--   barred       field of the account: how many there are; 0 saves the other reads

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
