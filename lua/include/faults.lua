-- An order whose hash is gone (evicted, deleted by hand). Its other entries leave the book, which stays
-- closed until a reconciliation rebuilds it from the broker (I7, I8).

--- @include "account"
--- @include "closures"

-- With more live orders than this, the reconciliation recounts them.
local RECOUNT_LIMIT = 2000

-- Recomputes what the live orders hold (I2).
local function recount_orders()
  local live = redis.call('SMEMBERS', PREFIX .. 'live')
  local sums, cash = {}, 0
  for pool in string.gmatch(redis.call('HGET', KEYS[1], 'pools') or 'total', '[^;]+') do sums[pool] = 0 end
  for _, id in ipairs(live) do
    local order = redis.call('HMGET', PREFIX .. 'order:' .. id, 'held_micros', 'pool', 'held_pool_micros',
      'held_cash_micros')
    sums.total = sums.total + (tonumber(order[1]) or 0)
    cash = cash + (tonumber(order[4]) or 0)
    local pool = order[2] or ''
    if sums[pool] and pool ~= '' then sums[pool] = sums[pool] + (tonumber(order[3]) or 0) end
  end
  for pool, sum in pairs(sums) do set(pool_fields(pool).orders, sum) end
  set('orders_micros:cash', cash)
end

local function lose_order(id)
  redis.call('SREM', PREFIX .. 'live', id)
  redis.call('ZREM', PREFIX .. 'leases', id)
  close_account('fault', 'order ' .. id .. ' is listed and has no record')
  set('synced_at_ms', 0)
  if redis.call('SCARD', PREFIX .. 'live') > RECOUNT_LIMIT then set('damaged', '1') else recount_orders() end
end
